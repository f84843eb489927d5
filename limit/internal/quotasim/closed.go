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
// last one has ended. A rejected call goes again at once: the gate decides
// when.
type Closed struct {
	Quota    Quota
	Clients  []limit.Gate // each a process of its own; the callers are dealt out to them
	Callers  int
	Calls    int           // of all callers together
	Latency  time.Duration // of the service
	Jitter   float64       // the share of Latency that is random
	Before   float64       // the share of Latency before the quota decides
	Seed     uint64
	Attempts int // at most, for a call; 0: 5
}

// Result is what a run showed.
type Result struct {
	Elapsed   time.Duration
	Attempts  int
	Rejected  int // attempts
	Failed    int // calls
	Most      int // attempts of one call
	Latencies []time.Duration
	PerCaller []int // calls
	PerClient []int
}

// RejectedShare is the share of the attempts that were rejected.
func (r Result) RejectedShare() float64 { return float64(r.Rejected) / float64(r.Attempts) }

// Spread is the greatest of counts through the least.
func Spread(counts []int) float64 {
	return float64(slices.Max(counts)) / float64(max(slices.Min(counts), 1))
}

// Quantile returns the q-quantile of ds, 0 if there are none.
func Quantile(ds []time.Duration, q float64) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	ds = slices.Clone(ds)
	slices.Sort(ds)
	return ds[min(int(q*float64(len(ds))), len(ds)-1)]
}

// Run runs the load. It must be called in a synctest bubble.
func (c Closed) Run() Result {
	res := Result{PerCaller: make([]int, c.Callers), PerClient: make([]int, len(c.Clients))}
	var mu sync.Mutex
	var done atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for i := range c.Callers {
		client := i % len(c.Clients)
		rng := rand.New(rand.NewPCG(c.Seed, uint64(i)))
		wg.Go(func() {
			for done.Add(1) <= int64(c.Calls) {
				began := time.Now()
				attempts, ok := c.call(c.Clients[client], rng)
				mu.Lock()
				res.count(attempts, ok, time.Since(began))
				res.PerCaller[i]++
				res.PerClient[client]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	res.Elapsed = time.Since(start)
	return res
}

func (r *Result) count(attempts int, ok bool, latency time.Duration) {
	r.Attempts += attempts
	r.Rejected += attempts
	r.Most = max(r.Most, attempts)
	r.Latencies = append(r.Latencies, latency)
	if ok {
		r.Rejected--
	} else {
		r.Failed++
	}
}

func (c Closed) call(g limit.Gate, rng *rand.Rand) (attempts int, ok bool) {
	most := c.Attempts
	if most == 0 {
		most = 5
	}
	for attempts < most {
		attempts++
		t, err := g.Acquire(context.Background(), limit.Call{Attempt: attempts})
		if err != nil {
			return attempts, false
		}
		latency := float64(c.Latency) * (1 + c.Jitter*(rng.Float64()-0.5))
		time.Sleep(time.Duration(latency * c.Before))
		ok := c.Quota.Allow(time.Now())
		time.Sleep(time.Duration(latency * (1 - c.Before)))
		if ok {
			g.Done(t, limit.Accepted)
			return attempts, true
		}
		g.Done(t, limit.Throttled)
	}
	return attempts, false
}
