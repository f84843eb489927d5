package roundtrippers_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// An API behind a gateway that wants OAuth 2.0 tokens: oauth2.Transport goes
// below, so that every attempt gets a token of its own.
func Example_oauth2Below() {
	srv := qcloudtest.NewServer()
	defer srv.Close()
	srv.Next(2, qcloudtest.Code(codes.InternalError))

	authorized := &oauth2.Transport{
		Source: &tokenSource{life: 0}, // no token can be used twice
		Base:   gateway{http.DefaultTransport},
	}
	client := &http.Client{Transport: &qcloudhttp.Transport{Base: authorized}}

	resp, err := client.Get(srv.URL + "/v2/index.php?Action=GetDsaHostList")
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
	// Output:
	// Bearer token-1
	// Bearer token-2
	// Bearer token-3
}

// tokenSource issues tokens that live for some time.
type tokenSource struct {
	life   time.Duration
	issued int
}

func (s *tokenSource) Token() (*oauth2.Token, error) {
	s.issued++
	return &oauth2.Token{
		AccessToken: fmt.Sprintf("token-%d", s.issued),
		Expiry:      time.Now().Add(s.life),
	}, nil
}

// gateway prints the token of each request that passes.
type gateway struct{ http.RoundTripper }

func (g gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	fmt.Println(r.Header.Get("Authorization"))
	return g.RoundTripper.RoundTrip(r)
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
