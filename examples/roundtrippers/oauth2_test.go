package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// Each attempt has a token of its own.
func TestOAuth2Below(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI()
		api.Next(2, qcloudtest.Code(codes.InternalError))
		var shown strings.Builder
		call(t, oauth2Below(api.Transport(), &shown))
		want := ""
		for i := range 3 {
			want += fmt.Sprintf("  an attempt with Bearer token-%d\n", i+1)
		}
		if shown.String() != want {
			t.Errorf("shown:\n%s", shown.String())
		}
	})
}

// Two waits of half a minute outlast a token. Above the transport it is taken
// once for the call, and has expired at the last attempt.
func TestTokenExpiresWhileACallWaits(t *testing.T) {
	for name, tc := range map[string]struct {
		stack func(base http.RoundTripper, s oauth2.TokenSource) http.RoundTripper
		ok    bool
	}{
		"above": {func(base http.RoundTripper, s oauth2.TokenSource) http.RoundTripper {
			return &oauth2.Transport{Source: s, Base: &qcloudhttp.Transport{Base: base}}
		}, false},
		"below": {func(base http.RoundTripper, s oauth2.TokenSource) http.RoundTripper {
			return &qcloudhttp.Transport{Base: &oauth2.Transport{Source: s, Base: base}}
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := qcloudtest.NewAPI()
				api.Next(2, qcloudtest.Header("Retry-After", "30"), qcloudtest.Status(http.StatusServiceUnavailable))
				source := oauth2.ReuseTokenSource(nil, &tokenSource{life: 40 * time.Second})
				guarded := guard{api.Transport(), map[string]time.Time{}}

				client := &http.Client{Transport: tc.stack(guarded, source)}
				resp, err := client.Get("https://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList")
				if (err == nil) != tc.ok {
					t.Errorf("got %v", err)
				}
				if err == nil {
					resp.Body.Close()
				}
			})
		})
	}
}

// guard refuses a token 40 seconds after it was first seen.
type guard struct {
	http.RoundTripper
	seen map[string]time.Time
}

func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	token := r.Header.Get("Authorization")
	if _, known := g.seen[token]; !known {
		g.seen[token] = time.Now()
	}
	if time.Since(g.seen[token]) > 40*time.Second {
		return &http.Response{StatusCode: http.StatusUnauthorized, Body: http.NoBody, Request: r}, nil
	}
	return g.RoundTripper.RoundTrip(r)
}
