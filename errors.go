package qcloudhttp

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/action"
	"github.com/qcloudhttp/qcloudhttp/internal/redact"
	"github.com/qcloudhttp/qcloudhttp/internal/words"
)

// Error is a failure that the API, or the way to it, answered: what it said
// and what that means. It is at the bottom of every error of this package that
// a call ends with, so errors.As with a *Error works whatever the outcome. (Where
// an http.Client's Timeout strikes in the middle of an attempt, net/http keeps
// only the text of it: for mutations use a context's deadline.)
//
// errors.Is matches the common code, the module code and the class:
//
//	errors.Is(err, codes.DomainNotFiled)     // (2002), and 3.0's ResourceUnavailable.CdnHostNoIcp
//	errors.Is(err, qcloudhttp.ErrThrottled)  // whatever was called too often
type Error struct {
	Code       codes.Code // v2's top-level code; 0: none (HTTP, network and 3.0 failures)
	Module     codes.Code // the code in the message's bracket; 0: none
	CodeDesc   string     // v2's codeDesc, or API 3.0's Code
	Message    string     // as the API sent it, bracket included, but for *** where it quotes the request's credentials
	RequestID  string     // the API's own, to quote in a ticket
	StatusCode int        // HTTP status; 0: no response
	Host       string
	Action     string // "" where the request names none
	Product    string // whose table gives Module its meaning; such as "cdn"
	Class      Class

	// Executed says whether the call, all its attempts together, may have had
	// an effect. See ErrOutcomeUnknown.
	Executed Execution

	// OwnWork is set when an earlier attempt of the same call, whose outcome
	// stayed unknown, may itself have caused this answer: a create that finds
	// its domain existing (2001), a delete that finds it gone (2000, 2005).
	OwnWork bool

	// Attempt is the attempt that met this failure, from 1.
	Attempt int

	// RetryAfter is the wait that the response's Retry-After header asked for
	// (RFC 9110, 10.2.3); 0: none.
	RetryAfter time.Duration

	// Body is the failure's body as it came, up to the policy's window. 5400
	// has its parts' results in it. It is never printed.
	Body []byte

	// Err is the cause where there was no whole response, else nil.
	Err error
}

// Error names the action, the codes, what the API said and what to do, in
// English. Text gives the same in Chinese.
func (e *Error) Error() string { return e.Text("en") }

// Text is Error in a language: "zh" (and zh-CN, zh_CN.UTF-8...) for Chinese,
// any other for English. GiveUpError has it too: errors.As with an
// interface{ Text(lang string) string } finds that of either, the outermost.
func (e *Error) Text(lang string) string {
	w := words.For(lang)
	var b strings.Builder
	b.WriteString("qcloudhttp: ")
	if e.Action != "" {
		b.WriteString(e.Action + w.Colon)
	}
	b.WriteString(e.what(w))
	if said := e.said(); said != "" {
		b.WriteString(w.Colon + said)
	}
	if e.OwnWork {
		b.WriteString(w.Sep + w.OwnWork)
	}
	b.WriteString(e.advice(w))
	if e.RequestID != "" {
		fmt.Fprintf(&b, w.Request, e.RequestID)
	}
	return redact.Scrub(b.String())
}

// hide takes r's credentials out of what was said: the API, or a proxy, may
// quote what it refused.
func (e *Error) hide(r *http.Request) {
	secrets := action.Credentials(r)
	e.Message, e.CodeDesc = redact.Hide(e.Message, secrets), redact.Hide(e.CodeDesc, secrets)
	e.RequestID, e.Err = redact.Hide(e.RequestID, secrets), redact.HideIn(e.Err, secrets)
}

// advice says what the failure means, unless the API has said just that, and
// what to do, where that is known.
func (e *Error) advice(w *words.Words) (text string) {
	meaning, remedy := e.explain(w)
	if !strings.Contains(e.Message, meaning) {
		text = w.Sep + meaning
	}
	if remedy != "" {
		text += w.Stop + remedy
	}
	return text
}

// explain tells by the code, else by the class, what the failure means and what
// to do. Of an unknown one there is nothing to say.
func (e *Error) explain(w *words.Words) (meaning, remedy string) {
	if info, ok := e.Info(); ok {
		return info.In(w.Lang)
	}
	if e.Class == Unknown {
		return "", ""
	}
	meaning, remedy = e.Class.text().In(w.Lang)
	if e.Class == Network {
		meaning = "" // that is what the text begins with
	}
	if info, ok := codes.LookupV3(e.CodeDesc); ok {
		meaning, _ = info.In(w.Lang)
	}
	return meaning, remedy
}

