// Package quotasim simulates an API with a quota, in the virtual time of
// testing/synctest: the loads that the limiters are tuned and tested on.
package quotasim

import (
	"sync"
	"time"
)

// Quota decides whether an attempt that arrives now is taken.
type Quota interface {
	Allow(now time.Time) bool
}

// Bucket is a token bucket. Where Charge is set, a rejected attempt costs a
// token too: what is left of the last one, or, with Debt, a whole one.
type Bucket struct {
	Rate   func(sinceStart time.Duration) float64
	Burst  float64
	Charge bool
	Debt   bool

	mu     sync.Mutex
	start  time.Time
	last   time.Time
	tokens float64
}

func (b *Bucket) Allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last.IsZero() {
		b.start, b.last, b.tokens = now, now, b.Burst
	}
	b.tokens = min(b.Burst, b.tokens+b.Rate(now.Sub(b.start))*now.Sub(b.last).Seconds())
	b.last = now
	const eps = 1e-9
	if b.tokens >= 1-eps {
		b.tokens--
		return true
	}
	switch {
	case b.Charge && b.Debt:
		b.tokens--
	case b.Charge:
		b.tokens = max(b.tokens-1, 0)
	}
	return false
}

// Constant is a Bucket's rate that does not change.
func Constant(r float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return r }
}

// Fixed allows N attempts in each window of length Window; the first window
// began Phase before the first attempt.
type Fixed struct {
	N      int
	Window time.Duration
	Phase  time.Duration
	Charge bool // rejected attempts count too (which changes nothing here)

	mu    sync.Mutex
	start time.Time
	cur   int64
	used  int
}

func (f *Fixed) Allow(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.start.IsZero() {
		f.start = now.Add(-f.Phase)
	}
	if w := int64(now.Sub(f.start) / f.Window); w != f.cur {
		f.cur, f.used = w, 0
	}
	if f.used < f.N {
		f.used++
		return true
	}
	return false
}

// Sliding allows N attempts in any Window; with Charge, rejected attempts are
// counted among them.
type Sliding struct {
	N      int
	Window time.Duration
	Charge bool

	mu  sync.Mutex
	log []time.Time
}

func (s *Sliding) Allow(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := 0
	for i < len(s.log) && now.Sub(s.log[i]) >= s.Window {
		i++
	}
	s.log = s.log[i:]
	ok := len(s.log) < s.N
	if ok || s.Charge {
		s.log = append(s.log, now)
	}
	return ok
}
