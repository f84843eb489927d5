package limit

import (
	"math"
	"time"
)

const (
	// few is how many accepted attempts it takes to measure a rate.
	few = 20
	// sameRate is how close two measurements must be to be the same, and
	// loneAfter how many of them in a row show that nobody else uses the
	// quota: two clients disturb each other more than that.
	sameRate  = 0.015
	loneAfter = 5
	// onTrial is how long a rate is tried that is above the measured one.
	onTrial = 2 * time.Second
)

// sample is how many attempts were accepted from one exhaustion of the quota
// to the next, and in how many seconds. For every kind of quota, and whatever
// the pace in between, that is its rate, unless some of it was lost unused.
type sample struct{ n, d float64 }

// with is the rate of s together with n attempts at a rate known before.
func (s sample) with(n, rate float64) float64 { return (s.n + n) / (s.d + n/rate) }

// lesson is what a rejection taught.
type lesson uint8

const (
	first  lesson = iota // a first rate
	fallen               // much less is accepted than before
	tooFew               // nothing yet
	learnt               // a new rate
)

// learn takes the sample that ends with the rejection of an attempt sent at
// since.
func (l *learner) learn(s sample, since time.Time) lesson {
	expected := l.low() * s.d
	switch {
	case l.rate == 0:
		l.rate, l.weight = s.n/max(s.d, 1e-3), s.n
		l.raise(since)
		l.windowed = l.firstClosed > 0.2 && l.firstClosed*l.rate > 3
		l.shared = !l.windowed
		return first
	case s.n < expected/2 && s.n+4 <= expected: // more than chance
		l.rate, l.weight = s.with(1, l.rate), s.n+1
		l.safe, l.quiet, l.settled = 0, 0, 0
		return fallen
	case s.n <= 2, l.shared && s.n < few:
		return tooFew
	case l.shared:
		l.share(s)
	case since.After(l.tryFrom):
		l.tried(s, since)
	default:
		l.refused(s)
	}
	l.closings = max(l.closings-1, 0)
	l.raise(since)
	return learnt
}

// share measures our part of a quota that others may use too.
func (l *learner) share(s sample) {
	l.rate = s.with(few/2, l.rate)
	if math.Abs(l.rate-l.known) < sameRate*l.known {
		l.same++
	} else {
		l.same = 0
	}
	l.settle(s, true)
	l.quiet = climb
	if l.settled == 0 {
		l.quiet = quietMin
	}
	if l.same >= loneAfter {
		l.shared, l.settled = false, 3
	}
}

// tried measures after a try at higher rates. What the try found is put on
// trial where it is above the measured rate: a quota that does not keep what
// was not used is measured too low.
func (l *learner) tried(s sample, since time.Time) {
	measured := s.with(2, l.rate)
	reached := l.pace(since.Add(-time.Second / 2)) // the mean of the last second
	l.weight = min(s.n, 50)
	if reached >= 1.02*measured && (l.windowed || !l.banks) {
		l.safe, l.rate = measured, reached
		return
	}
	l.safe = 0
	if l.quiet > 0 { // the rate was borne for all that time
		measured = max(measured, l.rate/margin)
	}
	l.rate = measured * margin
	l.settle(s, true)
}

// refused measures after a rejection at a rate that was not being raised.
func (l *learner) refused(s sample) {
	if l.safe > 0 {
		l.endTrial(s)
		return
	}
	if !l.windowed { // somebody else used what had been enough
		l.shared, l.settled, l.same = true, 0, 0
	}
	l.rate = min(l.rate, s.with(min(l.weight, 50), l.rate)) * margin
	l.weight = min(l.weight+s.n, 200)
	l.settle(s, false)
}

// endTrial measures a rate on trial that was too high.
func (l *learner) endTrial(s sample) {
	weight := 20.0
	if s.d > 1 {
		weight = 5
	}
	m := min(max(s.with(weight, l.safe), l.safe), l.rate)
	l.banks = m-l.safe < (l.rate-l.safe)/4 // the first measurement was right
	l.rate, l.safe = m*margin, 0
	l.settle(s, true)
}
