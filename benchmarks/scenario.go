package main

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// scenario is a quota and the calls that are made under it.
type scenario struct {
	name, title    string
	callers, calls int
	processes      int // that the callers are dealt out to and that share nothing; 0: one
	quota          func() *qcloudtest.Quota

	// What the one client that is told the quota is told. Of a window it can
	// only use the mean rate: with any burst, two could fall into one window.
	rate  rate.Limit
	burst int
}

func scenarios() []scenario {
	fifty := func() *qcloudtest.Quota { return qcloudtest.TokenBucket(50, 50) }
	dip := func() *qcloudtest.Quota {
		q := fifty()
		q.Scale = func(since time.Duration) float64 {
			if since >= time.Minute && since < 2*time.Minute {
				return 10.0 / 50
			}
			return 1
		}
		return q
	}
	return []scenario{
		{"A", "token bucket of 50/s, burst 50; 64 callers", 64, 6000, 0, fifty, 50, 50},
		{"B", "fixed window: 50 in each second; 64 callers", 64, 6000, 0,
			fixed(50, time.Second), 50, 1},
		{"C", "sliding window: 50 in any second; 64 callers", 64, 6000, 0,
			func() *qcloudtest.Quota { return qcloudtest.SlidingWindow(50, time.Second) }, 50, 1},
		{"D", "fixed window: 1200 in each minute; 32 callers", 32, 4800, 0,
			fixed(1200, time.Minute), 20, 1},
		{"E", "A, but only 10/s in the second minute", 64, 9000, 0, dip, 50, 50},
		{"F", "A, shared by two processes that do not know of each other", 64, 6000, 2, fifty, 25, 25},
	}
}

func fixed(n int, per time.Duration) func() *qcloudtest.Quota {
	return func() *qcloudtest.Quota { return qcloudtest.FixedWindow(n, per) }
}

// idealTime is the time in which an unused quota lets n calls pass: that of a
// caller who knows to the millisecond when the next one does.
func idealTime(q *qcloudtest.Quota, n int) time.Duration {
	start := time.Unix(0, 0)
	for since := time.Duration(0); ; since += time.Millisecond {
		for q.Allow(start.Add(since), qcloudtest.Call{}) {
			if n--; n == 0 {
				return since
			}
		}
	}
}

const (
	endpoint = "https://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList"
	latency  = 20 * time.Millisecond // of the API, a tenth more or less
	bound    = time.Hour             // of virtual time; it ends a run whose client never finishes
)

// play makes the calls through a client. It must be called in a bubble.
func (s scenario) play(p peers.Peer, seed uint64) result {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	api := qcloudtest.NewAPI(qcloudtest.WithQuotas(s.quota()))
	api.OnRequest(delays(seed))
	clients := make([]*http.Client, max(s.processes, 1))
	for i := range clients {
		transport := p.New(api.Transport(), peers.Settings{Rate: s.rate, Burst: s.burst})
		clients[i] = &http.Client{Transport: transport}
	}
	r := result{callers: s.callers, ideal: idealTime(s.quota(), s.calls)}
	r.calls = makeCalls(ctx, clients, s.callers, s.calls, endpoint)
	r.attempts = api.Requests()
	return r
}

// delays has each request decided on its arrival and answered after the
// latency, which varies so that the callers do not march in step.
func delays(seed uint64) func(qcloudtest.Request) []qcloudtest.Step {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 1))
	return func(qcloudtest.Request) []qcloudtest.Step {
		mu.Lock()
		defer mu.Unlock()
		d := time.Duration(float64(latency) * (0.9 + 0.2*rng.Float64()))
		return []qcloudtest.Step{qcloudtest.Execute(), qcloudtest.Delay(d)}
	}
}

// result is what one client did in one scenario.
type result struct {
	calls    []call
	attempts []qcloudtest.Request
	callers  int
	ideal    time.Duration
}

// time is how long the calls took, through the ideal time; NaN where more than
// one in a hundred failed, for that is no way to be quick.
func (r result) time() float64 {
	if r.failed() > 0.01*float64(len(r.calls)) {
		return math.NaN()
	}
	var last time.Duration
	for _, c := range r.calls {
		last = max(last, c.end)
	}
	return last.Seconds() / r.ideal.Seconds()
}

// rejectedShare is the share of the attempts that the quota rejected.
func (r result) rejectedShare() float64 {
	n := 0
	for _, a := range r.attempts {
		if a.Code == codes.QuotaExceeded {
			n++
		}
	}
	return float64(n) / float64(len(r.attempts))
}

// failed counts the calls that failed.
func (r result) failed() float64 {
	n := 0
	for _, c := range r.calls {
		if !c.ok {
			n++
		}
	}
	return float64(n)
}

// latency returns a quantile of the calls' latencies in seconds.
func (r result) latency(q float64) float64 {
	all := make([]time.Duration, len(r.calls))
	for i, c := range r.calls {
		all[i] = c.end - c.start
	}
	slices.Sort(all)
	return all[min(int(q*float64(len(all))), len(all)-1)].Seconds()
}

// callerSpread is the calls of the caller that made the most through those of
// the one that made the fewest (at least 1).
func (r result) callerSpread() float64 {
	counts := make([]int, r.callers)
	for _, c := range r.calls {
		counts[c.caller]++
	}
	return float64(slices.Max(counts)) / float64(max(slices.Min(counts), 1))
}
