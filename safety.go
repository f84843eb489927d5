package qcloudhttp

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/request"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

const (
	// nonceAge is how old a Timestamp may get before a resend of it is no
	// longer safe: the vendor's newer page says that it is refused after 5
	// minutes, and the resend must arrive before that.
	nonceAge = 4*time.Minute + 30*time.Second
	// signatureAge is how old the Timestamp of a request that its caller
	// signed may be.
	signatureAge = 5 * time.Minute
)

// safety records whether, and in which form, a call may be sent again after its
// failures so far. The API executes a v2 Nonce once. So while it is unknown
// whether a change was executed, its request is pinned: sent again byte for byte,
// with the same Nonce, it is executed at most once, and a success means exactly
// once.
//
// A proxy may send a GET twice (RFC 9110, 9.2.2), so a change made by GET is
// pinned even where it was rejected: another copy may have been executed.
type safety struct {
	unknown       bool          // an attempt of this change may have been executed
	unknownBefore bool          // an attempt before the last may have been
	pinned        *http.Request // what to resend; nil: each attempt is made anew
	pinnedAt      time.Time     // when pinned was signed
	first         *Error        // the call's first failure
}

// learnEffect takes in the present attempt's failure, and notes in it what is
// known of the whole call's effect.
func (c *call) learnEffect() {
	s, fail := &c.safety, c.fail
	if s.first == nil {
		s.first = fail
	}
	if c.readOnly() {
		fail.Executed = NotExecuted
		return
	}
	unknown := c.verdict.Executed == ExecutionUnknown
	s.unknownBefore = s.unknown
	s.unknown = s.unknown || unknown
	fail.MaybeDone = s.unknownBefore && fail.findsOwnWork()
	fail.Executed = c.verdict.Executed
	if s.unknown {
		fail.Executed = ExecutionUnknown
	}
	switch {
	case fail.answered() && !fail.Code.Gateway(), // the module ran, and with that spent the Nonce
		c.verdict.Class == codes.ClassSignatureExpired && !s.unknown: // only a younger one is accepted
		s.pinned = nil
	case unknown || request.SafeMethod(c.req.Method) && !c.harmless():
		c.pin()
	}
}

// answered reports whether the API itself told of the failure.
func (e *Error) answered() bool { return e.Code != 0 || e.CodeDesc != "" }

// findsOwnWork reports whether the failure is what the action's own earlier
// execution would cause. That 2005 answers a delete that has been done is a
// judgement from the vendor's sample of DeleteDsaHost.
func (e *Error) findsOwnWork() bool {
	switch e.Class {
	case codes.ClassConflict:
		return request.Creates(e.Action)
	case codes.ClassNotFound:
		return request.Deletes(e.Action)
	}
	info, _ := e.Info()
	switch info.Code {
	case codes.DomainOffline, codes.ConfigDomainOffline:
		return request.Deletes(e.Action) || strings.HasPrefix(e.Action, "Offline") || strings.HasPrefix(e.Action, "Stop")
	case codes.ConfigDomainOnline:
		return strings.HasPrefix(e.Action, "Online") || strings.HasPrefix(e.Action, "Start")
	}
	return false
}

// pin keeps the attempt's request, where it carries a Nonce. API 3.0 takes v1
// signatures too, but does not promise to execute a Nonce once.
func (c *call) pin() {
	s := &c.safety
	if s.pinned != nil || c.describe().V3 {
		return
	}
	stamp, ok := sign.V1Stamp(c.readable(c.sent))
	if !ok || hasBody(c.sent) && c.sent.GetBody == nil {
		return
	}
	s.pinned, s.pinnedAt = c.sent, stamp.Timestamp
	if c.signer != nil {
		s.pinnedAt = c.sentAt // the stamp may be set to the API's clock
	}
}

// nonceTooOld reports whether a resend that needs its Nonce will be too old after
// the wait.
func (c *call) nonceTooOld(wait time.Duration) bool {
	s := &c.safety
	return s.pinned != nil && s.unknown && wait > nonceAge-time.Since(s.pinnedAt)
}

// mayRepeat reports whether the call may be sent again, and if not, why; an empty
// reason means that the failure itself is the whole answer. Where a Timestamp or
// a Nonce was refused, only a Signer can make another.
func (c *call) mayRepeat() (safe bool, reason Reason) {
	class := c.verdict.Class
	refused := class == codes.ClassSignatureExpired || class == codes.ClassReplayed
	switch {
	case class == codes.ClassFailed && !c.readOnly():
		return false, ""
	case class == codes.ClassReplayed && !c.readOnly():
		return false, ReasonArrived // somebody sent this Nonce before
	case refused && c.signer == nil && c.attempts == 1:
		return false, ""
	case refused && c.signer == nil:
		return false, ReasonSignature
	case class == codes.ClassSignatureExpired && c.safety.pinned != nil:
		return false, ReasonNonceAge
	case c.verdict.Executed != ExecutionUnknown, c.safety.pinned != nil, c.harmless(), c.hasToken():
		return true, ""
	}
	return false, ReasonUnsafe
}

// arrivedBefore reports whether the answer proves that an earlier attempt of the
// call had arrived, as API 3.0's answers to a used ClientToken do.
func (c *call) arrivedBefore() bool {
	return c.safety.unknownBefore && c.fail.Code == 0 && codes.ClassifyV3(c.fail.CodeDesc, c.fail.Product).Arrived
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
		return len(c.info.Others) == 0 && c.policy.Repeatable(name)
	case request.RepeatableMethod(c.req.Method):
		return true
	}
	return c.verdict.Class == codes.ClassInternal && c.fail.answered()
}

// hasToken reports whether the call carries API 3.0's ClientToken, which is
// executed once.
func (c *call) hasToken() bool { return request.ClientToken(c.readable(c.req)) != "" }

// resendable reports whether the request can be sent again.
func (c *call) resendable() bool { return c.safety.pinned != nil || c.body.Again() }

// hasNewToken reports whether the API refused the session token for the first
// time, and the Signer has another one by now.
func (c *call) hasNewToken() bool {
	most, _ := c.policy.attempts()
	switch {
	case c.fail.Code != codes.TokenFailure && c.fail.CodeDesc != "AuthFailure.TokenFailure", c.signer == nil,
		c.waits.retries[c.verdict.Class] > 0, c.attempts >= most, !c.resendable():
		return false
	}
	r, err := c.signed()
	if err != nil {
		return false
	}
	defer closeBody(r)
	return request.SessionToken(r) != request.SessionToken(c.sent)
}

// serverTime finds the API's time in the message of SignatureExpire: "the
// server time 1715570716".
var serverTime = regexp.MustCompile(`server time\D{0,4}(\d{10})\b`)

func timeIn(message string) (time.Time, bool) {
	m := serverTime.FindStringSubmatch(message)
	if m == nil {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseInt(m[1], 10, 64)
	return time.Unix(seconds, 0), err == nil
}
