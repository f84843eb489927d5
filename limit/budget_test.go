package limit_test

import (
	"context"
	"errors"
	"fmt"
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
		b.Report(firstTry, overloaded)
	}
	return b
}

// held reports whether calls to host wait.
func held(t *testing.T, b *limit.Budget, host string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	done, err := b.Acquire(ctx, limit.Call{Host: host})
	if err == nil {
		done(limit.Answer{})
	}
	return err != nil
}

func TestBudgetPassesWhileItHoldsTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &limit.Budget{}
		for i := range 200 { // every other answer is a failure; a rejection is none
			done, err := b.Acquire(t.Context(), firstTry)
			if err != nil {
				t.Fatal(err)
			}
			done([]limit.Answer{overloaded, accepted, overloaded, throttled}[i%4])
		}
		if held(t, b, "h") || !b.Idle() {
			t.Errorf("empty %v, idle %v", held(t, b, "h"), b.Idle())
		}
		for range 19 {
			b.Report(firstTry, overloaded)
		}
		if held(t, b, "h") || b.Idle() {
			t.Error("empty before its time")
		}
		if b.Report(firstTry, overloaded); !held(t, b, "h") {
			t.Error("not empty after 20 failures")
		}
	})
}

// While it is empty, one call probes each half second, in the order in which
// they came: who probed in vain is behind the others. Nobody else goes.
func TestBudgetProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := empty()
		start := time.Now()
		var at log[time.Duration]
		for _, c := range []limit.Call{firstTry, retry, firstTry} {
			enter(t.Context(), b, c, func(done func(limit.Answer) bool, _ error) {
				at.add(time.Since(start)*10 + time.Duration(c.Attempt))
				done(overloaded)
			})
		}
		pass(10 * time.Second)
		want := []time.Duration{5*time.Second + 1, 10*time.Second + 2, 15*time.Second + 1}
		if !slices.Equal(at.all, want) {
			t.Errorf("probes at %v", at.all)
		}
	})
}

// What was sent before the last token went says nothing of the API now.
func TestBudgetIgnoresOldAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &limit.Budget{}
		b.Report(firstTry, overloaded)
		var old []func(limit.Answer) bool
		for range 5 {
			done, err := b.Acquire(t.Context(), firstTry)
			if err != nil {
				t.Fatal(err)
			}
			old = append(old, done)
		}
		for range 19 {
			b.Report(firstTry, overloaded)
		}
		for _, done := range old {
			done(accepted)
		}
		if !held(t, b, "h") {
			t.Error("an old answer was taken for that to a probe")
		}
	})
}

// A bucket that is full again is dropped, although the last answer that comes is
// of an attempt from before.
func TestBudgetIsIdleAfterAnOldAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &limit.Budget{Size: 2}
		b.Report(firstTry, overloaded)
		slow, err := b.Acquire(t.Context(), firstTry)
		if err != nil {
			t.Fatal(err)
		}
		b.Report(firstTry, overloaded) // the last token
		for range 3 {
			done, err := b.Acquire(t.Context(), firstTry)
			if err != nil {
				t.Fatal(err)
			}
			done(accepted)
		}
		if slow(accepted); !b.Idle() {
			t.Error("it is not idle")
		}
	})
}

// So is one whose last call is cancelled as it fills.
func TestBudgetIsIdleAfterACancel(t *testing.T) {
	for range 20 { // who waits may see either first
		synctest.Test(t, func(t *testing.T) {
			b := &limit.Budget{Size: 1}
			b.Report(firstTry, overloaded)
			probe, err := b.Acquire(t.Context(), firstTry)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			enter(ctx, b, firstTry, func(done func(limit.Answer) bool, err error) {
				if err == nil {
					done(accepted)
				}
			})
			cancel()
			probe(accepted)
			if synctest.Wait(); !b.Idle() {
				t.Error("it is not idle")
			}
		})
	}
}

// When a probe is answered one may be in flight, and one more with each further
// answer, until nobody waits.
func TestBudgetDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := empty()
		const n, rtt = 1000, 100 * time.Millisecond
		var log log[time.Duration]
		start := time.Now()
		for range n {
			enter(t.Context(), b, firstTry, func(done func(limit.Answer) bool, _ error) {
				log.add(time.Since(start))
				time.Sleep(rtt)
				done(accepted)
			})
		}
		pass(time.Minute)
		if len(log.all) != n || held(t, b, "h") || !b.Idle() {
			t.Fatalf("%d went", len(log.all))
		}
		at, left := 500*time.Millisecond+rtt, n-1
		for most := 1; left > 0; most *= 2 {
			for range min(most, left) {
				if went := log.all[n-left]; went != at {
					t.Fatalf("number %d went at %v, want %v", n-left+1, went, at)
				}
				left--
			}
			at += rtt
		}
	})
}

