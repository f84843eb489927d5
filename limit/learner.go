package limit

import "time"

// The learner counts in attempts, so that it is the same for a quota of one a
// minute and one of a thousand a second.
const (
	// payFor is how many attempts go before a higher rate is tried: where
	// nobody else uses the quota, learning costs about one attempt in so many.
	// A rate is measured on as many.
	payFor = 50
	// few bounds the attempts at the first rate, which is a rough one. What fewer
	// epochs, or openings of a window, have in common may be chance.
	few = 4
	// grow is how fast a try accelerates: the pace doubles when a quarter more
	// attempts went than before the try.
	grow = 0.5
	// believe bounds what is believed of a try: its mean pace, had it doubled.
	believe = 1.25
	// finest is the shortest window of the vendor's quotas, in seconds: what is
	// seen in less may be a part of one.
	finest = 1
	// shortest is the shortest time that is measured, in seconds: a Delay may
	// be zero.
	shortest = 1e-3
	// less is the part of the attempts expected that speaks for another quota,
	// and of a pace that makes a slower one: less than chance takes from the
	// fewest that are looked at.
	less = 0.75
	// margin leaves to jitter a part of the time between two attempts at a rate
	// that is told: at the exact rate the least of it is rejected.
	margin = 0.99
)

// learner holds the rate of an open quota.
type learner struct {
	rate    float64 // attempts per second; 0 while unknown
	base    float64 // what it was when the quota opened
	proven  float64 // what was measured, of which base may be a guess upwards
	most    float64 // the rate that is told or documented; 0 for none
	gone    float64 // attempts since it opened that waited, or that others waited for
	plateau float64 // how many go before a higher rate is tried
	borne   float64 // how many went lately without a rejection, payFor at most
	tried   float64 // the mean pace of a try that has ended, 0 for none
	fell    bool    // much less was given than before, and too little since to measure

	top        float64 // the highest rate since these were counted:
	fast, slow run     // what was accepted at nearly that, and at a slower pace

	// What happened since the quota was last seen to open.
	opened   mark
	doubled  [2]mark       // when the pace doubled last, and the time before
	double   int           // the slow start's limit at which it doubles again
	accepted int           // attempts accepted, that which saw it open included
	idle     time.Duration // how long it might have given more, but nobody asked
	past     epoch         // up to then, older ones at half their weight where they are enough to measure a rate
}

// mark is an attempt and when it was sent.
type mark struct {
	seq int
	at  time.Time
}

// epoch is how many attempts were accepted, and in how many seconds that were
// not idle, from one opening to the next or several.
type epoch struct{ n, d float64 }

// run is how many attempts were accepted in so many epochs.
type run struct{ n, epochs float64 }

// blames takes in an epoch of n attempts at the rate. It reports false where slower
// attempts were rejected as often as faster ones: then the pace is not why.
func (l *learner) blames(n float64) bool {
	if l.rate > l.top {
		l.top, l.fast, l.slow = l.rate, run{}, run{}
	}
	at := &l.fast
	if l.rate < less*l.top {
		at = &l.slow
	}
	at.n, at.epochs = at.n+n, at.epochs+1
	if l.slow.epochs < few {
		return true
	}
	if l.slow.n*l.fast.epochs < 2*l.fast.n*l.slow.epochs {
		return false
	}
	l.top, l.fast, l.slow = l.rate, l.slow, run{}
	return true
}

// begin begins an epoch with the attempt that found the quota open.
func (l *learner) begin(seq int, sent time.Time) {
	l.opened = mark{seq, sent}
	l.doubled, l.double = [2]mark{l.opened, l.opened}, slowStart
	l.accepted, l.idle = 1, 0
}

// know sets the rate to one that is known.
func (l *learner) know(r float64) {
	r *= margin
	l.rate, l.base, l.proven, l.most = r, r, r, r
	l.gone, l.plateau, l.borne = 0, payFor, payFor
}

// pace is the rate of sending: the learnt one and, when enough have gone, more
// and more (the plateau and the convex region of CUBIC, RFC 9438, in attempts).
func (l *learner) pace() float64 { return l.paceAt(l.gone) }

func (l *learner) paceAt(gone float64) float64 {
	if l.rate == 0 {
		return l.most
	}
	x := max(gone/l.plateau-1, 0)
	r := l.rate * (1 + grow*x*x*x)
	if l.most > 0 {
		return min(r, l.most)
	}
	return r
}

// went notes that an attempt goes that had to wait, besides those in flight. A pace
// of twice the rate is a new rate, so that it doubles at most with each plateau,
// and with every second round trip.
func (l *learner) went(seq int, now time.Time, flying int) {
	l.gone++
	if l.pace() >= 2*l.rate {
		l.rate *= 2
		l.plateau = max(l.plateau, 2*float64(flying))
		l.gone = l.plateau
		l.doubled = [2]mark{{seq, now}, l.doubled[0]}
	}
}

// stop takes the rejection that shows that the quota is exhausted. late is how
// many attempts went since the rejected one. A plateau that was borne makes the
// next one longer. Where a measured rate was rejected before its plateau ended,
// somebody else uses the quota: then waiting for longer does not help.
func (l *learner) stop(late float64) {
	l.tried = 0
	if went := l.gone - late; went >= l.plateau {
		l.tried = (3*l.rate + l.paceAt(went)) / 4
		l.borne = min(2*l.borne, payFor)
	} else if l.rate <= l.proven {
		l.borne = max(min(l.borne, went), 1)
	}
	l.rate, l.gone = l.base, 0
}

// measure takes the time from one opening to the next, of the attempt sent at
// now. What was accepted since the pace doubled last is a measure of its own:
// where that is more, the rest was too slow to tell. queued calls wait for more.
// It reports whether the quota is the one that was known.
func (l *learner) measure(now time.Time, inflight, queued int) (same bool) {
	n, d := float64(l.accepted), now.Sub(l.opened.at).Seconds()
	since := l.doubled[1] // all before were accepted
	lately := max(n-float64(since.seq-l.opened.seq), 0) / max(now.Sub(since.at).Seconds(), shortest)
	d = max(d-l.idle.Seconds(), 0.01*d, shortest)
	switch {
	case l.rate == 0:
	case n+few < less*l.rate*d: // much less is given now: begin anew
		l.rate, l.base, l.top, l.past, l.fell = 0, 0, 0, epoch{}, true
		return false
	case !l.blames(n): // perhaps not even twice the fastest pace is too fast
		l.rate = 2 * l.top
		l.base, l.proven = l.rate, l.rate
		return false
	}
	if l.past.n >= payFor && l.past.d >= finest {
		l.past.n, l.past.d = l.past.n/2, l.past.d/2
	}
	l.past.n, l.past.d = l.past.n+n, l.past.d+d
	if l.fell && l.past.n < few && queued > 0 {
		return true // so little may be a pause of somebody else's making: its end is not to be missed
	}
	if l.rate == 0 {
		l.borne, l.fell = max(min(n, few), 1), false
	}
	l.proven = max(l.past.n/l.past.d, lately)
	l.base = l.proven
	if l.tried > 0 {
		l.base = min(max(l.tried, l.proven), believe*l.proven)
	}
	l.rate = l.base
	l.plateau = max(l.borne, l.rate*finest) + 2*float64(inflight)
	return true
}
