package limit

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// defaultBudget is how many overloaded answers more than good ones it
	// takes to empty a bucket: four calls of five attempts that all fail.
	defaultBudget = 20
	// recovered is what the answer to a probe puts into an empty bucket: a
	// recovery that fails at once is noticed soon.
	recovered = 3
	// probeEvery is the time between two probes while a bucket is empty.
	probeEvery = 500 * time.Millisecond
	// drainFirst is how many calls go in the first drainDouble of a recovery;
	// in each that follows it is twice as many.
	drainFirst  = 8
	drainDouble = 250 * time.Millisecond
)

// Budget keeps an outage from being multiplied by retries. It holds a bucket of
// tokens for each host: an Overloaded answer takes one, each other answer of
// the API puts one back. While there is a token every call passes. When there
// is none, calls do not fail: they wait in the order in which they come, and
// one goes each half second as a probe. When a probe is answered, eight go in
// the first quarter of a second and twice as many in each that follows, until
// nobody waits or the tokens are gone again.
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
	of     *Budget
	host   string
	size   int
	tokens int
	queue  queue
	alarm  alarm
	calls  int // that wait or are in flight

	empty    bool      // calls wait: all tokens were lost
	draining bool      // a probe has been answered since
	since    time.Time // when that began: what was sent before says nothing of it
	gone     int       // calls let go since then
	next     time.Time // when the next one goes
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
	k := b.hosts[c.Host]
	if k == nil {
		b.mu.Unlock()
		return func(a Answer) bool { b.Report(c, a); return false }, nil
	}
	b.seq++
	k.calls++
	w := &waiter{seq: b.seq, ready: make(chan struct{})}
	k.queue.add(w)
	k.serve(time.Now())
	b.mu.Unlock()
	select {
	case <-w.ready:
	case <-ctx.Done():
		k.leave(w)
		return nil, ctx.Err()
	}
	return func(a Answer) bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		k.calls--
		k.answered(w.sent, time.Now(), a.Outcome)
		return false
	}, nil
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
		if a.Outcome != Overloaded || len(b.hosts) >= defaultMaxKeys {
			return
		}
		if b.hosts == nil {
			b.hosts = map[string]*bucket{}
		}
		k = &bucket{of: b, host: c.Host, size: b.Size}
		if k.size <= 0 {
			k.size = defaultBudget
		}
		k.tokens = k.size
		b.hosts[c.Host] = k
		b.n.Add(1)
	}
	k.answered(time.Time{}, time.Now(), a.Outcome)
}

func (k *bucket) leave(w *waiter) {
	k.of.mu.Lock()
	defer k.of.mu.Unlock()
	k.calls--
	if w.in != nil {
		w.in.remove(w)
		k.serve(time.Now())
	} else { // its turn came at the same moment
		k.answered(w.sent, time.Now(), Abandoned)
	}
}

// serve lets go everyone whose turn has come and sets the alarm for the next.
func (k *bucket) serve(now time.Time) {
	for w := k.queue.first(); w != nil; w = k.queue.first() {
		if k.empty && now.Before(k.next) {
			k.alarm.set(k.next, now, k.ring)
			return
		}
		k.queue.remove(w)
		w.sent = now
		k.gone++
		k.next = now.Add(probeEvery)
		if k.draining {
			k.next = k.since.Add(seconds(drainDouble.Seconds() * math.Log2(1+float64(k.gone)/drainFirst)))
		}
		w.wake(nil)
	}
	k.alarm.stop()
	if k.draining {
		k.empty, k.draining = false, false
	}
}

func (k *bucket) ring() {
	k.of.mu.Lock()
	defer k.of.mu.Unlock()
	k.alarm.due = time.Time{}
	k.serve(time.Now())
}

// answered takes the answer of an attempt that was sent at sent, and drops a
// bucket that is full and that nobody uses.
func (k *bucket) answered(sent, now time.Time, o Outcome) {
	switch {
	case k.empty && sent.Before(k.since): // an answer from before
	case o == Abandoned:
		k.next = now
	case o == Overloaded:
		if k.tokens = max(k.tokens-1, 0); k.tokens == 0 && (!k.empty || k.draining) {
			k.begin(now, false, now.Add(probeEvery))
		}
	case k.empty && !k.draining:
		k.tokens = min(recovered, k.size)
		k.begin(now, true, now)
	default:
		k.tokens = min(k.tokens+1, k.size)
	}
	k.serve(now)
	if k.calls == 0 && !k.empty && k.tokens == k.size && k.of.hosts[k.host] == k {
		delete(k.of.hosts, k.host)
		k.of.n.Add(-1)
	}
}

// begin begins a time in which calls wait: for a probe, or for the drain.
func (k *bucket) begin(now time.Time, draining bool, next time.Time) {
	k.empty, k.draining, k.since, k.gone, k.next = true, draining, now, 0, next
}
