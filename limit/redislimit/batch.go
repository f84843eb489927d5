package redislimit

import (
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

const (
	// grain is how exactly the time is told at which accepted attempts were
	// sent.
	grain = 10 * time.Millisecond
	// maxBuckets bounds how many such times a report holds.
	maxBuckets = 32
)

// batch collects outcomes between two reports.
type batch struct {
	accepted    []bucket
	acceptedGen int64 // the newest generation of an accepted attempt

	rejected    int
	rejectedGen int64     // the newest generation of a rejected attempt
	rejectedAt  time.Time // when the first of that generation was sent
}

// bucket is a number of attempts that were sent at nearly the same time.
type bucket struct {
	at time.Time
	n  int
}

func (b *batch) empty() bool { return len(b.accepted) == 0 && b.rejected == 0 }

func (b *batch) add(sent time.Time, gen int64, o limit.Outcome) {
	switch o {
	case limit.Accepted:
		b.acceptedGen = max(b.acceptedGen, gen)
		b.accept(sent)
	case limit.Throttled:
		b.rejected++
		if b.rejected == 1 || gen > b.rejectedGen || gen == b.rejectedGen && sent.Before(b.rejectedAt) {
			b.rejectedGen, b.rejectedAt = gen, sent
		}
	}
}

// accept counts an attempt in the bucket of its time; when there are too many
// buckets, in the one that comes closest.
func (b *batch) accept(sent time.Time) {
	closest, distance := -1, time.Duration(0)
	for i := range b.accepted {
		if d := b.accepted[i].at.Sub(sent).Abs(); closest < 0 || d < distance {
			closest, distance = i, d
		}
	}
	if closest >= 0 && (distance <= grain/2 || len(b.accepted) == maxBuckets) {
		b.accepted[closest].n++
		return
	}
	b.accepted = append(b.accepted, bucket{sent, 1})
}
