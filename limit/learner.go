package limit

import "time"

// All of it counts in attempts, not in seconds, so that it is the same for a
// quota of one a minute and one of a thousand a second.
const (
	// payFor is how many attempts go, for each that was rejected, before a
	// higher rate is tried: learning costs at most one in so many.
	payFor = 50
	// few is how many go at first: a first measurement is a rough one.
	few = 4
	// grow is how a try accelerates.
	grow = 0.5
	// believe bounds what is believed of a try: its mean pace, when the rate
	// has doubled.
	believe = 1.25
	// enough is how many attempts a rate is measured on.
	enough = 50
	// less is the part of what was expected that says that it is another quota.
	less = 0.75
	// margin is what jitter may take of the time between two attempts at a
	// rate that is told: at the exact rate the least of it is rejected.
	margin = 0.99
)

// learner holds the rate of an open quota.
type learner struct {
	rate  float64 // attempts per second; 0 while unknown
	base  float64 // the rate as it was learnt last
	most  float64 // the rate that is known not to be exceeded, 0 for none
	gone  float64 // attempts let go since it opened, while others waited
	plain float64 // how many go before a higher rate is tried
	early float64 // bounds plain at first; doubles with each event
	tried float64 // the mean pace of a try that has ended, 0 for none

	// What happened since the quota was last seen to open.
	opened   mark
	doubled  [2]mark       // when the pace doubled last, and the time before
	extra    int           // accepted after the first that was rejected, less those rejected before it
	idle     time.Duration // how long it might have given more, but nobody asked
	rejected int           // attempts rejected
	past     []epoch       // the last ones, enough to measure a rate
	proven   float64       // the rate that they had
	sure     bool          // they were enough

	double int // the slow start's limit at which its pace has doubled again
}

// mark is an attempt and when it was sent.
type mark struct {
	seq int
	at  time.Time
}

func (l *learner) mark(seq int, now time.Time) {
	l.doubled[1], l.doubled[0] = l.doubled[0], mark{seq, now}
}

// know sets the rate to one that is known.
func (l *learner) know(r float64) {
	r *= margin
	l.rate, l.base, l.most = r, r, r
	l.gone, l.plain, l.early = 0, payFor, payFor
	l.sure = true
}

// pace is the rate of sending: the learnt one and, when enough have gone, more
// and more (the plateau and the convex region of CUBIC, in attempts).
func (l *learner) pace() float64 { return l.paceAt(l.gone) }

func (l *learner) paceAt(gone float64) float64 {
	if l.rate == 0 {
		return 0
	}
	x := max(gone/l.plain-1, 0)
	r := l.rate * (1 + grow*x*x*x)
	if l.most > 0 {
		r = min(r, l.most)
	}
	return r
}

// went notes that an attempt goes while others wait. A pace of twice the rate
// is a new rate, so that it doubles at most with each so many attempts.
func (l *learner) went(inflight int) (doubled bool) {
	l.gone++
	if l.pace() < 2*l.rate {
		return false
	}
	l.rate *= 2
	l.plain = max(l.plain, 2*float64(inflight))
	l.gone = l.plain
	return true
}

// stop takes the rejection that shows that the quota is exhausted. late is how
// many attempts went since the rejected one. Where the rate was measured well
// and was not being raised, somebody else used the quota: the epoch goes on.
func (l *learner) stop(late float64) {
	k := l.gone - late
	l.tried = 0
	if k >= l.plain {
		l.tried = (3*l.rate + l.paceAt(k)) / 4
		l.early = min(2*l.early, 4*payFor)
	} else if l.rate <= l.proven {
		l.early = max(min(l.early, k)/2, 1)
	}
	l.rate, l.gone = l.base, 0
}

// measure takes how many attempts were accepted from one opening of the quota to
// the next, sent at now: those before the one that was rejected first, and the
// extra ones. Openings are put together until they hold enough attempts. It
// reports whether a new epoch begins.
func (l *learner) measure(closed int, now time.Time, inflight int) bool {
	through := func(m mark) (n, d float64) {
		return float64(max(closed-m.seq+l.extra, 0)), max(now.Sub(m.at).Seconds(), 1e-3)
	}
	n, d := through(l.opened)
	idle := min(l.idle.Seconds(), 0.99*d)
	if l.rate > 0 && n+few+float64(inflight) < less*l.rate*(d-idle) {
		l.rate, l.base, l.past = 0, 0, nil // much less is given now: begin anew
		return true
	}
	l.past = append(l.past, epoch{n, d, idle})
	n2, d2 := through(l.doubled[1])
	if l.rate == 0 {
		l.early = max(min(n, few), 1)
	}
	l.rate = max(l.recent(), n2/d2)
	l.proven = l.rate
	if l.tried > 0 {
		l.rate = min(max(l.tried, l.rate), believe*l.rate)
	}
	if l.most > 0 {
		l.rate = min(l.rate, l.most)
	}
	l.base = l.rate
	l.plain = min(l.early, payFor*float64(l.rejected)) + 2*float64(inflight)
	return true
}

// epoch is the time from one opening to the next.
type epoch struct{ n, d, idle float64 }

// recent is the rate of the last epochs. In idle time more might have been
// accepted: so the rate lies between n through d and n through d without it.
func (l *learner) recent() float64 {
	var sum epoch
	for i := len(l.past) - 1; i >= 0; i-- {
		e := l.past[i]
		sum.n, sum.d, sum.idle = sum.n+e.n, sum.d+e.d, sum.idle+e.idle
		if sum.n >= enough {
			l.past = append(l.past[:0], l.past[i:]...)
			break
		}
	}
	l.sure = sum.n >= enough
	low, high := sum.n/sum.d, sum.n/(sum.d-sum.idle)
	if l.rate == 0 {
		return high
	}
	return min(max(l.rate, low), high)
}
