package qcloudhttp

import (
	"context"
	"errors"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// state is what a Transport makes of its fields at its first call.
type state struct {
	policy *Policy
	gates  []gate // passed in this order before every attempt

	// The default gates, where they are in use.
	budget   *limit.PerHost
	adaptive *limit.PerAction
}

// asleep reports whether no gate wants to see an attempt that succeeds.
func (s *state) asleep() bool {
	return s.adaptive != nil && s.adaptive.Inert() && (s.budget == nil || s.budget.Inert())
}

// gate is one of the lines that an attempt waits in.
type gate struct {
	limit.Gate
	inert  func() bool   // nil: the gate never lets a call pass unseen
	learns bool          // it decides when a rejected call goes again
	wakes  limit.Outcome // the outcome that an inert gate must be told of
	cause  WaitCause
}

func (t *Transport) init() {
	t.state.policy = t.Policy.withDefaults()
	if t.state.policy.RetryBudget > 0 {
		budget := &limit.PerHost{Size: t.state.policy.RetryBudget}
		t.state.budget = budget
		t.state.gates = append(t.state.gates,
			gate{Gate: budget, inert: budget.Inert, wakes: limit.Overloaded, cause: WaitBudget})
	}
	limiter := t.Limiter
	if limiter == nil {
		t.state.adaptive = &limit.PerAction{}
		limiter = t.state.adaptive
	}
	t.state.gates = append(t.state.gates, limiterGate(limiter))
}

func limiterGate(l Limiter) gate {
	g := gate{wakes: limit.Throttled, cause: WaitLimiter}
	if g.Gate, g.learns = l.(limit.Gate); !g.learns {
		g.Gate = plain{l}
	}
	if sleeper, ok := l.(interface{ Inert() bool }); ok {
		g.inert = sleeper.Inert
	}
	return g
}

// plain is a Limiter that learns nothing, as a Gate.
type plain struct{ Limiter }

func (p plain) Acquire(ctx context.Context, _ limit.Call) (limit.Ticket, error) {
	return limit.Ticket{}, p.Wait(ctx)
}

func (plain) Done(limit.Ticket, limit.Outcome) {}

// queue waits for the next attempt's turn at every gate, at most until the
// call's own limits end.
func (c *call) queue() error {
	if c.details != nil {
		c.tickets, c.passed, c.queued = [2]limit.Ticket{}, 0, 0
	} else if c.t.state.asleep() {
		return nil
	}
	for i := range c.t.state.gates {
		g := &c.t.state.gates[i]
		if g.inert != nil && g.inert() || c.unbudgeted(g) {
			continue
		}
		c.describe()
		if err := c.pass(g, &c.tickets[i]); err != nil {
			return err
		}
		c.passed = i + 1
	}
	return nil
}

func (c *call) pass(g *gate, ticket *limit.Ticket) (err error) {
	began, named := time.Now(), c.limited()
	latest, bound := c.latest()
	if !began.Before(latest) {
		return c.giveUp(bound, errNoTurn)
	}
	ctx, cancel := context.WithDeadline(c.ctx, latest)
	defer cancel()
	defer c.announceWait(latest, g)()
	*ticket, err = g.Acquire(ctx, named)
	c.queued += time.Since(began)
	if err != nil {
		return c.heldBack(g, ctx, bound, err)
	}
	return nil
}

// latest is until when the next attempt may wait in line, and which of the
// call's limits that is. It is a little before the context's deadline: at that
// an http.Client with a Timeout puts an error of its own, which is a timeout
// and has no cause, in place of what we return. A line that is probably longer
// than that is waited in all the same: what it is said to take is a guess, and
// callers that try again and again would otherwise spin.
func (c *call) latest() (time.Time, Reason) {
	until := time.Now().Add(c.policy.MaxElapsed - c.elapsed())
	if deadline, bounded := c.ctx.Deadline(); bounded {
		early := deadline.Add(-min(time.Until(deadline)/20, 50*time.Millisecond))
		if early.Before(until) {
			return early, ReasonDeadline
		}
	}
	return until, ReasonElapsed
}

// errNoTurn ends a wait in line that one of the policy's limits ended.
var errNoTurn = errors.New("its turn in line did not come in time")

// heldBack says why a call ended in a line, in which ctx bounded its wait by
// one of the call's limits, bound.
func (c *call) heldBack(g *gate, ctx context.Context, bound Reason, err error) error {
	reason := ReasonLimiter
	switch {
	case c.ctx.Err() != nil:
		reason = ReasonContext
	case g.cause == WaitBudget:
		reason = ReasonBudget
	case ctx.Err() != nil:
		reason = bound
	}
	switch {
	case c.ctx.Err() != nil && !errors.Is(err, c.ctx.Err()):
		err = errors.Join(c.ctx.Err(), err)
	case c.ctx.Err() == nil && bound == ReasonElapsed && errors.Is(err, context.DeadlineExceeded):
		err = errNoTurn // the caller's context has no part in it
	}
	return c.giveUp(reason, err)
}

// report tells the gates how the present attempt ended.
func (c *call) report() {
	if c.fail == nil && c.err == nil && c.t.state.asleep() {
		return
	}
	c.settle(len(c.t.state.gates), c.outcome())
}

// settle hands the tickets of the first n gates back.
func (c *call) settle(n int, o limit.Outcome) {
	var tickets [2]limit.Ticket
	if c.details != nil {
		tickets, c.passed = c.tickets, 0
	}
	for i := range n {
		g, ticket := &c.t.state.gates[i], tickets[i]
		if c.unbudgeted(g) {
			continue
		}
		if ticket.State == nil {
			if o != g.wakes && g.inert != nil && g.inert() {
				continue
			}
			ticket.State = c.limited()
		}
		g.Done(ticket, o)
	}
}

// unbudgeted reports whether g is the retry budget and the call's own policy
// has none.
func (c *call) unbudgeted(g *gate) bool {
	return g.cause == WaitBudget && c.policy.RetryBudget < 0
}

func (c *call) outcome() limit.Outcome {
	switch {
	case c.err != nil:
		return limit.Abandoned
	case c.fail == nil:
		return limit.Accepted
	}
	switch c.verdict.Class {
	case Throttled:
		return limit.Throttled
	case Network, Internal, Unavailable:
		return limit.Overloaded
	}
	return limit.Accepted
}

// paced reports whether a gate decides when a rejected call goes again, so
// that a delay of its own would only let others overtake it.
func (c *call) paced() bool {
	for i := range c.t.state.gates {
		if c.t.state.gates[i].learns {
			return true
		}
	}
	return false
}

// rateOf is the rate that g has learnt for a call, 0 for none.
func rateOf(g *gate, named limit.Call) float64 {
	if r, ok := g.Gate.(interface{ Rate(limit.Call) float64 }); ok {
		return r.Rate(named)
	}
	return 0
}
