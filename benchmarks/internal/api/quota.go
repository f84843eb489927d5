package api

import (
	"sync"
	"time"
)

// Quota decides whether a call that arrives now is taken.
type Quota interface {
	Allow(now time.Time) bool
}

// Bucket is a token bucket. Where Charge is set, a rejected call costs a token
// too, and leaves a debt.
type Bucket struct {
	Rate   func(sinceStart time.Duration) float64 // tokens per second
	Burst  float64
	Charge bool

	mu          sync.Mutex
	start, last time.Time
	tokens      float64
}

// Constant is a Bucket's rate that does not change.
func Constant(perSecond float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return perSecond }
}

func (b *Bucket) Allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.start.IsZero() {
		b.start, b.last, b.tokens = now, now, b.Burst
	}
	b.tokens = min(b.Burst, b.tokens+b.Rate(now.Sub(b.start))*now.Sub(b.last).Seconds())
	b.last = now
	const rounding = 1e-6 // so that calls exactly at the rate are taken
	taken := b.tokens >= 1-rounding
	if taken || b.Charge {
		b.tokens--
	}
	return taken
}

// Fixed allows N calls in each window of length Window; the first window
// begins with the first call. A rejected call costs nothing here: its window
// is used up anyway.
type Fixed struct {
	N      int
	Window time.Duration

	mu    sync.Mutex
	start time.Time
	index int64
	used  int
}

func (f *Fixed) Allow(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.start.IsZero() {
		f.start = now
	}
	if i := int64(now.Sub(f.start) / f.Window); i != f.index {
		f.index, f.used = i, 0
	}
	if f.used == f.N {
		return false
	}
	f.used++
	return true
}

// Sliding allows N calls in any Window; where Charge is set, rejected calls
// are counted among them.
type Sliding struct {
	N      int
	Window time.Duration
	Charge bool

	mu  sync.Mutex
	log []time.Time // of what is counted, oldest first
}

func (s *Sliding) Allow(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := 0
	for gone < len(s.log) && now.Sub(s.log[gone]) >= s.Window {
		gone++
	}
	s.log = s.log[gone:]
	taken := len(s.log) < s.N
	if taken || s.Charge {
		s.log = append(s.log, now)
	}
	return taken
}

// Ideal returns the time in which q, which must be unused and charge nothing
// for rejected calls, allows n calls: that of a caller who knows exactly when
// the next one is taken, to the millisecond.
func Ideal(q Quota, n int) time.Duration {
	start := time.Unix(0, 0)
	for since := time.Duration(0); ; since += time.Millisecond {
		for q.Allow(start.Add(since)) {
			if n--; n == 0 {
				return since
			}
		}
	}
}
