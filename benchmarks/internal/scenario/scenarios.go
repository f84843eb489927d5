// Package scenario is the loads that the clients are compared by, what is
// measured, and what ours has to reach.
package scenario

import (
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/api"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
)

// Latency is that of the service. It varies by a tenth, drawn from the run's
// seed, so that the callers do not march in step.
const (
	Latency = 20 * time.Millisecond
	jitter  = 0.1
)

// Scenario is a load on a service.
type Scenario struct {
	Name, Title string

	// A closed load: Callers make Calls together, dealt out to Clients, which
	// are processes that share nothing (0: one).
	Callers, Calls, Clients int

	// An open load, where Callers is 0.
	PerSecond float64
	For       time.Duration

	Quota  func(charge bool) api.Quota // nil: none
	Charge bool                        // rejected calls consume quota
	Told   peers.Settings              // what the reference is told of the quota

	Fails                  func(sinceStart time.Duration, random float64) bool
	OutageBegin, OutageEnd time.Duration

	Columns []Column
}

const second, minute = time.Second, time.Minute

func bucket(perSecond func(time.Duration) float64) func(bool) api.Quota {
	return func(charge bool) api.Quota { return &api.Bucket{Rate: perSecond, Burst: 50, Charge: charge} }
}

func fixed(n int, window time.Duration) func(bool) api.Quota {
	return func(bool) api.Quota { return &api.Fixed{N: n, Window: window} }
}

func sliding(charge bool) api.Quota { return &api.Sliding{N: 50, Window: second, Charge: charge} }

// Fallen is the quota of scenario E: 50/s but for the second minute.
func Fallen(since time.Duration) float64 {
	if since >= minute && since < 2*minute {
		return 10
	}
	return 50
}

// told makes the Settings of a client that knows the quota. Of a window it can
// only use the mean rate: with any burst, two could fall into one window.
func told(perSecond rate.Limit, burst int) peers.Settings {
	return peers.Settings{Rate: perSecond, Burst: burst}
}

// All returns the scenarios A to I.
func All() []Scenario {
	return []Scenario{
		{
			Name: "A", Title: "token bucket of 50/s, burst 50; 64 callers",
			Callers: 64, Calls: 6000, Quota: bucket(api.Constant(50)), Told: told(50, 50),
			Columns: closed(1.02, 0.015, 2.6, 1.2),
		}, {
			Name: "B", Title: "fixed window: 50 in each second; 64 callers",
			Callers: 64, Calls: 6000, Quota: fixed(50, second), Told: told(50, 1),
			Columns: closed(1.03, 0.02, 2.6, 1.2),
		}, {
			Name: "B2", Title: "sliding window: 50 in any second; 64 callers",
			Callers: 64, Calls: 6000, Quota: sliding, Told: told(50, 1),
			Columns: closed(1.05, 0.02, 3, 1.2),
		}, {
			Name: "C", Title: "fixed window: 1200 in each minute; 32 callers",
			Callers: 32, Calls: 4800, Quota: fixed(1200, minute), Told: told(20, 1),
			Columns: closed(1.08, 0.025, 0, 1.2),
		}, {
			Name: "D", Title: "A, and rejected calls consume quota",
			Callers: 64, Calls: 6000, Quota: bucket(api.Constant(50)), Charge: true, Told: told(50, 50),
			Columns: closed(1.06, 0.02, 3, 1.2),
		}, {
			Name: "D2", Title: "B2, and rejected calls consume quota",
			Callers: 64, Calls: 6000, Quota: sliding, Charge: true, Told: told(50, 1),
			Columns: closed(1.10, 0.03, 4, 1.3),
		}, {
			Name: "E", Title: "A, but only 10/s in the second minute",
			Callers: 64, Calls: 9000, Quota: bucket(Fallen), Told: told(50, 50),
			Columns: closed(1.02, 0.02, 0, 1.2),
		}, {
			Name: "F", Title: "A, shared by two processes that do not know of each other",
			Callers: 64, Calls: 6000, Clients: 2, Quota: bucket(api.Constant(50)), Told: told(25, 25),
			Columns: append(closed(1.03, 0.025, 0, 1.5), clients(1.15)),
		}, {
			Name: "G", Title: "40 calls/s, and an outage of 60 s",
			PerSecond: 40, For: 3 * minute,
			OutageBegin: 30 * second, OutageEnd: 90 * second,
			Fails: func(since time.Duration, _ float64) bool {
				return since >= 30*second && since < 90*second
			},
			Columns: outage(),
		}, {
			Name: "H", Title: "40 calls/s for 120 s, and 30 % of the answers are 6000",
			PerSecond: 40, For: 2 * minute,
			Fails:   func(_ time.Duration, random float64) bool { return random < 0.3 },
			Columns: flaky(),
		}, {
			Name: "I", Title: "light load: 5 calls/s under A",
			PerSecond: 5, For: 2 * minute, Quota: bucket(api.Constant(50)), Told: told(50, 50),
			Columns: light(),
		},
	}
}

// Named returns the scenario of that name.
func Named(name string) (Scenario, bool) {
	for _, s := range All() {
		if s.Name == name {
			return s, true
		}
	}
	return Scenario{}, false
}
