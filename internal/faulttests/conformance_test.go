package faulttests

import (
	"context"
	"maps"
	"net/http"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest/rttest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// typedErrors is the one duty of net/http's contract that the Transport breaks
// on purpose, unless OnFailure is ReturnResponse.
var typedErrors = map[string]string{
	"StatusIsNoError": "by design a failure is a typed error; OnFailure: ReturnResponse keeps the duty",
}

func and(maps_ ...map[string]string) map[string]string {
	all := make(map[string]string)
	for _, m := range maps_ {
		maps.Copy(all, m)
	}
	return all
}

// v1 needs the whole form before it can sign, and knows two methods.
var v1 = map[string]string{
	"Head":               "API 2.0 knows GET and POST",
	"EndlessRequestBody": "a signature needs the whole form",
}

const readOnly = "Action=GetDsaHostList"

func newTransport(change func(*qcloudhttp.Transport)) func(http.RoundTripper) http.RoundTripper {
	return func(base http.RoundTripper) http.RoundTripper {
		t := &qcloudhttp.Transport{Base: base}
		if change != nil {
			t.Policy = &qcloudhttp.Policy{ReplayLimit: 40 << 10} // less to read
			change(t)
		}
		return t
	}
}

var configurations = map[string]rttest.Config{
	"zero value":           {New: newTransport(nil), Skip: typedErrors},
	"zero value, mutation": {New: newTransport(nil), Query: "Action=RunInstances", Skip: typedErrors},
	"zero value, read":     {New: newTransport(nil), Query: readOnly, Skip: typedErrors},
	"API failures":         {New: newTransport(func(*qcloudhttp.Transport) {}), Query: readOnly, Fail: apiFailure, Skip: typedErrors},
	"API throttles":        {New: newTransport(func(*qcloudhttp.Transport) {}), Query: readOnly, Fail: apiBusy, Skip: typedErrors},
	"ReturnResponse": {Query: readOnly, New: newTransport(func(t *qcloudhttp.Transport) {
		t.OnFailure = qcloudhttp.ReturnResponse
	})},
	"ReturnResponse, API failures": {Query: readOnly, Fail: apiFailure, New: newTransport(func(t *qcloudhttp.Transport) {
		t.OnFailure = qcloudhttp.ReturnResponse
	})},
	"sign.V1, read":     {Query: readOnly, Rewrites: true, New: newTransport(signV1), Skip: and(typedErrors, v1)},
	"sign.V1, mutation": {Query: "Action=RunInstances", Rewrites: true, New: newTransport(signV1), Skip: and(typedErrors, v1)},
	"rate.Limiter": {Query: readOnly, Skip: typedErrors, New: newTransport(func(t *qcloudhttp.Transport) {
		t.Limiter = rate.NewLimiter(1000, 100)
	})},
	"Observer": {Query: readOnly, Skip: typedErrors, New: newTransport(func(t *qcloudhttp.Transport) {
		t.Observer = qcloudhttp.ObserverFunc(func(context.Context, qcloudhttp.Event) {})
	})},
	"everything": {Query: readOnly, Rewrites: true, Skip: v1, New: newTransport(func(t *qcloudhttp.Transport) {
		signV1(t)
		t.Limiter = rate.NewLimiter(1000, 100)
		t.OnFailure = qcloudhttp.ReturnResponse
		t.Observer = qcloudhttp.ObserverFunc(func(context.Context, qcloudhttp.Event) {})
		t.Policy = &qcloudhttp.Policy{RetryBudget: -1, ReplayLimit: 50}
	})},
	"wrapped above and below": {Query: readOnly, Skip: typedErrors, New: func(base http.RoundTripper) http.RoundTripper {
		return &marker{&qcloudhttp.Transport{Base: &marker{base}}}
	}},
	"two of them": {Query: readOnly, Skip: typedErrors, New: func(base http.RoundTripper) http.RoundTripper {
		small := &qcloudhttp.Policy{MaxAttempts: 3}
		return &qcloudhttp.Transport{Policy: small, Base: &qcloudhttp.Transport{Policy: small, Base: base}}
	}},
	"in real time": {Query: readOnly, Skip: typedErrors, New: newTransport(func(t *qcloudhttp.Transport) {
		t.Policy = quick()
	})},
}

func signV1(t *qcloudhttp.Transport) {
	t.Signer = &sign.V1{SecretID: "AKIDfaulttests", SecretKey: "key"}
}

// quick is a Policy of 3 attempts and short waits, but long enough to be
// cancelled.
func quick() *qcloudhttp.Policy {
	p := &qcloudhttp.Policy{}
	p.MaxAttempts = 3
	p.Delays = make(map[codes.Class]qcloudhttp.Delay)
	for _, class := range qcloudhttp.Classes() {
		p.Delays[class] = qcloudhttp.Delay{Initial: 20 * time.Millisecond, Max: 20 * time.Millisecond}
	}
	return p
}

func TestConformance(t *testing.T) {
	for name, cfg := range configurations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg.Bubble = name != "in real time"
			if name != "zero value, read" {
				cfg.Long = 50 << 10 // once at full length is enough
			}
			rttest.Run(t, cfg)
		})
	}
}

// marker is a well-behaved RoundTripper that adds a header.
type marker struct{ next http.RoundTripper }

func (m *marker) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header == nil {
		return m.next.RoundTrip(r)
	}
	r = r.Clone(r.Context())
	r.Header.Set("X-Marked", "1")
	return m.next.RoundTrip(r)
}

func (m *marker) CloseIdleConnections() {
	if c, ok := m.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
