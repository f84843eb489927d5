package qcloudhttp

import (
	"net/http"
	"time"
)

// observes reports whether an event of the kind is wanted, with err in it.
func (c *call) observes(kind EventKind, err error) bool {
	if c.t.Observer == nil {
		return false
	}
	filter, ok := c.t.Observer.(EventFilter)
	return !ok || filter.Enabled(c.ctx, kind, err)
}

// failure is c.fail as an error: nil where there is none.
func (c *call) failure() error {
	if c.fail == nil {
		return nil
	}
	return c.fail
}

// observe completes e with what the call knows and hands it on.
func (c *call) observe(e Event) {
	e.Host, e.Action, e.Method = c.req.URL.Host, c.describe().Action, c.req.Method
	e.Elapsed = c.elapsed()
	observe(c.ctx, c.t.Observer, e)
}

func (c *call) observeAttempt() {
	if !c.observes(EventAttempt, c.failure()) {
		return
	}
	e := Event{
		Kind: EventAttempt, Attempt: c.attempts, Err: c.failure(),
		Duration: time.Since(c.sentAt), Queued: c.queued, Rate: c.rate(),
	}
	if c.resp != nil {
		e.StatusCode = c.resp.StatusCode
	}
	c.observe(e)
}

// rate is the learnt rate that paces the call.
func (c *call) rate() float64 {
	for i := range c.t.state.gates {
		if g := &c.t.state.gates[i]; g.learns && !(g.inert != nil && g.inert()) {
			return rateOf(g, c.limited())
		}
	}
	return 0
}

// observeWait tells of the retry that comes after a wait.
func (c *call) observeWait(wait time.Duration, cause WaitCause) {
	if !c.observes(EventWait, c.fail) {
		return
	}
	if cause == WaitLimiter {
		wait = c.lineAhead()
	}
	e := Event{Kind: EventWait, Attempt: c.attempts + 1, Err: c.fail, Wait: wait, Cause: cause, Rate: c.rate()}
	if wait > 0 {
		e.Until = time.Now().Add(wait)
	}
	c.observe(e)
}

// lineAhead is how long the limiters expect the next attempt to wait.
func (c *call) lineAhead() (wait time.Duration) {
	for i := range c.t.state.gates {
		wait = max(wait, estimateOf(&c.t.state.gates[i], c.limited()))
	}
	return wait
}

func (c *call) observeEnd(resp *http.Response, err error) {
	if err == nil {
		err = c.failure() // returned as a response
	}
	if !c.observes(EventEnd, err) {
		return
	}
	e := Event{Kind: EventEnd, Attempt: c.attempts, Err: err}
	if resp != nil {
		e.StatusCode = resp.StatusCode
	}
	c.observe(e)
}