// what names the failure by its most telling code.
func (e *Error) what(w *words.Words) string {
	switch {
	case e.Module != 0 && e.Module != e.Code:
		return strings.TrimSpace(fmt.Sprintf("%d (%d) %s", int(e.Code), int(e.Module), e.name()))
	case e.Code != 0:
		return strings.TrimSpace(fmt.Sprintf("%d %s", int(e.Code), e.name()))
	case e.CodeDesc != "":
		return e.CodeDesc
	case e.StatusCode != 0 && e.Class != Network:
		return fmt.Sprintf("HTTP %d %s", e.StatusCode, http.StatusText(e.StatusCode))
	}
	return w.NoAnswer
}

func (e *Error) name() string {
	if info, ok := e.Info(); ok {
		return info.Name
	}
	return e.CodeDesc
}

// with returns e with what has become known of the call's effect since. It is
// a copy: an Observer may have e.
func (e *Error) with(x Execution) *Error {
	now := *e
	now.Executed = x
	return &now
}

func (e *Error) said() string {
	if e.Err != nil {
		return Redact(e.Err).Error()
	}
	return e.Message
}

// Info is the vendor's entry for the failure: the module code's where it has
// one that its product's table knows, else the common code's, or that of the
// v2 code that a 3.0 code stands for.
func (e *Error) Info() (codes.Info, bool) {
	if e.Module != 0 && !e.Code.Gateway() && servesDSA(e.failure()) {
		if info, ok := codes.Lookup(e.Module); ok && info.Product != "" {
			return info, true
		}
	}
	if e.Code != 0 {
		return codes.Lookup(e.Code)
	}
	if same, _ := codes.LookupV3(e.CodeDesc); len(same.V2) > 0 {
		return codes.Lookup(same.V2[0])
	}
	return codes.Info{}, false
}

// Is matches a codes.Code against the failure's codes, and an Err value of this
// package against its class.
func (e *Error) Is(target error) bool {
	switch target := target.(type) {
	case codes.Code:
		return target != 0 && (e.Code == target || e.Module == target || e.standsFor(target))
	case classError:
		return e.Class == Class(target)
	}
	return target == ErrOutcomeUnknown && e.Executed == ExecutionUnknown
}

func (e *Error) standsFor(target codes.Code) bool {
	info, _ := codes.LookupV3(e.CodeDesc)
	return e.Code == 0 && slices.Contains(info.V2, target)
}

// Unwrap returns the cause of a Network failure.
func (e *Error) Unwrap() error { return e.Err }

