// Package peers builds the clients that are compared, each as its own
// documentation has it set up, with the one addition that all of them need
// here: they look for the failure in the body, because the API answers HTTP
// 200.
package peers

import (
	"math"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
)

// Retries is what the peers' calls get beside their first attempt. Their
// defaults (2 to 4) let calls fail under a quota.
const Retries = 10

// Peer is a client to compare.
type Peer struct {
	Name  string
	Setup string // how it was set up, in words
	Told  bool   // it needs to be told the quota

	// New returns the client's transport over base.
	New func(base http.RoundTripper, s Settings) http.RoundTripper
}

// Settings are what depends on the comparison.
type Settings struct {
	// Rate and Burst are the quota, for the one peer that is told. Rate 0:
	// there is none.
	Rate  rate.Limit
	Burst int

	// Quick makes the waits between attempts some 20 ms, for checks in real
	// time; else they are the library's own.
	Quick bool

	// ByStatus leaves the body alone and goes by the HTTP status, as the
	// libraries do by themselves.
	ByStatus bool
}

// quickWait is every wait where Settings.Quick is set.
const quickWait = 20 * time.Millisecond

// All returns the peers in the order of the tables, ours first.
func All() []Peer {
	return []Peer{
		{Name: Ours, Setup: "its defaults: the zero-value Transport but for MaxElapsed", New: newOurs},
		{Name: "x/time/rate, told the quota", Setup: "rate.Limiter before each attempt, under go-retryablehttp", New: newTold, Told: true},
		{Name: "aws-sdk-go-v2 adaptive", Setup: "retry.AdaptiveMode in the SDK's own retry loop, 10 retries", New: newAWS},
		{Name: "go-retryablehttp", Setup: "a CheckRetry that decodes the body, 10 retries", New: newRetryableHTTP},
		{Name: "cenkalti/backoff", Setup: "backoff.Retry with its defaults (up to 15 minutes) around RoundTrip", New: newCenkalti},
		{Name: "failsafe-go", Setup: "failsafehttp, exponential delays with jitter, 10 retries", New: newFailsafe},
		{Name: "failsafe-go with limiter", Setup: "the same in an adaptivelimiter with a queue", New: newFailsafeLimited},
		{Name: "no retry", Setup: "http.Client as it is", New: func(base http.RoundTripper, _ Settings) http.RoundTripper { return base }},
	}
}

// Ours is our own Peer's name.
const Ours = "qcloudhttp"

// Named returns the peers of the names, in their order.
func Named(names ...string) []Peer {
	var found []Peer
	for _, name := range names {
		for _, p := range All() {
			if p.Name == name {
				found = append(found, p)
			}
		}
	}
	return found
}

func newOurs(base http.RoundTripper, s Settings) http.RoundTripper {
	t := &qcloudhttp.Transport{Base: base, Policy: &qcloudhttp.Policy{MaxElapsed: math.MaxInt64 / 2}}
	if s.Quick {
		// The adaptive limiter's and the budget's probes are seconds apart.
		t.Limiter, t.Policy.RetryBudget = rate.NewLimiter(rate.Inf, 1), -1
		t.Policy.Delays = make(map[codes.Class]qcloudhttp.Delay)
		for _, class := range qcloudhttp.Classes() {
			t.Policy.Delays[class] = qcloudhttp.Delay{Initial: quickWait, Max: quickWait, Jitter: 0.1}
		}
	}
	return t
}

// newTold is what a user who knows the quota would build.
func newTold(base http.RoundTripper, s Settings) http.RoundTripper {
	if s.Rate > 0 {
		base = &paced{base, rate.NewLimiter(s.Rate, s.Burst)}
	}
	return newRetryableHTTP(base, s)
}

// paced waits for a limiter before each attempt.
type paced struct {
	next    http.RoundTripper
	limiter *rate.Limiter
}

func (p *paced) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := p.limiter.Wait(r.Context()); err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	return p.next.RoundTrip(r)
}
