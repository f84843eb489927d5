package limit

import (
	"context"
	"sync"
	"sync/atomic"
)

// PerHost keeps a Budget for each host whose bucket is not full, for 1024 hosts
// at most. The zero value is ready to use; it is safe for concurrent use and
// must not be copied after its first use.
type PerHost struct {
	// Size is that of each Budget; 0 or less means 20.
	Size int

	n     atomic.Int64
	mu    sync.Mutex
	hosts map[string]*hostBudget
}

type hostBudget struct {
	Budget
	calls int // that wait in it or are in flight
}

// Idle reports whether all buckets are full, so that a call need not be seen.
// It is one atomic load.
func (p *PerHost) Idle() bool { return p.n.Load() == 0 }

// hold returns host's Budget until it is let go. Where there is none, it makes
// one or returns nil.
func (p *PerHost) hold(host string, make bool) *hostBudget {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.hosts[host]
	if b == nil {
		if !make || len(p.hosts) >= defaultMaxKeys {
			return nil
		}
		if p.hosts == nil {
			p.hosts = map[string]*hostBudget{}
		}
		b = &hostBudget{Budget: Budget{Size: p.Size}}
		p.hosts[host] = b
		p.n.Store(int64(len(p.hosts)))
	}
	b.calls++
	return b
}

// letGo drops a Budget that is full and that nobody uses.
func (p *PerHost) letGo(host string, b *hostBudget) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if b.calls--; b.calls == 0 && b.Idle() {
		delete(p.hosts, host)
		p.n.Store(int64(len(p.hosts)))
	}
}

// Acquire waits in line while the Budget of c.Host is empty.
func (p *PerHost) Acquire(ctx context.Context, c Call) (done func(Answer) bool, err error) {
	var b *hostBudget
	if !p.Idle() {
		b = p.hold(c.Host, false)
	}
	if b == nil {
		return func(a Answer) bool { p.Report(c, a); return false }, nil
	}
	inner, err := b.Acquire(ctx, c)
	if err != nil {
		p.letGo(c.Host, b)
		return nil, err
	}
	return func(a Answer) bool {
		defer p.letGo(c.Host, b)
		return inner(a)
	}, nil
}

// Wait is Acquire for a caller that knows neither host nor answer.
func (p *PerHost) Wait(ctx context.Context) error {
	done, err := p.Acquire(ctx, Call{Attempt: 1})
	if err == nil {
		done(Answer{})
	}
	return err
}

// Report tells of an attempt that was sent without Acquire.
func (p *PerHost) Report(c Call, a Answer) {
	if a.Outcome != Overloaded && p.Idle() {
		return
	}
	if b := p.hold(c.Host, a.Outcome == Overloaded); b != nil {
		b.Report(c, a)
		p.letGo(c.Host, b)
	}
}

// Empty reports whether calls to host are held back because its bucket is
// empty.
func (p *PerHost) Empty(host string) bool {
	b := p.hold(host, false)
	if b == nil {
		return false
	}
	defer p.letGo(host, b)
	return b.Empty()
}