// MarshalText returns Error's text, for logs in JSON: the fields are as the API
// sent them, and may echo what no log should hold.
func (e *Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Timeout is false: retrying has been done where it helps, and a client above
// that retries timeouts must not multiply it.
func (e *Error) Timeout() bool { return false }

// Temporary is false, for the reason of Timeout.
func (e *Error) Temporary() bool { return false }

// Reason says why a call ended although its failure is of a class that is
// retried.
type Reason string

// The reasons of a GiveUpError.
const (
	ReasonAttempts   Reason = "attempts"    // the policy's attempts are used up, or retries are off
	ReasonElapsed    Reason = "elapsed"     // the wait would exceed the policy's MaxElapsed
	ReasonDeadline   Reason = "deadline"    // the wait would exceed the context's deadline
	ReasonContext    Reason = "context"     // the context ended
	ReasonBudget     Reason = "budget"      // the wait in line for the retry budget outlasted the call
	ReasonRetryAfter Reason = "retry-after" // the API asks for a longer wait than the policy allows
	ReasonUnsafe     Reason = "unsafe"      // a mutation's outcome is unknown and nothing makes a resend safe
	ReasonArrived    Reason = "arrived"     // 4500 to a resend: an earlier attempt had arrived
	ReasonNonceAge   Reason = "nonce-age"   // the Nonce would be too old for a safe resend
	ReasonStale      Reason = "stale"       // the signature is spent and there is no Signer to make another
	ReasonBody       Reason = "body"        // the request's body cannot be sent twice
	ReasonLimiter    Reason = "limiter"     // the Limiter refused
	ReasonSigner     Reason = "signer"      // the Signer failed
)

// GiveUpError says why retrying ended. It unwraps to the last Error, where an
// attempt was made, and to what ended the call: the error of the context, the
// Limiter or the Signer. With ReasonDeadline context.DeadlineExceeded is in it
// only where the call was waiting in line already.
type GiveUpError struct {
	Reason     Reason
	Attempts   int           // attempts made; 0: the first was never sent
	Elapsed    time.Duration // since the call began
	RetryAfter time.Duration // what the API asked for, with ReasonRetryAfter
	Action     string
	Executed   Execution // whether the call may have had an effect
	Err        error     // the last *Error; the context's or Limiter's error where no attempt was made

	cause error // what ended the call, beside Err; nil: the policy
	also  error // what the API said before a network failure in Err; nil: nothing
}

// Error says what was tried, why it ended, and the last failure.
func (e *GiveUpError) Error() string { return e.Text("en") }

// Text is Error in a language, as [Error.Text].
func (e *GiveUpError) Text(lang string) string {
	w := words.For(lang)
	reason := w.Reason(string(e.Reason))
	if e.Reason == ReasonRetryAfter {
		reason += " (" + e.RetryAfter.String() + ")"
	}
	var b strings.Builder
	fmt.Fprintf(&b, w.GaveUp, e.Attempts, e.Elapsed.Round(time.Millisecond), reason)
	if e.Attempts > 0 && e.Executed == ExecutionUnknown && e.Action != "" {
		b.WriteString(w.Sep + w.UnknownOutcome)
	}
	if e.cause != nil {
		b.WriteString(w.Colon + inBrief(e.cause, w))
	}
	var last *Error
	switch {
	case errors.As(e.Err, &last):
		b.WriteString(w.Colon + cut(last.Text(lang)))
	case e.Err != nil:
		b.WriteString(w.Colon + inBrief(e.Err, w))
	}
	return b.String()
}

// inBrief is the text of a cause. Of an *Error it is what was answered: the
// advice is the last failure's to give.
func inBrief(cause error, w *words.Words) string {
	if cause == errNoTurn {
		return w.NoTurn
	}
	first, ok := cause.(*Error)
	if !ok {
		return cut(Redact(cause).Error())
	}
	text := first.what(w)
	if said := first.said(); said != "" {
		text += w.Colon + said
	}
	return redact.Scrub(text)
}

// cut takes our name off a text that stands within another.
func cut(text string) string { return strings.TrimPrefix(text, "qcloudhttp: ") }

// Unwrap returns the last Error and what ended the call; where the context ended
// it after a network failure, also what the API had said before.
func (e *GiveUpError) Unwrap() []error {
	errs := make([]error, 0, 3)
	for _, err := range []error{e.Err, e.cause, e.also} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// MarshalText returns Error's text, as [Error.MarshalText].
func (e *GiveUpError) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Is matches ErrOutcomeUnknown.
func (e *GiveUpError) Is(target error) bool {
	return target == ErrOutcomeUnknown && e.Executed == ExecutionUnknown
}

// Timeout is false, see [Error.Timeout].
func (e *GiveUpError) Timeout() bool { return false }

// Temporary is false, see [Error.Timeout].
func (e *GiveUpError) Temporary() bool { return false }

// ErrOutcomeUnknown is matched by errors.Is when the call may have been
// executed although it failed: look at the state before calling again.
var ErrOutcomeUnknown = errors.New("qcloudhttp: it is unknown whether the call was executed")

// The classes as errors, for errors.Is.
var (
	ErrUnknown     error = classError(Unknown)
	ErrNetwork     error = classError(Network)
	ErrThrottled   error = classError(Throttled)
	ErrBusy        error = classError(Busy)
	ErrUnavailable error = classError(Unavailable)
	ErrInternal    error = classError(Internal)
	ErrFailed      error = classError(Failed)
	ErrStale       error = classError(Stale)
	ErrAuth        error = classError(Auth)
	ErrDenied      error = classError(Denied)
	ErrAccount     error = classError(Account)
	ErrDomain      error = classError(Domain)
	ErrConflict    error = classError(Conflict)
	ErrNotFound    error = classError(NotFound)
	ErrOrigin      error = classError(Origin)
	ErrCertificate error = classError(Certificate)
	ErrInvalid     error = classError(Invalid)
	ErrPartial     error = classError(Partial)
	ErrUnsupported error = classError(Unsupported)
)

type classError Class

func (c classError) Error() string { return "qcloudhttp: class " + Class(c).String() }

// Redact returns err without what may be a credential in its text. net/http puts
// the whole URL, SecretId and Signature included, into the *url.Error that it
// wraps around a transport's error; in the result the URL ends before the query
// and has no user. errors.Is and errors.As see the same causes, a *url.Error as
// the clean copy. An error in which there is nothing to hide is returned as it is.
func Redact(err error) error { return redact.Error(err) }
