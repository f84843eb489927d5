package limit

import (
	"container/heap"
	"time"
)

// waiter is an attempt that waits in a queue.
type waiter struct {
	call     Call
	begun    time.Time // its place in the queue
	seq      uint64    // its place among those that began at the same time
	deadline time.Time // of its context; zero: none

	in    *queue // nil: it does not wait
	index int
	at    *key          // whose queue that is
	ready chan struct{} // closed when it may go, or when err says why not
	err   error

	sent   time.Time // when it was let go
	keys   []*key    // that cover it, the finest first
	seqs   []int     // its number among the attempts of each key
	gen    int       // the limiter's when keys was filled
	waited bool      // it probes after Call.Delay
}

// queue holds waiting attempts, who began first in front.
type queue []*waiter

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].before(q[j]) }
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *queue) Push(x any) {
	w := x.(*waiter)
	w.index = len(*q)
	*q = append(*q, w)
}

func (q *queue) Pop() any {
	last := len(*q) - 1
	w := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return w
}

func (w *waiter) before(v *waiter) bool {
	if !w.begun.Equal(v.begun) {
		return w.begun.Before(v.begun)
	}
	return w.seq < v.seq
}

func (q *queue) add(w *waiter) {
	w.in = q
	heap.Push(q, w)
}

func (q *queue) remove(w *waiter) {
	heap.Remove(q, w.index)
	w.in = nil
}

func (q queue) first() *waiter {
	if len(q) == 0 {
		return nil
	}
	return q[0]
}

// alarm calls a function at a time that may be changed.
type alarm struct {
	timer *time.Timer
	due   time.Time
}

func (a *alarm) set(at, now time.Time, f func()) {
	if a.timer == nil {
		a.timer = time.AfterFunc(at.Sub(now), f)
	} else if !at.Equal(a.due) {
		a.timer.Reset(at.Sub(now))
	}
	a.due = at
}

func (a *alarm) stop() {
	if a.timer != nil {
		a.timer.Stop()
		a.timer, a.due = nil, time.Time{}
	}
}
