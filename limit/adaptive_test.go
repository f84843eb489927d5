package limit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

var (
	firstTry = limit.Call{Host: "h", Action: "a", Attempt: 1}
	retry    = limit.Call{Host: "h", Action: "a", Attempt: 2}
)

// closed returns an Adaptive that has just been rejected.
func closed() *limit.Adaptive {
	a := &limit.Adaptive{}
	a.Done(limit.Ticket{}, limit.Throttled)
	return a
}

// enter starts a call that waits for its turn, and is in line when enter
// returns.
func enter(ctx context.Context, g limit.Gate, c limit.Call, then func(limit.Ticket, error)) {
	go func() { then(g.Acquire(ctx, c)) }()
	synctest.Wait()
}

// pass lets the bubble's time go by until all that is due has happened.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// log collects what goroutines add.
type log[T any] struct {
	mu  sync.Mutex
	all []T
}

func (l *log[T]) add(v T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, v)
}

func TestInertCostsNothing(t *testing.T) {
	for name, g := range map[string]limit.Gate{
		"Adaptive": &limit.Adaptive{}, "PerAction": &limit.PerAction{}, "PerHost": &limit.PerHost{}, "Budget": &limit.Budget{},
	} {
		n := testing.AllocsPerRun(100, func() {
			tk, err := g.Acquire(context.Background(), firstTry)
			if err != nil || tk != (limit.Ticket{}) {
				t.Fatalf("%s: %v, %v", name, tk, err)
			}
			g.Done(tk, limit.Accepted)
		})
		if n != 0 || !g.(interface{ Inert() bool }).Inert() {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestFirstComeFirstServedAndRetriesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		var order log[string]
		for i, c := range []limit.Call{firstTry, firstTry, retry, firstTry, retry} {
			name := fmt.Sprint(i, " attempt ", c.Attempt)
			enter(t.Context(), a, c, func(tk limit.Ticket, _ error) {
				order.add(name) // one at a time: the next waits for Done
				time.Sleep(time.Millisecond)
				a.Done(tk, limit.Abandoned)
			})
		}
		if a.Waiting() != 5 {
			t.Fatalf("%d waiting", a.Waiting())
		}
		pass(time.Minute)
		want := []string{"2 attempt 2", "4 attempt 2", "0 attempt 1", "1 attempt 1", "3 attempt 1"}
		if !slices.Equal(order.all, want) {
			t.Errorf("order %v, want %v", order.all, want)
		}
	})
}

func TestWaiterLeavesWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		ctx, cancel := context.WithCancelCause(t.Context())
		var left time.Duration
		var err error
		enter(t.Context(), a, firstTry, func(tk limit.Ticket, _ error) { a.Done(tk, limit.Throttled) })
		time.Sleep(25 * time.Millisecond) // the first probe is rejected; the next is far off
		start := time.Now()
		enter(ctx, a, firstTry, func(_ limit.Ticket, e error) { err, left = e, time.Since(start) })
		cancel(errors.New("enough"))
		synctest.Wait()
		if !errors.Is(err, context.Canceled) || left != 0 || a.Waiting() != 0 {
			t.Errorf("%v after %v, %d waiting", err, left, a.Waiting())
		}
		if _, err := a.Acquire(ctx, firstTry); !errors.Is(err, context.Canceled) {
			t.Errorf("an ended context got a turn: %v", err)
		}
	})
}

// However many waiters leave, the turns go to the others, at the same pace. See
// TestTurnThatNobodyTakes for those who leave as their turn comes.
func TestNoTurnIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		rng := rand.New(rand.NewPCG(1, 2))
		var mu sync.Mutex
		served, left := 0, 0
		start := time.Now()
		var wg sync.WaitGroup
		for i := range 400 {
			ctx, cancel := context.Background(), context.CancelFunc(func() {})
			if i%2 == 0 {
				ctx, cancel = context.WithTimeout(ctx, time.Duration(rng.IntN(300))*time.Millisecond)
			}
			wg.Go(func() {
				defer cancel()
				tk, err := a.Acquire(ctx, firstTry)
				if err == nil {
					time.Sleep(5 * time.Millisecond)
					a.Done(tk, limit.Accepted)
				}
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					left++
				} else {
					served++
				}
			})
		}
		wg.Wait()
		if served < 200 || left < 50 || served+left != 400 || a.Waiting() != 0 {
			t.Errorf("%d served, %d left, %d waiting", served, left, a.Waiting())
		}
		if took := time.Since(start); took > time.Second { // which is what one lost turn costs
			t.Errorf("it took %v", took)
		}
	})
}

