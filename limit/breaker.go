package limit

import (
	"math"
	"time"
)

// line holds the attempts that wait: retries before first attempts, each in the
// order of their arrival.
type line struct{ retries, fresh queue }

func (l *line) len() int { return len(l.retries) + len(l.fresh) }

func (l *line) head() *waiter {
	if w := l.retries.first(); w != nil {
		return w
	}
	return l.fresh.first()
}

func (l *line) add(w *waiter) {
	if w.call.Attempt > 1 {
		l.retries.add(w)
	} else {
		l.fresh.add(w)
	}
}

type breakerState uint8

const (
	passing  breakerState = iota // tokens left: everyone goes
	probing                      // empty: one at a time
	draining                     // a probe was answered: the line is let go by and by
)

// breaker is the part of a bucket that decides.
type breaker struct {
	state        breakerState
	size, tokens int

	since    time.Time // when the state began
	probeAt  time.Time
	probes   int // in flight
	sentAt   time.Time
	nextAt   time.Time
	arrivals int     // first attempts that came while probing
	from     float64 // the drain's first rate, in calls a second
	good     bool    // an attempt of the drain was answered
	ceiling  float64 // of the drain, in calls a second
}

func (b *breaker) arrive(attempt int) {
	if b.state == probing && attempt <= 1 {
		b.arrivals++
	}
}

// next returns who goes next and how long it is until then.
func (b *breaker) next(now time.Time, l *line) (*waiter, time.Duration) {
	if b.state == draining && l.len() == 0 {
		b.state = passing
	}
	switch b.state {
	case probing:
		w := l.fresh.first()
		if w == nil {
			w = l.retries.first()
		}
		at := b.probeAt
		if b.probes > 0 {
			at = later(at, b.sentAt.Add(probePatience))
		}
		return w, at.Sub(now)
	case draining:
		return l.head(), b.nextAt.Sub(now)
	default:
		return l.head(), 0
	}
}

// let notes that an attempt goes now.
func (b *breaker) let(now time.Time) {
	switch b.state {
	case probing:
		b.probes++
		b.sentAt = now
		b.probeAt = now.Add(probeEvery)
	case draining:
		b.nextAt = later(b.nextAt, now.Add(-late)).Add(seconds(1 / b.rate(now)))
	}
}

// undo takes let back: the call ended before the attempt was sent.
func (b *breaker) undo(now time.Time) {
	switch b.state {
	case probing:
		b.probes = max(b.probes-1, 0)
		b.probeAt = now
	case draining:
		b.nextAt = b.nextAt.Add(-seconds(1 / b.rate(now)))
	}
}

// rate is the drain's: a slow start up to the ceiling.
func (b *breaker) rate(now time.Time) float64 {
	t := now.Sub(b.since).Seconds()
	return min(b.from*math.Exp2(t/drainDouble.Seconds()), b.ceiling*math.Exp2(math.Floor(t/10)))
}

// done takes an outcome; waiting is the number of calls in line.
func (b *breaker) done(sent, now time.Time, o Outcome, waiting int) {
	current := !sent.Before(b.since)
	if b.state == probing && current {
		b.probes = max(b.probes-1, 0)
	}
	switch {
	case o == Abandoned:
		if b.state == probing && current {
			b.probeAt = now
		}
	case b.state == probing:
		if current && o != Overloaded {
			b.drain(now, waiting, drainStart)
		}
	case b.state == draining && !current:
		// It was sent before the outage ended.
	case o == Overloaded:
		if b.tokens--; b.tokens <= 0 {
			b.empty(now, waiting)
		}
	default:
		b.tokens, b.good = min(b.tokens+1, b.size), true
	}
}

// empty takes the loss of the last token. A drain goes on at half its rate, or,
// after nothing but failures, at half of what it began with; hardly faster
// than the probes it is given up.
func (b *breaker) empty(now time.Time, waiting int) {
	if b.state == draining {
		from := b.from / 2
		if b.good {
			from = b.rate(now) / 2
		}
		if from > drainStart/5 {
			b.drain(now, waiting, from)
			return
		}
	}
	b.state, b.tokens, b.probes, b.arrivals = probing, 0, 0, 0
	b.since, b.probeAt = now, now.Add(probeEvery)
}

// drain begins to let go the line at a rate of from.
func (b *breaker) drain(now time.Time, waiting int, from float64) {
	if b.state == probing {
		arriving := float64(b.arrivals) / max(now.Sub(b.since).Seconds(), 1)
		b.ceiling = max(drainFloor, arriving+float64(waiting)/drainTime.Seconds())
	}
	b.state, b.tokens, b.since, b.nextAt, b.from = draining, min(recoveryTokens, b.size), now, now, from
	b.good = false
}
