package qcloudhttp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// waits counts what a call has waited for.
type waits struct {
	retries   [codes.ClassOK + 1]int // after failures of each class
	exempt    int                    // attempts that a MaxAttempts left zero does not count
	delayed   int                    // those of them that the class's delay followed
	busy      time.Duration          // waited for Busy
	uncounted time.Duration          // what a MaxElapsed left zero does not count
}

// shouldRetry reports whether the call is attempted again, and after which wait.
// If not, reason says why; an empty one means that the failure itself is the
// call's result.
func (c *call) shouldRetry() (again bool, wait time.Duration, reason Reason) {
	switch {
	case c.ctx.Err() != nil:
		return false, 0, ReasonContext // it may have cut the failure short, too
	case c.hasNewToken():
		return true, 0, ""
	case c.arrivedBefore() && c.verdict.Class != codes.ClassBusy:
		return false, 0, ReasonArrived
	case !c.verdict.Retry && !c.taskIsRunning():
		return false, 0, ""
	}
	if safe, reason := c.mayRepeat(); !safe {
		return false, 0, reason
	}
	if left, reason := c.attemptLeft(); !left {
		return false, 0, reason
	}
	wait = c.nextWait()
	reason = c.exceededBy(wait)
	return reason == "", wait, reason
}

// taskIsRunning reports whether a read-only call received an unspecific code
// whose message says that a task is running.
func (c *call) taskIsRunning() bool {
	switch c.fail.CodeDesc {
	case "FailedOperation", "ResourceUnavailable", "OperationDenied":
		return c.fail.Code == 0 && codes.RunningTask(c.fail.Message) && c.readOnly() &&
			c.waits.retries[c.verdict.Class] < defaultDelays[codes.ClassFailed].MaxRetries
	}
	return false
}

// attemptLeft reports whether the call may make another attempt, and if not, why.
func (c *call) attemptLeft() (left bool, reason Reason) {
	w, class, made := &c.waits, c.verdict.Class, c.attempts
	most, isDefault := c.policy.attempts()
	if isDefault {
		made -= w.exempt
	}
	switch {
	case made >= most, isDefault && w.delayed >= mostWaits, w.retries[class] >= c.policy.delay(class).MaxRetries:
		return false, ReasonAttempts
	case noSuchHost(c.fail.Err) && w.retries[class] > 0:
		return false, "" // it was looked up twice
	case !c.resendable():
		return false, ReasonBody
	}
	return true, ""
}

// waitCause is what decides when the next attempt is made. Where it is the
// limiter, the call waits in its queue (see limit/closing.go).
func (c *call) waitCause() WaitCause {
	switch {
	case c.verdict.Class == codes.ClassThrottled && c.t.gate != nil && c.fail.scope() != limit.ScopeResource:
		return WaitLimiter
	case c.fail.RetryAfter > 0 || c.fail.retryNow:
		return WaitRetryAfter
	}
	return WaitBackoff
}

// nextWait is the wait before the next attempt goes to its queues.
func (c *call) nextWait() time.Duration {
	class, asked := c.verdict.Class, c.fail.RetryAfter
	switch c.waitCause() {
	case WaitLimiter:
		return 0
	case WaitRetryAfter:
		// The spread lies above what was asked for, never below.
		return asked + min(rand.N(asked/20+1), math.MaxInt64-asked)
	}
	if noSuchHost(c.fail.Err) {
		return min(time.Second, c.policy.delay(class).Max)
	}
	return c.policy.wait(class, c.waits.retries[class]+1)
}

// exceededBy returns which of the call's bounds the wait would exceed: then there
// is no use in waiting.
func (c *call) exceededBy(wait time.Duration) Reason {
	least := max(wait, c.fail.RetryAfter) // for as long a limiter closes the key
	deadline, bounded := c.ctx.Deadline()
	most, isDefault := c.policy.elapsed()
	left := most - c.counted()
	if isDefault && c.verdict.Class == codes.ClassBusy {
		left = mostExempt - c.waits.busy
	}
	switch {
	case c.fail.RetryAfter > c.policy.retryAfter():
		return ReasonRetryAfter
	case c.nonceTooOld(least):
		return ReasonNonceAge
	case c.signatureTooOld(least):
		return ReasonSignature
	case bounded && time.Until(deadline) <= least:
		return ReasonDeadline
	case isDefault && c.waitCause() != WaitBackoff: // it is exempt
	case least >= left:
		return ReasonElapsed
	}
	return ""
}

// counted is the time that counts to MaxElapsed.
func (c *call) counted() time.Duration {
	if _, isDefault := c.policy.elapsed(); isDefault {
		return c.elapsed() - c.waits.uncounted
	}
	return c.elapsed()
}

// signatureTooOld reports whether a request that its caller signed will be too
// old after a wait.
func (c *call) signatureTooOld(wait time.Duration) bool {
	if c.signer != nil || c.describe().Account == "" {
		return false
	}
	stamp, ok := stampOf(c.readable(c.sent))
	return ok && time.Since(stamp)+wait > signatureAge
}

// stampOf returns the Timestamp of a signed request.
func stampOf(r *http.Request) (time.Time, bool) {
	if stamp, ok := sign.V1Stamp(r); ok {
		return stamp.Timestamp, true
	}
	stamp, ok := sign.TC3Stamp(r)
	return stamp.Timestamp, ok
}

// sleep closes the failed response and waits. It reports false where the context
// ends first.
func (c *call) sleep(wait time.Duration) bool {
	c.drop()
	c.observeWait(wait)
	w, class, cause := &c.waits, c.verdict.Class, c.waitCause()
	w.retries[class]++
	if c.exempt && cause == WaitBackoff {
		w.delayed++
	}
	switch {
	case cause == WaitRetryAfter:
		w.uncounted += wait
	case class == codes.ClassBusy:
		w.busy += wait
		w.uncounted += wait
	}
	select {
	case <-time.After(wait):
		return true
	case <-c.ctx.Done():
		c.giveUp(ReasonContext, nil)
		return false
	}
}

// giveUp ends the call with a GiveUpError. Cause is what ended it beside its
// failure; nil where the reason says all.
func (c *call) giveUp(reason Reason, cause error) {
	e := &GiveUpError{
		Reason: reason, Attempts: c.attempts, Elapsed: c.elapsed(), Action: c.describe().Action,
		Executed: NotExecuted, cause: cause,
	}
	c.err = e
	switch {
	case reason == ReasonContext:
		e.cause = c.ended()
	case reason == ReasonDeadline:
		e.cause = context.DeadlineExceeded
	case reason == ReasonArrived && c.safety.first != c.fail:
		e.cause = c.safety.first
	}
	if c.fail == nil {
		e.Err, e.cause = e.cause, nil
		return
	}
	e.Err, e.Executed = c.fail, c.fail.Executed
	switch {
	case reason == ReasonContext && c.fail.Err != nil && c.previous != nil:
		// The last word is what the API said before.
		e.Err, e.also = c.previous.with(c.fail.Executed), c.fail
	case reason == ReasonSignature && c.fail.Code == codes.ReplayAttack:
		// The resend's 4500 tells less than what made it necessary.
		e.Err = c.safety.first.with(c.fail.Executed)
	}
}

// ended is why the call's context is over: its error, and the cause where that
// says more.
func (c *call) ended() error {
	err, cause := c.ctx.Err(), context.Cause(c.ctx)
	if cause == nil || errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
