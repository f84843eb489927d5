package qcloudhttp

import (
	"context"
	"time"
)

// Observer is told what a Transport does. Observe is called in the goroutine
// of the call (a wait in a limiter's queue is announced from a timer's), must
// be safe for concurrent use and should return at once. A panic in it is
// recovered and ignored: watching must not break a call. ctx is the request's.
type Observer interface {
	Observe(ctx context.Context, e Event)
}

// ObserverFunc is a function that observes.
type ObserverFunc func(ctx context.Context, e Event)

// Observe calls f.
func (f ObserverFunc) Observe(ctx context.Context, e Event) { f(ctx, e) }

// EventFilter is implemented by an Observer that wants to be spared some
// events: Enabled is asked before an Event of the kind is put together, which
// costs a little. err is what the Event's Err is going to be. A panic in it is
// a no.
type EventFilter interface {
	Enabled(ctx context.Context, kind EventKind, err error) bool
}

// EventKind tells what an Event reports.
type EventKind uint8

const (
	// EventAttempt: an attempt has been answered, or has failed.
	EventAttempt EventKind = iota
	// EventWait: the call is going to make another attempt, after a wait; or
	// it has been waiting in line for limiter or budget for a second, or longer than
	// the last such event said.
	EventWait
	// EventEnd: the call is over.
	EventEnd
	// EventUnread: a response was passed on that may be an envelope and was not
	// understood: its code is no integer, or its first MiB holds none, or it is
	// in a coding other than gzip, or is no JSON.
	EventUnread
)

// String returns "attempt", "wait", "end" or "unread".
func (k EventKind) String() string {
	switch k {
	case EventAttempt:
		return "attempt"
	case EventWait:
		return "wait"
	case EventEnd:
		return "end"
	case EventUnread:
		return "unread"
	}
	return "unknown"
}

// WaitCause says what a call waits for.
type WaitCause string

// The causes of waiting.
const (
	WaitBackoff    WaitCause = "backoff"     // the policy's delay for the class
	WaitRetryAfter WaitCause = "retry-after" // the API's own wish
	WaitLimiter    WaitCause = "limiter"     // the turn under the quota
	WaitBudget     WaitCause = "budget"      // the line behind an outage's probes
)

// Event is one thing that happened in a call. It holds no credential and no
// query string (the Body of an *Error in Err may, see Error.Body).
type Event struct {
	Kind    EventKind
	Host    string
	Action  string // "" where the request names none
	Method  string
	Attempt int // the attempt it belongs to, from 1; of a wait, the one it precedes

	// Err is nil for success, the attempt's *Error, or the call's error.
	Err error

	// StatusCode is the HTTP status of the attempt, or of the response that the
	// call returns; 0 where there is none, and of EventWait.
	StatusCode int

	// Wait is how long the call is going to wait, and Until when that ends.
	// For the line of limiter or budget both are an estimate (zero: it cannot tell), or,
	// after a second, where the limiter gives none, the time that is left
	// until the call gives up. Cause says why. Of EventWait.
	Wait  time.Duration
	Until time.Time
	Cause WaitCause

	// Queued is how long the attempt waited for limiter and budget. Of
	// EventAttempt.
	Queued time.Duration

	// Duration is how long the attempt took, without waits. Of EventAttempt.
	Duration time.Duration

	// Elapsed is the time since the call began.
	Elapsed time.Duration

	// Rate is the learnt rate in attempts a second that paces this call; 0
	// while nothing does.
	Rate float64
}

// observe hands e to o and survives its panic.
func observe(ctx context.Context, o Observer, e Event) {
	defer func() { _ = recover() }()
	o.Observe(ctx, e)
}

// Observers returns an Observer that tells every one of list, in its order, of
// the events that it wants. Nil entries are left out; of none the result is
// nil, and of one that one. A panic in one does not keep the others from being
// told.
func Observers(list ...Observer) Observer {
	var all observers
	for _, o := range list {
		if o != nil {
			all = append(all, o)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return all
}

type observers []Observer

// Enabled reports whether anyone wants an event of the kind.
func (all observers) Enabled(ctx context.Context, kind EventKind, err error) bool {
	for _, o := range all {
		if wants(ctx, o, kind, err) {
			return true
		}
	}
	return false
}

func (all observers) Observe(ctx context.Context, e Event) {
	for _, o := range all {
		if wants(ctx, o, e.Kind, e.Err) {
			observe(ctx, o, e)
		}
	}
}

// wants asks o whether it wants an event, and survives its panic.
func wants(ctx context.Context, o Observer, kind EventKind, err error) (wanted bool) {
	filter, ok := o.(EventFilter)
	if !ok {
		return true
	}
	defer func() { _ = recover() }()
	return filter.Enabled(ctx, kind, err)
}
