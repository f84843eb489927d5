package limit

import (
	"math"
	"time"
)

const (
	// quietMin and quietMax bound the time for which a learnt rate is kept
	// before a higher one is tried. It doubles while the rate stays the same.
	quietMin = time.Second
	quietMax = 16 * time.Second
	// quietCost is how many attempts must go for each rejection of the last
	// event before the next try: learning costs at most one in quietCost.
	quietCost = 50
	// rise is the time in which a try adds riseBy times the square root of the
	// rate, the spread of a count of arrivals, to the rate.
	rise   = 2 * time.Second
	riseBy = 7
	// margin keeps the pace a little under the measured rate.
	margin = 0.995
	// patience is how long an attempt without an answer holds back others.
	patience = time.Second
	// minGap and maxGap bound the time between two probes of a closed quota.
	minGap = 20 * time.Millisecond
	maxGap = 2 * time.Second
	// slowStart bounds the attempts in flight while no rate is known.
	slowStart = 8
)

// pacer is the part of Adaptive that learns.
type pacer struct {
	busy time.Time // when a call last waited or was rejected

	closed   bool
	closedAt time.Time // when the first attempt that found it closed was sent
	lastNo   time.Time // when the last one was
	rate     float64   // attempts per second; 0 while unknown
	weight   float64   // how many accepted attempts rate is measured on
	high     float64   // the highest rate of the last minutes, decaying
	highAt   time.Time
	nextAt   time.Time // the pace's next free slot, or the next probe
	inflight int
	window   int // attempts in flight allowed in a slow start; 0 for any number
	sentAt   time.Time

	// The epoch since the last time the quota was seen exhausted.
	epoch    time.Time // when the attempt that showed it was sent
	accepted int       // accepted attempts sent since
	cut      time.Time // when the pacer reacted: rejections of earlier attempts tell nothing new
	hits     int       // rejections of that event
	quiet    time.Duration
	growFrom time.Time // when the next try at a higher rate begins
	idleFrom time.Time // since when nobody waits
	safe     float64   // the rate to fall back to if the present one is too high; 0 if it is not on trial
	banks    bool      // whether the quota keeps what was not used

	win window
}

func (p *pacer) start(now time.Time) {
	p.busy, p.epoch, p.cut, p.hits = now, now, now, 1
	p.quiet = quietMin
	p.close(now, now)
}

func (p *pacer) close(since, now time.Time) {
	p.closed = true
	p.closedAt, p.lastNo = since, since
	p.cut = now
	p.inflight = 0
	p.nextAt = p.nextProbe(now)
}

// nextProbe is when the next probe goes: after half of what has passed since
// the quota was exhausted, so that the number of probes grows with the
// logarithm of the wait.
func (p *pacer) nextProbe(now time.Time) time.Time {
	at := now.Add(min(max(now.Sub(p.closedAt)/2, minGap), maxGap))
	if p.win.on {
		return p.win.nextProbe(now, p.closedAt, at)
	}
	return at
}

