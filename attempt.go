package qcloudhttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/request"
)

// attempt makes the call's next attempt: wait for limiter and budget, sign,
// send, read. It leaves the outcome in c.resp and c.fail, or in c.err where the
// attempt was not sent or the context ended.
func (c *call) attempt() {
	if c.ctx.Err() != nil {
		c.giveUp(ReasonContext, nil)
		return
	}
	if err := c.openBody(); err != nil {
		c.notSent(err)
		return
	}
	if !c.acquire() {
		return
	}
	if c.nonceTooOld(0) {
		c.giveUp(ReasonNonceAge, nil)
		return
	}
	r, err := c.signed()
	if err != nil {
		c.notSent(err)
		return
	}
	c.sent = r
	r = c.guard(c.limitTime(r))
	c.attempts++
	c.sentAt = time.Now()
	c.receive(c.t.base().RoundTrip(r))
	c.report()
	c.observeAttempt()
}

// openBody takes the caller's body over, to send it as often as needed. It comes
// before the limiter, for the body may name the action.
func (c *call) openBody() (err error) {
	if c.handed || !hasBody(c.req) {
		return nil
	}
	most, _ := c.policy.attempts()
	c.body, err = request.NewBody(c.ctx, c.req, most != 1)
	c.handed = true
	return err
}

// readsByName reports whether the call is read-only as far as its query, its
// headers and its method tell, without a look at the body.
func (c *call) readsByName() bool {
	info := request.Head(c.req)
	return (info.Action != "" || !hasBody(c.req)) && readOnly(c.policy, &info, c.req.Method)
}

// signed returns the next attempt's request: the caller's own where nothing must
// be changed in it, else a copy, signed anew; or the one that is pinned.
func (c *call) signed() (*http.Request, error) {
	if s := &c.safety; s.pinned != nil {
		if s.unknown || time.Since(s.pinnedAt) <= nonceAge {
			return c.resend()
		}
		s.pinned = nil // it was only ever rejected, so a new one does as well
	}
	r, ctx := c.req, c.req.Context()
	switch {
	case c.signer != nil:
		r = r.Clone(withoutOverride(ctx)) // for the Signer changes it
	case overrideOf(ctx) != (override{}):
		r = r.WithContext(withoutOverride(ctx))
	}
	if hasBody(r) {
		var err error
		if r, err = c.body.Next(r); err != nil {
			return nil, err
		}
		r.Trailer = c.req.Trailer // filled while the body is read
	}
	return r, c.sign(r)
}

// sign has the Signer, where there is one, sign r. Where it fails, or panics,
// r's body is closed.
func (c *call) sign(r *http.Request) error {
	if c.signer == nil {
		return nil
	}
	signed := false
	defer func() {
		if !signed {
			closeBody(r)
		}
	}()
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	if err := c.signer.Sign(r); err != nil {
		return &signError{foreign(err)}
	}
	signed = true
	return nil
}

// signError is what the Signer said.
type signError struct{ err error }

func (e *signError) Error() string { return "sign: " + strings.TrimPrefix(e.err.Error(), "sign: ") }
func (e *signError) Unwrap() error { return e.err }

// resend returns the pinned request once more, byte for byte.
func (c *call) resend() (*http.Request, error) {
	r := c.safety.pinned
	again := r.Clone(r.Context())
	if r.GetBody == nil {
		return again, nil // no body
	}
	body, err := r.GetBody()
	again.Body = body
	return again, err
}

