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
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

func TestIdle(t *testing.T) {
	for name, g := range map[string]acquirer{"Adaptive": &limit.Adaptive{}, "Budget": &limit.Budget{}} {
		n := testing.AllocsPerRun(100, func() {
			if !g.Idle() {
				t.Fatal("not idle")
			}
			g.Report(firstTry, accepted)
		})
		done, err := g.Acquire(t.Context(), firstTry)
		if n != 0 || err != nil || done(accepted) || !g.Idle() {
			t.Errorf("%s: %v allocations, %v", name, n, err)
		}
	}
	a := closed()
	if a.Idle() {
		t.Error("idle after a rejection")
	}
	b := &limit.Adaptive{}
	done, _ := b.Acquire(t.Context(), firstTry)
	if done(throttled); b.Idle() {
		t.Error("the rejection of an attempt that passed an idle limiter was not seen")
	}
}

// Calls go in the order in which they began, whatever the order in which they
// came and however often they were rejected.
func TestOrderByBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{Quota: func(limit.Key) limit.Quota { return limit.Quota{Limit: 10, Per: time.Second} }}
		a.Report(firstTry, throttled)
		start := time.Now()
		var order log[string]
		var send func(name string, c limit.Call, rejections int)
		send = func(name string, c limit.Call, rejections int) {
			enter(t.Context(), a, c, func(done func(limit.Answer) bool, _ error) {
				order.add(name)
				if rejections > 0 {
					done(throttled)
					send(name, c, rejections-1)
					return
				}
				done(accepted)
			})
		}
		for _, began := range []int{3, 1, 5, 2, 4} {
			c := firstTry
			c.Begun = start.Add(time.Duration(began) * time.Millisecond)
			rejections := 0
			if began == 1 {
				rejections = 3
			}
			send(fmt.Sprint(began), c, rejections)
		}
		pass(time.Minute)
		if want := []string{"1", "1", "1", "1", "2", "3", "4", "5"}; !slices.Equal(order.all, want) {
			t.Errorf("order %v", order.all)
		}
	})
}

func TestWaiterLeavesWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		ctx, cancel := context.WithCancel(t.Context())
		var err error
		enter(ctx, a, firstTry, func(_ func(limit.Answer) bool, e error) { err = e })
		cancel()
		synctest.Wait()
		if !errors.Is(err, context.Canceled) || a.States()[0].Queue != 0 {
			t.Errorf("%v, %+v", err, a.States())
		}
		if _, err := a.Acquire(ctx, firstTry); !errors.Is(err, context.Canceled) {
			t.Errorf("an ended context may send: %v", err)
		}
	})
}

// ending is a context whose end comes together with the permission that is
// waited for: whoever asks for Done gets it when both are there, and select
// takes either.
type ending struct {
	context.Context
	in  time.Duration
	err error
}

func (e *ending) Done() <-chan struct{} {
	pass(e.in)
	ended := make(chan struct{})
	close(ended)
	e.err = context.Canceled
	return ended
}

func (e *ending) Err() error { return e.err }

// A permission that comes as its call's context ends is handed on: the next
// call goes at once, and need not wait until the attempt that was not made is
// taken for one without an answer.
func TestPermissionThatNobodyTakes(t *testing.T) {
	for name, test := range map[string]struct {
		gate func() acquirer
		in   time.Duration // until the first probe
	}{
		"Adaptive": {func() acquirer { return closed() }, 20 * time.Millisecond},
		"Budget":   {func() acquirer { return empty() }, 500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			handed := 0
			for range 64 { // half of them on an average
				synctest.Test(t, func(t *testing.T) {
					g := test.gate()
					start := time.Now()
					done, err := g.Acquire(&ending{t.Context(), test.in, nil}, firstTry)
					if err == nil {
						done(limit.Answer{})
					} else {
						handed++
					}
					if waited := time.Since(start); waited != test.in {
						t.Fatalf("it came after %v", waited)
					}
					done, err = g.Acquire(t.Context(), firstTry)
					if waited := time.Since(start) - test.in; err != nil || waited != 0 {
						t.Errorf("the next call waited %v, %v", waited, err)
						return
					}
					done(limit.Answer{})
				})
			}
			if handed == 0 {
				t.Error("none was handed on: the test tests nothing")
			}
		})
	}
}

