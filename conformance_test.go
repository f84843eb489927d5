package qcloudhttp_test

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/internal/rttest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// A Transport keeps every duty of a RoundTripper, but for those that a
// configuration breaks on purpose.
func TestConformance(t *testing.T) {
	const (
		read   = "Action=GetDsaHostList"
		create = "Action=RunInstances"
	)
	fail := func(body string) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) { return (&api{}).reply(http.StatusOK, body, nil)(r) }
	}
	type options = []func(*qcloudhttp.Transport)
	typed := map[string]string{"StatusIsNoError": "a failure is a typed error, unless OnFailure is ReturnResponse"}
	signs := map[string]string{
		"EndlessRequestBody": "a signature needs the whole form",
		"Head":               "API 2.0 knows GET and POST",
	}
	both := maps.Clone(typed)
	maps.Copy(both, signs)
	returns := func(c *qcloudhttp.Transport) {
		c.OnFailure = qcloudhttp.ReturnResponse
		c.Policy = &qcloudhttp.Policy{MaxAttempts: 3} // a wait that ends without an attempt has no response left
	}
	signer := func(c *qcloudhttp.Transport) {
		c.Signer = &sign.V1{Credentials: sign.Static("AKIDconformance", "key", "")}
	}
	limited := func(c *qcloudhttp.Transport) { c.Limiter = rate.NewLimiter(1000, 100) }
	observed := func(c *qcloudhttp.Transport) {
		c.Observer = qcloudhttp.ObserverFunc(func(context.Context, qcloudhttp.Event) {})
	}
	frugal := func(c *qcloudhttp.Transport) {
		c.Policy = &qcloudhttp.Policy{RetryBudget: -1}
	}
	for name, test := range map[string]struct {
		rttest.Config
		set options
	}{
		"zero value, mutation":         {rttest.Config{Query: create, Skip: typed}, nil},
		"zero value, no action":        {rttest.Config{Skip: typed}, nil},
		"API failures":                 {rttest.Config{Query: read, Skip: typed, Fail: fail(internal)}, nil},
		"API throttles":                {rttest.Config{Query: read, Skip: typed, Fail: fail(quota)}, nil},
		"ReturnResponse":               {rttest.Config{Query: read}, options{returns}},
		"ReturnResponse, API failures": {rttest.Config{Query: read, Fail: fail(internal)}, options{returns}},
		"sign.V1, read":                {rttest.Config{Query: read, Skip: both, Rewrites: true}, options{signer}},
		"sign.V1, mutation":            {rttest.Config{Query: create, Skip: both, Rewrites: true}, options{signer}},
		"rate.Limiter":                 {rttest.Config{Query: read, Skip: typed}, options{limited}},
		"Observer":                     {rttest.Config{Query: read, Skip: typed}, options{observed}},
		"everything": {rttest.Config{Query: read, Skip: signs, Rewrites: true},
			options{returns, signer, limited, observed, frugal}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.Long = 50 << 10 // once at full length is enough, below
			test.New = func(base http.RoundTripper) http.RoundTripper {
				c := &qcloudhttp.Transport{Base: base}
				for _, set := range test.set {
					set(c)
				}
				return c
			}
			rttest.Run(t, test.Config)
		})
	}
	small := &qcloudhttp.Policy{MaxAttempts: 3}
	for name, stack := range map[string]func(base http.RoundTripper) http.RoundTripper{
		"zero value, read": func(base http.RoundTripper) http.RoundTripper { return &qcloudhttp.Transport{Base: base} },
		"others above and below": func(base http.RoundTripper) http.RoundTripper {
			return marker{&qcloudhttp.Transport{Base: marker{base}, Policy: small}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := rttest.Config{New: stack, Query: read, Skip: typed}
			if name != "zero value, read" {
				cfg.Long = 50 << 10
			}
			rttest.Run(t, cfg)
		})
	}
}

// marker is a well-behaved RoundTripper that adds a header.
type marker struct{ http.RoundTripper }

func (m marker) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Marked", "1")
	return m.RoundTripper.RoundTrip(r)
}

func (m marker) CloseIdleConnections() {
	(&http.Client{Transport: m.RoundTripper}).CloseIdleConnections()
}

// The attempts of a call need one connection: a failed answer is read to its
// end.
func TestAttemptsReuseTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bodies := []string{internal, "<html>" + strings.Repeat("x", 5000), success}
		var calls, conns atomic.Int32
		listener := rttest.NewPipes()
		srv := &http.Server{
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := calls.Add(1)
				if n == 2 {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
				io.WriteString(w, bodies[n-1])
			}),
			ConnState: func(_ net.Conn, s http.ConnState) {
				if s == http.StateNew {
					conns.Add(1)
				}
			},
		}
		go srv.Serve(listener)
		defer srv.Close()
		base := &http.Transport{DialContext: listener.Dial}
		defer base.CloseIdleConnections()
		body, err := get(t, &qcloudhttp.Transport{Base: base}, readAction)
		if err != nil || body != success || calls.Load() != 3 || conns.Load() != 1 {
			t.Fatalf("%q, %v after %d calls on %d connections", body, err, calls.Load(), conns.Load())
		}
	})
}
