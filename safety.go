package qcloudhttp

import (
	"net/http"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/action"
	"github.com/qcloudhttp/qcloudhttp/internal/delivery"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// nonceAge is how old a Timestamp may get before a resend of it is no longer
// safe: the vendor's newer page says that it is refused after 5 minutes, and
// the resend must arrive before that.
const nonceAge = 4*time.Minute + 30*time.Second

// safety is what a call's failures so far allow its repetition to do. The API
// executes a v2 Nonce once. So while it is unknown whether a mutation was
// executed, its request is pinned: sent again byte for byte, with the same
// Nonce, it is executed at most once, and a success means exactly once.
type safety struct {
	ambiguous bool          // an attempt of this mutation may have been executed
	pinned    *http.Request // what to resend; nil: each attempt is made anew
	pinnedAt  time.Time     // when pinned was signed
	first     *Error        // the call's first failure
}

// learn takes in the present attempt's failure, and notes in it what is known
// of the whole call's effect.
func (s *safety) learn(c *call) {
	fail := c.fail
	if s.first == nil {
		s.first = fail
	}
	if c.readOnly() {
		fail.Executed = NotExecuted
		return
	}
	if fail.Code == codes.ReplayAttack && c.t.Signer == nil {
		// Somebody has sent this Nonce before: net/http, which repeats a GET
		// whose connection broke, or whoever signed the request.
		c.verdict.Executed = ExecutionUnknown
	}
	if s.ambiguous {
		info, _ := fail.Info()
		fail.OwnWork = action.FindsOwnWork(fail.Action, info.Code)
	}
	if c.verdict.Executed == ExecutionUnknown {
		s.ambiguous = true
		s.pin(c)
	}
	if fail.answered() && !fail.Code.Gateway() {
		// The module ran, and with that spent the Nonce.
		s.pinned = nil
	}
	fail.Executed = c.verdict.Executed
	if s.ambiguous {
		fail.Executed = ExecutionUnknown
	}
}

// pin keeps the attempt's request, where it carries a Nonce. API 3.0 takes v1
// signatures too, but does not promise to execute a Nonce once.
func (s *safety) pin(c *call) {
	if s.pinned != nil || c.describe().V3 {
		return
	}
	stamp, ok := stampOf(c.sent)
	if !ok {
		return
	}
	s.pinned, s.pinnedAt = c.sent, stamp.Timestamp
	if c.t.Signer != nil {
		s.pinnedAt = c.sentAt // the stamp may be set to the API's clock
	}
}

// tooOld reports whether the pinned request will have become so after a wait.
func (s *safety) tooOld(wait time.Duration) bool {
	return wait > nonceAge-time.Since(s.pinnedAt)
}

// stampOf returns the Nonce and Timestamp of a request as it was sent.
func stampOf(r *http.Request) (sign.Stamp, bool) {
	if r.Body == (empty{}) { // see guard
		bodiless := *r
		bodiless.Body = nil
		r = &bodiless
	}
	return sign.V1Stamp(r)
}

// resendable reports whether there is a request to send again.
func (s *safety) resendable(c *call) bool {
	if s.pinned != nil {
		return s.pinned.GetBody != nil || !hasBody(s.pinned) || s.pinned.Body == empty{}
	}
	return c.body == nil || c.body.Again()
}

// refuse returns why the call must not be sent again although its class is
// retried, or "" where it may. Permanent is true where the failure itself is
// the whole answer.
func (s *safety) refuse(c *call) (reason Reason, permanent bool) {
	switch {
	case c.verdict.Class == Failed && !c.readOnly():
		return "", true
	case c.verdict.Class == Network && delivery.Hopeless(c.fail.Err):
		return "", true
	case c.verdict.Class == Stale:
		return s.refuseStale(c)
	case c.verdict.Executed != ExecutionUnknown || s.pinned != nil || c.harmless():
		return "", false
	case c.describe().Token != "":
		return "", false // API 3.0 executes a ClientToken once
	}
	return ReasonUnsafe, false
}

// harmless reports whether a second execution of the call does no harm. Of a
// request without an action its method tells (RFC 9110, 9.2.2); any other goes
// again only where the API itself answered that it failed.
func (c *call) harmless() bool {
	name := c.describe().Action
	switch {
	case c.readOnly():
		return true
	case name != "":
		return c.policy.Repeatable(name)
	case action.RepeatableMethod(c.req.Method):
		return true
	}
	return c.verdict.Class == Internal && c.fail.answered()
}

// refuseStale judges a spent signature. Only a Signer can make another.
func (s *safety) refuseStale(c *call) (reason Reason, permanent bool) {
	switch {
	case c.t.Signer == nil && c.attempts == 1:
		return "", true
	case c.t.Signer == nil:
		return ReasonStale, false
	case s.pinned != nil && c.fail.Code == codes.ReplayAttack:
		return ReasonArrived, false
	case s.pinned != nil:
		return ReasonNonceAge, false
	}
	return "", false
}

// answered reports whether the API itself told of the failure.
func (e *Error) answered() bool { return e.Code != 0 || e.CodeDesc != "" }
