package redislimit

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

const (
	// keep is how long a turn may be used after it was due.
	keep = 250 * time.Millisecond
	// remember is how long a rate is worth something after it held somebody
	// back; pace.lua has the same.
	remember = time.Minute
)

// quota is this process's side of one limited quota.
type quota struct {
	l   *Limiter
	key key
	id  string

	refs   atomic.Int64 // calls in acquire
	used   atomic.Int64 // when it was last asked for, in ns since 1970
	shared atomic.Int64 // when Redis last said that it is limited

	flip sync.Mutex // held while mode changes and OnChange is told; before mu

	mu   sync.Mutex
	mode Mode
	gone bool // nothing is limited any more; the Limiter makes a new one if need be

	// Shared.
	line   line
	turns  []time.Time // in hand, the earliest first
	timer  *time.Timer // for the next of them
	halted bool        // no more turns before the next reply
	told   reply       // the last one
	toldAt time.Time
	busy   time.Time // when a call last had to wait or was rejected
	lastNo time.Time // when one was last rejected
	batch  batch     // for the next report
	unused int
	talk   talk

	// Local.
	alone limit.Adaptive
	back  context.Context // ends when the mode is Shared again
	end   context.CancelFunc
}

// turn is the State of a Ticket.
type turn struct {
	q     *quota
	sent  time.Time
	gen   int64 // of the shared state; 0: let through by alone
	alone limit.Ticket
}

func newQuota(l *Limiter, k key) *quota {
	q := &quota{l: l, key: k, id: k.id()}
	q.talk.kick = make(chan struct{}, 1)
	if l.closed {
		q.beLocal()
	}
	return q
}

// acquire waits for a turn. It returns nil if nothing is limited any more.
func (q *quota) acquire(ctx context.Context, c limit.Call) (*turn, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q.mu.Lock()
		q.run()
		switch {
		case q.gone:
			q.mu.Unlock()
			return nil, nil
		case q.mode == Local:
			back := q.back
			q.mu.Unlock()
			if t := q.acquireAlone(ctx, back, c); t != nil {
				return t, nil
			}
		default:
			q.talk.arrived++
			w := q.line.push(c.Attempt)
			q.serve(time.Now())
			q.talk.stir()
			q.mu.Unlock()
			if t := q.await(ctx, w); t != nil {
				return t, nil
			}
		}
	}
}

// acquireAlone asks the local limiter. It returns nil if ctx or back ended.
func (q *quota) acquireAlone(ctx, back context.Context, c limit.Call) *turn {
	both, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(back, cancel)()
	t, err := q.alone.Acquire(both, c)
	if err != nil {
		return nil
	}
	return &turn{q: q, sent: time.Now(), alone: t}
}

// await returns w's turn, or nil if ctx ended or w was sent away.
func (q *quota) await(ctx context.Context, w *waiter) *turn {
	select {
	case <-w.ready:
		return w.turn
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case w.in != nil:
		w.leave()
	case w.turn != nil: // it came at the same moment
		q.giveBack(w.turn)
	}
	return nil
}

func (q *quota) giveBack(t *turn) {
	if t.gen != q.told.gen || q.mode == Local || q.gone {
		return
	}
	q.turns = append([]time.Time{t.sent}, q.turns...)
	q.serve(time.Now())
}

// serve lets through everyone whose turn has come and sets the timer for the
// next one. It must be called with mu held, like all that follows.
func (q *quota) serve(now time.Time) {
	for len(q.turns) > 0 && now.Sub(q.turns[0]) > keep {
		q.turns = q.turns[1:]
		q.unused++
	}
	if q.halted {
		return
	}
	for len(q.turns) > 0 {
		w, rested := q.next(now)
		if w == nil {
			return
		}
		if wait := later(q.turns[0], rested).Sub(now); wait > 0 {
			q.arm(wait)
			return
		}
		q.turns = q.turns[1:]
		w.release(&turn{q: q, sent: now, gen: q.told.gen})
	}
}

// next returns who takes the next turn, and from when on.
func (q *quota) next(now time.Time) (*waiter, time.Time) {
	if q.told.mode == closed {
		return q.line.next(now, q.closedAt(), restClosed)
	}
	return q.line.next(now, q.lastNo, restOpen)
}

func (q *quota) closedAt() time.Time { return q.toldAt.Add(-q.told.closedFor) }

func (q *quota) arm(wait time.Duration) {
	if q.timer != nil {
		q.timer.Reset(wait)
		return
	}
	q.timer = time.AfterFunc(wait, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.serve(time.Now())
	})
}

// done takes the outcome of a turn of q. It returns false if q is of no use
// any more.
func (q *quota) done(t *turn, o limit.Outcome) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.gen == 0 {
		q.alone.Done(t.alone, o)
	}
	switch {
	case q.gone:
		return false
	case q.mode == Local:
		if t.gen != 0 && o == limit.Throttled {
			q.alone.Done(limit.Ticket{Since: t.sent}, o)
		}
		return true
	case o != limit.Accepted && o != limit.Throttled:
		return true
	}
	q.batch.add(t.sent, t.gen, o)
	if o == limit.Throttled {
		q.lastNo = time.Now()
	}
	if t.gen == q.told.gen && (o == limit.Throttled || q.told.mode == closed) {
		q.alarm()
	}
	q.run()
	return true
}

// startled takes a rejection of an attempt that was sent while nothing was
// known to be limited. It returns false if q is of no use any more.
func (q *quota) startled() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.gone:
		return false
	case q.mode == Local:
		q.alone.Done(limit.Ticket{}, limit.Throttled)
	default:
		q.batch.add(time.Now(), 0, limit.Throttled)
		if q.told.mode == inert {
			q.alarm()
		}
	}
	q.run()
	return true
}

// alarm stops q until Redis has been told of what happened.
func (q *quota) alarm() {
	q.busy = time.Now()
	q.halted = true
	q.talk.urgent = true
	q.talk.stir()
}

// rateNow is the rate of all processes, or this one's while it is alone.
func (q *quota) rateNow() float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.mode == Local {
		return q.alone.Rate()
	}
	return q.told.rate
}

func (q *quota) estimate() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.mode == Local:
		return q.alone.Estimate()
	case q.told.rate <= 0:
		return 0
	}
	waiting := math.Max(q.told.sum, float64(q.line.len()))
	return seconds(math.Min(waiting/q.told.rate, 3600))
}
