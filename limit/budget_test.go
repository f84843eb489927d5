package limit_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// empty returns a Budget that has just run out.
func empty() *limit.Budget {
	b := &limit.Budget{}
	for range 20 {
		b.Done(limit.Ticket{}, limit.Overloaded)
	}
	return b
}

func TestBudgetPassesWhileItHoldsTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &limit.Budget{}
		for i := range 200 { // every other answer is a failure
			tk, err := b.Acquire(t.Context(), firstTry)
			if err != nil {
				t.Fatal(err)
			}
			b.Done(tk, []limit.Outcome{limit.Overloaded, limit.Accepted}[i%2])
		}
		if b.Empty() || !b.Inert() {
			t.Errorf("empty %v, inert %v", b.Empty(), b.Inert())
		}
		for range 19 {
			b.Done(limit.Ticket{}, limit.Overloaded)
		}
		if b.Empty() || b.Inert() {
			t.Error("empty before its time")
		}
		if b.Done(limit.Ticket{}, limit.Overloaded); !b.Empty() {
			t.Error("not empty after 20 failures")
		}
	})
}

// While it is empty, the calls with the fewest attempts probe, in order, one
// each half second; nobody else goes.
func TestBudgetProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := empty()
		start := time.Now()
		var at log[time.Duration]
		for _, c := range []limit.Call{retry, firstTry, firstTry} {
			enter(t.Context(), b, c, func(tk limit.Ticket, _ error) {
				at.add(time.Since(start)*10 + time.Duration(c.Attempt))
				b.Done(tk, limit.Overloaded)
			})
		}
		pass(10 * time.Second)
		want := []time.Duration{5*time.Second + 1, 10*time.Second + 1, 15*time.Second + 2}
		if !slices.Equal(at.all, want) {
			t.Errorf("probes at %v", at.all)
		}
	})
}

func TestBudgetDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := empty()
		const n = 1000
		var log log[time.Duration]
		start := time.Now()
		for range n {
			enter(t.Context(), b, firstTry, func(tk limit.Ticket, _ error) {
				log.add(time.Since(start))
				b.Done(tk, limit.Accepted)
			})
		}
		pass(time.Minute)
		went := log.all
		if len(went) != n || b.Waiting() != 0 || b.Empty() || !b.Inert() {
			t.Fatalf("%d went, %d wait", len(went), b.Waiting())
		}
		if !slices.IsSorted(went) || went[n-1] > 9*time.Second {
			t.Errorf("the last of %d went after %v", n, went[n-1])
		}
		first, _ := slices.BinarySearch(went, 750*time.Millisecond)
		if first > 10 { // 20/s and doubling, in the first quarter of a second after the probe
			t.Errorf("%d went at once", first)
		}
	})
}

// If the API fails again while the line drains, the budget runs out again.
func TestBudgetRelapse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := empty()
		var attempts atomic.Int32
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		for range 500 {
			enter(ctx, b, firstTry, func(tk limit.Ticket, err error) {
				if err != nil {
					return
				}
				o := limit.Overloaded
				if attempts.Add(1) == 1 {
					o = limit.Accepted
				}
				time.Sleep(20 * time.Millisecond)
				b.Done(tk, o)
			})
		}
		<-ctx.Done()
		synctest.Wait()
		if attempts.Load() > 60 || !b.Empty() || b.Waiting() != 0 {
			t.Errorf("%d attempts, %d waiting", attempts.Load(), b.Waiting())
		}
	})
}

func TestBudgetWaiterLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := empty()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		if err := b.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 100*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		// The probe's turn and the end of the context at the same moment.
		ctx, cancel2 := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer cancel2()
		_ = b.Wait(ctx)
		if b.Waiting() != 0 {
			t.Errorf("%d waiting", b.Waiting())
		}
		start = time.Now()
		if err := b.Wait(t.Context()); err != nil || time.Since(start) > 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}
