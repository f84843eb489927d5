package quotasim

import "time"

// Scenario is a closed load under a quota that the client does not know, and
// what a limiter should reach there.
type Scenario struct {
	Name    string
	Quota   func() Quota
	Callers int
	Calls   int
	Clients int
	Ideal   time.Duration // in which the quota, its burst included, allows so many calls
	Goal    Goal
}

// Goal bounds a Result; 0 stands for no bound.
type Goal struct {
	Time     float64 // through the ideal
	Rejected float64 // share of the attempts
	P99      time.Duration
	Callers  float64 // most calls of a caller through the least
	Clients  float64
}

// Scenarios returns the closed loads that the limiters are measured by: A to F
// of the comparison with other clients in benchmarks. They last one to four
// minutes of virtual time each.
func Scenarios() []Scenario {
	const s = time.Second
	rate := Constant(50)
	fall := func(d time.Duration) float64 {
		if d >= time.Minute && d < 2*time.Minute {
			return 10
		}
		return 50
	}
	bucket := func() Quota { return &Bucket{Rate: rate, Burst: 50} }
	return []Scenario{
		{"A: token bucket", bucket, 64, 6000, 1, 119 * s,
			Goal{1.02, 0.015, 2600 * time.Millisecond, 1.2, 0}},
		{"B: fixed window of 1 s", func() Quota { return &Fixed{N: 50, Window: s} }, 64, 6000, 1, 119 * s,
			Goal{1.03, 0.02, 2600 * time.Millisecond, 1.2, 0}},
		{"B2: sliding window of 1 s", func() Quota { return &Sliding{N: 50, Window: s} }, 64, 6000, 1, 119 * s,
			Goal{1.05, 0.02, 3 * s, 1.2, 0}},
		{"C: fixed window of 60 s", func() Quota { return &Fixed{N: 1200, Window: time.Minute} }, 32, 4800, 1, 180750 * time.Millisecond,
			Goal{1.08, 0.025, 0, 1.2, 0}},
		{"D: A, rejections cost quota", func() Quota { return &Bucket{Rate: rate, Burst: 50, Charge: true} }, 64, 6000, 1, 119 * s,
			Goal{1.06, 0.02, 3 * s, 1.2, 0}},
		{"D2: B2, rejections cost quota", func() Quota { return &Sliding{N: 50, Window: s, Charge: true} }, 64, 6000, 1, 119 * s,
			Goal{1.10, 0.03, 4 * s, 1.3, 0}},
		{"E: 50/s, 10/s for a minute, 50/s", func() Quota { return &Bucket{Rate: fall, Burst: 50} }, 64, 9000, 1, 227 * s,
			Goal{1.02, 0.02, 0, 1.2, 0}},
		{"F: two clients share A", bucket, 64, 6000, 2, 119 * s,
			Goal{1.03, 0.025, 0, 1.5, 1.15}},
	}
}
