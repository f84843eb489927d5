package quotasim

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

type scen struct {
	name    string
	quota   func() Quota
	callers, calls, clients int
	ideal   float64
}

func scens() []scen {
	c := Constant(50)
	e := func(d time.Duration) float64 {
		if d >= 60*time.Second && d < 120*time.Second { return 10 }
		return 50
	}
	return []scen{
		{"A", func() Quota { return &Bucket{Rate: c, Burst: 50} }, 64, 6000, 1, 119},
		{"B", func() Quota { return &Fixed{N: 50, Window: time.Second} }, 64, 6000, 1, 119},
		{"B2", func() Quota { return &Sliding{N: 50, Window: time.Second} }, 64, 6000, 1, 119},
		{"C", func() Quota { return &Fixed{N: 1200, Window: time.Minute} }, 32, 4800, 1, 180.75},
		{"D", func() Quota { return &Bucket{Rate: c, Burst: 50, Charge: true} }, 64, 6000, 1, 119},
		{"Dd", func() Quota { return &Bucket{Rate: c, Burst: 50, Charge: true, Debt: true} }, 64, 6000, 1, 119},
		{"D2", func() Quota { return &Sliding{N: 50, Window: time.Second, Charge: true} }, 64, 6000, 1, 119},
		{"E", func() Quota { return &Bucket{Rate: e, Burst: 50} }, 64, 9000, 1, 60 + 60 + (9000-3050-600)/50.0},
		{"F", func() Quota { return &Bucket{Rate: c, Burst: 50} }, 64, 6000, 2, 119},
	}
}

func TestTune(t *testing.T) {
	only := os.Getenv("SCEN")
	for _, s := range scens() {
		if only != "" && !strings.Contains(","+only+",", ","+s.name+",") {
			continue
		}
		for _, v := range []struct{ jit, before float64 }{{0, 0}, {0, .5}, {.1, .5}, {.5, .5}, {.5, 0}} {
			for seed := range uint64(2) {
				if v.jit == 0 && seed > 0 { continue }
				synctest.Test(t, func(t *testing.T) {
					var gates []limit.Gate
					for range s.clients {
						gates = append(gates, &limit.Adaptive{})
					}
					if os.Getenv("TRACE") != "" {
						start := time.Now()
						Hook = func(now time.Time, ok bool, g limit.Gate) {
							if !ok { a := g.(*limit.Adaptive); fmt.Printf("  rej %8.3f rate %.2f %s\n", now.Sub(start).Seconds(), a.Rate(), a.Debug()) }
						}
					}
					r := Closed{Quota: s.quota(), Clients: gates, Callers: s.callers, Calls: s.calls,
						Latency: 20 * time.Millisecond, Jitter: v.jit, Before: v.before, Seed: seed}.Run()
					fmt.Printf("%-3s jit %.1f bef %.1f seed %d: x%.3f rej %.2f%% (%d) failed %d most %d p50 %.2f p99 %.2f max %.2f callers %.2f clients %.2f\n", s.name, v.jit, v.before, seed,
						r.Elapsed.Seconds()/s.ideal, 100*r.RejectedShare(), r.Rejected, r.Failed, r.Most, r.P50.Seconds(), r.P99.Seconds(), r.Max.Seconds(), Spread(r.PerCaller), Spread(r.PerClient))
				})
			}
		}
	}
}
