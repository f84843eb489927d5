package qcloudhttp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/envelope"
	"github.com/qcloudhttp/qcloudhttp/internal/request"
)

const (
	keptBody  = 64 << 10               // what is kept of a failure's body, and read of it before the next attempt
	wholeBody = 1 << 20                // what is kept of 5400's, whose parts' results are in it
	restTime  = 250 * time.Millisecond // bounds the reading of what does not decide
)

// CheckResponse returns the *Error that a response tells of, by [Classify], or nil.
// resp.Body stays whole and is the caller's to close; at most 1 MiB of it is read
// ahead, until resp.Request's context ends.
func CheckResponse(resp *http.Response) error {
	ctx, a := context.Background(), asked{}
	r := resp.Request
	if r != nil && r.URL != nil {
		ctx, a = r.Context(), asked{req: r, info: request.Of(r), host: hostOf(r)}
	}
	fail, _ := defaults.failureOf(ctx, resp, func() asked { return a })
	if fail == nil {
		return nil
	}
	v := fail.judge(defaults, a)
	if v.Class == codes.ClassOK {
		return nil
	}
	fail.Executed = v.Executed
	if r != nil && readOnly(defaults, &a.info, r.Method) {
		fail.Executed = NotExecuted
	}
	return fail
}

// asked is what was asked of the API, as far as it is known.
type asked struct {
	req    *http.Request // as it was sent; nil: not known
	info   request.Info
	host   string // that it is meant for, whoever it is sent to
	signed bool   // by a Signer
}

func (c *call) asked() asked {
	return asked{req: c.readable(c.sent), info: *c.describe(), host: hostOf(c.req), signed: c.signer != nil}
}

func hostOf(r *http.Request) string { return cmp.Or(r.Host, r.URL.Host) }

// failureOf returns the failure that resp tells of, or nil. Unread reports that
// there is something like an envelope that was not understood. Ask is not called
// for a success of the API.
func (p *Policy) failureOf(ctx context.Context, resp *http.Response, ask func() asked) (fail *Error, unread bool) {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	answer := envelope.Peek(resp)
	if answer.Outcome == envelope.Success {
		return nil, false
	}
	a := ask()
	if answer.Outcome != envelope.Failure && answer.Outcome != envelope.Broken {
		unread = answer.Outcome == envelope.Unread || answer.Outcome == envelope.NoObject && p.expectsEnvelope(resp, a)
		if resp.StatusCode < 400 {
			return nil, unread
		}
		answer = answer.Hold(resp) // a page of any type is read to its end
	}
	fail = &Error{StatusCode: resp.StatusCode, date: resp.Header.Get("Date")}
	fail.RetryAfter, fail.retryNow = parseRetryAfter(resp.Header)
	if answer.Outcome == envelope.Broken {
		fail.Err, fail.Body = answer.Err, answer.Body(keptBody)
		return fail, false
	}
	e := read(ctx, answer)
	fail.Code, fail.Module = codes.Code(e.Code), codes.Code(e.Module)
	fail.CodeDesc, fail.Message, fail.RequestID = e.CodeDesc, e.Message, e.RequestID
	if !p.counts(fail, e, a) {
		return nil, unread
	}
	fail.Body = answer.Body(keptBody)
	if fail.Code == codes.PartialSuccess {
		fail.Body = answer.Body(wholeBody)
	}
	return fail, unread
}

// read reads on in a failure's body: to the message, where that decides what
// the code means, and to the end of 5400; of the rest as much as comes in time.
func read(ctx context.Context, answer envelope.Answer) envelope.Envelope {
	if codes.Code(answer.Code) == codes.PartialSuccess {
		answer.ReadRest(ctx, wholeBody)
		return answer.Envelope()
	}
	soon, cancel := context.WithTimeout(ctx, restTime)
	defer cancel()
	answer.ReadRest(soon, keptBody)
	e := answer.Envelope()
	if e.HasMessage || e.Code == 0 || codes.Code(e.Code).Gateway() {
		return e
	}
	answer.ReadMessage(ctx)
	return answer.Envelope()
}

