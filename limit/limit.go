package limit

import (
	"context"
	"time"
)

// Limiter is the least a limiter does: Wait returns when the caller may go
// ahead, or ctx's error as soon as ctx ends. *rate.Limiter of
// golang.org/x/time/rate is one.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Gate is a Limiter that also learns: every attempt passes Acquire before it
// is sent and is reported to Done once its answer is known. Transport uses
// these two instead of Wait wherever a Limiter has them.
type Gate interface {
	Limiter

	// Acquire waits for c's turn. It returns an error only when ctx ended
	// first, or when it is certain that the turn comes after ctx's deadline;
	// then nothing was taken and Done must not be called.
	Acquire(ctx context.Context, c Call) (Ticket, error)

	// Done reports how the attempt that t let through ended. It is called
	// exactly once for each Ticket and never blocks.
	Done(t Ticket, o Outcome)
}

// Call names the quota that an attempt counts against.
type Call struct {
	Account string // whose quota: the SecretId or an opaque stand-in, "" where unknown
	Host    string // the API's host, with a port where the URL has one
	Action  string // the API's action, "" where unknown
	Attempt int    // 1 for a call's first attempt; retries wait at the head of the line
}

// Ticket is what Acquire hands out and Done takes back. Its zero value is a
// ticket of a gate that keeps no record of it.
type Ticket struct {
	Since time.Time // when the attempt was let through; zero while the gate is inert
	State any       // the gate's own
}

// Outcome is what an attempt's answer says to a Gate.
type Outcome uint8

const (
	// Abandoned says nothing about the API: the attempt was not sent, or the
	// caller cancelled it.
	Abandoned Outcome = iota
	// Accepted: the API took the call, whatever came of it; every answer that
	// is neither a rejection for quota nor a sign of overload.
	Accepted
	// Throttled: the quota was exceeded.
	Throttled
	// Overloaded: the API failed or did not answer.
	Overloaded
)
