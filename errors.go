package qcloudhttp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/redact"
	"github.com/qcloudhttp/qcloudhttp/internal/request"
)

// Error is a failure that the API, or the way to it, answered. Every error that
// a call ends with has one inside, so errors.As with a *Error works whatever the
// outcome. errors.Is matches the common code, the module code and the class:
//
//	errors.Is(err, codes.DomainNotFiled)  // (2002), and 3.0's ResourceUnavailable.CdnHostNoIcp
//	errors.Is(err, codes.ClassThrottled)  // whatever was called too often
type Error struct {
	Code       codes.Code // v2's top-level code; 0: none (HTTP, network and 3.0 failures)
	Module     codes.Code // the code in the message's bracket, or a module's at top level; 0: none
	CodeDesc   string     // v2's codeDesc, or API 3.0's Code
	Message    string     // as the API sent it, with *** where it quotes the request's credentials
	RequestID  string     // the API's own, to quote in a ticket
	StatusCode int        // HTTP status; 0: no response
	Host       string
	Action     string // "" where the request names none
	Product    string // whose table gives Module its meaning, such as "cdn"
	Class      codes.Class

	Executed   Execution     // whether the call, all its attempts together, may have had an effect
	Attempt    int           // the attempt that met this failure, from 1; 0 under CheckResponse
	RetryAfter time.Duration // what the response's Retry-After asked for (RFC 9110, 10.2.3); 0: nothing
	Err        error         // the cause where there was no whole response, else nil

	// MaybeDone is set where an earlier attempt of unknown outcome may have caused
	// this answer: a create finds its domain (2001), a delete none (2000, 2005).
	MaybeDone bool

	Body []byte // the first 64 KiB as they came; of 5400, which has its parts' results in it, 1 MiB; never printed

	retryNow bool   // Retry-After asked for no wait
	date     string // the response's Date
}

// Error names in one line the action, the codes, what the API said, and the
// request's ID. [Explain] tells what it means and what to do.
func (e *Error) Error() string {
	text := "qcloudhttp: " + e.line()
	if e.Action != "" && e.Executed == ExecutionUnknown {
		text += "; it is unknown whether the call was executed"
	}
	return text
}

func (e *Error) line() string {
	text := e.summary()
	if e.Action != "" {
		text = redact.Line(e.Action) + ": " + text
	}
	if e.MaybeDone {
		text += "; an earlier attempt of this call may have done it"
	}
	if e.RequestID != "" {
		text += " [request " + redact.Line(e.RequestID) + "]"
	}
	return text
}

// summary is the failure's most telling code and what was said.
func (e *Error) summary() string {
	what, said := e.what(), e.said()
	if what != "" && said != "" {
		return what + ": " + said
	}
	return what + said
}

// what names the failure by its most telling code.
func (e *Error) what() string {
	info, _ := e.Info()
	name := cmp.Or(info.Name, redact.Line(e.CodeDesc))
	switch {
	case e.Module != 0 && e.Module != e.Code:
		return strings.TrimSpace(fmt.Sprintf("%d (%d) %s", int(e.Code), int(e.Module), name))
	case e.Code != 0:
		return strings.TrimSpace(fmt.Sprintf("%d %s", int(e.Code), name))
	case e.CodeDesc != "":
		return redact.Line(e.CodeDesc)
	case e.StatusCode != 0 && e.Err == nil:
		return strings.TrimSpace(fmt.Sprintf("HTTP %d %s", e.StatusCode, http.StatusText(e.StatusCode)))
	case e.Class == codes.ClassNetwork:
		return "no complete response"
	}
	return ""
}

// said is what the API, or the cause, said: clean, in one line, bounded.
func (e *Error) said() string {
	if e.Err != nil {
		return redact.Line(e.Err.Error())
	}
	return redact.Line(strings.TrimRight(e.Message, " .。"))
}

// hide takes r's credentials out of what was said: the API, or a proxy, may
// quote what it refused.
func (e *Error) hide(r *http.Request) {
	mask := request.Mask(r)
	e.Message, e.CodeDesc = mask(e.Message), mask(e.CodeDesc)
	e.RequestID, e.Err = mask(e.RequestID), redact.Text(e.Err, mask)
}

// with returns e with what has become known of the call's effect since. It is
// a copy: an Observer may have e.
func (e *Error) with(x Execution) *Error {
	now := *e
	now.Executed = x
	return &now
}

// failure is what Classify sees of e.
func (e *Error) failure() Failure {
	return Failure{
		StatusCode: e.StatusCode, Code: e.Code, Module: e.Module, CodeDesc: e.CodeDesc,
		Message: e.Message, Host: e.Host, Action: e.Action, Product: e.Product, Err: e.Err,
	}
}

