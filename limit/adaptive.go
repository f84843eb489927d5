package limit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// mostKeys bounds the keys of an Adaptive, and the hosts of a Budget.
	mostKeys = 1024
	// keep is how long what was learnt of a key that nobody uses is remembered.
	keep = 24 * time.Hour
)

// Adaptive keeps calls under the quotas that their answers show: one for each
// Key, from its first Throttled answer on. Until then it is idle. See the
// package comment for what it does with a quota.
//
// The zero value is ready to use. An Adaptive is safe for concurrent use; its
// fields must not be changed, and it must not be copied, once it is in use.
type Adaptive struct {
	// Quota, if set, returns the quota that is known of a key before the first
	// call, such as a documented one; zero where none is. It is asked once for
	// each key.
	Quota func(Key) Quota

	// Pace, if set, makes what lets a key's attempts go while the key is open:
	// a *rate.Limiter of the user's (NewPace), or a quota shared with other
	// machines. It is asked once for each key, at the key's first call; nil
	// means the limiter's own. What the API told is told to it with
	// Pace.SetQuota; it tells the key with tell what somebody else was told.
	Pace func(k Key, tell func(Quota)) Pace

	busy atomic.Bool // there are keys

	mu    sync.Mutex
	keys  map[Key]*key
	count [scopes]int // keys of each scope
	seq   uint64
}

// Documented returns an Adaptive that keeps each action under the documented
// quota of 100 calls a minute: 90 a minute evenly and 10 at once, so that no
// minute holds more than 100, wherever the API's window begins.
func Documented() *Adaptive {
	return &Adaptive{Quota: func(k Key) Quota {
		if k.Scope == ScopeAction {
			return Quota{Limit: 90, Per: time.Minute, Burst: 10}
		}
		return Quota{}
	}}
}

// Idle reports whether there is no key, so that every call may go unseen. It
// is one atomic load.
func (a *Adaptive) Idle() bool { return !a.busy.Load() && a.Quota == nil && a.Pace == nil }

// Acquire waits until all keys that cover c let its next attempt go, in the
// order in which the calls began.
func (a *Adaptive) Acquire(ctx context.Context, c Call) (done func(Answer) bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if a.Idle() {
		return func(ans Answer) bool { a.Report(c, ans); return false }, nil
	}
	w := &waiter{call: c, begun: c.Begun}
	w.deadline, _ = ctx.Deadline()
	if err := a.wait(ctx, w); err != nil {
		return nil, err
	}
	return func(ans Answer) bool { return a.done(w, ans) }, nil
}

