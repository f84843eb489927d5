package qcloudhttp

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

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

// longWait is how long a call may wait in a line before its Observer is told.
const longWait = time.Second

// announcer tells the Observer of a wait in a line once it is long, and again
// when it lasts longer than was said.
type announcer struct {
	ctx      context.Context // the request's
	observer Observer
	gate     *gate
	named    limit.Call
	event    Event
	began    time.Time // when the call did
	latest   time.Time // when the call gives up

	mu    sync.Mutex
	timer *time.Timer
	until time.Time     // what is expected
	pause time.Duration // between the last announcement and the next
	over  bool
}

// announceWait watches over a wait in g's line, which ends with ctx at the
// latest, until the result's stop. It copies what the timer's goroutine needs:
// the call may be over by then.
func (c *call) announceWait(ctx context.Context, g *gate) *announcer {
	if !c.observes(EventWait, c.failure()) {
		return nil
	}
	a := &announcer{ctx: c.ctx, observer: c.t.Observer, gate: g, named: c.limited(), began: time.Now().Add(-c.elapsed()), pause: longWait}
	a.latest, _ = ctx.Deadline()
	a.event = Event{
		Kind: EventWait, Host: a.named.Host, Action: a.named.Action, Method: c.req.Method,
		Attempt: a.named.Attempt, Cause: g.cause, Err: c.failure(),
	}
	if a.expect(time.Now()) && a.named.Attempt > 1 && g.learns {
		a.pause += max(0, time.Until(a.until)) // that much has been announced
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.timer = time.AfterFunc(a.pause, a.announce)
	return a
}

// expect asks the gate until when the call is going to wait. Where the gate
// cannot tell, it is at most until the call gives up.
func (a *announcer) expect(now time.Time) bool {
	wait := estimateOf(a.gate, a.named)
	told := wait > 0 && now.Add(wait).Before(a.latest)
	a.until = a.latest
	if told {
		a.until = now.Add(wait)
	}
	return told
}

func (a *announcer) announce() {
	defer func() { _ = recover() }() // of a limiter's estimate
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return
	}
	now := time.Now()
	if !a.until.After(now) {
		a.expect(now)
	}
	e := a.event
	e.Elapsed, e.Rate = now.Sub(a.began), rateOf(a.gate, a.named)
	e.Wait, e.Until = a.until.Sub(now), a.until
	// A while after what was said, and ever less often.
	a.pause = max(e.Wait+longWait, 2*a.pause)
	a.timer.Reset(a.pause)
	observe(a.ctx, a.observer, e)
}

// stop ends the announcements: none is made after it returns.
func (a *announcer) stop() {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	a.timer.Stop()
}

// estimateOf is how long g expects a call that arrives now to wait, 0 where it
// cannot tell.
func estimateOf(g *gate, named limit.Call) time.Duration {
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