// Info is what package codes knows of the failure's module code, where its
// product has one, else of the common code, or of a 3.0 code's v2 twin.
func (e *Error) Info() (codes.Info, bool) {
	if info, ok := e.failure().module(); ok {
		return info, true
	}
	if info, ok := codes.Lookup(e.Code); ok && info.Product == "" {
		return info, true
	}
	if same, ok := codes.LookupV3(e.CodeDesc); e.Code == 0 && ok && len(same.V2) > 0 {
		return codes.Lookup(same.V2[0])
	}
	return codes.Info{}, false
}

// Is matches the failure's codes (a module's only where it is of the failure's
// product), its class, and ErrOutcomeUnknown.
func (e *Error) Is(target error) bool {
	switch target := target.(type) {
	case codes.Class:
		return e.Class == target
	case codes.Code:
		if e.Code == 0 && e.CodeDesc != "" {
			same, _ := codes.LookupV3(e.CodeDesc)
			return slices.Contains(same.V2, target)
		}
		info, _ := codes.Lookup(target)
		ours := info.Product == "" || e.failure().servesDSA()
		return target != 0 && ours && (e.Code == target || e.Module == target)
	}
	return target == ErrOutcomeUnknown && e.Executed == ExecutionUnknown
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// MarshalText returns Error's text: the fields may hold what no log should.
func (e Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Format prints Error's text, see MarshalText.
func (e Error) Format(f fmt.State, verb rune) { fmt.Fprintf(f, fmt.FormatString(f, verb), e.Error()) }

// Timeout is false: a client above must not multiply the retries.
func (e *Error) Timeout() bool { return false }

// Temporary is false, see Timeout.
func (e *Error) Temporary() bool { return false }

// Reason says why a call ended although failures of its class are retried. The
// strings stay as they are within a major version.
type Reason string

const (
	ReasonAttempts   Reason = "attempts"    // no attempt is left, or retries are off
	ReasonElapsed    Reason = "elapsed"     // the next attempt would come after MaxElapsed
	ReasonDeadline   Reason = "deadline"    // the next attempt would miss the context's deadline
	ReasonContext    Reason = "context"     // the context ended
	ReasonBudget     Reason = "budget"      // the queue of the retry budget outlasted the call
	ReasonRetryAfter Reason = "retry-after" // the API asks for a longer wait than the policy allows
	ReasonUnsafe     Reason = "unsafe"      // a change's outcome is unknown and nothing makes a resend safe
	ReasonArrived    Reason = "arrived"     // an earlier request with this Nonce or ClientToken had arrived
	ReasonNonceAge   Reason = "nonce-age"   // the Nonce would be too old for a safe resend
	ReasonSignature  Reason = "signature"   // the signature is spent and there is no Signer to make another
	ReasonBody       Reason = "body"        // the request's body cannot be sent again
	ReasonLimiter    Reason = "limiter"     // the Limiter refused
	ReasonSigner     Reason = "signer"      // the Signer failed
)

// reasons has one row for each Reason: its meaning.
var reasons = map[Reason]codes.Text{
	ReasonAttempts:   {EN: "no attempts are left", ZH: "已无剩余的尝试次数"},
	ReasonElapsed:    {EN: "the next attempt would come after Policy.MaxElapsed", ZH: "下一次尝试将超出 Policy.MaxElapsed"},
	ReasonDeadline:   {EN: "the next attempt would miss the context's deadline", ZH: "下一次尝试将赶不上 context 的截止时间"},
	ReasonContext:    {EN: "the context ended", ZH: "context 已结束"},
	ReasonBudget:     {EN: "the retry budget is empty and its queue outlasted the call", ZH: "重试预算已用尽，排队时间超出了本次调用的期限"},
	ReasonRetryAfter: {EN: "the API asks for a longer wait than the policy allows", ZH: "API 要求等待的时间超出了策略的上限"},
	ReasonUnsafe: {EN: "a second execution could do harm (set a Signer for API 2.0, send a ClientToken with API 3.0, " +
		"or name the action in Policy.Repeatable, or in Policy.ReadOnly where it changes nothing)",
		ZH: "重复执行可能造成影响（API 2.0 请设置 Signer，API 3.0 请携带 ClientToken，" +
			"或在 Policy.Repeatable 中列出该接口；若该接口不改变任何内容，请列入 Policy.ReadOnly）"},
	ReasonArrived:  {EN: "an earlier request of this call had arrived", ZH: "本次调用先前的请求已经到达"},
	ReasonNonceAge: {EN: "the request's Nonce would be too old for a safe resend", ZH: "请求的 Nonce 将过旧，不能安全重发"},
	ReasonSignature: {
		EN: "the request's signature would be too old or is spent; set Transport.Signer, which signs each attempt anew",
		ZH: "请求的签名将过期或已使用；请设置 Transport.Signer，以便每次尝试重新签名",
	},
	ReasonBody:    {EN: "the request's body cannot be sent again (set GetBody)", ZH: "请求体不能再次发送（请设置 GetBody）"},
	ReasonLimiter: {EN: "the limiter refused", ZH: "限流器拒绝放行"},
	ReasonSigner:  {EN: "the signer failed", ZH: "签名失败"},
}

// Text returns the reason's meaning; empty for one that is not known.
func (r Reason) Text() codes.Text { return reasons[r] }

// GiveUpError says why retrying ended: the policy, the context, the Limiter or the
// Signer, whose errors it unwraps to, beside the last *Error. With ReasonDeadline
// that is context.DeadlineExceeded.
type GiveUpError struct {
	Reason   Reason
	Attempts int           // attempts made; 0: the first was never sent
	Elapsed  time.Duration // since the call began
	Action   string
	Executed Execution // whether the call, all its attempts together, may have had an effect
	Err      error     // the last *Error, or the context's or Limiter's error where no attempt was made; see Unwrap

	cause error // what ended the call, beside Err; nil: the policy
	also  error // the network failure after Err, where the context ended the call; nil: none
}

// Error says in one line what was tried, why it ended, and the last failure.
func (e *GiveUpError) Error() string {
	var last *Error
	errors.As(e.Err, &last)
	text := "qcloudhttp: " + e.outcome(last)
	switch {
	case last != nil:
		text += ": " + last.line()
	case e.Err != nil:
		text += ": " + redact.Line(e.Err.Error())
	}
	return text
}

// why is the reason's text. A call that had one attempt had no others to lose.
func (e *GiveUpError) why() codes.Text {
	if e.Reason == ReasonAttempts && e.Attempts == 1 {
		return codes.Text{EN: "retries are off", ZH: "未启用重试"}
	}
	return e.Reason.Text()
}

// outcome is what was tried and why it ended, with the last failure, if any.
func (e *GiveUpError) outcome(last *Error) string {
	text := fmt.Sprintf("gave up after %d attempts", e.Attempts)
	switch e.Attempts {
	case 0:
		text = "gave up before the first attempt"
	case 1:
		text = "gave up after 1 attempt"
	}
	if took := e.Elapsed.Round(time.Millisecond); took > 0 {
		text += " in " + took.String()
	}
	text += ": " + cmp.Or(e.why().EN, string(e.Reason))
	if e.Reason == ReasonRetryAfter && last != nil && last.RetryAfter < math.MaxInt64 {
		text += " (" + last.RetryAfter.String() + ")"
	}
	if e.cause != nil && e.Reason != ReasonDeadline {
		text += " (" + inBrief(e.cause) + ")"
	}
	if e.Attempts > 0 && e.Executed == ExecutionUnknown {
		text += "; it is unknown whether the call was executed"
	}
	return text
}

// inBrief is the text of a cause: of an *Error what was answered.
func inBrief(cause error) string {
	if first, ok := cause.(*Error); ok {
		return first.summary()
	}
	return redact.Line(strings.TrimPrefix(cause.Error(), "qcloudhttp: "))
}

// Unwrap returns Err, what ended the call, and a network failure after Err.
func (e *GiveUpError) Unwrap() []error {
	return slices.DeleteFunc([]error{e.Err, e.cause, e.also}, func(err error) bool { return err == nil })
}

// MarshalText returns Error's text, see [Error.MarshalText].
func (e GiveUpError) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Format prints Error's text, see [Error.MarshalText].
func (e GiveUpError) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), e.Error())
}

