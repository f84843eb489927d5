package limit

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

const (
	// minGap and maxGap bound the time between two probes of a closed key.
	minGap = 20 * time.Millisecond
	maxGap = 10 * time.Second
	// maxWait bounds what is waited for a window to open: it may be believed to
	// be longer than it is.
	maxWait = time.Minute
	// slowStart bounds the attempts in flight while no rate is known, as TCP's
	// initial window does (RFC 6928); it doubles with each second.
	slowStart = 10
)

// closing is a time in which a quota is exhausted.
type closing struct {
	closed     bool
	closedAt   time.Time // when the first attempt was sent that found it closed
	knownAt    time.Time // when its answer said so
	lastNo     time.Time // when the last one was sent that did
	rejections int       // that found it closed, each after the last one's answer
	suspect    *History  // the call whose rejection closed it
	overshoot  int       // attempts in flight when that was known

	reacted time.Time     // when the last rejection was known, or the opening
	due     time.Time     // when the next probe goes
	class   time.Duration // the calls' own Delay; negative: not asked yet
}

// accept takes an attempt that was accepted.
func (k *key) accept(seq int, sent, now time.Time) {
	k.passed = later(k.passed, sent)
	k.took += (min(now.Sub(sent), 2*k.took+100*time.Millisecond) - k.took) / 4 // one slow answer says little
	if k.closed && seq > k.cut {
		k.open(seq, sent, now)
		return
	}
	k.window.taken++
	if seq > k.opened.seq {
		k.accepted++
	}
	if k.limit > 0 && seq > k.from {
		k.limit++ // so that it doubles with each round trip
		if k.rate == 0 {
			most := slowStart * math.Exp2(min(now.Sub(k.reacted).Seconds(), 20))
			k.limit = min(k.limit, int(most))
			if k.limit >= k.double {
				k.doubled = [2]mark{{k.seq, now}, k.doubled[0]}
				k.double = 2 * k.limit
			}
		}
	}
}

// reject takes a rejection that is news: it closes the quota, or says that it is
// closed still.
func (k *key) reject(seq int, sent, now time.Time, call *History) {
	if !k.closed {
		k.stop(float64(k.seq - seq))
		k.window.close()
		k.closing = closing{closed: true, closedAt: sent, knownAt: now, overshoot: k.flying}
		k.cut, k.from, k.inflight, k.spare = k.seq, k.seq, 0, 0
	}
	k.rejections++
	k.lastNo, k.suspect, k.reacted, k.class = sent, call, now, -1
	k.due = now.Add(k.gap(now))
	if at := k.window.nextProbe(now); !at.IsZero() {
		k.due = now.Add(min(at.Sub(now), maxWait))
	}
}

// gap is how long after a rejection the next probe goes: half as long as the
// quota is known to be closed, so that the number of probes grows with the
// logarithm of the wait; but one goes when the shortest window has passed, and
// none before there can be another token.
func (k *key) gap(now time.Time) time.Duration {
	gap, least := min(now.Sub(k.knownAt)/2, maxGap), max(minGap, k.slot())
	if left := k.closedAt.Add(finest*time.Second + minGap).Sub(now); left > 0 {
		gap = min(gap, left)
	}
	if k.window.on {
		least = max(least, time.Second)
	}
	return max(gap, least)
}

// probeTime is when the next probe goes. Of a quota of which nothing is known
// nobody waits longer for it than the calls' own Delay says, and who waits
// alone no shorter.
func (k *key) probeTime(w *waiter) time.Time {
	at := k.due
	if f := w.call.Delay; f != nil && k.rate == 0 && !k.window.on {
		if k.class < 0 {
			k.class = f(k.rejections)
		}
		own := k.reacted.Add(k.class)
		alone := len(k.queue) == 0 || len(k.queue) == 1 && k.queue[0] == w
		if alone || own.Before(at) {
			at = own
		}
	}
	return later(at, k.until)
}

// open ends a closed time: the probe sent at sent was accepted. What was
// accepted since the last one ended, through the time since then, is a measure
// of the rate: that of a bucket, which gives as it gave, and of a window, which
// opens anew.
func (k *key) open(seq int, sent, now time.Time) {
	if !k.opened.at.IsZero() && !k.asks() && !k.measure(sent, k.overshoot, len(k.queue)) {
		k.window = window{}
	}
	k.window.open(k.closedAt, later(k.lastNo, k.until), sent, k.idle)
	k.begin(seq, sent)
	k.closed, k.reacted = false, now
	k.cut = max(k.cut, seq) // what an earlier probe meets is no news
	k.from, k.inflight, k.limit = k.seq, 0, 2
	if k.rate > 0 {
		k.own = rate.NewLimiter(0, 0) // the probe took what it had
		setRate(k.own, sent, k.pace(), k.known.Burst)
	}
}
