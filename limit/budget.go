package limit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// defaultBudget is how many overloaded answers more than good ones it
	// takes to empty a bucket: four calls of five attempts that all fail.
	defaultBudget = 20
	// probeEvery is the time between two probes while a bucket is empty.
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

// Budget keeps an outage from being multiplied by retries. It holds a bucket of
// tokens for each host: an Overloaded answer takes one, each other answer of
// the API puts one back. While there is a token every call passes. When there
// is none, calls do not fail: they wait in line, first come, first served,
// behind one probe each half second; when a probe is answered, they are let go
// at a rate that starts at 20/s and doubles each quarter of a second, up to one
// that empties the line within 7 s.
//
// A bucket of tokens on retries is gRPC's retry throttling (gRFC A6) and the
// retry quota of the AWS SDKs. Those fail the calls when it is empty; and they
// refill more slowly, so that an API that fails three calls in ten empties
// them, while this one stands up to nearly one failure in two.
//
// The zero value has full buckets; it keeps those that are not, for 1024 hosts
// at most. A Budget is safe for concurrent use and must not be copied after its
// first use.
type Budget struct {
	// Size is how many tokens a bucket holds; 0 or less means 20.
	Size int

	n     atomic.Int64 // buckets that are not full, or in use
	mu    sync.Mutex
	seq   uint64
	hosts map[string]*bucket
}

// bucket is one host's.
type bucket struct {
	of *Budget
	breaker
	line  line
	alarm alarm
	calls int // that wait or are in flight
}

// Idle reports whether all buckets are full, so that every call passes and only
// an Overloaded answer need be reported. It is one atomic load.
func (b *Budget) Idle() bool { return b.n.Load() == 0 }

// Acquire passes unless the bucket of c.Host is empty; then it waits in line.
// It returns ctx's error as soon as ctx ends, and no other.
func (b *Budget) Acquire(ctx context.Context, c Call) (done func(Answer) bool, err error) {
	pass := func(a Answer) bool { b.Report(c, a); return false }
	if b.Idle() {
		return pass, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	k := b.hosts[c.Host]
	if k == nil {
		b.mu.Unlock()
		return pass, nil
	}
	w := k.join(c)
	b.mu.Unlock()
	if w.ready != nil {
		select {
		case <-w.ready:
		case <-ctx.Done():
			k.leave(w)
			return nil, ctx.Err()
		}
	}
	return func(a Answer) bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		k.calls--
		b.report(c.Host, k, w.sent, a)
		return false
	}, nil
}

// join has a call wait in line, or go at once.
func (k *bucket) join(c Call) *waiter {
	k.calls++
	k.of.seq++
	w := &waiter{call: c, seq: k.of.seq}
	k.arrive(c.Attempt)
	k.line.add(w)
	k.serve()
	if w.in != nil {
		w.ready = make(chan struct{})
	}
	return w
}

func (k *bucket) leave(w *waiter) {
	k.of.mu.Lock()
	defer k.of.mu.Unlock()
	k.calls--
	if w.in != nil {
		w.in.remove(w)
	} else {
		k.undo(time.Now()) // the turn came at the same moment
	}
	k.serve()
}

// serve lets go everyone whose turn has come and sets the alarm for the next.
func (k *bucket) serve() {
	now := time.Now()
	for {
		w, wait := k.next(now, &k.line)
		if w == nil {
			k.alarm.stop()
			return
		}
		if wait > 0 {
			k.alarm.set(now.Add(wait), now, k.ring)
			return
		}
		w.in.remove(w)
		w.sent = now
		k.let(now)
		w.wake(nil)
	}
}

func (k *bucket) ring() {
	k.of.mu.Lock()
	defer k.of.mu.Unlock()
	k.alarm.due = time.Time{}
	k.serve()
}

// Wait is Acquire for a caller that tells neither host nor answer.
func (b *Budget) Wait(ctx context.Context) error {
	done, err := b.Acquire(ctx, Call{Attempt: 1})
	if err == nil {
		done(Answer{})
	}
	return err
}

// Report tells of an attempt that was sent without Acquire.
func (b *Budget) Report(c Call, a Answer) {
	if a.Outcome != Overloaded && b.Idle() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.hosts[c.Host]
	if k == nil && a.Outcome == Overloaded && len(b.hosts) < defaultMaxKeys {
		if b.hosts == nil {
			b.hosts = map[string]*bucket{}
		}
		size := b.Size
		if size <= 0 {
			size = defaultBudget
		}
		k = &bucket{of: b, breaker: breaker{size: size, tokens: size}}
		b.hosts[c.Host] = k
		b.n.Add(1)
	}
	if k != nil {
		b.report(c.Host, k, time.Time{}, a)
	}
}

// report takes an answer, and drops a bucket that is full and that nobody uses.
func (b *Budget) report(host string, k *bucket, sent time.Time, a Answer) {
	k.done(sent, time.Now(), a.Outcome, k.line.len())
	k.serve()
	if k.calls == 0 && k.state == passing && k.tokens == k.size && b.hosts[host] == k {
		delete(b.hosts, host)
		b.n.Add(-1)
	}
}

// Empty reports whether calls to host are held back because too many answers
// before were Overloaded.
func (b *Budget) Empty(host string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.hosts[host]
	return k != nil && k.state != passing
}
