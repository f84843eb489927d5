package limit_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// closedLoad is a load of callers each of which makes its next call as soon as
// the last one has ended. A rejected call goes again at once, up to five times:
// the gate decides when.
type closedLoad struct {
	quota          qcloudtest.Quota
	processes      int // each has a limiter of its own; the callers are dealt out to them
	callers, calls int
	latency        time.Duration // of the service; the quota decides after half of it
	jitter         float64       // the share of latency that is random

	mu       sync.Mutex // Take is never called concurrently
	rejected int        // attempts
	failed   int        // calls
	took     []time.Duration
	byCaller []int // calls
}

// run makes the calls and returns how long they took. It must be called in a
// synctest bubble.
func (l *closedLoad) run() time.Duration {
	gates := make([]limit.Gate, max(l.processes, 1))
	for i := range gates {
		gates[i] = &limit.Adaptive{}
	}
	l.byCaller = make([]int, l.callers)
	var given atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for caller := range l.callers {
		rng := rand.New(rand.NewPCG(1, uint64(caller)))
		wg.Go(func() {
			for given.Add(1) <= int64(l.calls) {
				l.call(caller, gates[caller%len(gates)], rng)
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

func (l *closedLoad) call(caller int, g limit.Gate, rng *rand.Rand) {
	began, accepted := time.Now(), false
	for attempt := 1; attempt <= 5 && !accepted; attempt++ {
		ticket, err := g.Acquire(context.Background(), limit.Call{Attempt: attempt})
		if err != nil {
			break
		}
		half := time.Duration(float64(l.latency) / 2 * (1 + l.jitter*(rng.Float64()-0.5)))
		time.Sleep(half)
		accepted = l.take()
		time.Sleep(half)
		if accepted {
			g.Done(ticket, limit.Accepted)
		} else {
			g.Done(ticket, limit.Throttled)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took = append(l.took, time.Since(began))
	l.byCaller[caller]++
	if !accepted {
		l.failed++
	}
}

func (l *closedLoad) take() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	accepted := l.quota.Take(time.Now())
	if !accepted {
		l.rejected++
	}
	return accepted
}

// rejectedShare is that of the attempts; every call that succeeds has one more
// attempt than it was rejected.
func (l *closedLoad) rejectedShare() float64 {
	return float64(l.rejected) / float64(l.rejected+l.calls-l.failed)
}

// spread is the greatest of counts through the least.
func spread(counts []int) float64 {
	return float64(slices.Max(counts)) / float64(max(slices.Min(counts), 1))
}

// fallen has one quota up to a moment after the first call, then another.
type fallen struct {
	first, then qcloudtest.Quota
	after       time.Duration
	start       time.Time
}

func (q *fallen) Take(now time.Time) bool {
	if q.start.IsZero() {
		q.start = now
	}
	if now.Sub(q.start) < q.after {
		return q.first.Take(now)
	}
	return q.then.Take(now)
}

// A quota that nobody told is used up nearly whole, with few rejections, the
// callers have equal shares, and no call fails.
func TestScenarios(t *testing.T) {
	const s = time.Second
	for name, tc := range map[string]struct {
		load             *closedLoad
		ideal            time.Duration // in which the quota, its burst included, allows the calls
		late, rejected   float64       // at most: time through the ideal, share of the attempts
		p99              time.Duration // zero: no bound
		callers, clients float64       // at most: the most calls through the fewest
	}{
		"token bucket": {
			&closedLoad{quota: qcloudtest.TokenBucket(50, 50), callers: 64, calls: 6000}, 119 * s,
			1.02, 0.015, 2600 * time.Millisecond, 1.2, 0,
		},
		"sliding window of 1 s": {
			&closedLoad{quota: qcloudtest.SlidingWindow(50, s), callers: 64, calls: 6000}, 119 * s,
			1.05, 0.02, 3 * s, 1.2, 0,
		},
		"fixed window of 60 s": {
			&closedLoad{quota: qcloudtest.FixedWindow(1200, time.Minute), callers: 32, calls: 4800}, 181 * s,
			1.08, 0.025, 0, 1.2, 0,
		},
		"50/s, then 10/s": {
			&closedLoad{
				quota:   &fallen{first: qcloudtest.TokenBucket(50, 50), then: qcloudtest.TokenBucket(10, 10), after: time.Minute},
				callers: 64, calls: 3650,
			}, 119 * s, 1.02, 0.05, 0, 1.2, 0,
		},
		"token bucket shared by two processes": {
			&closedLoad{quota: qcloudtest.TokenBucket(50, 50), processes: 2, callers: 64, calls: 6000}, 119 * s,
			1.05, 0.03, 0, 1.5, 1.15,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := tc.load
				l.latency, l.jitter = 20*time.Millisecond, 0.1
				late := l.run().Seconds() / tc.ideal.Seconds()
				if l.failed > 0 || late > tc.late || l.rejectedShare() > tc.rejected {
					t.Errorf("%d calls failed; %.3f of the ideal time, want at most %.2f; %.2f%% rejected, want at most %.2f%%",
						l.failed, late, tc.late, 100*l.rejectedShare(), 100*tc.rejected)
				}
				slices.Sort(l.took)
				if p99 := l.took[len(l.took)*99/100]; tc.p99 > 0 && p99 > tc.p99 {
					t.Errorf("p99 is %v, want at most %v", p99, tc.p99)
				}
				if got := spread(l.byCaller); got > tc.callers {
					t.Errorf("callers differ by %.2f, want at most %.2f", got, tc.callers)
				}
				byProcess := make([]int, max(l.processes, 1))
				for caller, n := range l.byCaller {
					byProcess[caller%len(byProcess)] += n
				}
				if got := spread(byProcess); l.processes > 1 && got > tc.clients {
					t.Errorf("processes differ by %.2f, want at most %.2f", got, tc.clients)
				}
			})
		})
	}
}

// A single caller lives through a closed minute with the usual five attempts.
func TestLoneCallerInClosedMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &closedLoad{
			quota: qcloudtest.FixedWindow(100, time.Minute), callers: 1, calls: 350, latency: 20 * time.Millisecond,
		}
		if took := l.run(); l.failed > 0 || took > 205*time.Second {
			t.Errorf("%d calls failed, %v for 350 calls at 100 a minute", l.failed, took)
		}
	})
}

