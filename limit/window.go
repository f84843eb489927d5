package limit

import "time"

// longClosed is how long a quota must stay closed to be taken for a window.
// The pace of a shorter one is learnt like a token bucket's: that costs at
// most the burst of one window, and spreads the calls evenly.
const longClosed = 5 * time.Second

// window is a quota that is given out anew at intervals: how much, and when.
type window struct {
	on        bool
	allowance int // attempts accepted in a whole window; 0 while unknown
	used      int // attempts let go in this one
	taken     int // of them accepted

	exact       int           // openings in a row that the first probe found
	least, most time.Duration // its length is between the two; most is 0 while unknown
	lo, hi      time.Time     // it opened between the two
}

// open takes the end of a closed time: the quota was seen exhausted by an
// attempt sent at from, still closed at lo and open at hi, after it had been idle
// for some time while it was open. A window is as long as it is from one opening
// to the next.
func (w *window) open(from, lo, hi time.Time, idle time.Duration) {
	shut := lo.Sub(from)
	switch {
	case !w.on, w.most == 0 && shut <= longClosed:
		*w = window{on: shut > longClosed}
	case idle < shut: // else there may have been other openings in between
		w.least, w.most = lo.Sub(w.hi), hi.Sub(w.lo)
	}
	if w.exact++; shut > 0 {
		w.exact = 0
	}
	if w.exact >= few {
		w.exact, w.least, w.most = 0, 0, 0
	}
	if w.taken > 0 {
		w.allowance = w.taken
	}
	w.lo, w.hi, w.used, w.taken = lo, hi, 1, 1
}

// close takes a rejection in an open window. Where much less than its allowance
// was used, it does not open all at once, and its length tells nothing of when
// there will be more.
func (w *window) close() {
	if float64(w.used) < less*float64(w.allowance) {
		w.least, w.most = 0, 0
	}
}

// let notes that an attempt goes at now, perhaps the first in a new window. It
// reports whether that is the last one that the window is known to allow.
func (w *window) let(now time.Time) (last bool) {
	for w.most > 0 && now.After(w.hi.Add(w.most)) {
		w.lo, w.hi = w.lo.Add(w.least), w.hi.Add(w.most)
		w.used, w.taken = 0, 0
	}
	w.used++
	return w.on && w.used == w.allowance
}

// nextProbe is when a window that is exhausted is probed next: when it is
// expected to open, in four steps where that is not known well. It returns no
// time where it may be at any, such as after an hour in which nobody asked.
func (w *window) nextProbe(now time.Time) (at time.Time) {
	earliest, latest := w.lo.Add(w.least), w.hi.Add(w.most)
	width := latest.Sub(earliest)
	if w.most == 0 || width > w.most {
		return time.Time{}
	}
	return later(now, earliest).Add(max(width/4, w.least/30))
}

// mean is the length of a window, 0 while it is not known.
func (w *window) mean() time.Duration { return (w.least + w.most) / 2 }
