package limit

import (
	"math"
	"time"
)

const (
	// minGap and maxGap bound the time between two probes of a closed quota.
	minGap = 20 * time.Millisecond
	maxGap = 3 * time.Second
)

// done takes the outcome of an attempt that was sent at since.
func (p *pacer) done(since, now time.Time, o Outcome) {
	// While the quota is closed only the probe is current.
	current := !since.Before(p.cut) && (!p.closed || p.inflight > 0)
	if !since.Before(p.countFrom) {
		p.inflight = max(p.inflight-1, 0)
	}
	switch o {
	case Overloaded:
		if p.closed && current {
			p.nextAt = p.nextProbe(now)
		}
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
	if p.window.on {
		p.window.accept(since, p.closed && !current)
	}
	switch {
	case p.closed && current:
		p.open(since, now)
	case !p.closed && p.window.full():
		p.newEpoch(since, now)
		p.close(since, now)
	case p.limit > 0 && current:
		p.limit++ // so that it doubles with each round trip
		if p.rate == 0 && p.window.allowance == 0 {
			most := slowStart * math.Exp2(min(now.Sub(p.cut).Seconds(), 20))
			p.limit = min(p.limit, int(most))
		}
	}
}

func (p *pacer) reject(since, now time.Time, current bool) {
	switch {
	case !current: // one cut for each congestion event
		p.hits++
		p.schedule(p.cut, p.hits)
	case p.closed:
		p.cut, p.lastNo = now, since
		p.nextAt = p.nextProbe(now)
	case p.window.on:
		p.window.exhaust()
		p.newEpoch(since, now)
		p.close(since, now)
	case p.accepted == 0: // the first attempt after an event
		p.close(p.epoch, now)
	default:
		p.exhausted(since, now)
	}
}

// exhausted takes the rejection that shows that the quota is used up, after
// some attempts were accepted.
func (p *pacer) exhausted(since, now time.Time) {
	p.lastNo = now
	s := sample{float64(p.accepted), since.Sub(p.epoch).Seconds()}
	switch p.learn(s, since) {
	case first:
		p.newEpoch(since, now)
		p.close(since, now)
	case fallen: // the epoch goes on: its few attempts count together
		p.cut, p.hits = now, 1
		p.schedule(now, 1)
		p.close(since, now)
	case tooFew:
		p.cut = now
		p.hits++
		p.schedule(now, p.hits)
		p.nextAt = now.Add(seconds(2 / p.rate))
	case learnt:
		p.newEpoch(since, now)
		p.schedule(now, 1)
		p.nextAt = now.Add(p.step())
	}
}

func (p *pacer) newEpoch(since, now time.Time) {
	p.epoch, p.cut, p.accepted, p.hits = since, now, 0, 1
}

// close begins a closed time that was first seen by an attempt sent at since.
func (p *pacer) close(since, now time.Time) {
	p.closed, p.closedAt, p.lastNo = true, since, since
	p.cut, p.countFrom, p.closedNow, p.inflight = now, now, now, 0
	p.nextAt = p.nextProbe(now)
}

// nextProbe is when the next probe goes: half as long after the last one as
// the quota has been closed, so that the number of probes grows with the
// logarithm of the wait.
func (p *pacer) nextProbe(now time.Time) time.Time {
	d := now.Sub(p.closedAt)
	at := now.Add(max(min(d/2, maxGap), d/8, minGap))
	if p.window.on {
		return p.window.nextProbe(now, p.closedAt, at)
	}
	return at
}

// open ends a closed time: the probe sent at since was accepted.
func (p *pacer) open(since, now time.Time) {
	p.window.open(p.closedAt, p.lastNo, since)
	p.reopened(since.Sub(p.closedNow), now)
	p.closed, p.cut = false, now
	p.limit = 2
	p.nextAt = now
	if p.rate > 0 && !p.window.on {
		p.nextAt = now.Add(seconds(1 / p.rate))
	}
}
