package limit

import (
	"context"
	"sync"
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
	mu      sync.Mutex
	line    line
	seq     uint64
	alarm   alarm
	breaker breaker
}

func (b *Budget) size() int {
	if b.Size <= 0 {
		return defaultBudget
	}
	return b.Size
}

// Idle reports whether the bucket is full, so that every call passes and only
// an Overloaded answer need be reported. It is one atomic load.
func (b *Budget) Idle() bool { return !b.active.Load() }

// Acquire passes unless the bucket is empty; then it waits in line. It returns
// ctx's error as soon as ctx ends, and no other.
func (b *Budget) Acquire(ctx context.Context, c Call) (done func(Answer) bool, err error) {
	if b.Idle() {
		return func(a Answer) bool { b.Report(c, a); return false }, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := &waiter{call: c}
	if err := b.wait(ctx, w); err != nil {
		return nil, err
	}
	return func(a Answer) bool { b.report(w.sent, a); return false }, nil
}

func (b *Budget) wait(ctx context.Context, w *waiter) error {
	b.mu.Lock()
	b.seq++
	w.seq = b.seq
	b.breaker.arrive(w.call.Attempt)
	b.line.add(w)
	b.serve()
	if w.in == nil {
		b.mu.Unlock()
		return nil
	}
	w.ready = make(chan struct{})
	b.mu.Unlock()

	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if w.in != nil {
		w.in.remove(w)
	} else {
		b.breaker.undo(time.Now()) // the turn came at the same moment
	}
	b.serve()
	return ctx.Err()
}

// serve lets go everyone whose turn has come and sets the alarm for the next.
func (b *Budget) serve() {
	now := time.Now()
	for {
		w, wait := b.breaker.next(now, &b.line)
		if w == nil {
			b.alarm.stop()
			return
		}
		if wait > 0 {
			b.alarm.set(now.Add(wait), now, b.ring)
			return
		}
		w.in.remove(w)
		w.sent = now
		b.breaker.let(now)
		w.wake(nil)
	}
}

func (b *Budget) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.alarm.due = time.Time{}
	b.serve()
}

// Wait is Acquire for a caller that does not report answers.
func (b *Budget) Wait(ctx context.Context) error {
	done, err := b.Acquire(ctx, Call{Attempt: 1})
	if err == nil {
		done(Answer{})
	}
	return err
}

// Report tells of an attempt that was sent without Acquire.
func (b *Budget) Report(_ Call, a Answer) { b.report(time.Time{}, a) }

func (b *Budget) report(sent time.Time, a Answer) {
	if !b.active.Load() && a.Outcome != Overloaded {
		return
	}
	if a.Outcome == Overloaded {
		// Before the lock is had: failures may queue for it, and the answers
		// that come meanwhile are to be counted too.
		b.active.Store(true)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.active.Load() && a.Outcome != Overloaded {
		return
	}
	b.active.Store(true)
	if b.breaker.size == 0 {
		b.breaker = breaker{size: b.size(), tokens: b.size()}
	}
	b.breaker.done(sent, time.Now(), a.Outcome, b.line.len())
	b.serve()
	if b.breaker.state == passing && b.breaker.tokens == b.breaker.size && b.line.len() == 0 {
		b.breaker = breaker{}
		b.active.Store(false)
	}
}

// Waiting returns the number of calls in line.
func (b *Budget) Waiting() int {
	if b.Idle() {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.line.len()
}

// Empty reports whether calls are held back because too many answers before
// were Overloaded.
func (b *Budget) Empty() bool {
	if b.Idle() {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.breaker.state != passing
}
