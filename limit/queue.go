package limit

import (
	"cmp"
	"slices"
	"time"
)

// waiter is an attempt that waits in a queue.
type waiter struct {
	call     Call
	begun    time.Time // its place in the queue
	seq      uint64    // its place among those that began at the same time
	deadline time.Time // of its context; zero: none

	at    *key          // in whose queue it is
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

// queue holds waiting attempts, who began first in front.
type queue []*waiter

func (q *queue) add(w *waiter) {
	i, _ := slices.BinarySearchFunc(*q, w, (*waiter).compare)
	*q = slices.Insert(*q, i, w)
}

func (q *queue) remove(w *waiter) {
	i, _ := slices.BinarySearchFunc(*q, w, (*waiter).compare)
	if i > 0 {
		*q = slices.Delete(*q, i, i+1)
		return
	}
	(*q)[0] = nil
	*q = (*q)[1:]
}
