// Package limit holds back attempts: to the pace of a quota that the API does
// not tell, and from an API that is failing.
//
// Adaptive finds the pace of one quota. Until the API first rejects an attempt
// it is inert. Then the line is closed, and one attempt at a time probes for
// the quota's return, at intervals that grow with the wait; when a probe is
// accepted, attempts are let go at a pace. Each time the quota is seen
// exhausted, the attempts accepted since the last time, through the time since
// then, give its rate, for a token bucket as for a window. One congestion event
// makes one cut, however many attempts it rejected (RFC 5681, RFC 6582): where
// others may use the quota too, to half, from where the pace climbs evenly, so
// that all find their share (Chiu and Jain, 1989); where it is ours alone, to
// the measured rate, which is kept for a while before an accelerating try at
// more (the plateau and the convex region of CUBIC, RFC 9438). A rate that
// nobody waits for is not raised (RFC 7661). A quota that stays closed for
// more than 5 s is taken for a window: its allowance and its opening times are
// learnt, and the allowance goes as soon as the window opens.
//
// PerAction keeps an Adaptive, or another limiter, for each account, host and
// action; its zero value is what a Transport uses by default. Documented is
// one for the documented 100 calls a minute. A *rate.Limiter is a Limiter too.
//
// Budget keeps retries from multiplying an outage, and PerHost keeps one for
// each host.
//
// A Transport also asks a Gate that has them for Rate(Call) float64, the learnt
// rate, and Estimate(Call) time.Duration, the wait to expect (0: it cannot tell),
// to say so to its Observer.
//
// Gates that have a method Inert() bool cost a call next to nothing while it
// reports true: the call needs neither Acquire nor a Ticket. An attempt that
// passed so is reported with Done only if a gate has something to learn from
// it (Throttled for Adaptive and PerAction, Overloaded for Budget and PerHost,
// anything once the gate is no longer inert), with its Call as the State of
// the zero Ticket.
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
	State any       // the gate's own; or the Call, of an attempt that passed an inert gate unseen
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