// Timeout is true where the caller's own deadline ended the call, or was too
// near for another attempt; else false, see [Error.Timeout].
func (e *GiveUpError) Timeout() bool {
	return e.Reason == ReasonDeadline ||
		e.Reason == ReasonContext && errors.Is(cmp.Or(e.cause, e.Err), context.DeadlineExceeded)
}

// Temporary is false, see [Error.Timeout].
func (e *GiveUpError) Temporary() bool { return false }

// ErrOutcomeUnknown is matched by the error of a call that may have been executed
// although it failed: look at the state before calling again. What an error of
// another call inside says does not count.
var ErrOutcomeUnknown = errors.New("qcloudhttp: it is unknown whether the call was executed")

// Explain says in Chinese ("zh", zh_CN.UTF-8...) or in English (any other
// language) what the API said, what that means, what to do, and why retrying
// ended. Of an error that is not this package's it returns the text.
func Explain(err error, lang string) string {
	var gaveUp *GiveUpError
	var fail *Error
	errors.As(err, &gaveUp)
	errors.As(err, &fail)
	switch {
	case err == nil:
		return ""
	case fail == nil && gaveUp == nil && err != ErrOutcomeUnknown:
		return Redact(err).Error()
	}
	var parts []string
	if fail != nil {
		parts = fail.explain(lang)
	}
	if gaveUp != nil {
		parts = append(parts, in(lang, textEnded)+cmp.Or(in(lang, gaveUp.why()), string(gaveUp.Reason)))
	}
	if errors.Is(err, ErrOutcomeUnknown) && (fail == nil || fail.Action != "") {
		parts = append(parts, in(lang, textUnknown))
	}
	stop := in(lang, textStop)
	return strings.Join(parts, stop) + strings.TrimSpace(stop)
}