// While a key is closed one attempt at a time asks for its return, ever less
// often, and one without an answer holds the next one back for a second.
func TestOneProbeAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		start := time.Now()
		var at log[time.Duration]
		for range 30 {
			go func() {
				for {
					done, err := a.Acquire(t.Context(), firstTry)
					if err != nil {
						return
					}
					at.add(time.Since(start))
					time.Sleep(10 * time.Millisecond)
					done(throttled)
				}
			}()
		}
		pass(time.Minute)
		for i := 1; i < len(at.all); i++ {
			gap := at.all[i] - at.all[i-1]
			want := max(20*time.Millisecond, min(at.all[i-1]/2, 10*time.Second))
			if early := at.all[i-1] < time.Second && at.all[i-1]+want > time.Second; early {
				want = 1010*time.Millisecond - at.all[i-1] // the shortest window has passed
			}
			if gap < want || gap > want+20*time.Millisecond {
				t.Errorf("a probe at %v, the one before at %v", at.all[i], at.all[i-1])
			}
		}
		if n := len(at.all); n < 15 || n > 20 {
			t.Errorf("%d probes in a minute: %v", n, at.all)
		}
	})
	synctest.Test(t, func(t *testing.T) { // never answered
		a := closed()
		start := time.Now()
		var at log[time.Duration]
		for range 3 {
			enter(t.Context(), a, firstTry, func(func(limit.Answer) bool, error) { at.add(time.Since(start)) })
		}
		pass(time.Minute)
		want := []time.Duration{20 * time.Millisecond, 1020 * time.Millisecond, 2020 * time.Millisecond}
		if !slices.Equal(at.all, want) {
			t.Errorf("silent probes at %v", at.all)
		}
	})
}

// A key that was closed for long is asked once a second at most when it closes
// again: a window that opens bit by bit is asked when there is more of it.
func TestWindowIsProbedOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		start := time.Now()
		var at log[time.Duration]
		for range 5 {
			go func() {
				for {
					done, err := a.Acquire(t.Context(), firstTry)
					if err != nil {
						return
					}
					time.Sleep(10 * time.Millisecond)
					now := time.Since(start)
					if now > 8*time.Second && now < 12*time.Second {
						done(accepted)
						continue
					}
					at.add(now)
					done(throttled)
				}
			}()
		}
		pass(20 * time.Second)
		probes, _ := slices.BinarySearch(at.all, 12*time.Second+100*time.Millisecond) // the last was in flight
		for i := probes + 1; i < len(at.all); i++ {
			if gap := at.all[i] - at.all[i-1]; gap < time.Second {
				t.Errorf("probes at %v and %v", at.all[i-1], at.all[i])
			}
		}
		if len(at.all)-probes < 3 {
			t.Errorf("probes at %v", at.all)
		}
	})
}

// While an attempt's answer is awaited, nobody knows when the next one goes: a
// call whose time is short is not refused for that.
func TestDeadlineBeforeAnAnswer(t *testing.T) {
	for _, opened := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a := closed()
			send := func(took time.Duration) {
				done, err := a.Acquire(t.Context(), firstTry)
				if err != nil {
					t.Error(err)
					return
				}
				time.Sleep(took)
				done(accepted)
			}
			if opened {
				send(0)
			}
			for range 2 { // as many as go at once
				go send(100 * time.Millisecond)
			}
			pass(50 * time.Millisecond)
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			done, err := a.Acquire(ctx, firstTry)
			if err != nil {
				t.Errorf("open %v: %v", opened, err)
				return
			}
			done(accepted)
			time.Sleep(time.Second)
		})
	}
}

