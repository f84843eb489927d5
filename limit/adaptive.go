package limit

import (
	"context"
	"sync/atomic"
	"time"
)

// Adaptive finds the pace of one quota by itself. Until the first Throttled
// outcome it is inert: every call passes at once, and nothing is recorded.
// From then on it holds attempts in a line and lets them through at the rate
// at which the API accepts them; see the package comment for how that rate is
// learnt.
//
// A minute in which no call had to wait and none was rejected makes it forget
// what it learnt; it is inert again.
//
// The zero value is ready to use. An Adaptive is safe for concurrent use and
// must not be copied after its first use.
type Adaptive struct {
	// Ceiling, if set, is asked as well before each attempt: a limit that is
	// known beforehand, such as a *rate.Limiter.
	Ceiling Limiter

	active atomic.Bool
	gate   turnstile
	pacer  pacer
}

// forgetAfter is how long an Adaptive remembers a rate that holds nobody back.
const forgetAfter = time.Minute

// Inert reports whether the next call would pass without being recorded. It
// is one atomic load.
func (a *Adaptive) Inert() bool { return a.Ceiling == nil && !a.active.Load() }

// Acquire waits for c's turn: first come, first served, but retries
// (c.Attempt > 1) before first attempts. It returns ctx's error as soon as ctx
// ends, and no other error unless Ceiling has one.
func (a *Adaptive) Acquire(ctx context.Context, c Call) (Ticket, error) {
	var t Ticket
	if a.active.Load() {
		var err error
		if t.Since, err = a.acquire(ctx, c.Attempt); err != nil {
			return Ticket{}, err
		}
	}
	if a.Ceiling == nil {
		return t, nil
	}
	passed := false
	defer func() { // also of a panic in the Ceiling
		if !passed {
			a.Done(t, Abandoned)
		}
	}()
	if err := a.Ceiling.Wait(ctx); err != nil {
		return Ticket{}, err
	}
	passed = true
	return t, nil
}

func (a *Adaptive) acquire(ctx context.Context, attempt int) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, err
	}
	a.gate.mu.Lock()
	if a.forget(time.Now()) || !a.active.Load() {
		a.gate.mu.Unlock()
		return time.Time{}, nil
	}
	return a.gate.acquire(ctx, &a.pacer, attempt)
}

// Wait is Acquire for a caller that does not report outcomes.
func (a *Adaptive) Wait(ctx context.Context) error {
	t, err := a.Acquire(ctx, Call{Attempt: 1})
	if err == nil {
		a.Done(t, Abandoned)
	}
	return err
}

// Done reports an outcome. A ticket that was handed out while a was inert may
// be reported as the zero Ticket, and need not be reported at all unless its
// outcome is Throttled.
func (a *Adaptive) Done(t Ticket, o Outcome) {
	if !a.active.Load() && o != Throttled {
		return
	}
	a.gate.mu.Lock()
	defer a.gate.mu.Unlock()
	now := time.Now()
	if !a.active.Load() {
		if o != Throttled {
			return
		}
		a.pacer.start(now)
		a.active.Store(true)
		return
	}
	a.pacer.done(t.Since, now, o)
	a.gate.serve(&a.pacer)
}

// Rate returns the learnt rate in attempts per second, 0 while a is inert or
// has not yet learnt one.
func (a *Adaptive) Rate() float64 {
	if !a.active.Load() {
		return 0
	}
	a.gate.mu.Lock()
	defer a.gate.mu.Unlock()
	return a.pacer.rateNow()
}

// Estimate returns how long a first attempt that arrives now will probably
// wait, 0 while that cannot be told. It is a guess from the learnt rate, not a
// promise in either direction.
func (a *Adaptive) Estimate() time.Duration {
	if !a.active.Load() {
		return 0
	}
	a.gate.mu.Lock()
	defer a.gate.mu.Unlock()
	return a.pacer.estimate(time.Now(), a.gate.line.len())
}

// Waiting returns the number of calls in line.
func (a *Adaptive) Waiting() int {
	if !a.active.Load() {
		return 0
	}
	a.gate.mu.Lock()
	defer a.gate.mu.Unlock()
	return a.gate.line.len()
}

// forget makes a inert when nobody has been held back for long enough.
func (a *Adaptive) forget(now time.Time) bool {
	if !a.active.Load() || a.gate.line.len() > 0 || now.Sub(a.pacer.busy) < forgetAfter {
		return false
	}
	a.active.Store(false)
	return true
}

func (a *Adaptive) lapse(now time.Time) bool {
	a.gate.mu.Lock()
	defer a.gate.mu.Unlock()
	a.forget(now)
	return a.Inert()
}
