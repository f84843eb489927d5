package limit

import (
	"cmp"
	"slices"
	"time"
)

// State is what an Adaptive knows of one Key. It holds no credential: the
// account is the stand-in that the calls gave.
type State struct {
	Key

	// Known says how the rate is known: "told", "documented", "learnt", or ""
	// while it is not.
	Known string `json:"known,omitempty"`
	// Rate is the pace in attempts per second; 0 while there is none.
	Rate float64 `json:"rate,omitempty"`
	// Allowance and Window are of a quota that comes in long windows: so many
	// attempts in each, and its length as it was last measured, from one
	// opening to the next. 0 where there is none, or while it is not known.
	Allowance int           `json:"allowance,omitempty"`
	Window    time.Duration `json:"window,omitempty"`

	Queue    int `json:"queue"`    // attempts that wait
	InFlight int `json:"inFlight"` // attempts without an answer
	// Estimate is how long a new call will probably wait; 0 where it cannot
	// be told.
	Estimate time.Duration `json:"estimate,omitempty"`
	// ClosedUntil is when the closed key is asked again; zero while it is open.
	ClosedUntil time.Time `json:"closedUntil,omitzero"`
}

// States returns what is known of each key, in the order of their names.
func (a *Adaptive) States() []State {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	all := make([]State, 0, len(a.keys))
	for _, k := range a.keys {
		all = append(all, k.state(now))
	}
	slices.SortFunc(all, func(s, t State) int {
		return cmp.Or(cmp.Compare(s.Scope, t.Scope), cmp.Compare(s.Account, t.Account), cmp.Compare(s.Region, t.Region),
			cmp.Compare(s.Service, t.Service), cmp.Compare(s.Action, t.Action))
	})
	return all
}

func (k *key) state(now time.Time) State {
	s := State{
		Key: k.Key, Rate: k.pace(), Allowance: k.window.allowance, Window: k.window.mean(),
		Queue: len(k.queue), InFlight: k.flying, Estimate: k.estimate(now),
	}
	switch {
	case k.told:
		s.Known = "told"
	case k.known.Rate() > 0:
		s.Known = "documented"
	case s.Rate > 0:
		s.Known = "learnt"
	}
	if k.closed {
		s.ClosedUntil = later(k.due, k.until)
	}
	return s
}

// estimate is how long a new call will probably wait, 0 where nobody can tell:
// until the next attempt, and then while those before it go.
func (k *key) estimate(now time.Time) time.Duration {
	next := max(later(k.next, k.until).Sub(now), 0)
	if r := k.pace(); r > 0 {
		return next + seconds(float64(len(k.queue))/r)
	}
	return max(k.until.Sub(now), 0)
}

// Estimate returns how long a call like c that begins now will probably wait;
// 0 where it need not, or where that cannot be told.
func (a *Adaptive) Estimate(c Call) (d time.Duration) {
	a.peek(c, func(k *key) { d = max(d, k.estimate(time.Now())) })
	return d
}

// Rate returns the rate of the key that lets the fewest calls like c go, in
// attempts per second; 0 where none is known.
func (a *Adaptive) Rate(c Call) (r float64) {
	a.peek(c, func(k *key) {
		if one := k.pace(); one > 0 && (r == 0 || one < r) {
			r = one
		}
	})
	return r
}

func (a *Adaptive) peek(c Call, see func(*key)) {
	if a.Idle() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for s := range scopes {
		if k := a.keys[c.key(Scope(s))]; k != nil {
			see(k)
		}
	}
}