// While calls wait nobody overtakes them, though there are tokens again.
func TestBudgetIsFIFO(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := empty()
		var order log[int]
		call := func(i int) {
			enter(t.Context(), b, firstTry, func(done func(limit.Answer) bool, _ error) {
				order.add(i)
				time.Sleep(100 * time.Millisecond)
				done(accepted)
			})
		}
		for i := range 5 {
			call(i)
		}
		pass(650 * time.Millisecond) // the probe was answered
		call(5)
		pass(time.Minute)
		if !slices.Equal(order.all, []int{0, 1, 2, 3, 4, 5}) {
			t.Errorf("order %v", order.all)
		}
	})
}

// Size is how many failures empty a bucket; beyond 1024 hosts there is none.
func TestBudgetIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &limit.Budget{Size: 2}
		for i := range 1025 {
			for range 2 {
				b.Report(limit.Call{Host: fmt.Sprint(i)}, overloaded)
			}
		}
		if !held(t, b, "0") || !held(t, b, "1023") || held(t, b, "1024") {
			t.Error("not two failures, or not 1024 hosts")
		}
	})
}

// A full bucket is kept while a call is in flight that may take from it.
func TestBudgetKeepsWhatIsInUse(t *testing.T) {
	b := &limit.Budget{}
	b.Report(firstTry, overloaded)
	if b.Report(firstTry, accepted); !b.Idle() {
		t.Error("a good answer puts none back")
	}
	b.Report(firstTry, overloaded)
	done, err := b.Acquire(t.Context(), firstTry)
	if err != nil {
		t.Fatal(err)
	}
	if b.Report(firstTry, accepted); b.Idle() {
		t.Error("dropped with a call in flight")
	}
	if done(accepted); !b.Idle() {
		t.Error("kept")
	}
}

// If the API fails again while the line drains, the budget runs out again.
func TestBudgetRelapse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := empty()
		var attempts atomic.Int32
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		for range 500 {
			enter(ctx, b, firstTry, func(done func(limit.Answer) bool, err error) {
				if err != nil {
					return
				}
				a := overloaded
				if attempts.Add(1) == 1 {
					a = accepted
				}
				time.Sleep(20 * time.Millisecond)
				done(a)
			})
		}
		<-ctx.Done()
		synctest.Wait()
		if attempts.Load() > 50 || !held(t, b, "h") {
			t.Errorf("%d attempts", attempts.Load())
		}
	})
}

func TestBudgetWaiterLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := empty()
		wait := func(d time.Duration) error {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			done, err := b.Acquire(ctx, firstTry)
			if err == nil {
				done(limit.Answer{})
			}
			return err
		}
		start := time.Now()
		err := wait(100 * time.Millisecond)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 100*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		_ = wait(400 * time.Millisecond) // the probe's turn and the end of the context at the same moment
		start = time.Now()
		if err := wait(time.Minute); err != nil || time.Since(start) > 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// A probe without an answer does not hold back the next one.
func TestBudgetSilentProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := empty()
		var at log[time.Duration]
		start := time.Now()
		for range 3 {
			enter(t.Context(), b, firstTry, func(func(limit.Answer) bool, error) { at.add(time.Since(start)) })
		}
		pass(time.Minute)
		if want := []time.Duration{time.Second / 2, time.Second, 3 * time.Second / 2}; !slices.Equal(at.all, want) {
			t.Errorf("probes at %v, want %v", at.all, want)
		}
	})
}

// Each host has a bucket, and one that is full again is dropped.
func TestBudgetIsPerHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := empty()
		if !held(t, b, "h") || held(t, b, "other") || b.Idle() {
			t.Errorf("empty: %v, %v", held(t, b, "h"), held(t, b, "other"))
		}
		start := time.Now()
		if _, err := b.Acquire(t.Context(), limit.Call{Host: "other"}); err != nil || time.Since(start) != 0 {
			t.Errorf("another host waits: %v", err)
		}
		for range 40 {
			done, err := b.Acquire(t.Context(), firstTry)
			if err != nil {
				t.Fatal(err)
			}
			done(accepted)
		}
		if held(t, b, "h") || !b.Idle() {
			t.Errorf("not idle after 40 good answers; empty %v", held(t, b, "h"))
		}
	})
}