// expectsEnvelope reports whether an answer without an envelope deserves a word:
// a 200 to a signed call of API 2.0 that changes something.
func (p *Policy) expectsEnvelope(resp *http.Response, a asked) bool {
	return resp.StatusCode == http.StatusOK && p.mustBeOurs(a) && a.info.Action != "" && !a.info.V3 &&
		a.req != nil && !readOnly(p, &a.info, a.req.Method)
}

// mustBeOurs reports whether every failure is this API's: the host is the
// vendor's, the request carries its signature, or the Policy says whose it is.
func (p *Policy) mustBeOurs(a asked) bool {
	product, _ := request.Host(a.host)
	return product != "" || a.signed || a.info.Account != "" || p.Product != ""
}

// counts reports whether what stands in a response is a failure of this API. Of
// another host, which may mean something else ({"code":200}, 404), counts what
// the tables know or has a codeDesc, and what any server says of its own state.
func (p *Policy) counts(fail *Error, e envelope.Envelope, a asked) bool {
	switch {
	case p.mustBeOurs(a), e.V3, e.HasCodeDesc:
		return true
	case fail.Code != 0:
		info, known := codes.Lookup(fail.Code)
		return known && (info.Product == "" || e.HasMessage || e.Alone)
	}
	return outweighs(fail.StatusCode) || fail.StatusCode == http.StatusInternalServerError
}

// judge asks the policy what e means, and notes that in it.
func (e *Error) judge(p *Policy, a asked) Verdict {
	e.Host, e.Action = a.host, a.info.Action
	e.Product = Failure{Product: p.Product, Host: e.Host}.product()
	if info, ok := e.failure().module(); ok {
		e.Module = info.Code
	}
	f := e.failure()
	if e.Code == codes.ReplayAttack && a.req != nil {
		f.ClockOff = clockOff(e.date, a.req)
	}
	v, err := p.classify(f)
	switch {
	case err != nil:
		e.Err = err
	case v.Class > codes.ClassOK:
		v.Class = codes.ClassUnknown // there is no such class
	case v.Class == codes.ClassOK && e.Err != nil:
		v = verdictOf(codes.ClassNetwork) // there is no response that could be a success
	}
	e.Class = v.Class
	if a.req != nil {
		e.hide(a.req)
	}
	return v
}

// classify asks the policy's Classify. One that panics makes the failure an
// Unknown one: the panic is in the error, not in the caller's goroutine.
func (p *Policy) classify(f Failure) (v Verdict, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the policy's Classify panicked: %v", r)
		}
	}()
	return p.Classify(f), nil
}

// clockOff is a response's Date less the Timestamp of a signed request; 0 where
// one of them is not known.
func clockOff(date string, r *http.Request) time.Duration {
	server, err := http.ParseTime(date)
	stamp, signed := stampOf(r)
	if err != nil || !signed {
		return 0
	}
	return server.Sub(stamp)
}

// parseRetryAfter reads the Retry-After header field (RFC 9110, 10.2.3). A date is
// compared with the response's own Date, so that the clocks need not agree.
// Decimals, which the RFC does not know, are rounded up. Now reports that it asks
// for no wait at all.
func parseRetryAfter(h http.Header) (wait time.Duration, now bool) {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, ok := delaySeconds(value); ok {
		return seconds, seconds == 0
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	from, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		from = time.Now()
	}
	return max(at.Sub(from), 0), !at.After(from)
}

// delaySeconds parses a number of seconds; one beyond what a Duration holds is
// the longest Duration.
func delaySeconds(s string) (time.Duration, bool) {
	if strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	if nanos := math.Ceil(seconds) * float64(time.Second); nanos < math.MaxInt64 {
		return time.Duration(nanos), true
	}
	return math.MaxInt64, true
}