// An attempt without an answer is waited for a second; then a call whose answer
// would come too late is not let go in its place.
func TestDeadlineBehindALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		send := func() {
			if done, err := a.Acquire(t.Context(), firstTry); err == nil {
				time.Sleep(5 * time.Second)
				done(accepted)
			}
		}
		for range 30 {
			send()
		}
		a.Report(firstTry, throttled)
		done, _ := a.Acquire(t.Context(), firstTry)
		done(throttled)
		time.Sleep(time.Minute)
		go send() // the probe
		pass(10 * time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		c := firstTry
		c.AnswerBy, _ = ctx.Deadline()
		if _, err := a.Acquire(ctx, c); !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			t.Errorf("%v, %v", err, ctx.Err())
		}
		time.Sleep(time.Minute)
	})
}

// One slow answer does not keep away calls that have less time.
func TestOneSlowAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{Quota: func(limit.Key) limit.Quota { return limit.Quota{Limit: 10, Per: time.Second} }}
		send := func(took, within time.Duration) {
			ctx, cancel := context.WithTimeout(context.Background(), within)
			defer cancel()
			c := firstTry
			c.AnswerBy, _ = ctx.Deadline()
			done, err := a.Acquire(ctx, c)
			if err != nil {
				t.Errorf("at %v: %v", time.Now(), err)
				return
			}
			time.Sleep(took)
			done(accepted)
		}
		send(time.Minute, time.Hour)
		for range 20 {
			for range 3 { // two of them wait
				go send(50*time.Millisecond, 5*time.Second)
			}
			time.Sleep(time.Minute)
		}
	})
}

// A slow rejection was sent some time ago: the first probe goes soon.
func TestProbeAfterASlowRejection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		send := func(took time.Duration, ans limit.Answer) {
			if done, err := a.Acquire(t.Context(), firstTry); err == nil {
				time.Sleep(took)
				done(ans)
			}
		}
		send(0, accepted)
		send(4*time.Second, throttled)
		began := time.Now()
		go send(time.Millisecond, accepted)
		send(0, accepted)
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("asked after %v", took)
		}
	})
}

// However long a window is believed to be, its key is asked once a minute.
func TestLongWindowIsAskedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{}
		quota := one(qcloudtest.FixedWindow(30, 5*time.Minute))
		for range 100 {
			go func() {
				done, err := a.Acquire(t.Context(), firstTry)
				for err == nil && !quota.Take(time.Now()) {
					done(throttled)
					done, err = a.Acquire(t.Context(), firstTry)
				}
				if err == nil {
					done(accepted)
				}
			}()
		}
		pass(10*time.Minute + 30*time.Second)
		s := a.States()[0]
		if wait := time.Until(s.ClosedUntil); s.Window < 4*time.Minute || s.Queue == 0 || wait <= 0 || wait > time.Minute {
			t.Errorf("asked in %v: %+v", wait, s)
		}
	})
}

// Who waits alone for a closed key of which nothing is known waits as its own
// Delay says, counted in the key's rejections; and no more than 20 times.
func TestLoneCallerWaitsByItsDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{}
		p := &api{gate: a, quota: &changing{one(qcloudtest.FixedWindow(0, 1)), one(qcloudtest.FixedWindow(100, time.Second)), time.Now().Add(9 * time.Second)}}
		took := p.work(t.Context(), 1, 1)
		if p.failed > 0 || p.attempts != 5 || took < 15*time.Second || took > 15200*time.Millisecond { // 1 + 2 + 4 + 8
			t.Errorf("%d failed, %d attempts, %v", p.failed, p.attempts, took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		c := firstTry
		c.History, c.Delay = new(limit.History), func(int) time.Duration { return time.Millisecond }
		start, attempts := time.Now(), 0
		var err error
		for err == nil {
			var done func(limit.Answer) bool
			if done, err = a.Acquire(t.Context(), c); err == nil {
				attempts++
				done(throttled)
			}
		}
		var late *limit.WaitError
		if !errors.As(err, &late) || late.Reason != limit.Waits || attempts != 20 || time.Since(start) != 20*time.Millisecond {
			t.Errorf("%v after %d attempts and %v", err, attempts, time.Since(start))
		}
	})
}

