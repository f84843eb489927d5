package qcloudhttp

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/request"
	"github.com/qcloudhttp/qcloudhttp/limit"
)

// Execution says what is known of a failed call's effect.
type Execution uint8

const (
	ExecutionUnknown Execution = iota // it may have been executed: check the state
	NotExecuted                       // nothing was changed
	PartlyExecuted                    // some parts of a batch were executed: see Error.Body
)

// String returns "unknown", "no" or "partial".
func (x Execution) String() string {
	switch x {
	case NotExecuted:
		return "no"
	case PartlyExecuted:
		return "partial"
	}
	return "unknown"
}

// Failure is what is known of one failed attempt, as Classify sees it.
type Failure struct {
	StatusCode int           // HTTP status; 0: no response arrived
	Code       codes.Code    // v2's top-level code; 0: none
	Module     codes.Code    // the module code in v2's message, or at top level; 0: none
	CodeDesc   string        // v2's codeDesc, or API 3.0's Code; "": none
	Message    string        // the API's message, as sent
	Host       string        // the request's host
	Action     string        // the request's action; "": not found
	Product    string        // see Policy.Product; "": the product of Host, "dsa" where that is not the vendor's
	ClockOff   time.Duration // of 4500: the response's Date less the request's Timestamp; 0: not known
	Err        error         // why no (whole) response arrived; nil: one did
}

// Verdict is what a Failure means. The zero value is ClassUnknown, permanent.
type Verdict struct {
	Class    codes.Class
	Retry    bool      // whether another attempt can help; where it is unsafe none is made, see Policy.Repeatable
	Executed Execution // of this attempt; the zero value is ExecutionUnknown: say NotExecuted of a code that rejects
}

// effects says of each class whether it is retried, and whether it was executed.
var effects = [codes.ClassOK + 1]struct {
	retry    bool
	executed Execution
}{
	codes.ClassUnknown:          {false, ExecutionUnknown},
	codes.ClassThrottled:        {true, NotExecuted},
	codes.ClassBusy:             {true, NotExecuted},
	codes.ClassUnavailable:      {true, NotExecuted},
	codes.ClassInternal:         {true, ExecutionUnknown},
	codes.ClassNetwork:          {true, ExecutionUnknown},
	codes.ClassFailed:           {true, ExecutionUnknown},
	codes.ClassSignatureExpired: {true, NotExecuted},
	codes.ClassReplayed:         {true, ExecutionUnknown},
	codes.ClassAuth:             {false, NotExecuted},
	codes.ClassDenied:           {false, NotExecuted},
	codes.ClassAccountState:     {false, NotExecuted},
	codes.ClassDomainState:      {false, NotExecuted},
	codes.ClassConflict:         {false, NotExecuted},
	codes.ClassNotFound:         {false, NotExecuted},
	codes.ClassOriginConfig:     {false, NotExecuted},
	codes.ClassCertificate:      {false, NotExecuted},
	codes.ClassInvalid:          {false, NotExecuted},
	codes.ClassPartial:          {false, PartlyExecuted},
	codes.ClassUnsupported:      {false, NotExecuted},
	codes.ClassOK:               {false, ExecutionUnknown},
}

func verdictOf(c codes.Class) Verdict {
	return Verdict{Class: c, Retry: effects[c].retry, Executed: effects[c].executed}
}

// Classify says what a failure means; it is pure. The first of these decides: no
// response; the HTTP status, without a code; a code of the API's gateway; the module
// code, where the product's table knows it; the common code; the HTTP statuses 408,
// 429, 502-504 and 514, with an unknown code. [codes.ClassifyV3] judges API 3.0's.
func Classify(f Failure) Verdict {
	switch {
	case f.Code != 0:
		return classifyV2(f)
	case f.CodeDesc != "":
		return classifyV3(f)
	case f.Err != nil && ownFault(f.Err):
		return Verdict{Class: codes.ClassInvalid}
	case f.StatusCode == 0 || f.Err != nil:
		return verdictOf(codes.ClassNetwork)
	}
	return classifyStatus(f.StatusCode)
}

const expiredAfter = 2 * time.Hour // how far off 4500's text allows a Timestamp to be

