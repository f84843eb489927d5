package qcloudhttp

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/request"
	"github.com/qcloudhttp/qcloudhttp/limit"
)

// queue is a call's place before the retry budget and the limiter.
type queue struct {
	history *limit.History          // what the limiter remembers of the call; nil: it was not asked yet
	waited  time.Duration           // how long the present attempt waited
	budget  func(limit.Answer) bool // is to be told of the present attempt; nil: it was not asked
	limiter func(limit.Answer) bool // is to be told of the present attempt; nil: it was not asked
}

// settle reports the attempt's outcome to the budget and the limiter that let it
// go. It returns whether the limiter counts it as one of the call's attempts.
func (q *queue) settle(a limit.Answer) (counts bool) {
	if q.budget != nil {
		q.budget(a)
	}
	if q.limiter != nil {
		counts = q.limiter(a)
	}
	q.budget, q.limiter = nil, nil
	return counts
}

// acquire waits until the budget and the limiter let the next attempt go, at
// most until the call's own bounds end it. It reports false where the call has
// ended.
func (c *call) acquire() bool {
	q := &c.queue
	q.waited = 0
	if budget := c.budget(); budget != nil && !budget.Idle() {
		if !c.waitFor(WaitBudget, func(ctx context.Context) (err error) {
			q.budget, err = budget.Acquire(ctx, c.limited())
			return err
		}) {
			return false
		}
	}
	return c.t.idle() || c.waitFor(WaitLimiter, func(ctx context.Context) (err error) {
		if c.t.gate == nil {
			return c.t.limiter.Wait(ctx)
		}
		q.limiter, err = c.t.gate.Acquire(ctx, c.limited())
		return err
	})
}

// budget is the retry budget that the call takes part in, or nil.
func (c *call) budget() *limit.Budget {
	if c.policy.RetryBudget < 0 {
		return nil
	}
	return c.t.budget
}

// idle reports whether the limiter has nothing to say.
func (t *Transport) idle() bool {
	idler, ok := t.gate.(limit.Idler)
	return ok && idler.Idle()
}

// waitFor has acquire wait, at most until the call's bounds. It reports false where
// the call has ended.
func (c *call) waitFor(cause WaitCause, acquire func(context.Context) error) bool {
	began := time.Now()
	latest, bound := c.latest(cause)
	ctx := withoutOverride(c.ctx)
	if !latest.IsZero() {
		if !began.Before(latest) {
			c.giveUp(bound, nil)
			return false
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, latest)
		defer cancel()
	}
	defer c.announceWait(cause)()
	err := acquire(ctx)
	waited := time.Since(began)
	c.queue.waited += waited
	if cause == WaitLimiter {
		c.waits.uncounted += waited
	}
	if err != nil {
		c.heldBack(cause, ctx, bound, err)
	}
	return err == nil
}

// latest returns the time until which the next attempt may wait for the cause,
// and the bound that sets it; the zero time means that there is none. It is a
// little before the context's deadline: at that an http.Client with a Timeout
// puts an error of its own, which has no cause, in place of ours. A MaxElapsed
// left zero does not bound a limiter's queue: see Call.Patience.
func (c *call) latest(cause WaitCause) (latest time.Time, bound Reason) {
	if most, isDefault := c.policy.elapsed(); c.policy.MaxElapsed >= 0 && (!isDefault || cause == WaitBudget) {
		latest, bound = time.Now().Add(most-c.counted()), ReasonElapsed
	}
	if deadline, bounded := c.ctx.Deadline(); bounded {
		early := deadline.Add(-min(time.Until(deadline)/20, 50*time.Millisecond))
		if latest.IsZero() || early.Before(latest) {
			latest, bound = early, ReasonDeadline
		}
	}
	return latest, bound
}

// heldBack ends a call that budget or limiter did not let go, within a context
// that one of the call's bounds, bound, may have ended.
func (c *call) heldBack(cause WaitCause, ctx context.Context, bound Reason, err error) {
	var late *limit.WaitError
	switch {
	case c.ctx.Err() != nil:
		c.giveUp(ReasonContext, nil)
	case errors.As(err, &late) && late.Reason == limit.Patience:
		c.giveUp(ReasonElapsed, err)
	case errors.As(err, &late) && late.Reason == limit.Waits:
		c.giveUp(ReasonAttempts, err)
	case cause == WaitBudget:
		c.giveUp(ReasonBudget, nil)
	case errors.As(err, &late) && late.Reason == limit.LateAnswer:
		c.giveUp(ReasonDeadline, nil) // the context's own, whatever bounds the start
	case ctx.Err() != nil, errors.As(err, &late), bound != "" && tooLate(err):
		c.giveUp(bound, nil)
	default:
		c.giveUp(ReasonLimiter, foreign(err))
	}
}

