package redislimit

import (
	"context"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// goLocal lets all calls go on without Redis.
func (q *quota) goLocal(err error) {
	q.flip.Lock()
	defer q.flip.Unlock()
	q.mu.Lock()
	if q.gone || q.mode == Local {
		q.mu.Unlock()
		return
	}
	q.beLocal()
	q.mu.Unlock()
	q.l.changes.fell(err)
}

// beLocal must be called with mu held.
func (q *quota) beLocal() {
	q.mode = Local
	q.back, q.end = context.WithCancel(context.Background())
	q.turns, q.batch, q.unused, q.halted = nil, batch{}, 0, false
	if q.alone.Inert() {
		// The quota is limited: begin with a probe, not with a burst.
		q.alone.Done(limit.Ticket{}, limit.Throttled)
	}
	q.line.releaseAll()
}

// apply takes what Redis said of a quota that is limited.
func (q *quota) apply(r reply) {
	q.flip.Lock()
	defer q.flip.Unlock()
	if q.heed(r) {
		q.l.changes.rose()
	}
}

// heed reports whether that ended the mode Local.
func (q *quota) heed(r reply) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.gone {
		return false
	}
	was := q.mode
	if was == Local {
		q.mode = Shared
		q.end()
	}
	now := time.Now()
	q.shared.Store(now.UnixNano())
	if r.gen != q.told.gen {
		q.turns = nil // they were due at a rate that was wrong
	}
	q.told, q.toldAt, q.halted = r, now, false
	for i := range r.turns {
		q.turns = append(q.turns, now.Add(r.first+time.Duration(i)*r.gap))
	}
	q.serve(now)
	return was == Local
}

// retire ends q: nothing is limited any more. All calls that wait may go.
func (q *quota) retire() {
	q.flip.Lock()
	defer q.flip.Unlock()
	q.mu.Lock()
	was, gone := q.mode, q.gone
	if !gone {
		q.gone = true
		q.line.releaseAll()
		if was == Local {
			q.end()
		}
		if q.timer != nil {
			q.timer.Stop()
		}
	}
	q.mu.Unlock()
	if was == Local && !gone {
		q.l.changes.rose()
	}
	q.l.drop(q)
}