// A probe that gets no answer, or is given up, does not close the line.
func TestSilentProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		if _, err := a.Acquire(t.Context(), firstTry); err != nil { // never reported
			t.Fatal(err)
		}
		start := time.Now()
		tk, err := a.Acquire(t.Context(), firstTry)
		if err != nil || time.Since(start) > 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		a.Done(tk, limit.Abandoned)
		start = time.Now()
		if _, err = a.Acquire(t.Context(), firstTry); err != nil || time.Since(start) > 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestForgetsWhenIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		tk, err := a.Acquire(t.Context(), firstTry)
		if err != nil {
			t.Fatal(err)
		}
		a.Done(tk, limit.Accepted)
		time.Sleep(30 * time.Second)
		if tk, _ = a.Acquire(t.Context(), firstTry); tk.Since.IsZero() || a.Inert() {
			t.Fatal("forgot too early")
		}
		a.Done(tk, limit.Accepted)
		time.Sleep(time.Minute)
		if tk, err = a.Acquire(t.Context(), firstTry); err != nil || tk != (limit.Ticket{}) || !a.Inert() {
			t.Errorf("remembers still: %v %v", tk, err)
		}
	})
}

func TestRateAndEstimate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{}
		if a.Rate() != 0 || a.Estimate() != 0 || a.Waiting() != 0 {
			t.Error("an inert limiter has a rate")
		}
		bucket := rate.NewLimiter(50, 50)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { callUntil(ctx, a, bucket) })
		}
		time.Sleep(25 * time.Second)
		if r := a.Rate(); r < 40 || r > 60 {
			t.Errorf("learnt %.1f/s of 50/s", r)
		}
		if d := a.Estimate(); d < time.Second || d > 4*time.Second {
			t.Errorf("a hundred callers wait %v at 50/s", d)
		}
		wg.Wait()
	})
}

// callUntil makes calls until ctx ends.
func callUntil(ctx context.Context, a *limit.Adaptive, quota *rate.Limiter) {
	for attempt := 1; ; {
		tk, err := a.Acquire(ctx, limit.Call{Attempt: attempt})
		if err != nil {
			return
		}
		ok := quota.Allow()
		time.Sleep(10 * time.Millisecond)
		if attempt++; ok {
			a.Done(tk, limit.Accepted)
			attempt = 1
		} else {
			a.Done(tk, limit.Throttled)
		}
		if ctx.Err() != nil {
			return
		}
	}
}

func TestCeiling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{Ceiling: rate.NewLimiter(10, 1)}
		start := time.Now()
		for range 11 {
			if err := a.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(start); d.Round(time.Millisecond) != time.Second || a.Inert() {
			t.Errorf("11 turns at 10/s took %v", d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := a.Wait(ctx); err == nil {
			t.Error("a turn past the deadline")
		}
	})
}

// 100,000 waiting calls leave again in no time and keep nothing.
func TestManyWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 100_000
		if raced {
			n /= 10
		}
		a := closed()
		ctx, cancel := context.WithCancel(t.Context())
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				tk, err := a.Acquire(ctx, firstTry)
				if err == nil {
					<-ctx.Done()
					a.Done(tk, limit.Abandoned)
				}
			})
		}
		synctest.Wait()
		runtime.ReadMemStats(&after)
		if w := a.Waiting(); w != n {
			t.Errorf("%d waiting", w)
		}
		if per := (after.HeapAlloc - before.HeapAlloc) / uint64(n); per > 1024 {
			t.Errorf("%d bytes of heap for each", per)
		}
		cancel()
		wg.Wait()
		if a.Waiting() != 0 {
			t.Errorf("%d still waiting", a.Waiting())
		}
	})
}

// Callers of all kinds at once, for the race detector.
func TestConcurrentUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &limit.PerAction{MaxKeys: 4}
		h := &limit.PerHost{}
		var wg sync.WaitGroup
		for i := range 50 {
			rng := rand.New(rand.NewPCG(3, uint64(i)))
			wg.Go(func() {
				for range 40 {
					c := limit.Call{Host: fmt.Sprint(rng.IntN(2)), Action: fmt.Sprint(rng.IntN(5)), Attempt: 1 + rng.IntN(2)}
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rng.IntN(100)+1)*time.Millisecond)
					for _, g := range []limit.Gate{h, p} {
						if tk, err := g.Acquire(ctx, c); err == nil {
							time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
							if tk.State == nil {
								tk.State = c
							}
							g.Done(tk, limit.Outcome(rng.IntN(4)))
						}
					}
					p.Estimate(c)
					p.Rate(c)
					h.Empty(c.Host)
					cancel()
				}
			})
		}
		wg.Wait()
		time.Sleep(11 * time.Minute)
		if _, err := p.Acquire(t.Context(), firstTry); err != nil || !p.Inert() {
			t.Errorf("not inert after all that: %v", err)
		}
	})
}
