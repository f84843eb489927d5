package limit

import (
	"context"
	"slices"
	"time"

	"golang.org/x/time/rate"
)

const (
	// patience is how long an attempt without an answer holds back others
	// that wait for its outcome, and how long a Pace's grant is good.
	patience = time.Second
	// mostRetryAfter bounds what a Retry-After closes a key for.
	mostRetryAfter = 10 * time.Minute
	// mostWaits bounds a call's waits by Call.Delay.
	mostWaits = 20
	// forever stands for a delay that ends with something else than time.
	forever = time.Duration(1<<63 - 1)
)

// key is one quota and the attempts that wait for it. It is open, and lets
// them go at its pace; or closed, and lets one at a time ask for its return.
type key struct {
	Key
	of    *Adaptive
	queue queue
	held  *waiter     // has its turn here and waits for another key
	alarm *time.Timer // calls serve at next; nil until it is first needed
	next  time.Time   // when the next attempt goes, at the latest; zero: not planned
	hopes bool        // it goes before that, when one has its answer
	busy  bool        // serve is at work
	used  time.Time

	known  Quota // as it was told or documented
	told   bool
	own    *rate.Limiter // lets attempts go while the key is open, at the pace that was told or learnt
	shared Pace          // does so in its place; nil for none
	asking bool          // it is being asked
	askAt  time.Time     // when it may be asked again
	spare  int           // attempts that were granted and that nobody has taken
	lapse  time.Time     // when they are granted no more

	until time.Time // nobody asks before, by the API's wish

	flying   int       // attempts without an answer
	seq      int       // number of the last attempt let go
	cut      int       // what attempts up to this number meet is no news
	from     int       // attempts up to this number hold back nobody
	inflight int       // attempts beyond it that have no answer
	limit    int       // at most so many of them, in a slow start; 0: any number
	last     time.Time // when the last attempt was let go
	passed   time.Time // when the last of those was sent that were accepted

	took time.Duration // from sending to the answer, of late

	closing // the present closed time, or the last one
	learner
	window window
}

func newKey(a *Adaptive, id Key) *key {
	k := &key{Key: id, of: a, own: rate.NewLimiter(rate.Inf, 1)}
	if a.Pace != nil {
		k.shared = a.Pace(id, k.tellLater)
	}
	if a.Quota != nil {
		k.tell(a.Quota(id), false)
	}
	return k
}

func (k *key) inUse() bool { return k.flying > 0 || len(k.queue) > 0 || k.held != nil }

// tell sets the rate to what somebody knows.
func (k *key) tell(q Quota, told bool) {
	if q.Rate() <= 0 {
		return
	}
	k.known, k.told = q, told
	k.know(q.Rate())
	k.window = window{}
	setRate(k.own, time.Now(), k.rate, q.Burst)
	if k.shared != nil {
		k.shared.SetQuota(q)
	}
}

// tellLater is tell for a Pace, which may call it at any time.
func (k *key) tellLater(q Quota) {
	go func() {
		k.of.mu.Lock()
		defer k.of.mu.Unlock()
		k.tell(q, true)
		k.serve(time.Now())
	}()
}

// enqueue has w wait, or refuses it where there is no use in that.
func (k *key) enqueue(w *waiter, now time.Time) {
	w.at = k
	if w.ready == nil {
		w.ready = make(chan struct{})
	}
	k.queue.add(w)
	k.serve(now)
	if w.at == k {
		k.expire(w, now)
	}
}

// serve lets everybody go whose turn has come, and sets the alarm for the next.
func (k *key) serve(now time.Time) {
	if k.busy {
		return
	}
	k.busy = true
	defer func() { k.busy = false }()
	for k.held == nil && len(k.queue) > 0 {
		w := k.head()
		if d := k.delay(now, w); d > 0 {
			k.plan(now, d)
			return
		}
		if k.next = now; k.expire(w, now) {
			continue
		}
		k.queue.remove(w)
		w.at, w.was, k.held = nil, k, w
		k.of.advance(w, now)
	}
	k.plan(now, forever)
}

// head returns who goes next: who began first; but a key that was closed by the
// rejection of that one call is asked by another first, for it may be the call.
func (k *key) head() *waiter {
	w := k.queue[0]
	if k.closed && k.rejections == 1 && len(k.queue) > 1 && k.suspect != nil && k.suspect == w.call.History {
		return k.queue.second()
	}
	return w
}

// plan waits until the next attempt's time. Calls whose own time is up before
// that end now.
func (k *key) plan(now time.Time, d time.Duration) {
	if d == forever {
		k.next = time.Time{}
		return
	}
	at := now.Add(d)
	if at.Equal(k.next) {
		return
	}
	k.next = at
	if k.alarm == nil {
		k.alarm = time.AfterFunc(d, k.ring)
	} else {
		k.alarm.Reset(d)
	}
	if d < time.Second { // the others' time may be up before theirs comes, but not yet
		k.expire(k.queue[0], now)
		return
	}
	for _, w := range slices.Clone(k.queue) {
		k.expire(w, now)
	}
}

func (k *key) ring() {
	k.of.mu.Lock()
	defer k.of.mu.Unlock()
	k.next = time.Time{}
	k.serve(time.Now())
}

