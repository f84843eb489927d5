package limit_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/limit/internal/quotasim"
)

// The quota decides when an attempt arrives, at once or after half of the
// latency; jitter keeps the callers out of step.
var variants = []struct{ jitter, before float64 }{{0, 0}, {0.1, 0.5}, {0.5, 0.5}, {0.5, 0}}

func TestScenarios(t *testing.T) {
	for _, s := range quotasim.Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			var took, rejected, clients float64
			for i, v := range variants {
				synctest.Test(t, func(t *testing.T) {
					r := run(s, v.jitter, v.before, uint64(i))
					check(t, s.Goal, r)
					n := float64(len(variants))
					took += r.Elapsed.Seconds() / s.Ideal.Seconds() / n
					rejected += r.RejectedShare() / n
					clients += quotasim.Spread(r.PerClient) / n
				})
			}
			t.Logf("%.3f of the ideal time, %.2f%% rejected, clients %.2f", took, 100*rejected, clients)
			if took > s.Goal.Time || rejected > s.Goal.Rejected {
				t.Errorf("took %.3f of the ideal time, want at most %.2f; %.2f%% rejected, want at most %.2f%%",
					took, s.Goal.Time, 100*rejected, 100*s.Goal.Rejected)
			}
			if s.Goal.Clients > 0 && clients > s.Goal.Clients {
				t.Errorf("clients differ by %.2f, want at most %.2f", clients, s.Goal.Clients)
			}
		})
	}
}

func run(s quotasim.Scenario, jitter, before float64, seed uint64) quotasim.Result {
	clients := make([]limit.Gate, s.Clients)
	for i := range clients {
		clients[i] = &limit.Adaptive{}
	}
	return quotasim.Closed{
		Quota: s.Quota(), Clients: clients, Callers: s.Callers, Calls: s.Calls,
		Latency: 20 * time.Millisecond, Jitter: jitter, Before: before, Seed: seed,
	}.Run()
}

// check checks what must hold in every run, not only on average.
func check(t *testing.T, g quotasim.Goal, r quotasim.Result) {
	t.Helper()
	if r.Failed > 0 || r.Most > 5 {
		t.Errorf("%d calls failed, one took %d attempts", r.Failed, r.Most)
	}
	if p99 := quotasim.Quantile(r.Latencies, 0.99); g.P99 > 0 && p99 > g.P99 {
		t.Errorf("p99 is %v, want at most %v", p99, g.P99)
	}
	if s := quotasim.Spread(r.PerCaller); s > g.Callers {
		t.Errorf("callers differ by %.2f, want at most %.2f", s, g.Callers)
	}
}

// A single caller lives through a closed minute with the usual five attempts.
func TestLoneCallerInClosedMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := quotasim.Closed{
			Quota: &quotasim.Fixed{N: 100, Window: time.Minute}, Clients: []limit.Gate{&limit.Adaptive{}},
			Callers: 1, Calls: 350, Latency: 20 * time.Millisecond, Before: 0.5,
		}.Run()
		if r.Failed > 0 || r.Elapsed > 205*time.Second {
			t.Errorf("%d calls failed, %v for 350 calls at 100 a minute", r.Failed, r.Elapsed)
		}
	})
}

// A job of 1000 calls under the documented 100 calls a minute, of which the
// client knows nothing: what it costs to learn them is spent once.
func TestJobUnderDocumentedQuota(t *testing.T) {
	for _, latency := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond, 200 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			r := quotasim.Closed{
				Quota: &quotasim.Fixed{N: 100, Window: time.Minute}, Clients: []limit.Gate{&limit.Adaptive{}},
				Callers: 16, Calls: 1000, Latency: latency, Before: 0.5,
			}.Run()
			if r.Failed > 0 || r.Elapsed > 555*time.Second || r.Rejected > 75 {
				t.Errorf("latency %v: %d failed, %d rejected, took %v", latency, r.Failed, r.Rejected, r.Elapsed)
			}
		})
	}
}

// Scenario G: an outage of a minute.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const begin, end = 30 * time.Second, 90 * time.Second
		calls := quotasim.Open{
			Gates: []limit.Gate{&limit.PerHost{}, &limit.PerAction{}}, Rate: 40, For: 150 * time.Second,
			Latency: 20 * time.Millisecond,
			Fails:   func(d time.Duration, _ *rand.Rand) bool { return d >= begin && d < end },
		}.Run()
		perSecond := map[time.Duration]int{}
		inOutage, born, late, after := 0, 0, 0, 0
		for _, c := range calls {
			if !c.OK || len(c.Attempts) > 5 {
				t.Fatalf("a call of %v: OK %v, %d attempts", c.Start, c.OK, len(c.Attempts))
			}
			if c.Start >= begin && c.Start < end {
				born++
			}
			if c.Start >= end+10*time.Second {
				after++
				if c.Latency > time.Second {
					late++
				}
			}
			for _, a := range c.Attempts {
				perSecond[a.Truncate(time.Second)]++
				if a >= begin && a < end {
					inOutage++
				}
			}
		}
		if share := float64(inOutage) / float64(born); share > 0.2 {
			t.Errorf("%.2f attempts a call in the outage, want at most 0.2", share)
		}
		for at, n := range perSecond {
			if n > 400 {
				t.Errorf("%d attempts in the second at %v, want at most 400", n, at)
			}
		}
		if late*100 > after {
			t.Errorf("%d of %d calls were late though the outage was over for 10 s", late, after)
		}
	})
}

// Scenario H: three answers in ten are failures. A call of seven attempts
// fails in 0.02 % of all cases by chance.
func TestFlakyAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := quotasim.Open{
			Gates: []limit.Gate{&limit.PerHost{}, &limit.PerAction{}}, Rate: 40, For: 120 * time.Second,
			Latency: 20 * time.Millisecond, Attempts: 7, Seed: 2,
			Fails: func(_ time.Duration, rng *rand.Rand) bool { return rng.Float64() < 0.3 },
		}.Run()
		failed := 0
		var latencies []time.Duration
		for _, c := range calls {
			latencies = append(latencies, c.Latency)
			if !c.OK {
				failed++
			}
		}
		if failed*1000 > len(calls) {
			t.Errorf("%d of %d calls failed, want at most 0.1%%", failed, len(calls))
		}
		if p99 := quotasim.Quantile(latencies, 0.99); p99 > 3*time.Second {
			t.Errorf("p99 is %v, want at most 3 s", p99)
		}
	})
}

// Scenario I: under light load nobody is held back.
func TestLightLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := quotasim.Open{
			Gates: []limit.Gate{&limit.PerHost{}, &limit.PerAction{}}, Rate: 5, For: time.Minute,
			Latency: 20 * time.Millisecond, Quota: &quotasim.Bucket{Rate: quotasim.Constant(50), Burst: 50},
			Fails: func(time.Duration, *rand.Rand) bool { return false },
		}.Run()
		for _, c := range calls {
			if c.Latency > 22*time.Millisecond {
				t.Fatalf("a call took %v", c.Latency)
			}
		}
	})
}
