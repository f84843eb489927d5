package redislimit

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// world is an API in a bubble's time and processes that call it, with the
// scripts on a real Redis.
type world struct {
	t       *testing.T
	latency time.Duration
	store   *virtual

	mu       sync.Mutex
	quota    *qcloudtest.Quota
	accepted map[int]int // by process
	rejected int
	lost     int // calls that were rejected five times
}

// process is a Limiter with callers, each of which makes its next call as soon
// as the last one has ended.
type process struct {
	*Limiter
	stop    context.CancelFunc
	callers sync.WaitGroup
}

// inWorld runs f in a bubble.
func inWorld(t *testing.T, quota *qcloudtest.Quota, f func(w *world)) {
	server := startRedis(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr, DisableIdentity: true})
	defer client.Close()
	synctest.Test(t, func(t *testing.T) {
		f(&world{
			t: t, latency: 20 * time.Millisecond, quota: quota,
			store:    &virtual{client: client, delay: time.Millisecond},
			accepted: make(map[int]int),
		})
	})
}

func (w *world) start(number, callers int) *process {
	ctx, stop := context.WithCancel(w.t.Context())
	p := &process{Limiter: newLimiter(Config{}, w.store), stop: stop}
	for i := range callers {
		rng := rand.New(rand.NewPCG(uint64(number), uint64(i)))
		p.callers.Go(func() {
			for w.call(ctx, p.Limiter, number, rng) == nil {
			}
		})
	}
	return p
}

func (w *world) startAll(processes, callers int) func() {
	var all []*process
	for i := range processes {
		all = append(all, w.start(i, callers))
	}
	return func() {
		for _, p := range all {
			p.end()
		}
	}
}

// end stops the callers; nothing is told to Redis.
func (p *process) end() {
	p.stop()
	p.callers.Wait()
	p.Close()
}

func (w *world) call(ctx context.Context, g limit.Gate, number int, rng *rand.Rand) error {
	for attempt := 1; attempt <= 5; attempt++ {
		c := limit.Call{Host: "h", Action: "A", Attempt: attempt}
		ticket, err := g.Acquire(ctx, c)
		if err != nil {
			return err
		}
		half := time.Duration(float64(w.latency) * (0.25 + 0.5*rng.Float64()))
		time.Sleep(half)
		outcome := w.take(number)
		time.Sleep(half)
		if ticket.State == nil {
			ticket.State = c
		}
		g.Done(ticket, outcome)
		if outcome == limit.Accepted {
			return nil
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost++
	return nil
}

func (w *world) take(number int) limit.Outcome {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.quota.Allow(time.Now(), qcloudtest.Call{}) {
		w.rejected++
		return limit.Throttled
	}
	w.accepted[number]++
	return limit.Accepted
}

// result is what happened in a time.
type result struct {
	rate     float64 // accepted attempts per second
	rejected float64 // share of all attempts
	spread   float64 // the most accepted attempts of a process through the least
	trips    float64 // to Redis, per second
	lost     int
}

func (w *world) measure(d time.Duration) result {
	before, rejected, lost, trips := w.counts()
	time.Sleep(d)
	after, rejectedNow, lostNow, tripsNow := w.counts()
	all := 0
	var each []int
	for p := range after {
		if n := after[p] - before[p]; n > 0 {
			each = append(each, n)
			all += n
		}
	}
	rejected = rejectedNow - rejected
	r := result{
		rate:     float64(all) / d.Seconds(),
		rejected: float64(rejected) / float64(max(all+rejected, 1)),
		trips:    float64(tripsNow-trips) / d.Seconds(),
		lost:     lostNow - lost,
	}
	if len(each) > 0 {
		r.spread = float64(slices.Max(each)) / float64(slices.Min(each))
	}
	w.t.Logf("%+v", r)
	return r
}

func (w *world) counts() (accepted map[int]int, rejected, lost int, trips int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	accepted = make(map[int]int, len(w.accepted))
	for p, n := range w.accepted {
		accepted[p] = n
	}
	return accepted, w.rejected, w.lost, w.store.trips.Load()
}

// Four processes together find the quota's rate, whatever kind it is.
func TestFindsTheRate(t *testing.T) {
	for name, c := range map[string]struct {
		quota            *qcloudtest.Quota
		rate             float64
		callers          int
		warmUp, measured time.Duration
		used, rejected   float64
		spread           float64
	}{
		"bucket":         {qcloudtest.TokenBucket(200, 200), 200, 16, 5 * time.Second, 20 * time.Second, 0.97, 0.02, 1.5},
		"small bucket":   {qcloudtest.TokenBucket(200, 5), 200, 16, 15 * time.Second, 30 * time.Second, 0.9, 0.02, 1.5},
		"large bucket":   {qcloudtest.TokenBucket(1000, 1000), 1000, 64, 5 * time.Second, 20 * time.Second, 0.97, 0.02, 1.5},
		"slow bucket":    {qcloudtest.TokenBucket(5, 5), 5, 4, 20 * time.Second, time.Minute, 0.9, 0.1, 3},
		"sliding second": {qcloudtest.SlidingWindow(100, time.Second), 100, 16, 15 * time.Second, 3 * time.Minute, 0.75, 0.05, 1.5},
		"fixed second":   {qcloudtest.FixedWindow(100, time.Second), 100, 16, 15 * time.Second, 3 * time.Minute, 0.65, 0.1, 1.5},
		"fixed minute":   {qcloudtest.FixedWindow(100, time.Minute), 100. / 60, 4, 2 * time.Minute, 5 * time.Minute, 0.85, 0.2, 3},
		"sliding minute": {qcloudtest.SlidingWindow(100, time.Minute), 100. / 60, 4, 2 * time.Minute, 5 * time.Minute, 0.85, 0.25, 3},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, c.quota, func(w *world) {
				defer w.startAll(4, c.callers)()
				w.measure(c.warmUp)
				r := w.measure(c.measured)
				if used := r.rate / c.rate; used < c.used {
					t.Errorf("%.3f of the quota used, want %.3f", used, c.used)
				}
				if r.rejected > c.rejected {
					t.Errorf("%.3f rejected, want at most %.3f", r.rejected, c.rejected)
				}
				if r.spread > c.spread {
					t.Errorf("the busiest process has %.2f times as much as the least busy, want at most %.2f", r.spread, c.spread)
				}
				if r.trips > 4*25 {
					t.Errorf("%.0f round trips a second of 4 processes", r.trips)
				}
				if r.lost > 0 {
					t.Errorf("%d calls were rejected five times", r.lost)
				}
			})
		})
	}
}

