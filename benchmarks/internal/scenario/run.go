package scenario

import (
	"context"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/api"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/load"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
)

// Run is what one client did in one scenario.
type Run struct {
	Calls    []load.Call
	Attempts []api.Arrival
	Ideal    time.Duration
	s        Scenario
}

// bound ends a run whose client never finishes. It is in virtual time.
const bound = time.Hour

// Play runs the scenario with a client. It must be called in a bubble.
func (s Scenario) Play(p peers.Peer, seed uint64) Run {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	service := &api.Service{Latency: Latency, Jitter: jitter, Fails: s.Fails, Seed: seed}
	if s.Quota != nil {
		service.Quota = s.Quota(s.Charge)
	}
	clients := make([]*http.Client, max(s.Clients, 1))
	for i := range clients {
		clients[i] = &http.Client{Transport: p.New(service, s.Told)}
	}
	service.Start()
	r := Run{s: s}
	if s.Callers > 0 {
		r.Calls = load.Closed(ctx, clients, s.Callers, s.Calls)
		r.Ideal = api.Ideal(s.Quota(false), s.Calls)
	} else {
		r.Calls = load.Open(ctx, clients[0], s.PerSecond, s.For)
	}
	r.Attempts = service.Arrivals()
	return r
}

// Time is how long the calls took, through the ideal time; NaN where more than
// one in a hundred failed, for that is no way to be quick.
func (r Run) Time() float64 {
	if r.FailedShare() > 0.01 {
		return math.NaN()
	}
	var last time.Duration
	for _, c := range r.Calls {
		last = max(last, c.End())
	}
	return last.Seconds() / r.Ideal.Seconds()
}

// RejectedShare is the share of the attempts that the quota rejected.
func (r Run) RejectedShare() float64 {
	n := 0
	for _, a := range r.Attempts {
		if a.Code == 4400 {
			n++
		}
	}
	return float64(n) / float64(len(r.Attempts))
}

// Failed counts the calls that failed.
func (r Run) Failed() float64 {
	n := 0
	for _, c := range r.Calls {
		if !c.OK {
			n++
		}
	}
	return float64(n)
}

func (r Run) FailedShare() float64  { return r.Failed() / float64(len(r.Calls)) }
func (r Run) SuccessShare() float64 { return 1 - r.FailedShare() }

// Latency returns a quantile of the calls' latencies in seconds.
func (r Run) Latency(q float64) float64 {
	all := make([]time.Duration, len(r.Calls))
	for i, c := range r.Calls {
		all[i] = c.Latency
	}
	slices.Sort(all)
	return all[min(int(q*float64(len(all))), len(all)-1)].Seconds()
}

// AttemptsPerCall is the mean.
func (r Run) AttemptsPerCall() float64 { return float64(len(r.Attempts)) / float64(len(r.Calls)) }

// CallerSpread is the calls of the caller that made the most through those of
// the one that made the least (at least 1).
func (r Run) CallerSpread() float64 {
	return spread(r.Calls, r.s.Callers, func(c load.Call) int { return c.Caller })
}

// ClientSpread is the same of the clients.
func (r Run) ClientSpread() float64 {
	return spread(r.Calls, r.s.Clients, func(c load.Call) int { return c.Client })
}

func spread(calls []load.Call, n int, of func(load.Call) int) float64 {
	counts := make([]int, n)
	for _, c := range calls {
		counts[of(c)]++
	}
	return float64(slices.Max(counts)) / float64(max(slices.Min(counts), 1))
}
