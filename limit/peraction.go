package limit

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// PerAction keeps a limiter for each account, host and action, for that is
// how the API counts its quotas.
//
// The zero value keeps an Adaptive for each key from the key's first Throttled
// outcome until it forgets; while there is none, PerAction is inert. A
// PerAction is safe for concurrent use and must not be copied after its first
// use.
type PerAction struct {
	// New makes the limiter of a key at its first call. A Gate is used as it
	// is; anything else, such as a *rate.Limiter, becomes the Ceiling of an
	// Adaptive. Nil, or a nil result, means a plain Adaptive.
	New func(Call) Limiter

	// MaxKeys bounds the number of limiters kept; 0 means 1024. Beyond it the
	// one used least recently goes, but never one in which calls wait or that
	// has attempts in flight.
	MaxKeys int

	keys keyed[actionKey]
}

type actionKey struct{ account, host, action string }

func keyOfAction(c Call) actionKey { return actionKey{c.Account, c.Host, c.Action} }

// Documented returns a PerAction that keeps under the documented quota of 100
// calls a minute for each action: 90 a minute evenly and 10 at once, so that
// no minute holds more than 100, wherever the API's window begins.
func Documented() *PerAction {
	return &PerAction{New: func(Call) Limiter {
		return rate.NewLimiter(rate.Every(time.Minute/90), 10)
	}}
}

// Inert reports whether no key limits anything, so that a call needs neither a
// key nor a ticket. It is one atomic load.
func (p *PerAction) Inert() bool { return p.New == nil && p.keys.n.Load() == 0 }

// Acquire waits for c's turn at its key's limiter.
func (p *PerAction) Acquire(ctx context.Context, c Call) (Ticket, error) {
	if p.Inert() {
		return Ticket{}, nil
	}
	var create func() Gate
	if p.New != nil {
		create = func() Gate { return p.create(c) }
	}
	e := p.keys.get(keyOfAction(c), p.MaxKeys, create)
	if e == nil {
		return Ticket{}, nil
	}
	return p.keys.acquire(ctx, e, c)
}

// Wait is Acquire for a caller that knows neither key nor outcome.
func (p *PerAction) Wait(ctx context.Context) error {
	t, err := p.Acquire(ctx, Call{Attempt: 1})
	if err == nil {
		p.Done(t, Abandoned)
	}
	return err
}

// Done reports an outcome. A ticket without a State was taken while its key
// was inert; the caller puts the Call into State before it reports it, and may
// leave the report out if the outcome is not Throttled.
func (p *PerAction) Done(t Ticket, o Outcome) {
	if p.keys.done(t, o) {
		return
	}
	c, ok := t.State.(Call)
	if !ok || o != Throttled && p.Inert() {
		return
	}
	var create func() Gate
	if o == Throttled {
		create = func() Gate { return p.create(c) }
	}
	if e := p.keys.get(keyOfAction(c), p.MaxKeys, create); e != nil {
		e.gate.Done(Ticket{Since: t.Since}, o)
		p.keys.put(e)
	}
}

func (p *PerAction) create(c Call) Gate {
	if p.New == nil {
		return &Adaptive{}
	}
	switch l := p.New(c).(type) {
	case nil:
		return &Adaptive{}
	case Gate:
		return l
	default:
		return &Adaptive{Ceiling: l}
	}
}

// Estimate returns how long a first attempt like c would probably wait now;
// 0 for a limiter that can't tell.
func (p *PerAction) Estimate(c Call) time.Duration {
	var d time.Duration
	p.peek(c, func(a *Adaptive) { d = a.Estimate() })
	return d
}

// Rate returns the rate learnt for c's key in attempts per second, 0 for none.
func (p *PerAction) Rate(c Call) float64 {
	var r float64
	p.peek(c, func(a *Adaptive) { r = a.Rate() })
	return r
}

func (p *PerAction) peek(c Call, f func(*Adaptive)) {
	if p.Inert() {
		return
	}
	e := p.keys.get(keyOfAction(c), p.MaxKeys, nil)
	if e == nil {
		return
	}
	defer p.keys.put(e)
	if a, ok := e.gate.(*Adaptive); ok {
		f(a)
	}
}
