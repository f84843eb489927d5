package qcloudhttp

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// Observer is told what a Transport does, from several goroutines, and returns
// soon. A panic in it is ignored.
type Observer interface {
	Observe(ctx context.Context, e Event)
}

// ObserverFunc is a function that observes.
type ObserverFunc func(ctx context.Context, e Event)

// Observe calls f.
func (f ObserverFunc) Observe(ctx context.Context, e Event) { f(ctx, e) }

// EventKind tells what an Event reports.
type EventKind string

const (
	EventAttempt EventKind = "attempt" // an attempt has been answered, or has failed
	EventWait    EventKind = "wait"    // a wait before another attempt, or a second in a queue
	EventEnd     EventKind = "end"     // the call is over
)

// WaitCause says what a call waits for.
type WaitCause string

const (
	WaitBackoff    WaitCause = "backoff"     // the policy's delay for the class
	WaitRetryAfter WaitCause = "retry-after" // the API's own wish
	WaitLimiter    WaitCause = "limiter"     // the limiter's queue
	WaitBudget     WaitCause = "budget"      // the queue behind an outage's probes
)

// Event is one thing that happened in a call. It holds no credential and no
// query string (the Body of an *Error in Err may, see Error.Body).
type Event struct {
	Kind    EventKind
	Host    string
	Action  string // "" where the request names none
	Method  string
	Attempt int // the attempt it belongs to, from 1; of a wait, the one it precedes; of the end, how many were made

	Err        error // nil for success, the attempt's *Error, or the call's error
	StatusCode int   // of the attempt, or of the response that the call returns; 0: there is none

	// Of EventAttempt.
	Unread   bool          // the response went on with what may be an envelope and was not understood
	Queued   time.Duration // how long the attempt waited for limiter and budget
	Duration time.Duration // how long it took after that

	// Of EventWait.
	Wait  time.Duration // how long the call is going to wait; in a queue an estimate; 0: not known
	Until time.Time     // when that ends; zero: not known
	Cause WaitCause

	Elapsed time.Duration // since the call began
	Rate    float64       // in attempts a second, that paces this call; 0 while nothing does
}

// Observers returns an Observer that tells every one of list that is not nil, in
// order, whatever panics in one; nil where there is none.
func Observers(list ...Observer) Observer {
	all := slices.DeleteFunc(slices.Clone(list), func(o Observer) bool { return o == nil })
	if len(all) == 0 {
		return nil
	}
	return ObserverFunc(func(ctx context.Context, e Event) {
		for _, o := range all {
			observe(ctx, o, e)
		}
	})
}

// observe hands e to o and survives its panic.
func observe(ctx context.Context, o Observer, e Event) {
	defer func() { _ = recover() }()
	o.Observe(ctx, e)
}

// event returns an Event with what the call knows.
func (c *call) event(kind EventKind, attempt int, resp *http.Response, err error) Event {
	e := Event{
		Kind: kind, Host: hostOf(c.req), Action: c.describe().Action, Method: c.req.Method,
		Attempt: attempt, Err: err, Elapsed: c.elapsed(), Rate: c.limitRate(),
	}
	if resp != nil {
		e.StatusCode = resp.StatusCode
	}
	return e
}

func (c *call) observeAttempt() {
	if c.t.Observer == nil {
		return
	}
	e := c.event(EventAttempt, c.attempts, c.resp, c.failure())
	e.Unread, e.Queued, e.Duration = c.unread, c.queue.waited, time.Since(c.sentAt)
	observe(c.ctx, c.t.Observer, e)
}

func (c *call) observeEnd(resp *http.Response, err error) {
	if c.t.Observer != nil {
		observe(c.ctx, c.t.Observer, c.event(EventEnd, c.attempts, resp, err))
	}
}

// observeWait tells of the retry that comes after the planned wait. Where the
// limiter decides when that is, announceWait tells of it.
func (c *call) observeWait(wait time.Duration) {
	if c.t.Observer == nil || c.waitCause() == WaitLimiter {
		return
	}
	e := c.event(EventWait, c.attempts+1, nil, c.failure())
	e.Wait, e.Cause = wait, c.waitCause()
	observeFromNow(c.ctx, c.t.Observer, e)
}

// observeFromNow tells o of a wait that begins now.
func observeFromNow(ctx context.Context, o Observer, e Event) {
	if e.Wait > 0 {
		e.Until = time.Now().Add(e.Wait)
	}
	observe(ctx, o, e)
}

// failure is c.fail as an error.
func (c *call) failure() error {
	if c.fail == nil {
		return nil
	}
	return c.fail
}

const longWait = time.Second // in a queue, before the Observer is told of it

// announceWait tells the Observer once of a wait in a queue that lasts longer
// than longWait, until stop.
func (c *call) announceWait(cause WaitCause) (stop func()) {
	if c.t.Observer == nil {
		return func() {}
	}
	e := c.event(EventWait, c.attempts+1, nil, c.failure())
	e.Cause = cause
	ctx, o, estimate := c.ctx, c.t.Observer, c.estimator(cause)
	expected := estimate() // of a call that arrives now, as this one does
	told := make(chan struct{})
	timer := time.AfterFunc(longWait, func() {
		defer close(told)
		e.Elapsed += longWait
		if e.Wait = expected - longWait; e.Wait <= 0 {
			e.Wait = estimate()
		}
		observeFromNow(ctx, o, e)
	})
	return func() {
		if !timer.Stop() {
			<-told
		}
	}
}

// estimator returns what estimates how long a call that arrives now will wait: 0
// where nobody can tell. Like an Observer's, a panic in it breaks no call.
func (c *call) estimator(cause WaitCause) func() time.Duration {
	limiter, ok := c.t.limiter.(interface {
		Estimate(limit.Call) time.Duration
	})
	if !ok || cause == WaitBudget {
		return func() time.Duration { return 0 }
	}
	named := c.limited()
	return func() time.Duration {
		defer func() { _ = recover() }()
		return limiter.Estimate(named)
	}
}
