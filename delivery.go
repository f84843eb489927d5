package qcloudhttp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/qcloudhttp/qcloudhttp/internal/request"
)

// watch is what net/http tells of an attempt. It is told from other goroutines.
// A Base that repeats requests has more than one connection in an attempt.
type watch struct {
	wanted, reused, http2 atomic.Bool  // a connection was asked for; it had served others; it speaks HTTP/2
	conns, cut            atomic.Int32 // connections had, and requests that could not be written whole
	trace                 httptrace.ClientTrace
}

// guard prepares r for Base. A request that is known to be read-only is returned
// unchanged; any other is traced, and changed so that nothing below repeats it.
// Net/http repeats a request that has GetBody or no body where a connection
// breaks (over HTTP/2 a POST too), unseen by us.
func (c *call) guard(r *http.Request) *http.Request {
	if c.readsByName() {
		return r
	}
	w := new(watch)
	c.watch = w
	w.trace = httptrace.ClientTrace{
		GetConn: func(string) { w.wanted.Store(true) },
		GotConn: func(info httptrace.GotConnInfo) {
			w.conns.Add(1)
			w.reused.Store(info.Reused)
		},
		WroteHeaderField: func(name string, _ []string) {
			if strings.HasPrefix(name, ":") {
				w.http2.Store(true)
			}
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err != nil {
				w.cut.Add(1)
			}
		},
	}
	once := r.WithContext(httptrace.WithClientTrace(r.Context(), &w.trace))
	once.GetBody = nil
	if !hasBody(r) && request.Replayable(r, c.describe().Action) {
		once.Body = empty{}
	}
	return once
}

// empty is a body without a byte that is not http.NoBody: net/http takes it for
// one that it cannot get again.
type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, io.EOF }
func (empty) Close() error             { return nil }

// neverExecuted reports whether an attempt that ended with err did not reach a
// server whole, which then executes none of it. A failed write proves this for
// HTTP/1 only, whose connections carry one request at a time. An error of the
// body's own proves it where it came before the last byte. An error's text
// describes the last connection only.
func (c *call) neverExecuted(err error) bool {
	w, broken := c.watch, c.body.Err() != nil
	switch {
	case broken && !c.body.Whole():
		return true
	case w == nil || !w.wanted.Load():
		return refused(err)
	}
	conns, cut := w.conns.Load(), w.cut.Load()
	switch {
	case conns == 0:
		return true
	case broken:
		return false
	case conns == 1 && (unprocessed(err) || !w.reused.Load() && certificateRefused(err)):
		return true
	}
	return !w.http2.Load() && (cut == conns || conns == 1 && notWritten(err))
}

// repeated reports whether something below the call sent the attempt more than
// once: then its answer tells nothing of those before.
func (w *watch) repeated() bool { return w != nil && w.conns.Load()-w.cut.Load() > 1 }

// notWritten reports whether err is of writing to a connection. A small request
// is buffered, and net/http calls WroteRequest before it is sent.
func notWritten(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "write"
}

// refusals are the beginnings of the errors that net/http returns for requests
// that it does not send. It has no types for them.
var refusals = []string{
	"unsupported protocol scheme ", "net/http: invalid header field ", "net/http: invalid trailer field ",
	"net/http: invalid method ", "http: no Host in request URL", "http: nil Request.URL", "http: nil Request.Header",
	"http: invalid Host header", "http: Request.ContentLength=", "invalid URL port ",
}

func refused(err error) bool {
	return slices.ContainsFunc(refusals, func(text string) bool { return strings.HasPrefix(err.Error(), text) })
}

// unprocessed reports whether an HTTP/2 peer said that it did not process the
// request (RFC 9113, 6.8 and 8.7), by net/http's three texts for that, or whether
// its connection could not take it. net/http would send some of these again and
// says that it cannot, for guard leaves no GetBody.
func unprocessed(err error) bool {
	text := err.Error()
	if text == "net/http: cannot rewind body after connection loss" {
		return true
	}
	if inner, ok := strings.CutPrefix(text, "http2: Transport: cannot retry err ["); ok {
		text = strings.TrimSuffix(inner, "] after Request.Body was written; define Request.GetBody to avoid this error")
	}
	return strings.HasPrefix(text, "stream error: stream ID ") &&
		strings.HasSuffix(text, "; REFUSED_STREAM; received from peer") ||
		strings.HasPrefix(text, "http2: Transport received GOAWAY from server ErrCode:") ||
		text == "http2: Transport received Server's graceful shutdown GOAWAY"
}

// certificateAlerts are the TLS alerts of a server that rejects the client's
// certificate. With TLS 1.3 they come after the handshake.
var certificateAlerts = []string{
	"certificate required", "bad certificate", "unsupported certificate", "expired certificate",
	"revoked certificate", "unknown certificate", "unknown certificate authority",
}

func certificateRefused(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op
	}
	_, alert, found := strings.Cut(err.Error(), "remote error: tls: ")
	return found && slices.Contains(certificateAlerts, alert)
}

// untrusted reports whether the two sides cannot agree on who they are, or on
// TLS at all.
func untrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var plain tls.RecordHeaderError
	var proxy *proxyError
	return errors.As(err, &verification) || errors.As(err, &unknown) || errors.As(err, &host) ||
		errors.As(err, &plain) || errors.As(err, &proxy) || certificateRefused(err)
}

// proxyError is what a proxy answered to CONNECT.
type proxyError struct{ err error }

func (e *proxyError) Error() string { return "the proxy refused to connect: " + e.err.Error() }
func (e *proxyError) Unwrap() error { return e.err }

// explained adds what net/http leaves out of an error.
func explained(err error) error {
	var plain tls.RecordHeaderError
	switch text := err.Error(); {
	case text == http.StatusText(http.StatusForbidden), text == http.StatusText(http.StatusProxyAuthRequired):
		return &proxyError{err} // net/http returns nothing but the status's text
	case errors.As(err, &plain):
		return fmt.Errorf("the server does not speak TLS on this port, see the URL's scheme: %w", err)
	}
	return err
}

// noSuchHost reports whether err, which may be nil, says that the host is not known.
func noSuchHost(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}
