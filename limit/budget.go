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
)

// Budget keeps an outage from being multiplied by retries. It holds a bucket of
// tokens for each host: an Overloaded answer takes one, each other answer of
// the API puts one back. While there is a token every call passes. When there
// is none, calls do not fail: they wait in the order in which they come, and
// one goes each half second as a probe. When a probe is answered, one may be in
// flight, and one more after each further answer (a slow start), until nobody
// waits or the tokens are gone again.
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
	hosts map[string]*bucket
}

// bucket is one host's.
type bucket struct {
	tokens  int
	calls   int           // that wait or are in flight
	waiting int           // that wait
	turn    chan struct{} // full while somebody is at the head; the others wait to send
	wake    chan struct{} // tells the head to look again

	// Since the last token went; what was sent before says nothing of the API now.
	epoch  int       // how often that has happened
	last   time.Time // when it was, or when an attempt was let go
	flying int       // attempts let go that have no answer
	limit  int       // at most so many of them, but for probes
}

// Idle reports whether all buckets are full, so that every call passes and only
// an Overloaded answer need be reported. It is one atomic load.
func (b *Budget) Idle() bool { return b.n.Load() == 0 }

// Acquire passes unless the bucket of c.Host is empty; then it waits. It
// returns ctx's error as soon as ctx ends, and no other.
func (b *Budget) Acquire(ctx context.Context, c Call) (done func(Answer) bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.hosts[c.Host]
	if k == nil {
		return func(a Answer) bool { b.Report(c, a); return false }, nil
	}
	k.calls++
	if k.tokens == 0 || k.waiting > 0 {
		if err := b.wait(ctx, k); err != nil {
			k.calls--
			b.drop(k, c.Host)
			return nil, err
		}
	}
	k.last = time.Now()
	k.flying++
	epoch := k.epoch
	return func(a Answer) bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		k.calls--
		b.answered(k, c.Host, epoch, a.Outcome)
		return false
	}, nil
}

// wait waits for the turn, and then until one more may go. b.mu is held before
// and after, but not meanwhile.
func (b *Budget) wait(ctx context.Context, k *bucket) (err error) {
	k.waiting++
	b.mu.Unlock()
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		err = ctx.Err()
	}
	b.mu.Lock()
	for err == nil {
		d := time.Until(k.last.Add(probeEvery))
		if d <= 0 || k.flying < k.limit {
			break
		}
		b.mu.Unlock()
		select {
		case <-k.wake:
		case <-time.After(d):
		case <-ctx.Done():
			err = ctx.Err()
		}
		b.mu.Lock()
	}
	k.waiting--
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
	if k == nil {
		if a.Outcome != Overloaded || len(b.hosts) >= mostKeys {
			return
		}
		if b.hosts == nil {
			b.hosts = map[string]*bucket{}
		}
		k = &bucket{tokens: b.size(), turn: make(chan struct{}, 1), wake: make(chan struct{}, 1)}
		b.hosts[c.Host] = k
		b.n.Add(1)
	}
	b.answered(k, c.Host, 0, a.Outcome)
}

func (b *Budget) size() int {
	if b.Size > 0 {
		return b.Size
	}
	return defaultBudget
}

// drop drops a bucket that is full and that nobody uses.
func (b *Budget) drop(k *bucket, host string) {
	if k.calls == 0 && k.tokens == b.size() {
		delete(b.hosts, host)
		b.n.Add(-1)
	}
}

// answered takes the answer of an attempt of the epoch.
func (b *Budget) answered(k *bucket, host string, epoch int, o Outcome) {
	current := epoch == k.epoch
	if current {
		k.flying--
	}
	switch {
	case !current: // what was sent before says nothing of the API now
	case o == Abandoned:
		k.last = time.Time{} // it was no probe
	case o == Accepted || o == Throttled:
		k.tokens = min(k.tokens+1, b.size())
		k.limit++
	case k.tokens > 0:
		k.tokens--
		if k.tokens == 0 {
			k.epoch++
			k.last, k.flying, k.limit = time.Now(), 0, 0
		}
	}
	select {
	case k.wake <- struct{}{}:
	default:
	}
	b.drop(k, host)
}
