package qcloudtest

import "time"

// expiring is a map whose entries vanish with time. Its zero value is ready to
// use.
type expiring[T any] struct {
	entries map[string]expiringEntry[T]
	sweepAt int // the size at which the expired are cleared out
}

type expiringEntry[T any] struct {
	value T
	until time.Time
}

func (m *expiring[T]) get(key string, now time.Time) (T, bool) {
	e, ok := m.entries[key]
	if !ok || now.After(e.until) {
		var zero T
		return zero, false
	}
	return e.value, true
}

func (m *expiring[T]) put(key string, value T, now, until time.Time) {
	if m.entries == nil {
		m.entries = make(map[string]expiringEntry[T])
	}
	if len(m.entries) >= max(m.sweepAt, 64) {
		m.sweep(now)
	}
	m.entries[key] = expiringEntry[T]{value, until}
}

func (m *expiring[T]) sweep(now time.Time) {
	for k, e := range m.entries {
		if now.After(e.until) {
			delete(m.entries, k)
		}
	}
	m.sweepAt = 2 * len(m.entries)
}
