package qcloudhttp

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

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
	a := &announcer{ctx: c.ctx, observer: c.t.Observer, gate: g, named: c.limited(), began: c.start, pause: longWait}
	a.latest, _ = ctx.Deadline()
	a.event = Event{
		Kind: EventWait, Host: a.named.Host, Action: a.named.Action, Method: c.req.Method,
		Attempt: a.named.Attempt, Cause: g.cause, Err: c.failure(),
	}
	a.expect(time.Now())
	if a.named.Attempt > 1 && g.learns {
		a.pause += max(0, time.Until(a.until)) // that much has been announced
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.timer = time.AfterFunc(a.pause, a.announce)
	return a
}

// expect asks the gate until when the call is going to wait.
func (a *announcer) expect(now time.Time) {
	a.until = a.latest
	if wait := estimateOf(a.gate, a.named); wait > 0 && now.Add(wait).Before(a.latest) {
		a.until = now.Add(wait)
	}
}

func (a *announcer) announce() {
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