func (a *Adaptive) wait(ctx context.Context, w *waiter) error {
	a.join(w)
	if w.ready == nil {
		return nil
	}
	select {
	case <-w.ready:
		return w.err
	case <-ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if w.at == nil && w.err == nil {
		for i, k := range w.keys { // it was let go at the same moment
			k.landed(w.seqs[i])
		}
	}
	a.leave(w, time.Now())
	return ctx.Err()
}

// join lets w go, has it wait, or refuses it. Its place is where the call began,
// or where it was last sent to.
func (a *Adaptive) join(w *waiter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if w.begun.IsZero() {
		w.begun = now
	}
	if h := w.call.History; h != nil {
		w.begun = later(w.begun, h.since)
	}
	a.seq++
	w.seq = a.seq
	a.advance(w, now)
}

// advance lets w go, or has it wait for the first key that does not let it.
// The keys before that one are held for it: they let nobody else go.
func (a *Adaptive) advance(w *waiter, now time.Time) {
	w.keys = a.keysOf(w.call, now)
	for i, k := range w.keys {
		first := k.held == w || k.held == nil && (len(k.queue) == 0 || w.compare(k.queue[0]) < 0)
		if !first || k.delay(now, w) > 0 {
			w.release(i)
			k.enqueue(w, now)
			return
		}
		k.held = w
	}
	w.sent = now
	w.seqs = make([]int, len(w.keys))
	for i, k := range w.keys {
		k.held = nil
		w.seqs[i] = k.let(now, w)
	}
	w.wake(nil)
	for _, k := range w.keys {
		k.serve(now)
	}
}

func (w *waiter) wake(err error) {
	w.err = err
	if w.ready != nil {
		close(w.ready)
	}
}

// release gives up the keys held for w, from the i-th on.
func (w *waiter) release(i int) {
	for _, k := range w.keys[i:] {
		if k.held == w {
			k.held = nil
		}
	}
}

// leave gives up w's place in a queue and the keys held for it.
func (a *Adaptive) leave(w *waiter, now time.Time) {
	if w.at != nil {
		w.at.queue.remove(w)
		w.at = nil
	}
	w.release(0)
	for _, k := range w.keys {
		k.serve(now)
	}
}

// done takes the answer of an attempt that was let go.
func (a *Adaptive) done(w *waiter, ans Answer) (counts bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if ans.Scope == ScopeResource && ans.Outcome == Throttled {
		ans.Outcome = Accepted // by everything that is known here
	}
	var by *key // that let it go and now rejects it
	for i, k := range w.keys {
		one := ans
		if ans.Outcome == Throttled && k.Scope == ans.Scope {
			by = k
		} else if ans.Outcome == Throttled {
			one.Outcome = Abandoned // the other quota says nothing of this one
		}
		k.answered(w, w.seqs[i], now, one)
	}
	if by == nil {
		a.report(w.call, ans, now)
	}
	if h := w.call.History; h != nil {
		counts = h.answered(w, by, now)
	}
	for _, k := range w.keys {
		k.serve(now)
	}
	return counts
}

// answered remembers a rejection, and reports whether it seems to be the call's
// own fault: it was sent from the head of a queue and rejected twice, while
// others that were sent in between were accepted. Such a call goes to the end
// of the queue.
func (h *History) answered(w *waiter, by *key, now time.Time) bool {
	if by == nil {
		h.rejected = time.Time{}
		return false
	}
	if w.waited {
		h.waits++
	}
	if h.rejected.IsZero() || !by.passed.After(h.rejected) {
		h.rejected = w.sent
		return false
	}
	h.since, h.rejected = now, time.Time{} // from now on others go first by right
	return true
}

// Report tells of an attempt that was sent without Acquire.
func (a *Adaptive) Report(c Call, ans Answer) {
	if ans.Outcome == Throttled {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.report(c, ans, time.Now())
	}
}

func (a *Adaptive) report(c Call, ans Answer, now time.Time) {
	if ans.Outcome != Throttled || ans.Scope == ScopeResource {
		return
	}
	k := a.get(c.key(ans.Scope), now)
	if k.seq == 0 && !k.closed {
		k.reject(0, now, now, c.History)
	}
	k.hear(ans, now)
	k.serve(now)
}

// Wait is Acquire for a caller that tells neither key nor answer.
func (a *Adaptive) Wait(ctx context.Context) error {
	done, err := a.Acquire(ctx, Call{})
	if err == nil {
		done(Answer{})
	}
	return err
}

// keysOf returns the keys that cover c, the finest first.
func (a *Adaptive) keysOf(c Call, now time.Time) []*key {
	var all []*key
	for s := range scopes {
		id := c.key(Scope(s))
		if a.Quota != nil || a.Pace != nil || a.count[s] > 0 && a.keys[id] != nil {
			all = append(all, a.get(id, now))
		}
	}
	return all
}

// get returns the key, which it makes where there is none that was used within
// a day.
func (a *Adaptive) get(id Key, now time.Time) *key {
	k := a.keys[id]
	if k == nil {
		a.makeRoom()
		a.count[id.Scope]++
		a.busy.Store(true)
	}
	if k == nil || !k.inUse() && now.Sub(k.used) > keep {
		k = newKey(a, id)
		a.keys[id] = k
	}
	k.used = now
	return k
}

// makeRoom drops the key that was used least recently where there are too many,
// but none that is in use.
func (a *Adaptive) makeRoom() {
	if a.keys == nil {
		a.keys = map[Key]*key{}
	}
	if len(a.keys) < mostKeys {
		return
	}
	var oldest *key
	for _, k := range a.keys {
		if !k.inUse() && (oldest == nil || k.used.Before(oldest.used)) {
			oldest = k
		}
	}
	if oldest != nil {
		delete(a.keys, oldest.Key)
		a.count[oldest.Scope]--
	}
}
