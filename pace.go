package qcloudhttp

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// state is what a Transport makes of its fields at its first call.
type state struct {
	policy *Policy
	gates  []gate // passed in this order before every attempt

	// The default gates, where they are in use.
	budget   *limit.Budget
	adaptive *limit.Adaptive
}

// asleep reports whether no gate wants to see an attempt that succeeds.
func (s *state) asleep() bool {
	return s.adaptive != nil && s.adaptive.Idle() && (s.budget == nil || s.budget.Idle())
}

// gate is one of the queues that an attempt waits in.
type gate struct {
	limit.Gate
	idler  limit.Idler // the same; nil: it never lets a call pass unseen
	learns bool        // it decides when a rejected call goes again
	cause  WaitCause
}

func (t *Transport) init() {
	t.state.policy = t.Policy.withDefaults()
	if t.state.policy.RetryBudget > 0 {
		budget := &limit.Budget{Size: t.state.policy.RetryBudget}
		t.state.budget = budget
		t.state.gates = append(t.state.gates, gate{Gate: budget, idler: budget, cause: WaitBudget})
	}
	limiter := t.Limiter
	if limiter == nil {
		t.state.adaptive = &limit.Adaptive{}
		limiter = t.state.adaptive
	}
	t.state.gates = append(t.state.gates, limiterGate(limiter))
}

func limiterGate(l Limiter) gate {
	g := gate{cause: WaitLimiter}
	if g.Gate, g.learns = l.(limit.Gate); !g.learns {
		g.Gate = plain{l}
	}
	g.idler, _ = l.(limit.Idler)
	return g
}

// plain is a Limiter that learns nothing, as a Gate.
type plain struct{ Limiter }

func (p plain) Acquire(ctx context.Context, _ limit.Call) (func(limit.Answer) bool, error) {
	return func(limit.Answer) bool { return true }, p.Wait(ctx)
}

// queue waits for the next attempt's turn at every gate, at most until the
// call's own limits end.
func (c *call) queue() error {
	if c.details != nil {
		c.passed, c.queued = [2]func(limit.Answer) bool{}, 0
	} else if c.t.state.asleep() {
		return nil
	}
	for i := range c.t.state.gates {
		g := &c.t.state.gates[i]
		if g.idler != nil && g.idler.Idle() || c.unbudgeted(g) {
			continue
		}
		c.describe()
		if err := c.pass(g, &c.passed[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) pass(g *gate, done *func(limit.Answer) bool) (err error) {
	began, named := time.Now(), c.limited()
	latest, bound := c.latest(g)
	if !began.Before(latest) {
		return c.giveUp(bound, errNoTurn)
	}
	ctx, cancel := context.WithDeadline(c.ctx, latest)
	defer cancel()
	defer c.announceWait(latest, g)()
	*done, err = g.Acquire(ctx, named)
	waited := time.Since(began)
	c.queued += waited
	if g.cause == WaitLimiter {
		c.inQueue += waited
	}
	if err != nil {
		*done = nil
		return c.heldBack(g, ctx, bound, err)
	}
	return nil
}

// unbounded stands for a wait that the policy does not bound.
const unbounded = 1 << 20 * time.Hour

// latest is until when the next attempt may wait in g's queue, and which of the
// call's limits that is. It is a little before the context's deadline: at that
// an http.Client with a Timeout puts an error of its own, which is a timeout
// and has no cause, in place of what we return. A MaxElapsed left zero does not
// bound the queue of a limiter that learns: see patience.
func (c *call) latest(g *gate) (time.Time, Reason) {
	left := c.patience()
	if g.learns && g.cause == WaitLimiter && c.policy.free.elapsed && left > 0 {
		left = unbounded
	}
	until := time.Now().Add(left)
	if deadline, bounded := c.ctx.Deadline(); bounded {
		early := deadline.Add(-min(time.Until(deadline)/20, 50*time.Millisecond))
		if early.Before(until) {
			return early, ReasonDeadline
		}
	}
	return until, ReasonElapsed
}

// patience is what is left of MaxElapsed. Where that was left zero, the time in
// the limiter's queue does not count.
func (c *call) patience() time.Duration {
	left := c.policy.MaxElapsed - c.elapsed()
	if c.details != nil && c.policy.free.elapsed {
		left += c.inQueue
	}
	return left
}

// errNoTurn ends a wait in line that one of the policy's limits ended.
var errNoTurn = errors.New("its turn in line did not come in time")

// heldBack says why a call ended in a line, in which ctx bounded its wait by
// one of the call's limits, bound.
func (c *call) heldBack(g *gate, ctx context.Context, bound Reason, err error) error {
	reason := ReasonLimiter
	var late *limit.WaitError
	switch {
	case c.ctx.Err() != nil:
		reason = ReasonContext
	case g.cause == WaitBudget:
		reason = ReasonBudget
	case errors.As(err, &late) && late.Reason == limit.Waits:
		reason = ReasonAttempts
	case errors.As(err, &late) && late.Reason == limit.Patience:
		reason = ReasonElapsed
	case late != nil, ctx.Err() != nil:
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
	c.settle(c.answer())
}

// settle reports the answer to the gates, to those that have not seen the
// attempt as well if it fails.
func (c *call) settle(a limit.Answer) {
	var passed [2]func(limit.Answer) bool
	if c.details != nil {
		passed, c.passed = c.passed, passed
	}
	counts := false
	for i := range c.t.state.gates {
		g := &c.t.state.gates[i]
		switch {
		case c.unbudgeted(g):
		case passed[i] != nil:
			counts = passed[i](a) || counts
		case g.idler != nil && a.Outcome != limit.Abandoned && (a.Outcome != limit.Accepted || !g.idler.Idle()):
			g.idler.Report(c.limited(), a)
		}
	}
	if c.turnedBack() && !counts {
		c.free++
	}
}

// turnedBack reports whether the attempt was rejected for a quota that the
// limiter watches: it alone says when the call goes again.
func (c *call) turnedBack() bool {
	return c.fail != nil && c.verdict.Class == Throttled && c.paced() &&
		c.answer().Scope != limit.ScopeResource
}

// unbudgeted reports whether g is the retry budget and the call's own policy
// has none.
func (c *call) unbudgeted(g *gate) bool {
	return g.cause == WaitBudget && c.policy.RetryBudget < 0
}

// answer is what the present attempt tells a gate.
func (c *call) answer() limit.Answer {
	switch {
	case c.err != nil:
		return limit.Answer{}
	case c.fail == nil:
		return limit.Answer{Outcome: limit.Accepted}
	}
	switch c.verdict.Class {
	case Throttled:
		code := c.fail.CodeDesc
		if c.fail.Module != 0 {
			code = strconv.Itoa(int(c.fail.Module))
		}
		a := limit.Answer{Outcome: limit.Throttled, Scope: limit.ScopeOf(code), RetryAfter: c.fail.RetryAfter}
		a.Told, _ = limit.ToldQuota(c.fail.Message)
		return a
	case Network, Internal, Unavailable:
		return limit.Answer{Outcome: limit.Overloaded}
	}
	return limit.Answer{Outcome: limit.Accepted}
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
