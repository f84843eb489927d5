package limit_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// A *rate.Limiter of the user's lets a key's attempts go, and what the API
// tells is set on it.
func TestPaceOfTheUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := rate.NewLimiter(5, 1)
		a := &limit.Adaptive{Pace: func(k limit.Key, _ func(limit.Quota)) limit.Pace {
			if k.Scope != limit.ScopeAction {
				return nil
			}
			return limit.NewPace(l)
		}}
		start := time.Now()
		var at log[time.Duration]
		for range 11 {
			enter(t.Context(), a, firstTry, func(done func(limit.Answer) bool, _ error) {
				at.add(time.Since(start))
				done(accepted)
			})
		}
		pass(time.Minute)
		if n := len(at.all); n != 11 || at.all[10] < 2*time.Second || at.all[10] > 2100*time.Millisecond {
			t.Errorf("%d went: %v", n, at.all)
		}
		done, err := a.Acquire(t.Context(), firstTry)
		if err != nil {
			t.Fatal(err)
		}
		if done(tells(40)); l.Limit() != 40 {
			t.Errorf("the limit is %v", l.Limit())
		}
	})
}

// shared counts like a server that many ask: it takes its time, and grants for
// several at once.
type shared struct {
	asks, asking, most atomic.Int64
	set                atomic.Value
	next               time.Time
}

func (s *shared) Take(_ context.Context, n int) (int, time.Duration) {
	s.asks.Add(1)
	s.most.Store(max(s.most.Load(), s.asking.Add(1)))
	defer s.asking.Add(-1)
	time.Sleep(5 * time.Millisecond)
	now := time.Now()
	if now.Before(s.next) {
		return 0, s.next.Sub(now)
	}
	n = min(n, 10)
	s.next = now.Add(time.Duration(n) * 10 * time.Millisecond)
	return n, 0
}

func (s *shared) SetQuota(q limit.Quota) { s.set.Store(q) }

// Only the head of a key's queue asks a shared pace, for all who wait; and the
// pace tells the key what another machine was told.
func TestSharedPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shared{}
		var tell func(limit.Quota)
		a := &limit.Adaptive{Pace: func(k limit.Key, told func(limit.Quota)) limit.Pace {
			if k.Scope != limit.ScopeAction {
				return nil
			}
			tell = told
			return s
		}}
		start := time.Now()
		var at log[time.Duration]
		for range 1000 {
			enter(t.Context(), a, firstTry, func(done func(limit.Answer) bool, _ error) {
				at.add(time.Since(start))
				time.Sleep(20 * time.Millisecond)
				done(accepted)
			})
		}
		pass(time.Minute)
		if n := len(at.all); n != 1000 || at.all[n-1] < 9900*time.Millisecond || at.all[n-1] > 11*time.Second {
			t.Errorf("%d went, the last at %v", n, at.all[n-1])
		}
		if s.asks.Load() > 220 || s.most.Load() != 1 {
			t.Errorf("asked %d times, %d at once", s.asks.Load(), s.most.Load())
		}
		tell(limit.Quota{Limit: 3, Per: time.Second})
		synctest.Wait()
		if got := a.States()[0]; got.Known != "told" || got.Rate < 2.9 || got.Rate > 3 {
			t.Errorf("%+v", got)
		}
		if q := s.set.Load(); q != (limit.Quota{Limit: 3, Per: time.Second}) {
			t.Errorf("set to %v", q)
		}
	})
}

// What a shared pace granted to calls that left is not used much later.
func TestGrantLapses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shared{}
		a := &limit.Adaptive{Pace: func(k limit.Key, _ func(limit.Quota)) limit.Pace {
			if k.Scope != limit.ScopeAction {
				return nil
			}
			return s
		}}
		ctx, cancel := context.WithCancel(t.Context())
		a.Report(firstTry, limit.Answer{Outcome: limit.Throttled, RetryAfter: time.Second})
		for range 10 {
			enter(ctx, a, firstTry, func(done func(limit.Answer) bool, err error) {
				if err == nil {
					done(accepted)
				}
			})
		}
		time.Sleep(1002 * time.Millisecond) // all ask together
		cancel()
		pass(10 * time.Millisecond)
		asked := s.asks.Load()
		time.Sleep(time.Minute)
		done, err := a.Acquire(t.Context(), firstTry)
		if err != nil {
			t.Fatal(err)
		}
		done(accepted)
		if asked != 1 || s.asks.Load() != 2 {
			t.Errorf("asked %d times, then %d", asked, s.asks.Load())
		}
	})
}
