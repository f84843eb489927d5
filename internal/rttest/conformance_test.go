package rttest

import (
	"context"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// A Transport keeps every duty of a RoundTripper, but for those that a
// configuration breaks on purpose.
func TestConformance(t *testing.T) {
	const (
		read     = "Action=GetDsaHostList"
		create   = "Action=RunInstances"
		internal = `{"code":6000,"message":"服务器内部错误","codeDesc":"InternalError"}`
		quota    = `{"code":4400,"message":"请求超过限额配置，请稍后重试。","codeDesc":"RequestLimitExceeded"}`
	)
	fail := func(body string) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
				ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
			}, nil
		}
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
		Config
		set options
	}{
		"zero value, mutation":         {Config{Query: create, Skip: typed}, nil},
		"zero value, no action":        {Config{Skip: typed}, nil},
		"API failures":                 {Config{Query: read, Skip: typed, Fail: fail(internal)}, nil},
		"API throttles":                {Config{Query: read, Skip: typed, Fail: fail(quota)}, nil},
		"ReturnResponse":               {Config{Query: read}, options{returns}},
		"ReturnResponse, API failures": {Config{Query: read, Fail: fail(internal)}, options{returns}},
		"sign.V1, read":                {Config{Query: read, Skip: both, Rewrites: true}, options{signer}},
		"sign.V1, mutation":            {Config{Query: create, Skip: both, Rewrites: true}, options{signer}},
		"rate.Limiter":                 {Config{Query: read, Skip: typed}, options{limited}},
		"Observer":                     {Config{Query: read, Skip: typed}, options{observed}},
		"everything": {Config{Query: read, Skip: signs, Rewrites: true},
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
			Run(t, test.Config)
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
			cfg := Config{New: stack, Query: read, Skip: typed}
			if name != "zero value, read" {
				cfg.Long = 50 << 10
			}
			Run(t, cfg)
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
