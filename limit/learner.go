package limit

import (
	"math"
	"time"
)

const (
	// margin keeps the pace a little under the measured rate: at the exact
	// rate the least jitter is answered with a rejection.
	margin = 0.995

	// A shared rate is halved by a cut (RFC 5681) and climbs back evenly: by
	// climb from half to one and a half at a rate of climbAt. It climbs with
	// the square root of the rate, which is nearly the same for all who share
	// the quota, so that who has less gains more.
	give    = 0.5
	climb   = 6 * time.Second
	climbAt = 50

	// A rate that nobody else uses is kept for a quiet time before a higher
	// one is tried. That doubles from quietMin to quietMax while the rate
	// stays the same. For each rejection of the last event at least quietCost
	// attempts go first, so that learning costs at most one in so many.
	quietMin  = time.Second
	quietMax  = 16 * time.Second
	quietCost = 50

	// A try adds riseBy times the square root of the rate, the spread of a
	// count of arrivals, within rise, and accelerates (RFC 9438). A window
	// shows only at its end that it was too much, so it is tried more slowly.
	rise         = 2 * time.Second
	riseWindowed = 3 * time.Second
	riseBy       = 7
)

// learner holds the rate of an open quota and how it is found.
type learner struct {
	rate   float64 // attempts per second; 0 while unknown
	known  float64 // the last rate that was not on trial
	safe   float64 // what to fall back to from a rate on trial; 0 for none
	weight float64 // how many attempts the rate was measured on
	high   float64 // the highest rate of the last minutes, fading
	highAt time.Time

	// What kind of quota it is.
	shared      bool    // others use it too, or may: halve and climb
	same        int     // measurements in a row that speak against that
	windowed    bool    // what was not used in a window is lost, so never halve
	closings    int     // signs of a window
	firstClosed float64 // seconds that it was closed at first
	banks       bool    // what was not used is kept: a measured rate needs no trial

	cutAt     time.Time     // the last cut
	settled   int           // for how many events the rate has stayed
	quiet     time.Duration // how long it is kept
	tryFrom   time.Time     // when the next try at a higher rate begins
	idleSince time.Time     // since when nobody waits
}

// pace is the rate of sending at now.
func (l *learner) pace(now time.Time) float64 {
	r, t := l.rate, rise
	if l.windowed {
		t = riseWindowed
	}
	if l.shared {
		r += l.slope()*now.Sub(l.cutAt).Seconds() - give*l.rate
	}
	if x := now.Sub(l.tryFrom).Seconds() / t.Seconds(); x > 0 {
		r += riseBy * math.Sqrt(l.rate) * x * x * x
	}
	return r
}

// slope is how fast a shared rate climbs, in attempts per second squared.
func (l *learner) slope() float64 {
	r := math.Sqrt(l.rate*max(climbAt, l.rate/2)) / climb.Seconds()
	r = min(r, l.rate*l.rate/few) // a climb takes some attempts, too
	if l.settled == 0 {
		r *= 2 // find the share quickly at first
	}
	return 2 * give * r
}

// low is the lowest pace of an epoch.
func (l *learner) low() float64 {
	if l.shared {
		return l.rate * (1 - give)
	}
	return l.rate
}

// settle compares the rate with the one before: the longer they agree, the
// longer the rate is kept.
func (l *learner) settle(s sample, confirm bool) {
	change := math.Abs(l.rate-l.known) / max(l.known, 1e-9)
	l.known = l.rate
	switch {
	case s.n < few || change > 0.3:
		l.settled = 0
	case change > 0.05:
		l.settled = 1
	case confirm:
		l.settled++
	}
	l.quiet = 0
	if l.settled > 0 {
		l.quiet = min(quietMin<<min(l.settled-1, 8), quietMax)
	}
}

// schedule sets when the next try at a higher rate begins, after an event at
// cut with so many rejections. After a fall of the rate it begins sooner: what
// took the quota away may be over.
func (l *learner) schedule(cut time.Time, hits int) {
	l.cutAt, l.tryFrom = cut, cut
	if l.rate == 0 {
		return
	}
	t := l.quiet.Seconds()
	if t > 0 {
		t = max(t, quietCost*float64(hits)/l.rate)
	}
	if l.safe > 0 {
		t = max(t, onTrial.Seconds())
	}
	l.tryFrom = cut.Add(seconds(t * max(l.rate/l.high, 0.25)))
}

// raise keeps the highest rate, which fades within minutes.
func (l *learner) raise(now time.Time) {
	l.high *= math.Exp(-now.Sub(l.highAt).Minutes() / 2)
	l.high, l.highAt = max(l.high, l.rate), now
}

// step is the time from an event to the next slot.
func (l *learner) step() time.Duration {
	t := 1 / l.rate
	if l.safe > 0 {
		// A sliding window gives back as slowly at first as it was used.
		t += (1 - l.safe/l.rate) / 2
	}
	return seconds(t)
}

// reopened takes the length of a closed time that has ended. A bucket gives a
// token in the time of one: if much more time goes by before any attempt is
// accepted, the quota comes in windows.
func (l *learner) reopened(d time.Duration, now time.Time) {
	c := d.Seconds()
	if l.safe > 0 {
		l.rate = max(l.safe, l.rate/(1+c))
	}
	l.tryFrom = later(l.tryFrom, now)
	switch {
	case l.rate == 0:
		l.firstClosed = c
	case c > 0.25 && c*l.rate > 8:
		l.closings += 2
		l.windowed = l.windowed || l.closings > 2
		l.shared = l.shared && !l.windowed
	}
}

// pause and resume stop the clock while nobody waits: a rate that is not used
// proves nothing (RFC 7661).
func (l *learner) pause(now time.Time) {
	if l.idleSince.IsZero() {
		l.idleSince = now
	}
}

func (l *learner) resume(now time.Time) {
	if l.idleSince.IsZero() {
		return
	}
	if l.tryFrom.Before(l.idleSince) {
		l.tryFrom = l.tryFrom.Add(now.Sub(l.idleSince))
	}
	if l.cutAt.Before(l.idleSince) {
		l.cutAt = l.cutAt.Add(now.Sub(l.idleSince))
	}
	l.idleSince = time.Time{}
}
