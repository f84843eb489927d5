package qcloudhttp

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/qcloudhttp/qcloudhttp/internal/action"
	"github.com/qcloudhttp/qcloudhttp/internal/delivery"
	"github.com/qcloudhttp/qcloudhttp/internal/replay"
	"github.com/qcloudhttp/qcloudhttp/limit"
)

// call is the state of one RoundTrip. It stays on RoundTrip's stack, for a
// success must cost next to nothing: no method may let the receiver escape.
type call struct {
	t       *Transport
	req     *http.Request // the caller's: never changed
	ctx     context.Context
	policy  *Policy
	noRetry bool
	start   instant

	body   *replay.Source
	direct bool // the caller's request can be sent as it is, the first time
	handed bool // the caller's body belongs to Base, which closes it

	attempts int             // sent so far
	sent     *http.Request   // the present attempt's request
	sentAt   time.Time       // set where a Signer or an Observer asks
	trace    *delivery.Trace // whether it found a connection; nil: not watched
	resp     *http.Response  // the present attempt's response; nil: none, or given up
	fail     *Error          // how the present attempt failed; nil: it did not
	previous *Error          // what the API said before that
	verdict  Verdict         // of fail
	err      error           // why the call ended, beside fail

	*details // nil until describe
}

// details is what only a call needs that is held back, watched or failed.
// describe comes before every use of them.
type details struct {
	info    action.Info
	passed  [2]func(limit.Answer) bool // the state's gates that wait for the present attempt's answer
	queued  time.Duration              // how long the present attempt waited in line
	inQueue time.Duration              // how long all of them waited in the limiter's
	free    int                        // attempts that a quota rejected and that do not count
	history limit.History
	safety  safety // what repeating the call may do
	delays  delays // what was waited so far, and next
}

// detailsPool saves an allocation to calls that are watched or held back.
var detailsPool = sync.Pool{New: func() any { return new(details) }}

// instant is a point in time, for measuring what has passed since: half the
// cost of a time.Time, which also asks for the time of day.
type instant time.Duration

var epoch = time.Now()

func now() instant { return instant(time.Since(epoch)) }

// begin takes the request on. Where it cannot, its body is closed.
func (c *call) begin(t *Transport, req *http.Request) error {
	if req.URL == nil {
		closeBody(req)
		return errors.New("qcloudhttp: the request has no URL")
	}
	t.once.Do(t.init)
	c.t, c.req, c.ctx, c.policy, c.start = t, req, req.Context(), t.state.policy, now()
	c.direct = t.Signer == nil && (!hasBody(req) || req.GetBody != nil)
	o := overrideOf(c.ctx)
	if c.noRetry = o.noRetry; o.policy != nil {
		c.policy = o.policy.or(c.policy)
	}
	return nil
}

// release ends the call. The caller's body, and a response that is not returned,
// are closed, and the tickets of an attempt that was not made handed back, on
// every path, a panic in the user's code included.
func (c *call) release() {
	if !c.handed {
		closeBody(c.req)
	}
	c.discard()
	if c.details != nil {
		c.abandon()
		*c.details = details{}
		detailsPool.Put(c.details)
	}
}

// abandon tells the gates that the attempt they let go was not made.
func (c *call) abandon() {
	for i, done := range c.passed {
		if done != nil {
			c.passed[i] = nil
			done(limit.Answer{})
		}
	}
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}

// failed reports whether the present attempt calls for a decision. A call that
// has ended for another reason does not.
func (c *call) failed() bool { return c.fail != nil && c.err == nil }

// finish gives the call's result its final form.
func (c *call) finish() (*http.Response, error) {
	resp, err := c.resp, c.err
	if err == nil && c.fail != nil {
		err = c.fail
	}
	if err != nil && resp != nil {
		// A response that broke off is none.
		whole := c.fail == nil || c.fail.Err == nil
		if c.t.OnFailure == ReturnResponse && whole && c.ctx.Err() == nil {
			err = nil
		} else {
			resp = nil
		}
	}
	if c.t.Observer != nil {
		c.observeEnd(resp, err)
	}
	if resp != nil {
		if resp.Request != c.req {
			resp.Request = c.req // not the clone, which holds the signature
		}
		c.resp = nil // it is the caller's now
	}
	return resp, err
}

func (c *call) elapsed() time.Duration { return time.Duration(now() - c.start) }

// describe finds out what the call asks for. It costs something, so a success
// that nobody watches never needs it.
func (c *call) describe() action.Info {
	if c.details != nil {
		return c.info
	}
	r := c.req
	if r.GetBody == nil && c.body != nil && c.body.GetBody() != nil {
		withBody := *r
		withBody.GetBody = c.body.GetBody()
		r = &withBody
	}
	c.details = detailsPool.Get().(*details)
	c.info = action.Of(r)
	return c.info
}

// limited names the quota that the next attempt counts against.
func (c *call) limited() limit.Call {
	info := c.describe()
	return limit.Call{
		Account:  info.Pseudonym(),
		Host:     hostOf(c.req),
		Action:   info.Action,
		Attempt:  c.attempts + 1,
		Begun:    epoch.Add(time.Duration(c.start)),
		Patience: c.patience(),
		Delay:    c.policy.throttledDelay(),
		History:  &c.history,
	}
}

// readOnly reports whether the call changes nothing.
func (c *call) readOnly() bool {
	info := c.describe()
	if info.Action == "" {
		return action.SafeMethod(c.req.Method)
	}
	return c.policy.ReadOnly(info.Action)
}
