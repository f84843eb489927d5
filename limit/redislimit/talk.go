package redislimit

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"time"
)

const (
	// beat is the usual time between two reports of a process on a quota, and
	// gap the least: after a rejection, and for a call that finds no turn in
	// hand. A beat, the longest that spread makes of it, and the timeout are
	// less than 100 ms: the longest that a call waits for a silent Redis.
	beat = 45 * time.Millisecond
	gap  = 10 * time.Millisecond
	// linger is how long a quota without calls keeps its goroutine.
	linger = time.Second
	// retryFirst and retryMost are the times after which Redis is tried again.
	retryFirst = 25 * time.Millisecond
	retryMost  = 400 * time.Millisecond
)

// errSlow is the reason for going on without Redis when it does not answer.
var errSlow = errors.New("redislimit: no answer from Redis within Config.Timeout")

// plain is err without the addresses that a timeout comes with.
func plain(err error) error {
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return errSlow
	}
	return err
}

// talk is when and how a quota speaks to Redis. It is guarded by quota.mu.
type talk struct {
	running bool
	kick    chan struct{}

	urgent  bool
	asked   time.Time // when the last report began
	beat    time.Duration
	sated   bool      // it brought all the turns that it asked for
	notYet  time.Time // there are no turns before
	retry   time.Duration
	seq     int64
	arrived int     // calls since the last report
	expect  float64 // calls in a beat
}

// stir makes the goroutine look at what has changed.
func (t *talk) stir() {
	select {
	case t.kick <- struct{}{}:
	default:
	}
}

// run starts the goroutine that speaks to Redis, if there is none. It must be
// called with mu held.
func (q *quota) run() {
	if q.talk.running || q.gone {
		return
	}
	q.talk.running = q.l.background(q.converse)
}

// converse reports as long as there is something to say.
func (q *quota) converse() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		wait, over := q.plan(time.Now())
		if over {
			return
		}
		if wait <= 0 {
			q.exchange()
			continue
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-q.talk.kick:
		case <-q.l.ctx.Done():
		}
	}
}

// plan returns how long it is until the next report, or that the conversation
// is over.
func (q *quota) plan(now time.Time) (wait time.Duration, over bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	idle := q.refs.Load() == 0 && now.UnixNano()-q.used.Load() > int64(linger)
	if q.gone || q.l.ctx.Err() != nil || idle && q.batch.empty() {
		q.talk.running = false
		return 0, true
	}
	return q.due(now).Sub(now), false
}

// due is when the next report is due, or when to look again.
func (q *quota) due(now time.Time) time.Time {
	t := &q.talk
	if q.mode == Local {
		return t.asked.Add(t.retry)
	}
	at := t.asked.Add(linger)
	want := q.want(now)
	switch {
	case t.urgent:
		at = t.asked.Add(gap)
	case want > 0 && len(q.turns) == 0 && t.sated:
		at = later(t.asked.Add(gap), t.notYet)
	case !q.batch.empty():
		at = t.asked.Add(t.beat)
	case want > 0:
		at = later(t.asked.Add(t.beat), t.notYet)
	}
	if _, rested := q.next(now); rested.After(now) && rested.Before(at) {
		return rested
	}
	return at
}

// want is how many more turns could be used until the next report.
func (q *quota) want(now time.Time) int {
	if q.told.mode != closed {
		return max(q.line.len()+int(q.talk.expect+0.5)-len(q.turns), 0)
	}
	if w, rested := q.next(now); w == nil || rested.After(now) || len(q.turns) > 0 {
		return 0
	}
	return 1
}

// exchange reports and takes turns. Whatever Redis does, calls wait no longer
// for it than the timeout.
func (q *quota) exchange() {
	r := q.report()
	ctx, cancel := context.WithTimeout(q.l.ctx, q.l.timeout)
	defer cancel()
	late := time.AfterFunc(q.l.timeout, func() { q.goLocal(errSlow) })
	answer, err := q.l.store.exchange(ctx, q.id, r)
	late.Stop()
	switch {
	case q.l.ctx.Err() != nil: // closed
	case err != nil:
		q.failed(plain(err))
	case answer.mode == inert:
		q.retire()
	default:
		q.listened(r.want, answer)
		q.apply(answer)
	}
}

// report puts a report together and begins a new one.
func (q *quota) report() report {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	t := &q.talk
	if since := now.Sub(t.asked); since < linger {
		latest := float64(t.arrived) * min(beat.Seconds()/since.Seconds(), 1)
		t.expect += (latest - t.expect) / 2
	} else {
		t.expect = 0
	}
	if q.line.len() > 0 && !t.sated && now.Sub(q.toldAt) < 2*linger {
		q.busy = now
	}
	t.seq++
	r := report{
		process: q.l.id, seq: t.seq, want: q.want(now), unused: q.unused,
		seed: q.seed(now), batch: q.batch, now: now,
	}
	t.asked, t.arrived, t.urgent = now, 0, false
	// Were all processes in step, the same ones would always come first.
	t.beat = spread(beat)
	q.batch, q.unused = batch{}, 0
	return r
}

// seed is the rate that Redis starts with in case it has lost its own, or has
// never been told.
func (q *quota) seed(now time.Time) float64 {
	rate := 0.0
	switch {
	case q.told.mode != inert && now.Sub(q.busy) <= remember:
		rate = q.told.rate
	case q.mode == Local && !q.alone.Inert():
		rate = q.alone.Rate()
	default:
		return 0
	}
	if rate <= 0 {
		return -1
	}
	return math.Max(rate, 1e-3)
}

func (q *quota) listened(wanted int, r reply) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.talk.retry = 0
	q.talk.sated = r.turns >= wanted
	q.talk.notYet = time.Now().Add(min(r.again, linger) + spread(gap))
}

// failed notes that Redis can't be used.
func (q *quota) failed(err error) {
	q.mu.Lock()
	q.talk.retry = min(max(2*q.talk.retry, retryFirst), retryMost)
	q.mu.Unlock()
	q.goLocal(err)
}

// spread returns d, give or take a quarter at random.
func spread(d time.Duration) time.Duration {
	return d*3/4 + rand.N(d/2)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