// Where several wait for a closed key of which nothing is known, none waits
// longer for it than its own Delay says.
func TestDelayBoundsTheProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		start := time.Now()
		var at log[time.Duration]
		for range 5 {
			c := firstTry
			c.Delay = func(int) time.Duration { return time.Millisecond }
			go func() {
				for {
					done, err := a.Acquire(t.Context(), c)
					if err != nil || time.Since(start) > time.Second {
						return
					}
					at.add(time.Since(start))
					done(throttled)
				}
			}()
		}
		pass(10 * time.Second)
		if n := len(at.all); n < 900 {
			t.Errorf("%d probes in a second", n)
		}
	})
}

// A rejection that lasts for ever ends the calls after two minutes, before a
// probe that would come later; a queue that moves ends none.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &api{gate: &limit.Adaptive{}, quota: one(qcloudtest.FixedWindow(0, time.Second))}
		took := p.work(t.Context(), 50, 50)
		if p.failed != 50 || took > 2*time.Minute || took < 100*time.Second {
			t.Errorf("%d of 50 failed, %v", p.failed, took)
		}
		for _, d := range p.took {
			if d > 2*time.Minute {
				t.Errorf("a call took %v", d)
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		p := &api{gate: &limit.Adaptive{}, quota: one(qcloudtest.TokenBucket(0.2, 1))}
		if p.work(t.Context(), 100, 100); p.failed > 0 {
			t.Errorf("%d of 100 failed", p.failed)
		}
	})
}

// A wait that would end after the deadline is not begun.
func TestWaitIsPlanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		a.Report(firstTry, limit.Answer{Outcome: limit.Throttled, RetryAfter: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
		defer cancel()
		start := time.Now()
		for range 3 { // the first in the queue and those behind it
			_, err := a.Acquire(ctx, firstTry)
			var late *limit.WaitError
			if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &late) || time.Since(start) != 0 {
				t.Errorf("%v after %v", err, time.Since(start))
			} else if !late.Until.Equal(start.Add(time.Minute)) {
				t.Errorf("until %v", late.Until.Sub(start))
			}
			enter(t.Context(), a, firstTry, func(func(limit.Answer) bool, error) {})
		}
		pass(2 * time.Minute)
	})
	synctest.Test(t, func(t *testing.T) { // one that becomes too long while it lasts
		a := closed()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
		defer cancel()
		enter(t.Context(), a, firstTry, func(done func(limit.Answer) bool, _ error) {
			done(limit.Answer{Outcome: limit.Throttled, RetryAfter: time.Minute})
		})
		start := time.Now()
		enter(t.Context(), a, firstTry, func(func(limit.Answer) bool, error) {})
		_, err := a.Acquire(ctx, firstTry)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		pass(2 * time.Minute)
	})
}

// A Retry-After closes the key for all: nobody asks before, one asks then, and
// the others follow at a pace. Ten minutes are the most.
func TestRetryAfter(t *testing.T) {
	for _, asked := range []time.Duration{90 * time.Second, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			a := closed()
			a.Report(firstTry, limit.Answer{Outcome: limit.Throttled, RetryAfter: asked})
			start, want := time.Now(), min(asked, 10*time.Minute)
			if until := a.States()[0].ClosedUntil; !until.Equal(start.Add(want)) {
				t.Errorf("closed for %v", until.Sub(start))
			}
			var at log[time.Duration]
			for range 100 {
				c := firstTry
				c.Patience = time.Minute // the time that the API asks for does not count
				enter(t.Context(), a, c, func(done func(limit.Answer) bool, err error) {
					if err != nil {
						t.Error(err)
						return
					}
					at.add(time.Since(start))
					time.Sleep(20 * time.Millisecond)
					done(accepted)
				})
			}
			pass(time.Hour)
			if len(at.all) != 100 || at.all[0] != want || at.all[1] < want+20*time.Millisecond {
				t.Fatalf("%d went, from %v on", len(at.all), at.all[:min(len(at.all), 3)])
			}
			if at.all[20] == at.all[1] {
				t.Error("a herd came back")
			}
		})
	}
}

