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

// Trace watches whether a request gets a connection. The zero value is ready
// for one request.
type Trace struct {
	asked, connected atomic.Bool
}

// Watch returns a shallow copy of r that t watches. A transport that is not
// net/http's need not honour it: then t knows nothing.
func (t *Trace) Watch(r *http.Request) *http.Request {
	return r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { t.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { t.connected.Store(true) },
	}))
}

// Unsent reports whether the request is known to have had no connection. A nil
// t knows nothing.
func (t *Trace) Unsent() bool {
	return t != nil && t.asked.Load() && !t.connected.Load()
}

// NeverWhole reports whether err says that not all of a request was written:
// it failed in finding, dialling or verifying the host or the proxy, or in
// writing. A server executes no request that it has in part.
func NeverWhole(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	if errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "write") {
		return true
	}
	return errors.As(err, &dns) || Hopeless(err)
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
