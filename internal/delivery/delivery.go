// Package delivery tells of a request without an answer whether it can have
// reached the server.
package delivery

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
)

// Trace watches whether a request gets a connection, and of which kind. The
// zero value is ready for one request; a nil Trace knows nothing.
type Trace struct {
	asked, connected, http2 atomic.Bool
}

// Watch returns a shallow copy of r that t watches. A transport that is not
// net/http's need not honour it: then t knows nothing.
func (t *Trace) Watch(r *http.Request) *http.Request {
	return r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { t.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.connected.Store(true) },
		WroteHeaderField: func(name string, _ []string) {
			if strings.HasPrefix(name, ":") {
				t.http2.Store(true)
			}
		},
	}))
}

// NeverWhole reports whether a request that failed with err did not reach the
// server whole: it found no connection, or not all of it was written. A server
// executes no request that it has in part.
//
// A failed write tells that of HTTP/1 alone, whose connections carry one request
// at a time: in HTTP/2 an acknowledgement may fail to be written long after the
// request was.
func (t *Trace) NeverWhole(err error) bool {
	switch {
	case t == nil:
		return NeverSent(err)
	case t.connected.Load():
		return undialled(err) || !t.http2.Load() && failedIn(err, "write")
	}
	return t.asked.Load() || NeverSent(err)
}

// NeverSent reports whether err says that nothing of a request was sent: it
// failed in finding, dialling or verifying the host or the proxy, or the request
// was refused.
func NeverSent(err error) bool { return undialled(err) || Hopeless(err) }

func undialled(err error) bool {
	var dns *net.DNSError
	return failedIn(err, "dial", "proxyconnect") || errors.As(err, &dns)
}

func failedIn(err error, ops ...string) bool {
	var op *net.OpError
	return errors.As(err, &op) && slices.Contains(ops, op.Op)
}

// Hopeless reports whether a failure lies in the request or in the host's
// certificate, so that another attempt meets it again.
func Hopeless(err error) bool { return err != nil && (refused(err) || untrusted(err)) }

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
