package qcloudhttp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/action"
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
	if c.err = c.queue(); c.err != nil {
		return
	}
	r, err := c.prepare()
	if err != nil {
		c.abandon()
		c.err = c.notSent(err)
		return
	}
	c.discard()
	c.attempts++
	c.sent = r
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
		c.handed = true
		return c.unseen(c.req), nil
	}
	if c.body == nil {
		if err := c.openBody(); err != nil {
			return nil, err
		}
	}
	if c.details != nil && c.safety.pinned != nil {
		return resend(c.safety.pinned)
	}
	body, err := c.body.Get()
	if err != nil {
		return nil, err
	}
	r := c.req.Clone(c.ctx)
	r.Body, r.GetBody = body, c.body.GetBody()
	if c.t.Signer == nil {
		return c.unseen(r), nil
	}
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	if err := c.t.Signer.Sign(r); err != nil {
		closeBody(r)
		return nil, &signError{err}
	}
	return c.unseen(r), nil
}

// unseen keeps net/http from resending a mutation unseen: it repeats a GET whose
// reused connection broke, and then the API executes it twice, or its 4500
// answers what we take for the first attempt. It repeats none with a body that
// it cannot get again; an empty one sends nothing.
func (c *call) unseen(r *http.Request) *http.Request {
	if hasBody(r) || !action.SafeMethod(r.Method) {
		return r
	}
	if name := action.Name(r); name == "" || c.policy.ReadOnly(name) {
		return r
	}
	once := *r
	once.Body, once.GetBody = empty{}, nil
	return &once
}

// empty is a body without a byte that is not http.NoBody.
type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, io.EOF }
func (empty) Close() error             { return nil }

func hasBody(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

// openBody takes the caller's body over, to send it as often as needed.
func (c *call) openBody() (err error) {
	c.body, err = replay.New(c.ctx, c.req, c.policy.ReplayLimit)
	if err == nil && c.req.GetBody == nil {
		c.handed = true // read and closed, or closed by Base with what wraps it
	}
	return err
}

// resend returns r once more, byte for byte.
func resend(r *http.Request) (*http.Request, error) {
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

func (e *signError) Error() string { return "sign: " + Redact(e.err).Error() }
func (e *signError) Unwrap() error { return e.err }

// notSent says why an attempt could not be made.
func (c *call) notSent(err error) error {
	if c.ctx.Err() != nil {
		return c.giveUp(ReasonContext, c.ctx.Err())
	}
	if c.attempts == 0 {
		return fmt.Errorf("qcloudhttp: %w", err)
	}
	reason := ReasonBody
	if se := (*signError)(nil); errors.As(err, &se) {
		reason = ReasonSigner
	}
	return c.giveUp(reason, err)
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
	c.said, c.fail = c.fail, nil
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
	fail, unread := decode(resp, c.policy.Window)
	if fail != nil {
		c.judge(fail)
	}
	if unread && c.t.Observer != nil {
		c.observe(Event{Kind: EventUnread, StatusCode: resp.StatusCode})
	}
}

// judge takes fail for the attempt's failure, unless the policy calls it none.
func (c *call) judge(fail *Error) {
	fail.Host, fail.Action = c.req.URL.Host, c.describe().Action
	fail.Attempt = c.attempts
	c.verdict = judge(c.policy, fail)
	if c.verdict.Class == OK {
		return
	}
	c.fail = fail
	if c.resp == nil && neverSent(fail) {
		c.verdict.Executed = NotExecuted
	}
	c.safety.learn(c)
	c.learnTime()
	if fail.Err != nil && c.ctx.Err() != nil {
		c.err = c.giveUp(ReasonContext, c.ctx.Err())
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

// neverSent reports whether an attempt without a response failed before any of
// it was written: in finding, dialling or verifying the host.
func neverSent(fail *Error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(fail.Err, &op) && op.Op == "dial" || errors.As(fail.Err, &dns) || hopeless(fail.Err)
}

// hopeless reports whether a network failure lies in the request or in the
// host's certificate, so that another attempt meets it again.
func hopeless(err error) bool { return err != nil && (refused(err) || untrusted(err)) }

// refusals are what net/http says of a request that it does not send. It has no
// types for them.
var refusals = []string{
	"unsupported protocol scheme", "invalid header field", "invalid trailer field",
	"invalid method", "no Host in request URL", "nil Request.URL", "nil Request.Header",
	"invalid Host header", "invalid URL port", "with nil Body",
}

func refused(err error) bool {
	text := err.Error()
	return slices.ContainsFunc(refusals, func(r string) bool { return strings.Contains(text, r) })
}

func untrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	return errors.As(err, &verification) || errors.As(err, &unknown) || errors.As(err, &host)
}