// limitTime gives the attempt the Policy's AttemptTimeout.
func (c *call) limitTime(r *http.Request) *http.Request {
	most := c.policy.AttemptTimeout
	if most <= 0 {
		return r
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	late := c.tooSlow()
	c.timer = time.AfterFunc(most, func() { cancel(late) })
	c.end = func() { cancel(nil) }
	return r.WithContext(ctx)
}

func (c *call) tooSlow() error {
	return fmt.Errorf("the attempt took longer than Policy.AttemptTimeout (%v)", c.policy.AttemptTimeout)
}

// keep hands the response to the caller: its body is no longer bounded by
// AttemptTimeout, whose context is released when the body is closed.
func (c *call) keep() {
	if c.timer != nil {
		c.timer.Stop()
		body := &endedBody{c.resp.Body, c.end}
		c.resp.Body = body
		if w, ok := body.ReadCloser.(io.Writer); ok { // of a connection that was switched to another protocol
			c.resp.Body = struct {
				*endedBody
				io.Writer
			}{body, w}
		}
	}
	c.resp, c.timer = nil, nil
}

// drop closes the present attempt's response. Its body has been read far enough
// already for the connection to be used again.
func (c *call) drop() {
	if c.resp != nil {
		c.resp.Body.Close()
		c.resp = nil
	}
	if c.timer != nil {
		c.timer.Stop()
		c.end()
		c.timer = nil
	}
}

// endedBody is a body whose Close also ends the attempt's context.
type endedBody struct {
	io.ReadCloser
	end func()
}

func (b *endedBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

func hasBody(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

// notSent says why an attempt could not be made.
func (c *call) notSent(err error) {
	var signer *signError
	switch {
	case c.ctx.Err() != nil:
		c.giveUp(ReasonContext, nil)
	case c.attempts == 0:
		c.err = fmt.Errorf("qcloudhttp: %w", err)
	case errors.As(err, &signer):
		c.giveUp(ReasonSigner, err)
	default:
		c.giveUp(ReasonBody, err)
	}
}

// receive reads what Base returned for the attempt, and judges it.
func (c *call) receive(resp *http.Response, err error) {
	if c.signer != nil {
		c.headerAt = time.Now()
	}
	if c.fail != nil && c.fail.Err == nil {
		c.previous = c.fail
	}
	c.fail, c.unread = nil, false
	if err == nil && resp == nil {
		err = errors.New("the base transport returned neither a response nor an error")
	}
	if err != nil {
		if resp != nil && resp.Body != nil { // both is what no RoundTripper may return
			resp.Body.Close()
		}
		c.lost(err)
		return
	}
	c.resp = resp
	fail, unread := c.policy.failureOf(c.ctx, resp, c.asked)
	c.unread = unread
	if fail != nil {
		c.judge(fail)
	}
}

// lost takes an attempt that ended without a response.
func (c *call) lost(err error) {
	var ours *Error
	var gaveUp *GiveUpError
	if errors.As(err, &gaveUp) || errors.As(err, &ours) {
		c.err = err // of a Transport below this one, which has done what could be done
		return
	}
	select {
	case <-cancelOf(c.req):
		<-c.ctx.Done() // which watchCancel, or the deadline, is about to end
	default:
	}
	if broken := c.body.Err(); broken != nil {
		err = broken
	} else if c.timer != nil && !c.timer.Stop() {
		err = c.tooSlow() // which HTTP/2 calls a context canceled
	}
	c.judge(&Error{Err: explained(err)})
}

// judge records fail as the attempt's failure, unless the policy takes it for a
// success.
func (c *call) judge(fail *Error) {
	fail.Attempt = c.attempts
	v := fail.judge(c.policy, c.asked())
	if v.Class == codes.ClassOK {
		return
	}
	switch {
	case c.resp == nil && c.neverExecuted(fail.Err):
		v.Executed = NotExecuted
	case c.resp != nil && c.watch.repeated() && v.Executed == NotExecuted:
		v.Executed = ExecutionUnknown
	}
	c.fail, c.verdict = fail, v
	c.learnEffect()
	c.learnTime()
	if fail.Err != nil && c.ctx.Err() != nil {
		c.giveUp(ReasonContext, nil)
	}
}

// learnTime tells the Signer what time it is, where the API found a Timestamp
// wrong: at the moment when the response's header came.
func (c *call) learnTime() {
	signer, ok := c.signer.(interface{ LearnTime(time.Time) })
	if !ok || c.resp == nil || c.fail.Class != codes.ClassSignatureExpired && c.fail.Code != codes.ReplayAttack {
		return
	}
	server, err := http.ParseTime(c.resp.Header.Get("Date"))
	if err != nil {
		server, ok = timeIn(c.fail.Message)
		if !ok {
			return
		}
	}
	signer.LearnTime(server.Add(time.Since(c.headerAt)))
}
