package limit

import (
	"math"
	"time"
)

const (
	// patience is how long an attempt without an answer holds back others
	// that wait for its outcome.
	patience = time.Second
	// slowStart bounds the attempts in flight while no rate is known; it
	// doubles with each second.
	slowStart = 4
	// catchUp is how late a timer may fire without costing a slot.
	catchUp = 10 * time.Millisecond
)

// pacer is the part of Adaptive that learns. It is either closed: the quota is
// exhausted and one probe at a time asks for its return; or open: attempts go
// at a pace, or, in a long window, as many as the window allows.
type pacer struct {
	busy time.Time // when a call last had to wait or was rejected

	// Attempts in flight.
	inflight  int
	countFrom time.Time // attempts sent before are not counted in inflight
	limit     int       // at most so many, in a slow start; 0: any number
	sentAt    time.Time
	nextAt    time.Time // the next free slot, or the next probe

	// A closed quota.
	closed    bool
	closedAt  time.Time // when the first attempt was sent that found it closed
	lastNo    time.Time // when the last one was
	closedNow time.Time // when its answer came

	// The epoch: what happened since the quota was last seen exhausted.
	epoch    time.Time // when the attempt was sent that showed it
	accepted int       // of the attempts sent since
	cut      time.Time // when the pacer reacted; rejections of earlier attempts are no news
	hits     int       // rejections of that event

	learner
	window window
}

// start makes p ready for an exhausted quota of which nothing is known.
func (p *pacer) start(now time.Time) {
	*p = pacer{busy: now, epoch: now, hits: 1}
	p.close(now, now)
}

// next returns who goes next and when; see pace.
func (p *pacer) next(now time.Time, l *line) (*waiter, time.Duration) {
	if l.head() == nil {
		p.pause(now)
		return nil, 0
	}
	p.resume(now)
	w, at := p.choose(now, l)
	at = later(at, p.nextAt)
	if p.full(now) {
		at = later(at, p.sentAt.Add(patience))
	}
	if at.After(now) {
		p.busy = now
	}
	return w, at.Sub(now)
}

// full reports whether the next attempt must await the outcome of another.
func (p *pacer) full(now time.Time) bool {
	switch {
	case p.inflight == 0:
		return false
	case p.closed:
		return true
	case p.window.on && p.window.spent(now):
		return true
	default:
		return p.limit > 0 && p.inflight >= p.limit
	}
}

// choose returns the waiter to go next, and from when on it may: the head of
// the line, unless that has been rejected so often that it had better not be
// the one to try the quota. Probes are spread over the calls.
func (p *pacer) choose(now time.Time, l *line) (*waiter, time.Time) {
	since, rest := p.lastNo, restOpen
	if p.closed {
		since, rest = p.closedAt, restClosed
	}
	var best *waiter
	var bestAt time.Time
	// Few of the retries at the head have been rejected often.
	for i, w := 0, l.retries.first; w != nil && i < 64; i, w = i+1, w.next {
		at := later(since.Add(rest(w.attempt-1)), now)
		if best == nil || at.Before(bestAt) || p.closed && at.Equal(bestAt) && w.attempt < best.attempt {
			best, bestAt = w, at
		}
		if best.attempt <= 2 && bestAt.Equal(now) {
			return best, now
		}
	}
	if l.fresh.first != nil && (best == nil || bestAt.After(now) || p.closed) {
		return l.fresh.first, now
	}
	return best, bestAt
}

// restClosed is how long a quota must have been closed to be probed by a call
// that was rejected n times. So five attempts, the usual limit of a call,
// reach over a closed minute even where no other call can take turns with it.
func restClosed(n int) time.Duration {
	switch {
	case n <= 1:
		return 0
	case n == 2:
		return time.Second
	case n == 3:
		return 8 * time.Second
	default:
		return time.Minute
	}
}

// restOpen is how long after the last rejection a call goes that was rejected
// n times.
func restOpen(n int) time.Duration {
	switch {
	case n <= 2:
		return 0
	case n == 3:
		return time.Second / 4
	default:
		return time.Second / 2
	}
}

// let notes that an attempt goes now.
func (p *pacer) let(now time.Time) {
	p.inflight++
	p.sentAt = now
	p.window.used++
	if r := p.pace(now); r > 0 && !p.closed && !p.window.on {
		p.nextAt = later(p.nextAt, now.Add(-catchUp)).Add(seconds(1 / r))
	}
}

// undo takes let back.
func (p *pacer) undo(_, now time.Time) {
	p.inflight = max(p.inflight-1, 0)
	p.window.used = max(p.window.used-1, 0)
	if r := p.pace(now); r > 0 && !p.closed && !p.window.on {
		p.nextAt = p.nextAt.Add(-seconds(1 / r))
	}
}

// rateNow is the learnt rate, 0 if there is none.
func (p *pacer) rateNow() float64 {
	if p.window.on {
		return p.window.rate()
	}
	return p.rate
}

// estimate is how long a call behind so many others will probably wait, 0
// where nobody can tell: when a closed quota opens, only a probe finds out.
func (p *pacer) estimate(now time.Time, waiting int) time.Duration {
	r := p.rateNow()
	if p.closed || r <= 0 || math.IsInf(r, 0) {
		return 0
	}
	return max(p.nextAt.Sub(now), 0) + seconds(float64(waiting)/r)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
