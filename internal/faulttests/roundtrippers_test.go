package faulttests

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// withHeader sets a header on every request that passes, on a copy: a
// RoundTripper must not change its caller's.
func withHeader(next http.RoundTripper, key string, value func() string) http.RoundTripper {
	return roundTripFunc(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.Header.Set(key, value())
		return next.RoundTrip(r)
	})
}

// tokens is a source of tokens that are valid for a minute.
func tokens() func() string {
	start := time.Now()
	return func() string { return fmt.Sprintf("token of minute %d", int(time.Since(start).Minutes())) }
}

// A source of short-lived tokens belongs below the Transport (or is a Signer):
// there every attempt has a token of its own. Above, one token has to last for
// the whole call, waits included.
func TestTokenSourceAboveAndBelow(t *testing.T) {
	for name, tc := range map[string]struct {
		stack func(base http.RoundTripper) http.RoundTripper
		fresh bool // each attempt's token is
	}{
		"above": {func(base http.RoundTripper) http.RoundTripper {
			return withHeader(&qcloudhttp.Transport{Base: base}, "Authorization", tokens())
		}, false},
		"below": {func(base http.RoundTripper) http.RoundTripper {
			return &qcloudhttp.Transport{Base: withHeader(base, "Authorization", tokens())}
		}, true},
		"as a Signer": {func(base http.RoundTripper) http.RoundTripper {
			return &qcloudhttp.Transport{Base: base, Signer: tokenSigner{tokens()}}
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := qcloudtest.NewAPI()
				api.Next(2, qcloudtest.Header("Retry-After", "50"), qcloudtest.Status(http.StatusServiceUnavailable))
				var sent []string
				client := &http.Client{Transport: tc.stack(roundTripFunc(func(r *http.Request) (*http.Response, error) {
					sent = append(sent, r.Header.Get("Authorization"))
					return api.Transport().RoundTrip(r)
				}))}
				req := v2("Action=GetDsaHostList")
				resp, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				want := "token of minute 0, token of minute 0, token of minute 0"
				if tc.fresh {
					want = "token of minute 0, token of minute 0, token of minute 1"
				}
				if got := strings.Join(sent, ", "); got != want {
					t.Errorf("sent %s", got)
				}
				if len(req.Header) != 1 {
					t.Errorf("the caller's request was changed: %v", req.Header)
				}
			})
		})
	}
}

// tokenSigner is a token source as a Signer, whose request is a private clone.
type tokenSigner struct{ token func() string }

func (s tokenSigner) Sign(r *http.Request) error {
	r.Header.Set("Authorization", s.token())
	return nil
}

// A RoundTripper above that wraps errors leaves the typed one within reach,
// and one below that fails on its own is taken for the network.
func TestErrorsPassThroughOthers(t *testing.T) {
	errBelow := errors.New("no route")
	above := roundTripFunc(func(r *http.Request) (*http.Response, error) {
		below := roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, errBelow })
		resp, err := (&qcloudhttp.Transport{Base: below, Policy: &qcloudhttp.Policy{MaxAttempts: 1}}).RoundTrip(r)
		return resp, fmt.Errorf("above: %w", err)
	})
	_, err := (&http.Client{Transport: above}).Do(v2("Action=GetDsaHostList"))
	var fail *qcloudhttp.Error
	if !errors.As(err, &fail) || fail.Class != codes.ClassNetwork || !errors.Is(err, errBelow) {
		t.Errorf("got %v", err)
	}
}