// When the quota falls all slow down; when it comes back all speed up.
func TestFollowsTheQuota(t *testing.T) {
	inWorld(t, qcloudtest.TokenBucket(200, 200), func(w *world) {
		defer w.startAll(4, 16)()
		set := func(q *qcloudtest.Quota) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.quota = q
		}
		w.measure(20 * time.Second)

		set(qcloudtest.TokenBucket(50, 50))
		w.measure(3 * time.Second)
		if r := w.measure(10 * time.Second); r.rate < 47 || r.rejected > 0.05 {
			t.Errorf("after a fall to 50/s: %+v", r)
		}
		set(qcloudtest.TokenBucket(300, 300))
		w.measure(10 * time.Second)
		if r := w.measure(10 * time.Second); r.rate < 280 || r.rejected > 0.05 {
			t.Errorf("after a rise to 300/s: %+v", r)
		}
		set(qcloudtest.TokenBucket(0, 0))
		if r := w.measure(20 * time.Second); r.rate > 0 || w.rejected > 2000 {
			t.Errorf("while nothing is accepted: %+v", r)
		}
		set(qcloudtest.TokenBucket(200, 200))
		w.measure(30 * time.Second)
		if r := w.measure(time.Minute); r.rate < 190 {
			t.Errorf("after it came back: %+v", r)
		}
	})
}

// A process that joins, or is gone from one moment to the next, changes
// nothing but the others' share.
func TestJoinAndLeave(t *testing.T) {
	inWorld(t, qcloudtest.TokenBucket(200, 200), func(w *world) {
		first, second := w.start(0, 16), w.start(1, 16)
		w.measure(20 * time.Second)
		third := w.start(2, 16)
		if r := w.measure(2 * time.Second); r.rate < 190 || r.rejected > 0.02 {
			t.Errorf("while one joined: %+v", r)
		}
		if r := w.measure(5 * time.Second); r.rate < 190 || r.spread > 1.5 {
			t.Errorf("after one joined: %+v", r)
		}
		first.end()
		if r := w.measure(2 * time.Second); r.rate < 190 || r.rejected > 0.02 {
			t.Errorf("while one left: %+v", r)
		}
		if r := w.measure(5 * time.Second); r.rate < 190 || r.spread > 1.5 {
			t.Errorf("after one left: %+v", r)
		}
		second.end()
		third.end()
	})
}

// A process hears of a rejection that another one met, and a minute in which
// nobody had to wait makes all forget.
func TestSpreadsAndForgets(t *testing.T) {
	inWorld(t, qcloudtest.TokenBucket(20, 20), func(w *world) {
		idle := w.start(0, 0)
		defer idle.end()
		call := limit.Call{Host: "h", Action: "A", Attempt: 1}
		seen := func() bool {
			ticket, err := idle.Acquire(w.t.Context(), call)
			idle.Done(ticket, limit.Abandoned)
			return err == nil && ticket.State != nil
		}
		if seen() {
			t.Error("limited before anyone was rejected")
		}
		busy := w.start(1, 8)
		w.measure(5 * time.Second)
		seen() // brings the news, for the next call
		time.Sleep(10 * time.Millisecond)
		if idle.Inert() {
			t.Error("inert after another process was rejected")
		}
		if !seen() {
			t.Error("not limited although another process was rejected")
		}
		if idle.Rate(call) <= 0 || idle.Estimate(call) <= 0 {
			t.Errorf("rate %v, estimate %v", idle.Rate(call), idle.Estimate(call))
		}
		busy.end()
		time.Sleep(10 * time.Second)
		if !seen() {
			t.Error("forgotten too soon")
		}
		time.Sleep(5 * time.Second) // for idle to fall silent
		// Redis forgets by its own clock, the only one it has for that.
		if err := w.store.client.FlushAll(w.t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		seen()
		time.Sleep(2 * time.Second)
		seen()
		time.Sleep(10 * time.Millisecond)
		if seen() || !idle.Inert() {
			t.Error("not forgotten")
		}
	})
}

// Redis's clock may be set back, or forward; what was learnt remains.
func TestClockOfRedis(t *testing.T) {
	for name, by := range map[string]time.Duration{"back": -time.Hour, "forward": time.Hour} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, qcloudtest.TokenBucket(200, 200), func(w *world) {
				defer w.startAll(2, 16)()
				w.measure(20 * time.Second)
				w.store.offset.Store(int64(by))
				w.measure(5 * time.Second)
				if r := w.measure(10 * time.Second); r.rate < 190 || r.rejected > 0.05 {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}
