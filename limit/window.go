package limit

import "time"

const (
	// longClosed is how long a quota must stay closed to be taken for a window.
	// The pace of a shorter one is learnt like a token bucket's: that costs at
	// most the burst of one window, and spreads the calls evenly.
	longClosed = 5 * time.Second
	// leastAllowance is how much a window must hold: in a smaller one the
	// rejection that shows its end, and those that show the next, are no bargain.
	leastAllowance = 20
)

// window is a quota that is given out anew at intervals: how much, and when.
type window struct {
	on        bool
	allowance int           // attempts accepted in a whole window; 0 while unknown
	used      int           // attempts let go in this one
	taken     int           // of them accepted
	period    time.Duration // from one opening to the next, at least; 0 while unknown
	slack     time.Duration // and at most so much longer
	lo, hi    time.Time     // it opened between the two
	seen      int           // openings
	shut      time.Duration // how long it was closed when it was first seen to open
	short     bool          // exhausted well before the allowance was used
	beyond    bool          // more than the allowance is being tried
}

// open takes the end of a closed time: the quota was seen exhausted by an
// attempt sent at from, still closed at lo and open at hi. Before, it was open
// since opened, idle for a part of that, and held so many attempts.
func (w *window) open(from, lo, hi, opened time.Time, idle time.Duration, held int) {
	w.beyond = false
	shut := lo.Sub(from)
	long := shut > longClosed && (opened.IsZero() || shut > from.Sub(opened)-idle)
	switch {
	case w.on && max(held, w.allowance) < leastAllowance, w.on && w.period == 0 && !long:
		*w = window{}
		return
	case !w.on && (!long || held < leastAllowance):
		return
	case !w.on:
		*w = window{on: true, shut: shut}
	case idle > shut: // there may have been other openings in between
	case w.period == 0:
		w.period, w.slack = lo.Sub(w.hi), hi.Sub(w.lo)-lo.Sub(w.hi)
	case hi.Before(w.lo.Add(w.period - w.period/10)):
		*w = window{} // it opened long before its time: no window
		return
	default:
		w.learn(lo.Sub(w.hi), hi.Sub(w.lo))
		lo = later(lo, w.lo.Add(w.period))
		if lo.After(hi) {
			lo = hi
		}
	}
	if w.short {
		w.allowance, w.short = w.taken, false
	}
	w.seen++
	w.lo, w.hi, w.used, w.taken = lo, hi, 1, 1
}

// learn takes bounds for the time from the last opening to this one.
func (w *window) learn(lo, hi time.Duration) {
	most := min(w.period+w.slack, hi)
	if w.period = max(w.period, lo); w.period > most {
		w.period, most = lo, hi
	}
	w.slack = most - w.period
}

func (w *window) accept(sent time.Time, late bool) {
	if sent.Before(w.hi) {
		return
	}
	w.taken++
	if late {
		w.allowance = max(w.allowance, w.taken)
	}
}

// exhaust notes that the window's allowance is used up.
func (w *window) exhaust() {
	if w.short = w.taken < w.allowance*9/10; !w.short {
		w.allowance = w.taken
	}
}

// spent reports whether all is used that the window is known to allow.
func (w *window) spent(now time.Time) bool {
	for w.period > 0 && now.After(w.hi.Add(w.period+w.slack)) {
		w.lo, w.hi = w.lo.Add(w.period), w.hi.Add(w.period+w.slack)
		w.used, w.taken, w.beyond = 0, 0, false
	}
	return w.allowance > 0 && w.used >= w.allowance
}

// nextProbe is when a window that was exhausted at from is probed next: when it
// is expected to open, in four steps where that is not known well; and at the
// first, second, fourth ... opening halfway, for it may be no window. It
// returns no time where it knows nothing of the opening, such as after an hour
// in which nobody asked.
func (w *window) nextProbe(now, from time.Time) (at time.Time) {
	earliest, latest := w.lo.Add(w.period), w.hi.Add(w.period+w.slack)
	width := latest.Sub(earliest)
	half := from.Add(earliest.Sub(from) / 2)
	switch {
	case !w.on || w.period == 0 || w.short || width > 2*w.period:
		return time.Time{}
	case w.seen&(w.seen-1) == 0 && now.Before(half):
		return half
	case now.Before(latest) && width > w.period/50:
		return later(now, earliest).Add(width / 4)
	case now.Before(latest):
		return latest
	}
	return now.Add(max(w.period/30, minGap))
}

// leastGap is the least time between two probes of a quota that is known to
// stay closed for long.
func (w *window) leastGap() time.Duration {
	if !w.on || w.short {
		return 0
	}
	return w.shut / 8
}

// mean is the length of a window, 0 while it is not known.
func (w *window) mean() time.Duration { return w.period + w.slack/2 }
