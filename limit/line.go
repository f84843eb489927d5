package limit

import (
	"context"
	"sync"
	"time"
)

// waiter is one call in a line. It is linked into its list directly, so that
// leaving costs the same wherever it stands.
type waiter struct {
	prev, next *waiter
	in         *list
	attempt    int
	ready      chan struct{} // closed when the turn comes; nil for a call that never had to wait
	since      time.Time     // when the turn came
}

// list is a doubly linked list of waiters, first in, first out.
type list struct {
	first, last *waiter
	len         int
}

func (l *list) push(w *waiter) {
	w.in, w.prev = l, l.last
	if l.last == nil {
		l.first = w
	} else {
		l.last.next = w
	}
	l.last = w
	l.len++
}

func (l *list) remove(w *waiter) {
	if w.prev == nil {
		l.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next, w.in = nil, nil, nil
	l.len--
}

// line holds the waiting calls: retries before first attempts, each in the
// order of their arrival.
type line struct {
	retries, fresh list
}

func (l *line) len() int { return l.retries.len + l.fresh.len }

func (l *line) head() *waiter {
	if l.retries.first != nil {
		return l.retries.first
	}
	return l.fresh.first
}

func (l *line) push(w *waiter) {
	if w.attempt > 1 {
		l.retries.push(w)
	} else {
		l.fresh.push(w)
	}
}

// pace decides who of a line goes next and when. Its methods are called with
// the turnstile's lock held.
type pace interface {
	// next returns the waiter whose turn is next and how long it is until
	// then. Without a waiter nothing happens before the next answer or call.
	next(now time.Time, l *line) (*waiter, time.Duration)
	// let notes that an attempt goes now.
	let(now time.Time)
	// undo takes let back: the call of since ended before it was sent.
	undo(since, now time.Time)
}

// turnstile lets the calls of a line through at its pace. One timer serves the
// whole line and exists only while somebody waits.
type turnstile struct {
	mu    sync.Mutex
	line  line
	timer *time.Timer
	due   time.Time // when timer fires
}

// acquire stands in line until p lets the call through or ctx ends. It is
// called with mu held and returns without it.
func (t *turnstile) acquire(ctx context.Context, p pace, attempt int) (time.Time, error) {
	w := &waiter{attempt: attempt}
	t.line.push(w)
	t.serve(p)
	if w.in == nil {
		t.mu.Unlock()
		return w.since, nil
	}
	w.ready = make(chan struct{})
	t.mu.Unlock()

	select {
	case <-w.ready:
		return w.since, nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if w.in != nil {
		w.in.remove(w)
	} else {
		p.undo(w.since, time.Now()) // the turn came at the same moment
	}
	t.serve(p)
	return time.Time{}, ctx.Err()
}

// serve lets through everyone whose turn has come and sets the timer for the
// next one.
func (t *turnstile) serve(p pace) {
	now := time.Now()
	for {
		w, wait := p.next(now, &t.line)
		if w == nil {
			t.stop()
			return
		}
		if wait > 0 {
			t.arm(p, now.Add(wait), wait)
			return
		}
		w.in.remove(w)
		w.since = now
		p.let(now)
		if w.ready != nil {
			close(w.ready)
		}
	}
}

func (t *turnstile) arm(p pace, due time.Time, wait time.Duration) {
	switch {
	case t.timer == nil:
		t.timer = time.AfterFunc(wait, func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.due = time.Time{}
			t.serve(p)
		})
	case due.Equal(t.due):
		return
	default:
		t.timer.Reset(wait)
	}
	t.due = due
}

func (t *turnstile) stop() {
	if t.timer != nil {
		t.timer.Stop()
		t.timer, t.due = nil, time.Time{}
	}
}