// tooLate reports whether a limiter refused because of the context's deadline. A
// *rate.Limiter has no error of its own for that.
func tooLate(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || strings.HasSuffix(err.Error(), "would exceed context deadline")
}

// limited names the quota that the next attempt counts against.
func (c *call) limited() limit.Call {
	info := c.describe()
	host := hostOf(c.req)
	product, _ := request.Host(host)
	policy := c.policy
	patience, _ := policy.elapsed()
	deadline, _ := c.ctx.Deadline()
	if c.queue.history == nil {
		c.queue.history = new(limit.History)
	}
	return limit.Call{
		Account: request.Pseudonym(c.account()), Region: info.Region, Service: product,
		Host: request.Canonical(host), Action: info.Action,
		Attempt: c.attempts + 1, Begun: c.began, Patience: patience, AnswerBy: deadline, History: c.queue.history,
		Delay: func(rejection int) time.Duration { return policy.wait(codes.ClassThrottled, rejection) },
	}
}

// account is whose quota the call counts against: of who signs it.
func (c *call) account() string {
	if signer, ok := c.signer.(interface{ Account(context.Context) string }); ok {
		return signer.Account(withoutOverride(c.ctx))
	}
	return c.info.Account
}

// report tells budget and limiter how the present attempt ended, also where they
// had nothing to say before it.
func (c *call) report() {
	answer := c.answer()
	overloaded, throttled := answer.Outcome == limit.Overloaded, answer.Outcome == limit.Throttled
	if b := c.budget(); b != nil && c.queue.budget == nil && (overloaded || !b.Idle()) {
		b.Report(c.limited(), answer)
	}
	if l, ok := c.t.gate.(limit.Idler); ok && c.queue.limiter == nil && throttled {
		l.Report(c.limited(), answer)
	}
	counts := c.queue.settle(answer)
	c.exempt = c.fail != nil && (c.verdict.Class == codes.ClassBusy ||
		c.verdict.Class == codes.ClassThrottled && c.t.gate != nil && !counts)
	if c.exempt {
		c.waits.exempt++
		c.waits.uncounted += time.Since(c.sentAt)
	}
}

// answer is what the present attempt's outcome says to budget and limiter: only
// what the server did counts.
func (c *call) answer() limit.Answer {
	switch {
	case c.err != nil, c.fail != nil && c.fail.Err != nil && ownFault(c.fail.Err):
		return limit.Answer{Outcome: limit.Abandoned}
	case c.fail == nil:
		return limit.Answer{Outcome: limit.Accepted}
	}
	switch c.verdict.Class {
	case codes.ClassThrottled:
		told, _ := limit.ToldQuota(c.fail.Message)
		return limit.Answer{
			Outcome: limit.Throttled, Scope: c.fail.scope(), Told: told, RetryAfter: c.fail.RetryAfter,
		}
	case codes.ClassNetwork, codes.ClassInternal, codes.ClassUnavailable:
		return limit.Answer{Outcome: limit.Overloaded}
	}
	return limit.Answer{Outcome: limit.Accepted}
}

// scope returns what the quota counts that a Throttled failure refers to. The
// module codes 2010 and 2011 are of one domain.
func (e *Error) scope() limit.Scope {
	switch {
	case e.Module != 0 && !e.Code.Gateway():
		return limit.ScopeResource
	case e.Code == 0 && e.CodeDesc != "":
		return scopes[codes.ClassifyV3(e.CodeDesc, e.Product).Rate]
	}
	return limit.ScopeAction
}

// scopes maps the Rate of an API 3.0 code to the scope of its quota.
var scopes = [...]limit.Scope{
	codes.RateAction: limit.ScopeAction, codes.RateRegion: limit.ScopeRegion, codes.RateAccount: limit.ScopeAccount,
	codes.RateAddress: limit.ScopeAddress, codes.RateResource: limit.ScopeResource,
}

// limitRate is the learnt rate that paces the call; 0 while none does.
func (c *call) limitRate() float64 {
	if r, ok := c.t.gate.(interface{ Rate(limit.Call) float64 }); ok && !c.t.idle() {
		return r.Rate(c.limited())
	}
	return 0
}
