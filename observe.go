package qcloudhttp

import (
	"net/http"
	"time"
)

// observes reports whether an event of the kind is wanted.
func (c *call) observes(kind EventKind) bool {
	if c.t.Observer == nil {
		return false
	}
	filter, ok := c.t.Observer.(EventFilter)
	return !ok || filter.Enabled(c.ctx, kind)
}

// observe completes e with what the call knows and hands it on.
func (c *call) observe(e Event) {
	e.Host, e.Action, e.Method = c.req.URL.Host, c.describe().Action, c.req.Method
	e.Elapsed = c.elapsed()
	observe(c.ctx, c.t.Observer, e)
}

func (c *call) observeAttempt() {
	if !c.observes(EventAttempt) {
		return
	}
	e := Event{
		Kind: EventAttempt, Attempt: c.attempts,
		Duration: time.Since(c.sentAt), Queued: c.queued, Rate: c.rate(),
	}
	if c.resp != nil {
		e.StatusCode = c.resp.StatusCode
	}
	if c.fail != nil {
		e.Err = c.fail
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

func (c *call) observeWait(wait time.Duration, cause WaitCause) {
	if wait <= 0 || !c.observes(EventWait) {
		return
	}
	c.observe(Event{
		Kind: EventWait, Attempt: c.attempts + 1, Err: c.fail,
		Wait: wait, Until: time.Now().Add(wait), Cause: cause,
	})
}

func (c *call) observeEnd(resp *http.Response, err error) {
	if !c.observes(EventEnd) {
		return
	}
	e := Event{Kind: EventEnd, Attempt: c.attempts, Err: err}
	if resp != nil {
		e.StatusCode = resp.StatusCode
	}
	if err == nil && c.fail != nil {
		e.Err = c.fail // returned as a response
	}
	c.observe(e)
}
