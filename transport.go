package qcloudhttp

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/qcloudhttp/qcloudhttp/internal/request"
	"github.com/qcloudhttp/qcloudhttp/limit"
)

// Transport is an http.RoundTripper that understands the API's failures: it reads
// them out of the body, repeats what can help and is safe, keeps the calls under
// the quota, and returns typed errors for the rest. Response bodies stay whole and
// byte-identical, requests unchanged.
//
// The zero value is ready to use. A Transport is safe for concurrent use; its
// fields must not be changed, and it must not be copied, once it is in use.
type Transport struct {
	Base      http.RoundTripper // makes the single attempts; it must not be a *Transport; nil: http.DefaultTransport
	Policy    *Policy           // how often, how long and with which delays a call is repeated; nil: the zero Policy
	Limiter   Limiter           // each attempt waits for it; nil: a limit.Adaptive, idle until the API first throttles
	Signer    Signer            // signs each attempt anew, after the Limiter's wait; nil: requests go out as they come
	OnFailure FailureMode       // what a call that failed in the end returns
	Observer  Observer          // is told of every attempt, wait and end; nil: nobody is

	once    sync.Once
	policy  *Policy       // Policy with its defaults
	limiter Limiter       // Limiter, or the default one
	gate    limit.Gate    // limiter, where it is one: it decides when a rejected call goes again
	budget  *limit.Budget // nil: there is none
}

// Limiter holds attempts back, such as a *rate.Limiter. Wait returns nil when one may
// go, else an error, at the latest when ctx ends. It must be safe for concurrent use.
// A limit.Gate is also told of each answer and decides when a rejected call goes again.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Signer signs a private clone of a request. It must be safe for concurrent use. A
// redirect to another host, or from https to http, is not signed.
//
// A method LearnTime(server time.Time) is called with the API's time after that
// rejected a Timestamp; a method Account(context.Context) string says whose quota
// the calls count against, such as the SecretId.
type Signer interface {
	Sign(r *http.Request) error
}

// FailureMode is what RoundTrip returns for a call that failed in the end. Both
// return the error where there is no whole response, where context or a wait
// ended the call, and where an earlier attempt may have changed something.
type FailureMode uint8

const (
	ReturnError    FailureMode = iota // the typed error and no response; the default
	ReturnResponse                    // the last response as it was, for clients that read the API's errors themselves
)

// RoundTrip makes one call: one attempt, and where that fails as many more as the
// Policy allows. A permanent failure is a *Error, the end of retrying a
// *GiveUpError; a call that could not begin (a body that cannot be read, a Signer
// that fails at once) ends with another error.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	c := call{t: t, req: req, ctx: req.Context(), began: time.Now()}
	defer c.release()
	if err := c.begin(); err != nil {
		return nil, err
	}

	for {
		c.attempt()
		if c.err != nil || c.fail == nil {
			break // it succeeded, or the call ended before it or with it
		}
		again, wait, reason := c.shouldRetry()
		if !again {
			if reason != "" {
				c.giveUp(reason, nil)
			} // else the failure is permanent, and the result
			break
		}
		if !c.sleep(wait) {
			break // the context ended
		}
	}
	return c.finish()
}

