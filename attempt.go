package qcloudhttp

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/action"
	"github.com/qcloudhttp/qcloudhttp/internal/delivery"
	"github.com/qcloudhttp/qcloudhttp/internal/replay"
)

// attempt makes the call's next attempt: wait for the turn, sign, send, read.
// It leaves the outcome in c.resp and c.fail, or in c.err when it was not sent
// or the context ended.
func (c *call) attempt() {
	if c.ctx.Err() != nil {
		c.err = c.giveUp(ReasonContext, c.ctx.Err())
		return
	}
	if err := c.openBody(); err != nil {
		c.err = c.notSent(err)
		return
	}
	if c.err = c.queue(); c.err != nil {
		return
	}
	r, err := c.prepare()
	if err != nil {
		c.err = c.notSent(err)
		return
	}
	c.discard()
	c.attempts++
	c.sent = r
	c.handed = c.handed || c.direct || c.req.GetBody == nil // the caller's body goes with r
	if c.t.Signer != nil || c.t.Observer != nil {
		c.sentAt = time.Now()
	}
	c.receive(c.t.base().RoundTrip(r))
	c.report()
	c.observeAttempt()
}

// prepare returns the request of the next attempt. The caller's own goes out
// where nothing has to be changed in it, else a clone, signed anew; and while a
// mutation's outcome is unknown the same bytes as before.
func (c *call) prepare() (*http.Request, error) {
	if c.direct && c.attempts == 0 {
		return c.guard(c.req), nil
	}
	if c.details != nil && c.safety.pinned != nil {
		return c.resend()
	}
	body, err := c.body.Get()
	if err != nil {
		return nil, err
	}
	r := c.req.Clone(c.ctx)
	r.Body, r.GetBody = body, c.body.GetBody()
	if r.GetBody == nil {
		r.Trailer = c.req.Trailer // filled while the body is read
	}
	if err := c.sign(r); err != nil {
		return nil, err
	}
	return c.guard(r), nil
}

// sign has the Signer, where there is one, sign r. Where it fails, or panics,
// r's body is closed.
func (c *call) sign(r *http.Request) error {
	if c.t.Signer == nil {
		return nil
	}
	signed := false
	defer func() {
		if !signed {
			closeBody(r)
			c.handed = c.handed || r.GetBody == nil
		}
	}()
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	if err := c.t.Signer.Sign(r); err != nil {
		return &signError{err}
	}
	signed = true
	return nil
}

// guard makes a mutation's request one that is sent once and watched. Net/http
// repeats a GET whose reused connection broke, unseen by us, and then the API
// executes it twice, or its 4500 answers what we take for the first attempt. It
// repeats none with a body that it cannot get again; an empty one sends nothing.
// An action in a form is not looked for here: a POST is not repeated unseen, and
// v2's Nonce makes its resend safe.
func (c *call) guard(r *http.Request) *http.Request {
	if name := action.Name(r); name == "" || c.policy.ReadOnly(name) {
		return r
	}
	c.trace = new(delivery.Trace)
	once := c.trace.Watch(r)
	if !hasBody(r) && action.SafeMethod(r.Method) {
		once.Body, once.GetBody = empty{}, nil
	}
	return once
}

// empty is a body without a byte that is not http.NoBody.
type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, io.EOF }
func (empty) Close() error             { return nil }

func hasBody(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

// openBody takes the caller's body over, to send it as often as needed. It comes
// before the wait in line, for the body may name the action.
func (c *call) openBody() (err error) {
	if c.body != nil || c.direct && c.attempts == 0 {
		return nil
	}
	c.body, err = replay.New(c.ctx, c.req, c.policy.ReplayLimit)
	c.handed = c.handed || err != nil || c.body.Closed
	return err
}

// errNonceAge says that a line held a resend back for too long.
var errNonceAge = errors.New("the request waited too long for its turn")

// resend returns the pinned request once more, byte for byte.
func (c *call) resend() (*http.Request, error) {
	if c.safety.tooOld(0) {
		return nil, errNonceAge
	}
	r := c.safety.pinned
	again := r.Clone(r.Context())
	if r.GetBody == nil {
		return again, nil // no body, or an empty one
	}
	body, err := r.GetBody()
	again.Body = body
	return again, err
}

// signError is what the Signer said.
type signError struct{ err error }

func (e *signError) Error() string {
	return "sign: " + strings.TrimPrefix(Redact(e.err).Error(), "sign: ")
}
func (e *signError) Unwrap() error { return e.err }

// notSent says why an attempt could not be made.
func (c *call) notSent(err error) error {
	if c.ctx.Err() != nil {
		return c.giveUp(ReasonContext, c.ctx.Err())
	}
	if c.attempts == 0 {
		return fmt.Errorf("qcloudhttp: %w", err)
	}
	switch se := (*signError)(nil); {
	case errors.As(err, &se):
		return c.giveUp(ReasonSigner, err)
	case err == errNonceAge:
		return c.giveUp(ReasonNonceAge, nil)
	}
	return c.giveUp(ReasonBody, err)
}

// discard ends the last attempt's response, before the next one is sent. It has
// been read to its envelope's end, which mostly is the body's; the little that
// may be left is not worth waiting for.
func (c *call) discard() {
	if c.resp != nil {
		c.resp.Body.Close()
		c.resp = nil
	}
}

var errNeither = errors.New("the base transport returned neither a response nor an error")

// receive reads what Base returned for the attempt, and judges it.
func (c *call) receive(resp *http.Response, err error) {
	if c.fail != nil && c.fail.Err == nil {
		c.previous = c.fail
	}
	c.fail = nil
	if err == nil && resp == nil {
		err = errNeither
	}
	if err != nil {
		if resp != nil && resp.Body != nil { // both is what no RoundTripper may return
			resp.Body.Close()
		}
		c.judge(&Error{Err: err})
		return
	}
	c.resp = resp
	fail, unread := decode(resp)
	if fail != nil {
		c.judge(fail)
	}
	if unread && c.t.Observer != nil {
		c.observe(Event{Kind: EventUnread, StatusCode: resp.StatusCode})
	}
}

// judge takes fail for the attempt's failure, unless the policy calls it none.
func (c *call) judge(fail *Error) {
	fail.Host, fail.Action = hostOf(c.req), c.describe().Action
	if !fail.counts(c.policy, c.t.Signer != nil || c.describe().Account != "") {
		return
	}
	fail.Attempt = c.attempts
	c.verdict = judge(c.policy, fail)
	fail.hide(c.sent)
	if c.verdict.Class == OK {
		return
	}
	c.fail = fail
	if c.resp == nil && c.trace.NeverWhole(fail.Err) {
		c.verdict.Executed = NotExecuted
	}
	c.safety.learn(c)
	c.learnTime()
	if fail.Err != nil && c.ctx.Err() != nil {
		c.err = c.cutOff()
	}
}

// learnTime tells the Signer what time it is, where the API found a signature
// expired.
func (c *call) learnTime() {
	signer, ok := c.t.Signer.(interface{ LearnTime(time.Time) })
	if !ok || c.resp == nil || !c.fail.Is(codes.RequestExpired) {
		return
	}
	if server, err := http.ParseTime(c.resp.Header.Get("Date")); err == nil {
		signer.LearnTime(server)
	}
}
