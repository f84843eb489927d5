package qcloudhttp

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// retry repeats the call as the policy allows. The engine is go-retryablehttp:
// it runs the loop and sleeps the waits. It is handed tokens in place of
// requests and responses, for it would read the one, drain the other and
// follow redirects; the first token stands for the attempt that has been made.
func (c *call) retry() {
	loop := *c // the engine holds on to what it is given
	defer func() { *c = loop }()
	loop.run()
}

// run makes the attempts after the first.
func (c *call) run() {
	engine := retryablehttp.Client{
		HTTPClient: &http.Client{Transport: &turns{c: c}},
		RetryMax:   math.MaxInt,
		CheckRetry: func(context.Context, *http.Response, error) (bool, error) { return c.plan(), nil },
		Backoff: func(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
			c.observeWait(c.delays.next, c.delays.cause)
			return c.delays.next
		},
	}
	token, err := retryablehttp.NewRequestWithContext(c.ctx, http.MethodGet, "http://call.invalid", nil)
	if err == nil {
		_, err = engine.Do(token)
	}
	if err != nil && c.err == nil {
		c.err = c.giveUp(ReasonContext, err) // it returns an error only where ctx ended its sleep
	}
}

// turns makes an attempt for each token that the engine sends, but for the
// first.
type turns struct {
	c     *call
	again bool
}

func (t *turns) RoundTrip(token *http.Request) (*http.Response, error) {
	if t.again {
		t.c.attempt()
	}
	t.again = true
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: token}, nil
}

// delays are the waits of one call.
type delays struct {
	next     time.Duration // before the next attempt
	cause    WaitCause
	schedule map[Class]*backoff.ExponentialBackOff
	retries  map[Class]int
}

// plan decides whether the call goes on after the present attempt, and sets
// the delay. Where it ends before its time, c.err says why.
func (c *call) plan() bool {
	reason, permanent := c.obstacle()
	switch {
	case permanent:
		return false
	case reason == ReasonContext:
		c.err = c.giveUp(reason, c.ctx.Err())
	case reason != "":
		c.err = c.giveUp(reason, nil)
	}
	return reason == ""
}

// obstacle returns why the call must end, "" where it may go on. Permanent is
// true where there is no other reason than the failure itself, or none at all.
func (c *call) obstacle() (reason Reason, permanent bool) {
	if !c.failed() || !c.verdict.Retry {
		return "", true
	}
	if c.ctx.Err() != nil {
		return ReasonContext, false
	}
	if reason, permanent := c.safety.refuse(c); reason != "" || permanent {
		return reason, permanent
	}
	if reason := c.exhausted(); reason != "" {
		return reason, false
	}
	c.setDelay()
	return c.outlasted(), false
}

// exhausted returns what leaves the call no further attempt.
func (c *call) exhausted() Reason {
	class := c.verdict.Class
	switch {
	case c.noRetry || c.attempts-c.freed() >= c.policy.MaxAttempts,
		c.delays.retries[class] >= c.policy.delay(class).MaxRetries:
		return ReasonAttempts
	case !c.safety.resendable(c):
		return ReasonBody
	}
	return ""
}

// freed is how many attempts do not count to MaxAttempts.
func (c *call) freed() int {
	if c.policy.free.attempts {
		return c.free
	}
	return 0
}

// maxRetryAfter is the longest Retry-After that is waited for: a quota's may be
// ten minutes, where the policy says nothing.
func (c *call) maxRetryAfter() time.Duration {
	if c.policy.free.retryAfter && c.turnedBack() {
		return 10 * time.Minute
	}
	return c.policy.MaxRetryAfter
}

// setDelay chooses the wait before the next attempt: the API's own wish, else
// none where the limiter decides when a rejected call goes and the policy does
// not ask for a delay all the same, else the class's.
func (c *call) setDelay() {
	class, d := c.verdict.Class, &c.delays
	if d.schedule == nil {
		d.schedule, d.retries = map[Class]*backoff.ExponentialBackOff{}, map[Class]int{}
	}
	if d.schedule[class] == nil {
		d.schedule[class] = c.policy.delay(class).schedule()
	}
	d.retries[class]++
	wait := d.schedule[class].NextBackOff()
	switch {
	case c.turnedBack():
		d.next, d.cause = 0, WaitLimiter
	case c.fail.RetryAfter > 0:
		d.next, d.cause = c.fail.RetryAfter, WaitRetryAfter
	default:
		d.next, d.cause = wait, WaitBackoff
	}
}

// outlasted returns which of the call's limits the planned wait would exceed:
// then there is no use in waiting.
func (c *call) outlasted() Reason {
	wait := c.delays.next
	deadline, bounded := c.ctx.Deadline()
	switch {
	case c.fail.RetryAfter > c.maxRetryAfter():
		return ReasonRetryAfter
	case c.safety.pinned != nil && c.safety.tooOld(max(wait, c.ahead())):
		return ReasonNonceAge
	case bounded && time.Until(deadline) <= wait:
		return ReasonDeadline
	case wait >= c.patience():
		return ReasonElapsed
	}
	return ""
}

// ahead is how long the limiter will probably hold a rejected call back.
func (c *call) ahead() time.Duration {
	if !c.turnedBack() {
		return 0
	}
	return max(c.fail.RetryAfter, c.lineAhead())
}

// giveUp ends the call although its failure is of a class that is retried.
// Cause is what ended it beside the policy; nil: nothing.
func (c *call) giveUp(reason Reason, cause error) *GiveUpError {
	e := &GiveUpError{
		Reason: reason, Attempts: c.attempts, Elapsed: c.elapsed(), Action: c.describe().Action,
		cause: cause, Executed: NotExecuted,
	}
	if c.fail != nil {
		e.Err, e.Executed = c.fail, c.fail.Executed
	}
	switch {
	case c.fail == nil:
		e.Err, e.cause = cause, nil
	case reason == ReasonContext && c.fail.Err != nil && c.previous != nil:
		e.also = c.previous
	case reason == ReasonRetryAfter:
		e.RetryAfter = c.fail.RetryAfter
	case reason == ReasonArrived:
		e.cause = c.safety.first
	case reason == ReasonStale && c.fail.Code == codes.ReplayAttack:
		// The resend's 4500 tells less than what made it necessary.
		e.Err = c.safety.first.with(c.fail.Executed)
	}
	return e
}

// cutOff ends the call because its context ended the present attempt: the last
// word is what the API said before, if it did.
func (c *call) cutOff() *GiveUpError {
	e := c.giveUp(ReasonContext, c.ctx.Err())
	if c.previous != nil {
		e.Err, e.also = c.previous.with(c.fail.Executed), nil
	}
	return e
}
