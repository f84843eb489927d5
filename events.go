package qcloudhttp

import (
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp/internal/announce"
	"github.com/qcloudhttp/qcloudhttp/limit"
)

// observes reports whether an event of the kind is wanted, with err in it.
func (c *call) observes(kind EventKind, err error) bool {
	return c.t.Observer != nil && wants(c.ctx, c.t.Observer, kind, err)
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
	e.Host, e.Action, e.Method = hostOf(c.req), c.describe().Action, c.req.Method
	e.Elapsed = c.elapsed()
	observe(c.ctx, c.t.Observer, e)
}

func (c *call) observeAttempt() {
	if !c.observes(EventAttempt, c.failure()) {
		return
	}
	c.describe()
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
		if g := &c.t.state.gates[i]; g.learns && !(g.idler != nil && g.idler.Idle()) {
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

// longWait is how long a call may wait in a line before its Observer is told.
const longWait = time.Second

// announceWait tells the Observer of a wait in g's line, which ends at latest,
// once it is long, until stop. It copies what the announcements need, for they
// come from another goroutine.
func (c *call) announceWait(latest time.Time, g *gate) (stop func()) {
	if !c.observes(EventWait, c.failure()) {
		return func() {}
	}
	ctx, observer, named := c.ctx, c.t.Observer, c.limited()
	began := time.Now().Add(-c.elapsed())
	e := Event{
		Kind: EventWait, Host: named.Host, Action: named.Action, Method: c.req.Method,
		Attempt: named.Attempt, Cause: g.cause, Err: c.failure(),
	}
	first := longWait
	if named.Attempt > 1 && g.learns {
		first += estimateOf(g, named) // that much has been announced
	}
	estimate := func() time.Duration { return estimateOf(g, named) }
	return announce.Watch(first, latest, estimate, func(now, until time.Time) {
		e := e
		e.Elapsed, e.Rate = now.Sub(began), rateOf(g, named)
		if until.Sub(now) < unbounded/2 {
			e.Wait, e.Until = until.Sub(now), until
		}
		observe(ctx, observer, e)
	})
}

// estimateOf is how long g expects a call that arrives now to wait, 0 where it
// cannot tell. Like an Observer's, a panic in it breaks no call.
func estimateOf(g *gate, named limit.Call) time.Duration {
	defer func() { _ = recover() }()
	if e, ok := g.Gate.(interface {
		Estimate(limit.Call) time.Duration
	}); ok {
		return e.Estimate(named)
	}
	return 0
}

// Estimate knows how a rate.Limiter counts: it serves in order, and its tokens
// are negative by what is promised to those in line.
func (p plain) Estimate(limit.Call) time.Duration {
	l, ok := p.Limiter.(*rate.Limiter)
	if !ok || l.Limit() <= 0 {
		return 0
	}
	return time.Duration((1 - l.Tokens()) / float64(l.Limit()) * float64(time.Second))
}
