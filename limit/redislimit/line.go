package redislimit

import (
	"container/list"
	"time"
)

// line holds the waiting calls: retries before first attempts, each in the
// order of their arrival.
type line struct{ retries, fresh list.List }

// waiter is one call in a line.
type waiter struct {
	attempt int
	in      *list.List // nil once it has left
	place   *list.Element
	ready   chan struct{} // closed when it has left
	turn    *turn         // nil if it left without one
}

func (l *line) len() int { return l.retries.Len() + l.fresh.Len() }

func (l *line) push(attempt int) *waiter {
	w := &waiter{attempt: attempt, in: &l.fresh, ready: make(chan struct{})}
	if attempt > 1 {
		w.in = &l.retries
	}
	w.place = w.in.PushBack(w)
	return w
}

func (w *waiter) leave() {
	w.in.Remove(w.place)
	w.in = nil
}

// release lets w go, with a turn or without.
func (w *waiter) release(t *turn) {
	w.leave()
	w.turn = t
	close(w.ready)
}

// releaseAll empties the line without turns.
func (l *line) releaseAll() {
	for _, part := range []*list.List{&l.retries, &l.fresh} {
		for part.Len() > 0 {
			part.Front().Value.(*waiter).release(nil)
		}
	}
}

// next returns the waiter to go next, and from when on it may: the head of the
// line, unless that has been rejected so often that it had better not be the
// one to try the quota, or its attempts are used up before the quota is back.
// It rests for a time after since that depends on the number of rejections.
func (l *line) next(now, since time.Time, rest func(rejections int) time.Duration) (*waiter, time.Time) {
	var best *waiter
	var bestAt time.Time
	e := l.retries.Front()
	for i := 0; e != nil && i < 64; i++ { // few of the first are worn
		w := e.Value.(*waiter)
		at := since.Add(rest(w.attempt - 1))
		if !at.After(now) {
			return w, at
		}
		if best == nil || at.Before(bestAt) {
			best, bestAt = w, at
		}
		e = e.Next()
	}
	if e := l.fresh.Front(); e != nil {
		return e.Value.(*waiter), time.Time{}
	}
	return best, bestAt
}

// restClosed is how long a quota must have been closed to be probed by a call
// that was rejected so often. With these five attempts, the usual limit of a
// call, reach over a closed minute even where no other call can take turns with
// it.
func restClosed(rejections int) time.Duration {
	switch {
	case rejections <= 1:
		return 0
	case rejections == 2:
		return time.Second
	case rejections == 3:
		return 8 * time.Second
	default:
		return time.Minute
	}
}

// restOpen is how long after the last rejection a call goes that was rejected
// so often.
func restOpen(rejections int) time.Duration {
	if rejections <= 2 {
		return 0
	}
	return time.Second
}