// expire ends w's wait if the next attempt comes too late for it, or its answer as
// answers come of late: it would use up the quota for nothing.
func (k *key) expire(w *waiter, now time.Time) bool {
	var why WaitReason
	h := w.call.History
	switch p := w.call.Patience; {
	case k.next.IsZero():
		return false
	case !k.hopes && past(k.next, w.deadline):
		why = Deadline
	case !k.hopes && past(k.next.Add(k.took), w.call.AnswerBy):
		why = LateAnswer
	case k.closed && h != nil && h.waits >= mostWaits:
		why = Waits
	case k.closed && p > 0 && k.next.Sub(later(later(w.begun, k.passed), k.until)) > p:
		why = Patience
	default:
		return false
	}
	w.wake(&WaitError{why, k.next})
	k.of.leave(w, now)
	return true
}

// past reports whether at comes after a deadline; the zero time is none.
func past(at, deadline time.Time) bool { return !deadline.IsZero() && at.After(deadline) }

// delay is how long it is until w may go, who is the next.
func (k *key) delay(now time.Time, w *waiter) time.Duration {
	lost := k.last.Add(patience) // then an attempt's answer is no longer waited for
	k.hopes = false
	switch {
	case now.Before(k.until):
		return k.until.Sub(now)
	case k.closed:
		at := k.probeTime(w)
		if k.inflight > 0 && (k.rate == 0 || k.window.on || k.rejections > 1) {
			at = later(at, lost) // one at a time
			k.hopes = at.After(now)
		}
		if d := at.Sub(now); d > 0 || k.granted(now) || !k.asks() {
			return d
		}
		return k.ask(now) // a probe is an attempt, too
	case k.granted(now):
		return 0
	case k.paced():
		if k.asks() {
			return k.ask(now)
		}
		return untilToken(k.own, now)
	}
	if k.limit > 0 && k.inflight >= k.limit {
		k.hopes = lost.After(now)
		return lost.Sub(now)
	}
	return 0
}

// paced reports whether attempts go by a rate.
func (k *key) paced() bool {
	return !k.closed && !k.window.on && (k.pace() > 0 || k.asks())
}

// asks reports whether a Pace lets attempts go.
func (k *key) asks() bool {
	p, ok := k.shared.(interface{ Known() bool })
	return k.shared != nil && (!ok || p.Known())
}

// granted reports whether the shared pace let an attempt go that nobody has taken.
func (k *key) granted(now time.Time) bool { return k.spare > 0 && !now.After(k.lapse) }

// ask asks the shared pace for all who wait.
func (k *key) ask(now time.Time) time.Duration {
	if k.asking {
		return forever
	}
	if now.Before(k.askAt) {
		return k.askAt.Sub(now)
	}
	k.asking = true
	n := max(len(k.queue), 1)
	go func() {
		granted, wait := k.shared.Take(context.Background(), n)
		k.of.mu.Lock()
		defer k.of.mu.Unlock()
		now := time.Now()
		k.asking = false
		k.spare = granted
		k.askAt, k.lapse = now.Add(wait), now.Add(patience)
		k.serve(now)
	}()
	return forever
}

// let notes that w goes now, and returns its number.
func (k *key) let(now time.Time, w *waiter) int {
	k.seq++
	k.inflight++
	k.flying++
	if !k.closed && k.window.let(now) {
		k.from, k.inflight, k.limit = k.seq, 0, 1 // is there more?
	}
	waited := w.was == k || len(k.queue) > 0 // not for another key
	switch {
	case k.closed: // if it waited longer than it had to, the quota may have been open for a while
		at := k.probeTime(w)
		k.idle += max(now.Sub(at), 0) + max(at.Sub(later(k.due, k.until)), 0)/2
		w.waited = k.class >= 0 && now.Sub(k.reacted) >= k.class
		k.due = now.Add(k.slot())
	case !waited:
		k.idle += max(now.Sub(k.last)-k.slot(), 0)
	case k.paced() && k.rate > 0:
		k.went(k.seq, now, k.flying) // only an attempt that waited says something of a higher rate (RFC 7661)
	}
	switch {
	case k.granted(now):
		k.spare--
	case k.paced():
		k.own.AllowN(now, 1)
		setRate(k.own, now, k.pace(), k.known.Burst)
	}
	k.last = now
	return k.seq
}

// slot is the time between two attempts, 0 while it is not known.
func (k *key) slot() time.Duration {
	if k.rate == 0 {
		return 0
	}
	return seconds(1 / k.rate)
}

// landed notes that an attempt has its answer.
func (k *key) landed(seq int) {
	k.flying--
	if seq > k.from {
		k.inflight--
	}
}

// answered takes the answer of the attempt with this number.
func (k *key) answered(w *waiter, seq int, now time.Time, a Answer) {
	k.landed(seq)
	switch a.Outcome {
	case Accepted:
		k.accept(seq, w.sent, now)
	case Throttled:
		if seq > k.cut { // else it is the same event
			k.reject(seq, w.sent, now, w.call.History)
		}
		k.hear(a, now)
	}
}

// hear takes what a rejection tells beyond itself.
func (k *key) hear(a Answer, now time.Time) {
	if q := a.Told; q.Rate() > 0 && (!k.told || q != k.known) {
		k.tell(q, true)
		k.until = later(k.until, now.Add(q.Per)) // by then what was used up is back
	}
	if a.RetryAfter > 0 {
		k.until = later(k.until, now.Add(min(a.RetryAfter, mostRetryAfter)))
	}
}
