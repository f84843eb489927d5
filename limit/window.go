package limit

import "time"

// longClosed is how long a quota must stay closed to be taken for a window.
// The pace of a shorter window is learnt like a token bucket's: that costs at
// most the burst of one window, and spreads the calls evenly.
const longClosed = 5 * time.Second

// window is a quota that is given out anew at intervals: how much, and when.
// Its times are known as intervals, from the last probe that was rejected to
// the first that was accepted, and each opening narrows them.
type window struct {
	on        bool
	allowance int // attempts accepted in a whole window; 0 while unknown
	used      int // attempts let go in this one
	taken     int // of them accepted

	openLo, openHi     time.Time // when it opened
	periodLo, periodHi time.Duration
	confirmed          int  // openings that came when they were expected
	short              bool // exhausted well before the allowance was used
	same               int  // windows in a row with the same allowance
}

// open takes the end of a closed time: the quota was seen exhausted by an
// attempt sent at from, still closed at lo and open at hi.
func (w *window) open(from, lo, hi time.Time) {
	switch {
	case !w.on && lo.Sub(from) < longClosed:
		return
	case !w.on:
		*w = window{on: true, periodLo: lo.Sub(from)}
	case hi.Before(w.openLo.Add(w.periodLo-w.periodLo/10)) && w.short:
		w.short = false // it goes on giving, as a sliding window does
		w.taken++
		w.used = w.taken
		return
	case hi.Before(w.openLo.Add(w.periodLo - w.periodLo/10)):
		*w = window{} // it opened long before its time: no window
		return
	default:
		predicted := w.openLo.Add(w.periodLo)
		w.learn(lo.Sub(w.openHi), hi.Sub(w.openLo))
		if predicted.Before(hi) {
			lo = later(lo, predicted)
		}
	}
	if w.short {
		w.allowance, w.short = w.taken, false
	}
	w.openLo, w.openHi = lo, hi
	w.used, w.taken = 1, 1
}

// learn takes bounds for the time from the last opening to this one.
func (w *window) learn(lo, hi time.Duration) {
	if w.periodHi == 0 || w.periodHi > hi {
		w.periodHi = hi
	}
	w.periodLo = max(w.periodLo, lo)
	w.confirmed++
	if w.periodLo > w.periodHi {
		w.periodLo, w.periodHi, w.confirmed = max(lo, 0), hi, 0
	}
}

func (w *window) accept(since time.Time, late bool) {
	if since.Before(w.openHi) {
		return
	}
	w.taken++
	if late {
		w.allowance = max(w.allowance, w.taken)
	}
}

// exhaust notes that the window's allowance is used up.
func (w *window) exhaust() {
	if w.taken == w.allowance {
		w.same++
	} else {
		w.same = 0
	}
	if w.short = w.taken < w.allowance*9/10; !w.short {
		w.allowance = w.taken
	}
}

// full reports whether the window is to be taken for exhausted without asking:
// once the allowance has been the same for a while, only each fourth window is
// asked for more.
func (w *window) full() bool {
	if !w.on || w.same < 2 || w.taken < w.allowance || w.same%4 == 1 {
		return false
	}
	w.same++
	return true
}

// spent reports whether all is used that the window is known to allow; more
// may be tried, one at a time.
func (w *window) spent(now time.Time) bool {
	if w.periodHi > 0 {
		for now.After(w.openHi.Add(w.periodHi)) {
			w.openLo, w.openHi = w.openLo.Add(w.periodLo), w.openHi.Add(w.periodHi)
			w.used, w.taken = 0, 0
		}
	}
	return w.allowance > 0 && w.used >= w.allowance
}

// nextProbe is when a closed window is probed next: when it is expected to
// open. soon is when any other quota would be.
func (w *window) nextProbe(now, closedAt, soon time.Time) time.Time {
	earliest := w.openLo.Add(w.periodLo)
	if w.short && soon.Sub(closedAt) < longClosed && soon.Before(earliest) {
		return soon
	}
	if check := closedAt.Add(earliest.Sub(closedAt) / 5); w.confirmed < 2 && now.Before(check) {
		return check // is it a window at all?
	}
	if w.periodHi == 0 {
		if now.Before(earliest) {
			return earliest
		}
		return now.Add(max(min(now.Sub(earliest)/2, maxGap), w.periodLo/30))
	}
	latest := w.openHi.Add(w.periodHi)
	width := latest.Sub(earliest)
	if width < w.periodHi/100 {
		return later(soon, latest)
	}
	if middle := earliest.Add(width / 2); now.Before(middle) {
		return middle
	}
	return now.Add(max(width/4, minGap))
}

func (w *window) rate() float64 { return float64(w.allowance) / w.periodLo.Seconds() }