// explain is what the failure says, means and asks for, each without a full stop.
func (e *Error) explain(lang string) (parts []string) {
	meaning, remedy := e.text(lang)
	head := e.summary()
	if meaning != "" && !strings.Contains(head, meaning) {
		head += in(lang, textColon) + meaning
	}
	parts = append(parts, head)
	if e.MaybeDone {
		parts = append(parts, in(lang, textMaybeDone))
	}
	if remedy != "" {
		parts = append(parts, strings.TrimRight(remedy, ".。"))
	}
	return parts
}

// text is the meaning and the remedy by the code, where the verdict is the code's
// own, else by the class. What is not the API's answer has other ones.
func (e *Error) text(lang string) (meaning, remedy string) {
	meaning, remedy = e.Class.Text().In(lang)
	info, known := e.Info()
	same, knownV3 := codes.LookupV3(e.CodeDesc)
	switch {
	case e.Err != nil && (ownFault(e.Err) || noSuchHost(e.Err)):
		return textUnsent.In(lang)
	case e.Err == nil && !e.answered() && e.StatusCode != 0 && !effects[e.Class].retry:
		return textPage.In(lang)
	case e.Err == nil && e.Class == codes.ClassNetwork: // HTTP 408
		return in(lang, textPage), remedy
	case known && info.Class == e.Class && (e.Code != 0 || info.Product == ""):
		return info.In(lang)
	case knownV3 && same.Class == e.Class && e.Code == 0:
		return in(lang, same.Text), remedy // its remedy names actions of API 2.0
	}
	return meaning, remedy
}

// in is a text's meaning in a language.
func in(lang string, t codes.Text) string {
	meaning, _ := t.In(lang)
	return meaning
}

// What Explain adds to the texts of codes, classes and reasons.
var (
	textStop      = codes.Text{EN: ". ", ZH: "。"}
	textColon     = codes.Text{EN: ": ", ZH: "："}
	textEnded     = codes.Text{EN: "Retrying ended: ", ZH: "不再重试："}
	textMaybeDone = codes.Text{EN: "An earlier attempt of this call may have done it", ZH: "可能是本次调用先前的尝试已经完成了该操作"}
	textUnknown   = codes.Text{
		EN: "It is unknown whether the call was executed: look at the state before calling again",
		ZH: "无法确定该调用是否已执行：请先查询当前状态，再决定是否重做",
	}
	textUnsent = codes.Text{
		EN: "the request cannot be sent", ZH: "请求无法发出",
		RemedyEN: "Correct what the cause names: the URL, the request, a certificate or a proxy's settings",
		RemedyZH: "按上述原因改正 URL、请求、证书或代理的设置",
	}
	textPage = codes.Text{
		EN:       "this is the answer of a web server or a proxy, not the API's own",
		ZH:       "这是 Web 服务器或代理的应答，不是 API 自身的应答",
		RemedyEN: "Check the URL's host and path, and the proxies on the way",
		RemedyZH: "核对 URL 的域名和路径，以及途经的代理",
	}
)

// Redact returns err, with the same causes, without what may be a credential in
// its text, such as the URL that http.Client puts around an error.
func Redact(err error) error { return redact.Error(err) }

// foreignError is an error of a Signer, a Provider or a Limiter. An *Error of
// another call in it says nothing of this one's effect.
type foreignError struct{ error }

func foreign(err error) error { return &foreignError{Redact(err)} }

func (e *foreignError) Is(target error) bool {
	return target != ErrOutcomeUnknown && errors.Is(e.error, target)
}
func (e *foreignError) As(target any) bool { return errors.As(e.error, target) }
