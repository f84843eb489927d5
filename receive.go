package qcloudhttp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

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
