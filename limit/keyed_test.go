package limit_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// throttled reports a rejection of an attempt that passed while p was inert.
func throttled(p *limit.PerAction, c limit.Call) {
	p.Done(limit.Ticket{State: c}, limit.Throttled)
}

func TestPerActionKeepsKeysApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &limit.PerAction{}
		throttled(p, firstTry)
		if p.Inert() {
			t.Fatal("inert after a rejection")
		}
		for _, c := range []limit.Call{
			{Host: "h", Action: "b", Attempt: 1}, {Host: "i", Action: "a", Attempt: 1}, {Account: "x", Host: "h", Action: "a", Attempt: 1},
		} {
			if tk, err := p.Acquire(t.Context(), c); err != nil || tk != (limit.Ticket{}) {
				t.Errorf("%v waits for another's quota: %v %v", c, tk, err)
			}
		}
		start := time.Now()
		tk, err := p.Acquire(t.Context(), firstTry)
		if err != nil || tk.Since.IsZero() || time.Since(start) == 0 {
			t.Errorf("no wait after a rejection: %v %v", tk, err)
		}
		p.Done(tk, limit.Accepted)

		time.Sleep(2 * time.Minute)
		if _, err := p.Acquire(t.Context(), firstTry); err != nil || !p.Inert() {
			t.Errorf("not inert after two idle minutes: %v", err)
		}
	})
}

// In-flight attempts that passed while a PerAction was inert belong to the
// burst: they close the quota once, not once each.
func TestPerActionBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &limit.PerAction{}
		for i := range 64 {
			o := limit.Accepted
			if i%2 == 0 {
				o = limit.Throttled
			}
			p.Done(limit.Ticket{State: firstTry}, o)
		}
		start := time.Now()
		tk, err := p.Acquire(t.Context(), retry)
		if err != nil || time.Since(start) > 50*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		p.Done(tk, limit.Accepted)
	})
}

func TestPerActionIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made := map[string]int{}
		p := &limit.PerAction{MaxKeys: 2, New: func(c limit.Call) limit.Limiter {
			made[c.Action]++
			return rate.NewLimiter(rate.Inf, 1)
		}}
		turn := func(action string) limit.Ticket {
			time.Sleep(time.Millisecond)
			tk, err := p.Acquire(t.Context(), limit.Call{Action: action, Attempt: 1})
			if err != nil {
				t.Fatal(err)
			}
			return tk
		}
		held := turn("held") // in flight all the time
		for i := range 10 {
			p.Done(turn(fmt.Sprint(i)), limit.Accepted)
		}
		p.Done(turn("9"), limit.Accepted)
		p.Done(turn("held"), limit.Accepted)
		p.Done(held, limit.Accepted)
		if made["held"] != 1 || made["9"] != 1 {
			t.Errorf("made %v", made)
		}
		p.Done(turn("0"), limit.Accepted)
		if made["0"] != 2 {
			t.Error("a key was kept beyond the bound")
		}
	})
}

func TestPerActionNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &limit.Adaptive{}
		p := &limit.PerAction{New: func(c limit.Call) limit.Limiter {
			switch c.Action {
			case "own":
				return gate
			case "none":
				return nil
			}
			return rate.NewLimiter(rate.Every(time.Second), 1)
		}}
		start := time.Now()
		for range 3 {
			tk, err := p.Acquire(t.Context(), limit.Call{Action: "told", Attempt: 1})
			if err != nil {
				t.Fatal(err)
			}
			p.Done(tk, limit.Accepted)
		}
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("3 turns at one a second took %v", d)
		}
		p.Done(limit.Ticket{State: limit.Call{Action: "own"}}, limit.Throttled)
		if gate.Inert() {
			t.Error("the user's gate was not told")
		}
		if tk, err := p.Acquire(t.Context(), limit.Call{Action: "none"}); err != nil || !tk.Since.IsZero() {
			t.Errorf("%v %v", tk, err)
		}
	})
}

// No minute holds more than the documented 100 calls, wherever it begins.
func TestDocumented(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := limit.Documented()
		var turns []time.Time
		for range 400 {
			tk, err := p.Acquire(t.Context(), firstTry)
			if err != nil {
				t.Fatal(err)
			}
			turns = append(turns, time.Now())
			p.Done(tk, limit.Accepted)
		}
		for i := range turns[100:] {
			if d := turns[i+100].Sub(turns[i]); d < time.Minute {
				t.Fatalf("101 calls in %v", d)
			}
		}
		if d := turns[399].Sub(turns[0]); d > 5*time.Minute {
			t.Errorf("400 calls took %v", d)
		}
	})
}

func TestPerHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &limit.PerHost{}
		for range 20 {
			p.Done(limit.Ticket{State: firstTry}, limit.Overloaded)
		}
		if !p.Empty("h") || p.Empty("other") || p.Inert() {
			t.Errorf("empty: %v, %v", p.Empty("h"), p.Empty("other"))
		}
		if tk, err := p.Acquire(t.Context(), limit.Call{Host: "other"}); err != nil || tk != (limit.Ticket{}) {
			t.Errorf("another host waits: %v %v", tk, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := p.Acquire(ctx, firstTry); err == nil {
			t.Error("passed an empty budget")
		}
		for range 40 {
			tk, err := p.Acquire(t.Context(), firstTry)
			if err != nil {
				t.Fatal(err)
			}
			if tk.State == nil {
				tk.State = firstTry
			}
			p.Done(tk, limit.Accepted)
		}
		time.Sleep(time.Second)
		if p.Empty("h") || !p.Inert() {
			t.Errorf("not inert after 40 good answers; empty %v", p.Empty("h"))
		}
	})
}
