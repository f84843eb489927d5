package limit

import "context"

// PerHost keeps a Budget for each host, in a map of at most 1024 keys from
// which a host whose bucket is full drops out by itself. The zero value is
// ready to use; it is safe for concurrent use and must not be copied after its
// first use.
type PerHost struct {
	// Size is that of each Budget; 0 or less means 20.
	Size int

	keys keyed[string]
}

// Inert reports whether all buckets are full, so that a call needs neither a
// host nor a ticket. It is one atomic load.
func (p *PerHost) Inert() bool { return p.keys.n.Load() == 0 }

// Acquire waits in line while the Budget of c.Host is empty.
func (p *PerHost) Acquire(ctx context.Context, c Call) (Ticket, error) {
	if p.Inert() {
		return Ticket{}, nil
	}
	e := p.keys.get(c.Host, 0, nil)
	if e == nil {
		return Ticket{}, nil
	}
	return p.keys.acquire(ctx, e, c)
}

// Wait is Acquire for a caller that knows neither host nor outcome.
func (p *PerHost) Wait(ctx context.Context) error {
	t, err := p.Acquire(ctx, Call{Attempt: 1})
	if err == nil {
		p.Done(t, Abandoned)
	}
	return err
}

// Done reports an outcome. A ticket without a State was taken while its host's
// bucket was full; the caller puts the Call into State before it reports it,
// and may leave the report out if the outcome is not Overloaded.
func (p *PerHost) Done(t Ticket, o Outcome) {
	if p.keys.done(t, o) {
		return
	}
	c, ok := t.State.(Call)
	if !ok || o != Overloaded && p.Inert() {
		return
	}
	var create func() Gate
	if o == Overloaded {
		create = func() Gate { return &Budget{Size: p.Size} }
	}
	if e := p.keys.get(c.Host, 0, create); e != nil {
		e.gate.Done(Ticket{Since: t.Since}, o)
		p.keys.put(e)
	}
}

// Empty reports whether calls to host are held back because its bucket is
// empty.
func (p *PerHost) Empty(host string) bool {
	if p.Inert() {
		return false
	}
	e := p.keys.get(host, 0, nil)
	if e == nil {
		return false
	}
	defer p.keys.put(e)
	b, ok := e.gate.(*Budget)
	return ok && b.Empty()
}