// CloseIdleConnections forwards to Base, where that has the method.
func (t *Transport) CloseIdleConnections() {
	if base, ok := t.base().(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

func (t *Transport) base() http.RoundTripper {
	if t.Base != nil {
		return t.Base
	}
	return http.DefaultTransport
}

// init derives from the exported fields what the calls use.
func (t *Transport) init() {
	t.policy = t.Policy.over(defaults)
	if t.policy.RetryBudget > 0 {
		t.budget = &limit.Budget{Size: t.policy.RetryBudget}
	}
	if t.limiter = t.Limiter; t.limiter == nil {
		t.limiter = &limit.Adaptive{}
	}
	t.gate, _ = t.limiter.(limit.Gate)
}

// call is the state of one RoundTrip.
type call struct {
	t      *Transport
	req    *http.Request   // the caller's: never changed
	ctx    context.Context // the request's, which also ends with its Cancel
	cancel func()          // ends the watch of Cancel; nil: there is none
	policy *Policy
	signer Signer // nil: requests go out as they come
	began  time.Time
	body   request.Body // none before openBody
	handed bool         // the caller's body belongs to body, or to Base, which closes it

	described bool // info is known
	info      request.Info

	// The present attempt.
	attempts int            // sent so far, this one included
	sent     *http.Request  // as it was signed
	sentAt   time.Time      // when it was handed to Base
	headerAt time.Time      // when its response's header came
	timer    *time.Timer    // calls end after AttemptTimeout; nil: there is none
	end      func()         // ends the attempt's context
	watch    *watch         // what net/http tells of it; nil: not watched
	resp     *http.Response // its response; nil: none, or dropped
	unread   bool           // resp may be an envelope that was not understood
	fail     *Error         // how it failed; nil: it did not
	verdict  Verdict        // of fail
	previous *Error         // what the API said before that
	exempt   bool           // fail counts neither to a MaxAttempts nor to a MaxElapsed left zero
	err      error          // why the call ended, beside fail

	queue  queue  // what holds attempts back
	safety safety // what another attempt may do
	waits  waits  // what was waited so far
}

// begin takes the request on.
func (c *call) begin() error {
	if _, nested := c.t.base().(*Transport); nested {
		return errors.New("qcloudhttp: Transport.Base (or http.DefaultTransport, where Base is nil) is a " +
			"*qcloudhttp.Transport itself: set Base to what sends single requests, such as an *http.Transport")
	}
	if c.req.URL == nil {
		return errors.New("qcloudhttp: the request has no URL")
	}
	c.t.once.Do(c.t.init)
	c.policy = overrideOf(c.ctx).over(c.t.policy)
	if !redirectedAway(c.req) {
		c.signer = c.t.Signer
	}
	if cancelOf(c.req) != nil {
		c.watchCancel()
	}
	return nil
}

// redirectedAway reports whether an http.Client follows a redirect to another
// host with req, or from https to http: the credentials are not for that.
func redirectedAway(req *http.Request) bool {
	for req.Response != nil && req.Response.Request != nil {
		from := req.Response.Request
		if request.Canonical(from.URL.Host) != request.Canonical(req.URL.Host) ||
			from.URL.Scheme == "https" && req.URL.Scheme != "https" {
			return true
		}
		req = from
	}
	return false
}

// cancelOf is a request's Cancel channel, which is deprecated and yet honoured.
//
//lint:ignore SA1019 callers may still set it
func cancelOf(r *http.Request) <-chan struct{} { return r.Cancel }

// watchCancel has c.ctx end with the request's Cancel channel.
func (c *call) watchCancel() {
	ctx, cancel := context.WithCancelCause(c.ctx)
	canceled := cancelOf(c.req)
	go func() {
		select {
		case <-canceled:
			end, bounded := ctx.Deadline()
			if bounded && !time.Now().Before(end) {
				return // an http.Client with a Timeout does both at once
			}
			cancel(errors.New("the request's Cancel channel was closed"))
		case <-ctx.Done():
		}
	}()
	c.ctx, c.cancel = ctx, func() { cancel(nil) }
}

// release runs on every path, even after a panic in the user's code. It closes
// the caller's body and a response that is not returned, and tells budget and
// limiter that the attempt is over.
func (c *call) release() {
	c.body.Close()
	if !c.handed {
		closeBody(c.req)
	}
	c.drop()
	c.queue.settle(limit.Answer{})
	if c.cancel != nil {
		c.cancel()
	}
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}

// finish gives the call's result its final form.
func (c *call) finish() (*http.Response, error) {
	resp, err := c.resp, c.err
	if err == nil {
		err = c.failure()
	}
	if err != nil && !c.returnsResponse() {
		resp = nil
	}
	c.observeEnd(resp, err)
	if resp == nil {
		return nil, err
	}
	resp.Request = c.req // not the clone, which holds the signature
	c.keep()
	return resp, nil
}

// returnsResponse reports whether a call that failed returns its response.
func (c *call) returnsResponse() bool {
	return c.t.OnFailure == ReturnResponse && c.resp != nil && c.ctx.Err() == nil &&
		c.fail != nil && c.fail.Err == nil && // a response that broke off is none
		!c.safety.unknownBefore
}

// describe finds out what the call asks for. It costs something, so a success
// that nobody watches never needs it.
func (c *call) describe() *request.Info {
	if !c.described {
		c.described, c.info = true, request.Of(c.readable(c.req))
	}
	return &c.info
}

// readable returns r with a GetBody, where the call can give one.
func (c *call) readable(r *http.Request) *http.Request {
	if r.GetBody != nil || c.body.GetBody == nil {
		return r
	}
	withBody := *r
	withBody.GetBody = c.body.GetBody
	return &withBody
}

// readOnly reports whether the call changes nothing. One that names no action
// is judged by its method.
func (c *call) readOnly() bool { return readOnly(c.policy, c.describe(), c.req.Method) }

func readOnly(p *Policy, info *request.Info, method string) bool {
	if info.Action == "" {
		return request.SafeMethod(method)
	}
	return info.ReadOnly(p.ReadOnly)
}

func (c *call) elapsed() time.Duration { return time.Since(c.began) }
