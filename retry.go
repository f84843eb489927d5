package qcloudhttp

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// waits records how long a call has waited, and the wait that is planned.
type waits struct {
	next     time.Duration // before the next attempt
	cause    WaitCause
	prepared *http.Request // the next attempt's request, where it was signed already

	retries  map[codes.Class]int // planned
	exempt   int                 // attempts that a MaxAttempts left zero does not count
	delayed  int                 // those of them that were followed by the class's delay
	busy     time.Duration       // waited for Busy
	uncount  time.Duration       // what a MaxElapsed left zero does not count
	rejected bool                // the limiter counts the last rejection as an attempt
}

// shouldRetry reports whether the call is attempted again. If not, why says the
// reason; an empty one means that the failure itself is the call's result. If so,
// the wait before the next attempt is planned and the failed response is closed.
func (c *call) shouldRetry() (yes bool, why Reason) {
	switch {
	case c.ctx.Err() != nil:
		return false, ReasonContext // it may have cut the failure short, too
	case c.tokenRefused() && c.renewToken():
		c.waits.next, c.waits.cause = 0, WaitBackoff
		c.drop()
		return true, ""
	case c.arrivedBefore() && c.verdict.Class != codes.ClassBusy:
		return false, ReasonArrived
	case !c.verdict.Retry && !c.taskIsRunning():
		return false, ""
	}
	if safe, why := c.mayRepeat(); !safe {
		return false, why
	}
	if out, why := c.exhausted(); out {
		return false, why
	}
	c.plan()
	if why := c.outlasted(); why != "" {
		return false, why
	}
	c.drop()
	return true, ""
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

// exhausted reports whether the call has no further attempt, and why.
func (c *call) exhausted() (out bool, why Reason) {
	most, free := c.policy.attempts()
	made, class := c.attempts, c.verdict.Class
	if free {
		if c.exempt() {
			c.waits.exempt++
		}
		made -= c.waits.exempt
	}
	switch {
	case made >= most, free && c.waits.delayed >= mostWaits,
		c.waits.retries[class] >= c.policy.delay(class).MaxRetries:
		return true, ReasonAttempts
	case c.fail.Err != nil && noSuchHost(c.fail.Err) && c.waits.retries[class] > 0:
		return true, "" // it was looked up twice
	case !c.resendable():
		return true, ReasonBody
	}
	return false, ""
}

// exempt reports whether a MaxAttempts left zero does not count the failed
// attempt: it met Busy, or a quota whose limiter does not count the rejection.
func (c *call) exempt() bool {
	switch c.verdict.Class {
	case codes.ClassBusy:
		return true
	case codes.ClassThrottled:
		return c.t.gate != nil && !c.waits.rejected
	}
	return false
}

// plan chooses the wait before the next attempt: none where the limiter decides
// when a rejected call goes (see limit/closing.go), else the Retry-After, else the
// class's backoff.
func (c *call) plan() {
	w, class := &c.waits, c.verdict.Class
	if w.retries == nil {
		w.retries = map[codes.Class]int{}
	}
	w.retries[class]++
	switch {
	case class == codes.ClassThrottled && c.t.gate != nil && c.fail.scope() != limit.ScopeResource:
		w.next, w.cause = 0, WaitLimiter
	case c.fail.RetryAfter > 0:
		// The spread lies above what was asked for, never below.
		spread := min(rand.N(c.fail.RetryAfter/20+1), math.MaxInt64-c.fail.RetryAfter)
		w.next, w.cause = c.fail.RetryAfter+spread, WaitRetryAfter
	case c.fail.retryNow:
		w.next, w.cause = 0, WaitRetryAfter
	default:
		w.next, w.cause = c.policy.wait(class, w.retries[class]), WaitBackoff
		if c.exempt() {
			w.delayed++
		}
		if c.fail.Err != nil && noSuchHost(c.fail.Err) {
			w.next = min(time.Second, max(c.policy.delay(class).Max, w.next))
		}
	}
}

// outlasted returns which of the call's bounds the planned wait would exceed:
// then there is no use in waiting.
func (c *call) outlasted() Reason {
	w := &c.waits
	least := max(w.next, c.fail.RetryAfter) // for as long a limiter closes the key
	most, free := c.policy.elapsed()
	deadline, bounded := c.ctx.Deadline()
	switch {
	case c.fail.RetryAfter > c.policy.retryAfter():
		return ReasonRetryAfter
	case c.safety.tooOld(least):
		return ReasonNonceAge
	case c.signatureTooOld(least):
		return ReasonSignature
	case bounded && time.Until(deadline) <= least:
		return ReasonDeadline
	case free && c.verdict.Class == codes.ClassBusy && w.cause == WaitBackoff:
		if w.busy += w.next; w.busy > mostExempt {
			return ReasonElapsed
		}
	case free && (w.cause == WaitRetryAfter || w.cause == WaitLimiter):
	case least >= most-c.counted():
		return ReasonElapsed
	}
	return ""
}

// counted is the time that counts to MaxElapsed.
func (c *call) counted() time.Duration {
	if _, free := c.policy.elapsed(); free {
		return c.elapsed() - c.waits.uncount
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

// sleep waits before the next attempt. It reports false where the context ends
// first.
func (c *call) sleep() bool {
	c.observeWait()
	if c.waits.next > 0 {
		timer := time.NewTimer(c.waits.next)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-c.ctx.Done():
			c.giveUp(ReasonContext, nil)
			return false
		}
	}
	if c.verdict.Class == codes.ClassBusy || c.waits.cause == WaitRetryAfter {
		c.waits.uncount += c.waits.next
	}
	return true
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
