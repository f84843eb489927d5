package limit

import (
	"cmp"
	"container/heap"
	"time"
)

// waiter is an attempt that waits in a queue.
type waiter struct {
	call     Call
	begun    time.Time // its place in the queue
	seq      uint64    // its place among those that began at the same time
	deadline time.Time // of its context; zero: none

	at    *key          // in whose queue it is
	was   *key          // in whose queue it was last
	index int           // where it is there
	ready chan struct{} // closed when it may go, or when err says why not
	err   error

	sent   time.Time // when it was let go
	keys   []*key    // that cover it, the finest first
	seqs   []int     // its number among the attempts of each key
	waited bool      // it probes after Call.Delay
}

func (w *waiter) compare(v *waiter) int {
	return cmp.Or(w.begun.Compare(v.begun), cmp.Compare(w.seq, v.seq))
}

// queue holds waiting attempts: a heap, who began first in front. Many may come
// and leave in any order.
type queue []*waiter

func (q *queue) add(w *waiter)    { heap.Push(q, w) }
func (q *queue) remove(w *waiter) { heap.Remove(q, w.index) }

// second returns who is next behind the first, of at least two.
func (q queue) second() *waiter {
	if len(q) > 2 && q.Less(2, 1) {
		return q[2]
	}
	return q[1]
}

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].compare(q[j]) < 0 }

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push is heap.Interface's.
func (q *queue) Push(w any) {
	w.(*waiter).index = len(*q)
	*q = append(*q, w.(*waiter))
}

// Pop is heap.Interface's.
func (q *queue) Pop() any {
	last := len(*q) - 1
	w := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return w
}
