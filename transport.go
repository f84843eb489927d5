package qcloudhttp

import (
	"context"
	"net/http"
	"sync"
)

// Transport is an http.RoundTripper that understands the API's failures: it
// reads them out of the body, repeats what can help and is safe, keeps the
// calls under the quota, and returns typed errors for the rest. The zero value
// is ready to use. It is safe for concurrent use; its fields must not be
// changed, and it must not be copied, once it is in use.
//
// Callers get every response body whole and byte-identical, and their requests
// back unchanged.
type Transport struct {
	// Base makes the single attempts. Nil means http.DefaultTransport.
	Base http.RoundTripper

	// Policy says how often, how long and with which delays a call is
	// repeated. Nil means DefaultPolicy(). See WithPolicy for single calls.
	Policy *Policy

	// Limiter is waited for before every attempt. Nil means limit.PerAction:
	// one adaptive limiter for each account, host and action, which does
	// nothing until the API first throttles. *rate.Limiter fits. One that is a
	// limit.Gate is also told how each attempt ended.
	Limiter Limiter

	// Signer signs every attempt anew, after the limiter's wait, on a private
	// clone of the request. Nil means that requests go out as they come.
	Signer Signer

	// OnFailure chooses what a call that failed in the end returns.
	OnFailure FailureMode

	// Observer is told of every attempt, wait and end. Nil means silence.
	Observer Observer

	once  sync.Once
	state state
}

// Limiter holds attempts back. Wait returns nil when one may go, and an error
// when it may not, at the latest when ctx ends. *rate.Limiter is one. It must
// be safe for concurrent use.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Signer signs a request. It may change the request, which is a private clone.
// It must be safe for concurrent use.
//
// A Signer with a method LearnTime(server time.Time) is told the time of the
// response's Date header when the API finds a signature expired.
type Signer interface {
	Sign(r *http.Request) error
}

// FailureMode chooses what RoundTrip returns for a call that failed in the
// end. The zero value is ReturnError.
type FailureMode uint8

const (
	// ReturnError returns the typed error and no response.
	ReturnError FailureMode = iota
	// ReturnResponse returns the last response as it was, with a nil error,
	// for clients that read the API's errors themselves. Where there is no
	// response, or one that broke off, and when the context ended, it returns
	// the error.
	ReturnResponse
)

// RoundTrip makes one call: one attempt, and where that fails as many more as
// the Policy allows. The error is a *Error for a permanent failure and a
// *GiveUpError where retrying ended; only a request that could not be made at
// all (a body that cannot be read, a Signer that fails before the first
// attempt) gives another one.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	var c call
	if err := c.begin(t, req); err != nil {
		return nil, err
	}
	defer c.release()

	c.attempt()
	if c.failed() {
		c.retry()
	}
	return c.finish()
}

// CloseIdleConnections forwards to Base, where that has the method.
// http.Client.CloseIdleConnections calls it.
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
