package limit

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// defaultBudget is how many overloaded answers more than good ones it
	// takes to empty a Budget: four calls of five attempts that all fail.
	defaultBudget = 20
	// probeEvery is the time between two probes while a Budget is empty.
	probeEvery = 500 * time.Millisecond
	// probePatience is how long a probe without an answer holds back the next.
	probePatience = 2 * time.Second
	// drainStart is the rate, in calls a second, at which a recovery begins;
	// drainDouble is the time in which it doubles up to the ceiling.
	drainStart  = 20.0
	drainDouble = 250 * time.Millisecond
	// drainTime is how long the drain of the line is meant to take, and
	// drainFloor the least ceiling.
	drainTime  = 7 * time.Second
	drainFloor = 100.0
	// recoveryTokens is what a successful probe puts into the empty budget.
	recoveryTokens = 3
)

// Budget keeps an outage from being multiplied by retries. It is a bucket of
// tokens: each Overloaded answer takes one, each other answer of the API
// puts one back. While it holds a token every call passes. When it is empty,
// calls do not fail: they wait in line, first come, first served, behind one
// probe each half second; when a probe is answered, they are let go at a rate
// that starts at 20/s and doubles each quarter of a second, up to one that
// empties the line within 7 s.
//
// A bucket of tokens on retries is gRPC's retry throttling (gRFC A6) and the
// retry quota of the AWS SDKs. Those fail the calls when it is empty; and they
// refill more slowly, so that an API that fails three calls in ten empties
// them, while this one stands up to nearly one failure in two.
//
// The zero value is a full bucket. A Budget is safe for concurrent use and
// must not be copied after its first use.
type Budget struct {
	// Size is how many tokens the bucket holds; 0 or less means 20.
	Size int

	active  atomic.Bool
	gate    turnstile
	breaker breaker
}

func (b *Budget) size() int {
	if b.Size <= 0 {
		return defaultBudget
	}
	return b.Size
}

// Inert reports whether the bucket is full, so that every call passes and
// only an Overloaded outcome need be reported. It is one atomic load.
func (b *Budget) Inert() bool { return !b.active.Load() }

// Acquire passes unless the bucket is empty; then it waits in line. It returns
// ctx's error as soon as ctx ends, and no other.
func (b *Budget) Acquire(ctx context.Context, c Call) (Ticket, error) {
	if !b.active.Load() {
		return Ticket{}, nil
	}
	if err := ctx.Err(); err != nil {
		return Ticket{}, err
	}
	b.gate.mu.Lock()
	b.breaker.arrive(c.Attempt)
	since, err := b.gate.acquire(ctx, &b.breaker, c.Attempt)
	return Ticket{Since: since}, err
}

// Wait is Acquire for a caller that does not report outcomes.
func (b *Budget) Wait(ctx context.Context) error {
	t, err := b.Acquire(ctx, Call{Attempt: 1})
	if err == nil && !t.Since.IsZero() {
		b.Done(t, Abandoned)
	}
	return err
}

// Done reports an outcome. A ticket that was handed out while b was inert may
// be reported as the zero Ticket, and need not be reported at all unless its
// outcome is Overloaded.
func (b *Budget) Done(t Ticket, o Outcome) {
	if !b.active.Load() && o != Overloaded {
		return
	}
	if o == Overloaded {
		// Before the lock is had: failures may queue for it, and the answers
		// that come meanwhile are to be counted too.
		b.active.Store(true)
	}
	b.gate.mu.Lock()
	defer b.gate.mu.Unlock()
	if !b.active.Load() && o != Overloaded {
		return
	}
	b.active.Store(true)
	if b.breaker.size == 0 {
		b.breaker = breaker{size: b.size(), tokens: b.size()}
	}
	b.breaker.done(t.Since, time.Now(), o, b.gate.line.len())
	b.gate.serve(&b.breaker)
	if b.breaker.state == passing && b.breaker.tokens == b.breaker.size && b.gate.line.len() == 0 {
		b.breaker = breaker{}
		b.active.Store(false)
	}
}

// Waiting returns the number of calls in line.
func (b *Budget) Waiting() int {
	if !b.active.Load() {
		return 0
	}
	b.gate.mu.Lock()
	defer b.gate.mu.Unlock()
	return b.gate.line.len()
}

// Empty reports whether calls are held back because too many answers before
// were Overloaded.
func (b *Budget) Empty() bool {
	if !b.active.Load() {
		return false
	}
	b.gate.mu.Lock()
	defer b.gate.mu.Unlock()
	return b.breaker.state != passing
}

func (b *Budget) lapse(time.Time) bool { return b.Inert() }
