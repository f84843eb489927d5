package limit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// defaultMaxKeys bounds a map of limiters whose owner sets no bound.
const defaultMaxKeys = 1024

// idleKey is how long a key that is not used is kept.
const idleKey = 10 * time.Minute

// entry is one key's gate. It is never dropped while a call waits in it or is
// in flight.
type entry[K comparable] struct {
	gate Gate
	refs int
	used time.Time
}

// keyed keeps a gate for each key.
type keyed[K comparable] struct {
	mu      sync.Mutex
	entries map[K]*entry[K]
	n       atomic.Int64
	sweepAt time.Time
}

// lapser is a gate that can become inert by itself.
type lapser interface {
	// lapse forgets what has grown old and reports whether the gate is inert.
	lapse(now time.Time) bool
}

func lapsed(g Gate, now time.Time) bool {
	l, ok := g.(lapser)
	return ok && l.lapse(now)
}

// get returns k's entry and holds it until put. Where there is none it makes
// one with create, or returns nil if create is nil.
func (m *keyed[K]) get(k K, maxKeys int, create func() Gate) *entry[K] {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.sweep(now)
	e := m.entries[k]
	if e == nil {
		if create == nil {
			return nil
		}
		if maxKeys <= 0 {
			maxKeys = defaultMaxKeys
		}
		if len(m.entries) >= maxKeys {
			m.evict()
		}
		if m.entries == nil {
			m.entries = make(map[K]*entry[K])
		}
		e = &entry[K]{gate: create()}
		m.entries[k] = e
		m.n.Store(int64(len(m.entries)))
	}
	e.refs++
	e.used = now
	return e
}

func (m *keyed[K]) put(e *entry[K]) {
	m.mu.Lock()
	e.refs--
	m.mu.Unlock()
}

// sweep drops, at most once a second, the keys that have become inert or have
// not been used for a while.
func (m *keyed[K]) sweep(now time.Time) {
	if now.Before(m.sweepAt) {
		return
	}
	m.sweepAt = now.Add(time.Second)
	for k, e := range m.entries {
		if e.refs == 0 && (lapsed(e.gate, now) || now.Sub(e.used) > idleKey) {
			delete(m.entries, k)
		}
	}
	m.n.Store(int64(len(m.entries)))
}

// evict drops the key that was used least recently, but never one with calls.
func (m *keyed[K]) evict() {
	var oldest K
	var found *entry[K]
	for k, e := range m.entries {
		if e.refs == 0 && (found == nil || e.used.Before(found.used)) {
			oldest, found = k, e
		}
	}
	if found != nil {
		delete(m.entries, oldest)
	}
}

// acquire waits in e's gate. The ticket holds e until done.
func (m *keyed[K]) acquire(ctx context.Context, e *entry[K], c Call) (t Ticket, err error) {
	passed := false
	defer func() { // also of a panic in a user's gate
		if !passed {
			m.put(e)
		}
	}()
	if t, err = e.gate.Acquire(ctx, c); err != nil {
		return Ticket{}, err
	}
	passed = true
	if t.State == nil {
		t.State = e
	} else {
		t.State = nested[K]{e, t.State}
	}
	return t, nil
}

// done hands an outcome to the gate that t came from, and reports whether t
// came from one.
func (m *keyed[K]) done(t Ticket, o Outcome) bool {
	var e *entry[K]
	switch s := t.State.(type) {
	case *entry[K]:
		e, t.State = s, nil
	case nested[K]:
		e, t.State = s.entry, s.inner
	default:
		return false
	}
	defer m.put(e)
	e.gate.Done(t, o)
	return true
}

// nested is the State of a ticket whose inner gate keeps a State too.
type nested[K comparable] struct {
	entry *entry[K]
	inner any
}
