package limit_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// late is a context whose end comes together with the turn that is waited for:
// whoever asks for Done gets it when both are there, and select takes either.
type late struct {
	context.Context
	turn time.Duration // how long the turn takes to come
	err  error
}

func (l *late) Done() <-chan struct{} {
	pass(l.turn)
	ended := make(chan struct{})
	close(ended)
	l.err = context.Canceled
	return ended
}

func (l *late) Err() error { return l.err }

// A turn that comes as its call's context ends is handed back: the next call
// goes at once, and need not wait until the attempt that was not made is taken
// for one without an answer.
func TestTurnThatNobodyTakes(t *testing.T) {
	for name, test := range map[string]struct {
		gate func() limit.Gate
		turn time.Duration // until the first probe
	}{
		"Adaptive": {func() limit.Gate { return closed() }, 20 * time.Millisecond},
		"Budget":   {func() limit.Gate { return empty() }, 500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			handed := 0
			for range 64 { // half of them on an average
				synctest.Test(t, func(t *testing.T) {
					g := test.gate()
					start := time.Now()
					tk, err := g.Acquire(&late{t.Context(), test.turn, nil}, firstTry)
					if err == nil {
						g.Done(tk, limit.Abandoned)
					} else {
						handed++
					}
					if waited := time.Since(start); waited != test.turn {
						t.Fatalf("the turn came after %v", waited)
					}
					start = time.Now()
					tk, err = g.Acquire(t.Context(), firstTry)
					if waited := time.Since(start); err != nil || waited != 0 {
						t.Errorf("the next call waited %v, %v", waited, err)
					}
					g.Done(tk, limit.Abandoned)
				})
			}
			if handed == 0 {
				t.Error("no turn was handed back: the test tests nothing")
			}
		})
	}
}

// A probe without an answer holds the next one back for two seconds, and not
// for ever.
func TestBudgetSilentProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := empty()
		if _, err := b.Acquire(t.Context(), firstTry); err != nil { // never reported
			t.Fatal(err)
		}
		var at log[time.Duration]
		start := time.Now()
		for range 3 {
			enter(t.Context(), b, firstTry, func(limit.Ticket, error) { at.add(time.Since(start)) })
		}
		pass(time.Minute)
		if want := []time.Duration{2 * time.Second, 4 * time.Second, 6 * time.Second}; !slices.Equal(at.all, want) {
			t.Errorf("probes at %v, want %v", at.all, want)
		}
	})
}

// A key with an attempt in flight is kept, however long ago it was used: its
// outcome belongs to the limiter that let it through.
func TestKeyInFlightIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made := map[string]int{}
		p := &limit.PerAction{New: func(c limit.Call) limit.Limiter {
			made[c.Action]++
			return rate.NewLimiter(rate.Inf, 1)
		}}
		turn := func(action string) limit.Ticket {
			tk, err := p.Acquire(t.Context(), limit.Call{Action: action, Attempt: 1})
			if err != nil {
				t.Fatal(err)
			}
			return tk
		}
		held := turn("held")
		p.Done(turn("idle"), limit.Accepted)
		time.Sleep(11 * time.Minute)
		p.Done(turn("other"), limit.Accepted) // sweeps
		p.Done(turn("held"), limit.Accepted)
		p.Done(turn("idle"), limit.Accepted)
		p.Done(held, limit.Accepted)
		if made["held"] != 1 || made["idle"] != 2 {
			t.Errorf("made %v", made)
		}
	})
}

// unwilling is a limiter that gives no turns while it is told not to.
type unwilling struct{ err error }

func (u *unwilling) Wait(context.Context) error { return u.err }

// A Ceiling that refuses gives the turn back that was had before: the next call
// need not wait for the answer to an attempt that was not made.
func TestCeilingThatRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := closed()
		ceiling := &unwilling{errors.New("no")}
		a.Ceiling = ceiling
		if _, err := a.Acquire(t.Context(), firstTry); !errors.Is(err, ceiling.err) {
			t.Fatal(err)
		}
		ceiling.err = nil
		start := time.Now()
		if _, err := a.Acquire(t.Context(), firstTry); err != nil || time.Since(start) != 0 {
			t.Errorf("the next call waited %v, %v", time.Since(start), err)
		}
	})
}