func classifyV2(f Failure) Verdict {
	if f.Code == codes.ReplayAttack && f.ClockOff.Abs() > expiredAfter {
		return verdictOf(codes.ClassSignatureExpired)
	}
	v := verdictOf(codes.ClassUnknown)
	common, known := codes.Lookup(f.Code)
	if module, ok := f.module(); ok {
		v = verdictOf(module.Class)
	} else if known && common.Product == "" {
		v = verdictOf(common.Class)
	} else if outweighs(f.StatusCode) {
		v = classifyStatus(f.StatusCode)
	}
	if f.Code == codes.PartialSuccess {
		v.Retry, v.Executed = false, PartlyExecuted // another attempt would repeat the other parts
	}
	return v
}

// module is what the product's table has of the failure: of the code in the
// message's bracket, else of the top-level code. The page's numbers never
// coincide. The gateway's codes come before any module ran.
func (f Failure) module() (codes.Info, bool) {
	if f.Code.Gateway() || !f.servesDSA() {
		return codes.Info{}, false
	}
	for _, code := range [2]codes.Code{f.Module, f.Code} {
		if info, ok := codes.Lookup(code); ok && info.Product != "" {
			return info, true
		}
	}
	return codes.Info{}, false
}

// servesDSA reports whether the page's module codes apply: they are DSA's and
// ECDN's, and mean other things elsewhere (1001 of CDN is not 1001 of DSA).
func (f Failure) servesDSA() bool {
	product := f.product()
	return product == "dsa" || product == "ecdn"
}

func (f Failure) product() string {
	if f.Product != "" {
		return strings.ToLower(f.Product)
	}
	product, _ := request.Host(f.Host)
	return cmp.Or(product, "dsa")
}

func classifyV3(f Failure) Verdict {
	said := codes.ClassifyV3(f.CodeDesc, f.product())
	v := verdictOf(said.Class)
	if said.Class == codes.ClassUnknown && outweighs(f.StatusCode) {
		return classifyStatus(f.StatusCode)
	}
	if _, told := limit.ToldQuota(f.Message); told && f.CodeDesc == "LimitExceeded" {
		return verdictOf(codes.ClassThrottled) // some products say so of their rate
	}
	switch said.Effect {
	case codes.EffectNone:
		v.Executed = NotExecuted
	case codes.EffectPart:
		v.Executed = PartlyExecuted
	case codes.EffectUnknown, codes.EffectUnlessDelete:
		v.Executed = ExecutionUnknown
	}
	if said.Effect == codes.EffectUnlessDelete && request.Deletes(f.Action) {
		v.Executed = NotExecuted
	}
	return v
}

const statusCDNLimit = 514 // of the vendor's CDN, above its limit of accesses

// classifyStatus judges a response without an envelope by RFC 9110 (428, 429
// and 511 by RFC 6585, 508 by RFC 5842). What answered may be a proxy, which does
// not know whether the API executed the call, as after a 408 for a slow answer.
// A status that is not listed counts as the x00 of its class (RFC 9110, 15).
func classifyStatus(status int) Verdict {
	switch status {
	case http.StatusTooManyRequests, statusCDNLimit:
		return verdictOf(codes.ClassThrottled)
	case http.StatusRequestTimeout:
		return verdictOf(codes.ClassNetwork)
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return Verdict{Class: codes.ClassUnavailable, Retry: true, Executed: ExecutionUnknown}
	case http.StatusUnauthorized, http.StatusProxyAuthRequired:
		return verdictOf(codes.ClassAuth)
	case http.StatusForbidden, http.StatusUnavailableForLegalReasons, http.StatusNetworkAuthenticationRequired:
		return verdictOf(codes.ClassDenied)
	case http.StatusNotFound, http.StatusGone:
		return verdictOf(codes.ClassNotFound)
	case http.StatusConflict:
		return verdictOf(codes.ClassConflict)
	case http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusHTTPVersionNotSupported,
		http.StatusLoopDetected:
		return verdictOf(codes.ClassUnsupported)
	}
	switch {
	case status >= 500:
		return verdictOf(codes.ClassInternal)
	case status >= 400:
		return verdictOf(codes.ClassInvalid)
	}
	return verdictOf(codes.ClassOK)
}

// outweighs reports whether a status says more than a code that is not known.
func outweighs(status int) bool {
	class := classifyStatus(status).Class
	return class == codes.ClassThrottled || class == codes.ClassNetwork || class == codes.ClassUnavailable
}

// ownFault reports whether an error is the caller's own, or the certificate's:
// another attempt meets it again, and it says nothing of the API or the network.
func ownFault(err error) bool {
	var body *request.BodyError
	return errors.As(err, &body) || refused(err) || untrusted(err)
}
