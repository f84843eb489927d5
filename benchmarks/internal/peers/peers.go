// Package peers builds the clients that are compared, each as its own
// documentation has it set up, with the one addition that all of them need
// here: they look for the failure in the body, because the API answers HTTP
// 200. All calls that are compared are GETs.
package peers

import (
	"net/http"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
)

// Retries is what the peers' calls get beside their first attempt. Their
// defaults (2 to 4) let calls fail under a quota.
const Retries = 10

// Peer is a client to compare.
type Peer struct {
	Name string
	// New returns the client's transport over base.
	New func(base http.RoundTripper, s Settings) http.RoundTripper
}

// Settings are the quota, for the one peer that is told.
type Settings struct {
	Rate  rate.Limit
	Burst int
}

// All returns the peers in the order of the tables, ours first.
func All() []Peer {
	return []Peer{
		{Ours, newOurs},
		{"qcloudhttp, told the quota", newTold},
		{"aws-sdk-go-v2 adaptive", newAWS},
		{"go-retryablehttp", newRetryableHTTP},
		{"cenkalti/backoff", newCenkalti},
		{"failsafe-go with limiter", newFailsafe},
		{"no retry", func(base http.RoundTripper, _ Settings) http.RoundTripper { return base }},
	}
}

// Ours is our own Peer's name.
const Ours = "qcloudhttp"

// newOurs is the zero-value Transport, but that no call ends for its duration.
func newOurs(base http.RoundTripper, _ Settings) http.RoundTripper {
	return &qcloudhttp.Transport{Base: base, Policy: &qcloudhttp.Policy{MaxElapsed: -1}}
}

// newTold is what a user who knows the quota would set up.
func newTold(base http.RoundTripper, s Settings) http.RoundTripper {
	t := newOurs(base, s).(*qcloudhttp.Transport)
	t.Limiter = rate.NewLimiter(s.Rate, s.Burst)
	return t
}