// A job of 1000 calls under the documented 100 calls a minute, of which the
// client knows nothing: what it costs to learn them is spent once.
func TestJobUnderDocumentedQuota(t *testing.T) {
	for _, latency := range []time.Duration{0, time.Millisecond, 200 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			l := &closedLoad{
				quota: qcloudtest.FixedWindow(100, time.Minute), callers: 16, calls: 1000, latency: latency,
			}
			if took := l.run(); l.failed > 0 || took > 555*time.Second || l.rejected > 75 {
				t.Errorf("latency %v: %d failed, %d rejected, took %v", latency, l.failed, l.rejected, took)
			}
		})
	}
}

// The API fails every attempt for a minute, under 40 new calls a second: few
// attempts are spent on it, no call fails, and soon all is as before.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const begin, end, rate = 30 * time.Second, 90 * time.Second, 40
		start := time.Now()
		gates := []limit.Gate{&limit.PerHost{}, &limit.PerAction{}}
		var mu sync.Mutex
		arrived := make(map[time.Duration]int) // by second
		wasted, born, late, after := 0, 0, 0, 0
		attempt := func(n int) bool {
			c := limit.Call{Host: "h", Action: "a", Attempt: n}
			tickets := make([]limit.Ticket, len(gates))
			for i, g := range gates {
				var err error
				if tickets[i], err = g.Acquire(t.Context(), c); err != nil {
					t.Error(err)
				}
			}
			since, out := time.Since(start), limit.Accepted
			mu.Lock()
			arrived[since.Truncate(time.Second)]++
			if since >= begin && since < end {
				out = limit.Overloaded
				wasted++
			}
			mu.Unlock()
			time.Sleep(20 * time.Millisecond)
			for i, g := range gates {
				if tickets[i].State == nil {
					tickets[i].State = c
				}
				g.Done(tickets[i], out)
			}
			return out == limit.Accepted
		}
		var wg sync.WaitGroup
		for i := range 150 * rate {
			at := time.Duration(i) * time.Second / rate
			time.Sleep(time.Until(start.Add(at)))
			wg.Go(func() {
				delay, n := 100*time.Millisecond, 1
				for ; n <= 5 && !attempt(n); n++ {
					time.Sleep(delay)
					delay *= 2
				}
				mu.Lock()
				defer mu.Unlock()
				if n > 5 {
					t.Errorf("the call of %v failed", at)
				}
				if at >= begin && at < end {
					born++
				}
				if at >= end+10*time.Second {
					after++
					if time.Since(start)-at > time.Second {
						late++
					}
				}
			})
		}
		wg.Wait()
		if share := float64(wasted) / float64(born); share > 0.2 {
			t.Errorf("%.2f attempts a call in the outage, want at most 0.2", share)
		}
		for at, n := range arrived {
			if n > 400 {
				t.Errorf("%d attempts in the second at %v, want at most 400", n, at)
			}
		}
		if late*100 > after {
			t.Errorf("%d of %d calls were late though the outage was over for 10 s", late, after)
		}
	})
}