// So does that of an attempt which the key did not let go, and that is answered
// when the key is open again.
func TestRetryAfterOnAnOpenKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		done, _ := a.Acquire(t.Context(), firstTry)
		done(accepted)
		a.Report(firstTry, limit.Answer{Outcome: limit.Throttled, RetryAfter: time.Minute})
		start := time.Now()
		if _, err := a.Acquire(t.Context(), firstTry); err != nil || time.Since(start) != time.Minute {
			t.Errorf("went after %v, %v", time.Since(start), err)
		}
	})
}

// A call that is rejected again and again while others get through goes to the
// end of the queue, and those rejections count.
func TestHopelessCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		start := time.Now()
		var healthy atomic.Int64
		for range 4 {
			go func() {
				for time.Since(start) < time.Minute {
					done, err := a.Acquire(t.Context(), firstTry)
					if err != nil {
						t.Error(err)
						return
					}
					time.Sleep(20 * time.Millisecond)
					healthy.Add(1)
					done(accepted)
				}
			}()
		}
		pass(time.Second)
		counted := 0
		c := firstTry
		c.Begun, c.History, c.Delay, c.Patience = start, new(limit.History), delays, 2*time.Minute
		for counted < 5 {
			done, err := a.Acquire(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
			if done(throttled) {
				counted++
			}
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("the hopeless call ended after %v", took)
		}
		pass(time.Minute)
		if healthy.Load() < 1000 {
			t.Errorf("only %d others in a minute", healthy.Load())
		}
	})
}

// When it has gone to the end, who came meanwhile goes first.
func TestHopelessCallGoesToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		hopeless := firstTry
		hopeless.Begun, hopeless.History = time.Now(), new(limit.History)
		for i, counts := range []bool{false, false, true} {
			if i == 2 { // others get through between its rejections
				done, _ := a.Acquire(t.Context(), firstTry)
				done(accepted)
			}
			done, _ := a.Acquire(t.Context(), hopeless)
			time.Sleep(time.Millisecond)
			if got := done(throttled); got != counts {
				t.Errorf("rejection %d counts: %v", i, got)
			}
		}
		var order log[int]
		for i, c := range []limit.Call{firstTry, firstTry, hopeless} {
			if i < 2 {
				c.Begun = time.Now().Add(-time.Millisecond)
			}
			enter(t.Context(), a, c, func(done func(limit.Answer) bool, _ error) {
				order.add(i)
				time.Sleep(time.Millisecond)
				done(accepted)
			})
		}
		pass(time.Minute)
		if !slices.Equal(order.all, []int{0, 1, 2}) {
			t.Errorf("order %v", order.all)
		}
	})
}

// 50,000 calls that wait for a closed key cost little, and leave it quickly.
func TestManyWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 50_000
		a := closed()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for i := range n {
			c := firstTry
			c.Begun = time.Now().Add(-time.Duration(i*7919%n) * time.Microsecond)
			go func() {
				if done, err := a.Acquire(ctx, c); err == nil {
					done(throttled)
				}
			}()
		}
		synctest.Wait()
		if q := a.States()[0].Queue; q != n {
			t.Fatalf("%d wait", q)
		}
		cancel()
		synctest.Wait()
		if q := a.States()[0].Queue; q != 0 {
			t.Errorf("%d wait still", q)
		}
	})
}

// The rejection of a probe whose answer was late closes no key that a later probe
// found open.
func TestLateAnswerOfAProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		var probes []func(limit.Answer) bool
		for range 2 { // the second goes when the first has been silent for a second
			done, err := a.Acquire(t.Context(), firstTry)
			if err != nil {
				t.Fatal(err)
			}
			probes = append(probes, done)
		}
		probes[1](accepted)
		pass(time.Second)
		probes[0](throttled)
		if s := a.States()[0]; !s.ClosedUntil.IsZero() {
			t.Errorf("closed again: %+v", s)
		}
	})
}