func (p *pacer) next(now time.Time, l *line) (*waiter, time.Duration) {
	w := l.head()
	if w == nil {
		if p.idleFrom.IsZero() {
			p.idleFrom = now
		}
		return nil, 0
	}
	if !p.idleFrom.IsZero() {
		if d := now.Sub(p.idleFrom); p.growFrom.Before(p.idleFrom) {
			p.growFrom = p.growFrom.Add(d)
		}
		p.idleFrom = time.Time{}
	}
	at := p.nextAt
	switch {
	case p.closed:
		var rest time.Time
		w, rest = p.prober(now, l)
		at = later(at, rest)
		if p.inflight > 0 {
			at = later(at, p.sentAt.Add(patience))
		}
	case p.win.on && p.win.spent(now) && p.inflight > 0, p.window > 0 && p.inflight >= p.window:
		at = later(at, p.sentAt.Add(patience))
	}
	wait := at.Sub(now)
	if wait > 0 {
		p.busy = now
	}
	return w, wait
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// prober chooses the call that tries whether the quota has opened: the head of
// the line, unless its rejections are so many that it had better rest.
func (p *pacer) prober(now time.Time, l *line) (*waiter, time.Time) {
	best, bestAt := (*waiter)(nil), time.Time{}
	w := l.retries.first
	for i := 0; w != nil && i < 64; i, w = i+1, w.next {
		at := p.closedAt.Add(rest(w.attempt - 1))
		if !at.After(now) {
			return w, at
		}
		if best == nil || at.Before(bestAt) {
			best, bestAt = w, at
		}
	}
	if l.fresh.first != nil {
		return l.fresh.first, time.Time{}
	}
	return best, bestAt
}

// rest is how long after its beginning a closed quota may be probed by a call
// that has been rejected n times. Five attempts, the usual limit of a call,
// reach over a closed minute even if the call is alone.
func rest(n int) time.Duration {
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

func (p *pacer) let(now time.Time) {
	p.inflight++
	p.sentAt = now
	p.win.used++
	if p.closed || p.win.on {
		p.nextAt = now
		return
	}
	if r := p.pace(now); r > 0 {
		// A timer that fires late must not cost a slot.
		p.nextAt = later(p.nextAt, now.Add(-10*time.Millisecond)).Add(seconds(1 / r))
	}
}

func (p *pacer) undo(since, now time.Time) {
	p.inflight = max(p.inflight-1, 0)
	p.win.used--
	if r := p.pace(now); !p.closed && r > 0 {
		p.nextAt = p.nextAt.Add(-seconds(1 / r))
	}
}

func (p *pacer) pace(now time.Time) float64 {
	if x := now.Sub(p.growFrom).Seconds() / rise.Seconds(); x > 0 {
		return p.rate + riseBy*math.Sqrt(p.rate)*x*x*x
	}
	return p.rate
}

func (p *pacer) done(since, now time.Time, o Outcome) {
	current := !since.Before(p.cut)
	if p.closed {
		current = current && p.inflight > 0
	}
	if current || !p.closed {
		p.inflight = max(p.inflight-1, 0)
	}
	switch o {
	case Accepted:
		p.accept(since, now, current)
	case Throttled:
		p.busy = now
		p.reject(since, now, current)
	}
}

func (p *pacer) accept(since, now time.Time, current bool) {
	if since.After(p.epoch) {
		p.accepted++
	}
	if p.win.on {
		p.win.accept(since, p.closed && !current)
	}
	switch {
	case p.closed && current:
		p.open(since, now)
	case p.window > 0:
		p.window++
		if p.rate == 0 && p.win.allowance == 0 {
			p.window = min(p.window, slowStart)
		} else if p.window > 1024 {
			p.window = 0
		}
	}
}

func (p *pacer) open(since, now time.Time) {
	p.closed = false
	p.window = 2
	p.nextAt = now
	p.growFrom = later(p.growFrom, now)
	p.cut = now
	p.win.open(p.closedAt, p.lastNo, since)
	if !p.win.on && p.rate > 0 {
		p.nextAt = now.Add(seconds(1 / p.rate))
	}
}

func (p *pacer) reject(since, now time.Time, current bool) {
	switch {
	case !current:
		p.hits++
		p.schedule()
		return
	case p.closed:
		p.cut = now
		p.lastNo = since
		p.nextAt = p.nextProbe(now)
		return
	case p.win.on:
		p.win.exhaust()
		p.epoch, p.accepted, p.hits = since, 0, 1
		p.close(since, now)
		return
	case p.accepted == 0:
		if p.safe > 0 {
			p.rate, p.safe = p.safe*margin, 0
		}
		p.close(p.epoch, now)
		return
	}
	n, d := float64(p.accepted), since.Sub(p.epoch).Seconds()
	old, rising := p.rate, since.After(p.growFrom)
	switch {
	case p.rate == 0:
		p.rate, p.weight = n/max(d, 1e-3), n
		p.close(since, now)
	case n <= 2 || n < p.rate*d/2:
		p.rate, p.weight = (n+1)/(d+1/p.rate), n+1
		p.safe, p.quiet = 0, quietMin
		p.cut, p.hits = now, 1
		p.close(since, now)
		return // the epoch goes on: its few attempts count together
	case rising:
		p.risen(n, d, since)
	default:
		p.fallen(n, d)
	}
	if math.Abs(p.rate-old) < 0.05*old {
		if rising {
			p.quiet = min(2*p.quiet, quietMax)
		}
	} else {
		p.quiet = quietMin
	}
	p.epoch, p.cut, p.accepted, p.hits = since, now, 0, 1
	p.raiseHigh(now)
	p.schedule()
	if !p.closed {
		p.nextAt = now.Add(seconds(1 / p.rate))
	}
}

// risen takes the rejection that ends a try at a higher rate.
func (p *pacer) risen(n, d float64, since time.Time) {
	measured := (n + 2) / (d + 2/p.rate)
	trial := p.pace(since.Add(-time.Second / 2))
	p.weight = min(n, 50)
	p.safe = 0
	if p.banks || trial < 1.02*measured {
		p.rate = measured * margin
		return
	}
	p.safe, p.rate = measured, trial
}

// fallen takes a rejection at a rate that was not being raised.
func (p *pacer) fallen(n, d float64) {
	if p.safe > 0 {
		m := (n + 20) / (d + 20/p.safe)
		m = min(max(m, p.safe), p.rate)
		p.banks = m-p.safe < (p.rate-p.safe)/4
		p.rate = m * margin
		p.safe = 0
		return
	}
	w := min(p.weight, 50)
	p.rate = min(p.rate, (n+w)/(d+w/p.rate)) * margin
	p.weight = min(p.weight+n, 200)
}

func (p *pacer) raiseHigh(now time.Time) {
	if p.high > 0 {
		p.high *= math.Exp(-now.Sub(p.highAt).Minutes() / 2)
	}
	p.high, p.highAt = max(p.high, p.rate), now
}

// schedule sets when the next try at a higher rate begins.
func (p *pacer) schedule() {
	p.growFrom = p.cut
	if p.rate > 0 && p.high > 0 {
		t := max(p.quiet.Seconds(), quietCost*float64(p.hits)/p.rate)
		p.growFrom = p.cut.Add(seconds(t * max(p.rate/p.high, 0.25)))
	}
}

func (p *pacer) learnt() float64 {
	if p.win.on {
		return p.win.rate()
	}
	return p.rate
}

func (p *pacer) estimate(now time.Time, waiting int) time.Duration {
	wait := max(p.nextAt.Sub(now), 0)
	if r := p.learnt(); r > 0 {
		wait += seconds(float64(waiting) / r)
	}
	return wait
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
