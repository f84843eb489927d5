package quotasim

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// Closed is a load of callers each of which makes its next call as soon as the
// last one has ended.
type Closed struct {
	Quota   Quota
	Clients []limit.Gate // the callers are spread over them evenly
	Callers int
	Calls   int           // of all callers together
	Latency time.Duration // of the service
	Jitter  float64       // the share of Latency that is random
	Before  float64       // the share of Latency before the quota decides
	Seed    uint64
	Attempts int // at most, for a call; 0: 5
}

// Result is what a run showed.
type Result struct {
	Elapsed  time.Duration
	Attempts int
	Rejected int
	Failed   int
	Most     int // attempts that any one call took
	P50, P99, Max time.Duration
	PerCaller []int
	PerClient []int
	Trace []Event
}

type Event struct { At time.Duration; OK bool; Rate float64 }

// Spread is the most of counts through the least.
func Spread(counts []int) float64 {
	return float64(slices.Max(counts)) / float64(max(slices.Min(counts), 1))
}

// RejectedShare is the share of attempts that were rejected.
func (r Result) RejectedShare() float64 { return float64(r.Rejected) / float64(r.Attempts) }

// Run runs the load. It must be called in a synctest bubble.
func (l Closed) Run() Result {
	res := Result{PerCaller: make([]int, l.Callers), PerClient: make([]int, len(l.Clients))}
	var mu sync.Mutex
	var left atomic.Int64
	left.Store(int64(l.Calls))
	var lats []time.Duration
	start := time.Now()
	var wg sync.WaitGroup
	for i := range l.Callers {
		rng := rand.New(rand.NewPCG(l.Seed, uint64(i)))
		client := i % len(l.Clients)
		gate := l.Clients[client]
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				t0 := time.Now()
				attempts, rejected, ok := l.call(gate, rng)
				lat := time.Since(t0)
				mu.Lock()
				res.Attempts += attempts
				res.Rejected += rejected
				res.Most = max(res.Most, attempts)
				if !ok {
					res.Failed++
				}
				res.PerCaller[i]++
				res.PerClient[client]++
				lats = append(lats, lat)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	res.Elapsed = time.Since(start)
	slices.Sort(lats)
	res.P50, res.P99, res.Max = lats[len(lats)/2], lats[len(lats)*99/100], lats[len(lats)-1]
	return res
}

func (l Closed) call(g limit.Gate, rng *rand.Rand) (attempts, rejected int, ok bool) {
	most := l.Attempts
	if most == 0 {
		most = 5
	}
	for attempts < most {
		attempts++
		t, err := g.Acquire(context.Background(), limit.Call{Attempt: attempts})
		if err != nil {
			return attempts, rejected, false
		}
		lat := float64(l.Latency) * (1 + l.Jitter*(rng.Float64()-0.5))
		time.Sleep(time.Duration(lat * l.Before))
		ok := l.Quota.Allow(time.Now())
		if Hook != nil { Hook(time.Now(), ok, g) }
		time.Sleep(time.Duration(lat * (1 - l.Before)))
		if ok {
			g.Done(t, limit.Accepted)
			return attempts, rejected, true
		}
		rejected++
		g.Done(t, limit.Throttled)
	}
	return attempts, rejected, false
}

// Hook sees every attempt.
var Hook func(now time.Time, ok bool, g limit.Gate)
