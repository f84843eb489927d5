package qcloudtest

import (
	"context"
	"slices"
	"time"
)

// A Step is something done to a request, for [API.Next]. The steps of a request
// are performed in the order given; when they are over without an answer the
// request is processed as usual, and then the answer is sent. The zero Step
// does nothing.
//
//	Code(6000)                   answered with 6000, not executed
//	Execute(), Code(6000)        executed, and still answered with 6000
//	Drop()                       read, not executed, no answer
//	Execute(), Drop()            executed, no answer
//	Cut(20)                      executed, the answer breaks off after 20 bytes
//	Delay(time.Minute)           executed and answered after a minute
//	Execute(), Delay(d), Drop()  executed at once, the connection closed later
//	Status(503), Header("Retry-After", "30")
type Step struct{ do func(*call) }

// Execute processes the request now, as usual, with the gateway's checks. Steps
// that follow change what the client learns of it.
func Execute() Step { return Step{do: (*call).process} }

// Delay waits. If the client gives up in the meantime, the steps that follow are
// not performed. The gateway's checks come with the execution, so a signed request
// that waits for longer than its Timestamp is valid is answered with 4200, unless
// [Execute] stands before the Delay.
func Delay(d time.Duration) Step {
	return Step{do: func(c *call) {
		select {
		case <-time.After(d):
		case <-c.http.Context().Done():
			c.Lost, c.err = lostGone, context.Cause(c.http.Context())
		}
	}}
}

// Header sets a header of the answer, whatever the answer is.
func Header(key, value string) Step { return Step{do: func(c *call) { c.header.Set(key, value) }} }

// Drop closes the connection in place of an answer.
func Drop() Step { return Step{do: func(c *call) { c.Lost = lostDrop }} }

// Reset resets the connection in place of an answer.
func Reset() Step { return Step{do: func(c *call) { c.Lost = lostReset }} }

// Cut closes the connection within the answer: the header promises the whole
// body, and n bytes of it come. A body that is not longer comes whole.
func Cut(n int) Step { return Step{do: func(c *call) { c.cut, c.Lost = n, lostCut }} }

// rule is what is to be done to requests to come.
type rule struct {
	action string // "" for any
	left   int
	steps  []Step
}

// Next has the steps performed on each of the next n requests. A request takes the
// first rule of Next and NextFor that fits it and has requests left. What is not
// taken waits for later requests, however unrelated: see [API.ClearScript].
func (a *API) Next(n int, steps ...Step) { a.NextFor("", n, steps...) }

// NextFor is Next for the requests of one action.
func (a *API) NextFor(action string, n int, steps ...Step) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.script = append(a.script, rule{action, max(n, 0), slices.Clone(steps)})
}

// ClearScript drops all rules of Next and NextFor, but not OnRequest's function,
// and returns how many scripted answers nobody took. A test that ends with more
// than 0 made fewer calls than it expected.
func (a *API) ClearScript() (left int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.script {
		left += r.left
	}
	a.script = nil
	return left
}

// OnRequest has f choose the steps of every request that takes no rule of Next
// or NextFor; nil ends that. f gets the request as far as it is known on
// arrival, must be safe for concurrent use and may call the API's methods.
func (a *API) OnRequest(f func(Request) []Step) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hook = f
}

// takeSteps returns the steps for a call, of the rule that fits or else of the hook.
func (a *API) takeSteps(c *call) []Step {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.script {
		if r := &a.script[i]; r.left > 0 && (r.action == "" || r.action == c.Action) {
			r.left--
			return r.steps
		}
	}
	if hook := a.hook; hook != nil { // to be called without the lock
		return []Step{{do: func(c *call) { c.run(hook(c.Request.clone())) }}}
	}
	return nil
}
