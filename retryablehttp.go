package qcloudhttp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/internal/action"
	"github.com/qcloudhttp/qcloudhttp/internal/delivery"
)

// CheckRetry, Backoff and ErrorHandler bring the policy to a program that has
// a retryablehttp.Client already:
//
//	client := retryablehttp.NewClient()
//	client.CheckRetry, client.Backoff, client.ErrorHandler = p.CheckRetry, p.Backoff, p.ErrorHandler
//	client.RetryMax = 4
//
// The client resends the bytes that it has, so a spent signature is permanent
// here, RetryMax takes the place of MaxAttempts, and there are neither
// MaxElapsed, budget nor safe resends of mutations: the Transport has those.
//
// CheckRetry reports whether the attempt is to be repeated; with a permanent
// failure it returns it. It has the signature of retryablehttp.CheckRetry.
func (p *Policy) CheckRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	q := p.withDefaults()
	fail, v := q.check(resp, err)
	switch {
	case ctx.Err() != nil:
		return false, ended(ctx, fail)
	case fail == nil:
		return false, nil
	case !v.Retry || v.Class == Stale || delivery.Hopeless(fail.Err):
		return false, fail
	case v.Class == Failed && !fail.readOnly(q, resp, err):
		return false, fail
	case fail.Executed == ExecutionUnknown && fail.Code == 0 && !hasToken(resp, err):
		return false, &GiveUpError{Reason: ReasonUnsafe, Attempts: 1, Action: fail.Action, Err: fail}
	case fail.RetryAfter > q.MaxRetryAfter:
		return false, &GiveUpError{
			Reason: ReasonRetryAfter, Attempts: 1, Action: fail.Action, Err: fail,
			RetryAfter: fail.RetryAfter, Executed: fail.Executed,
		}
	}
	if resp != nil {
		resp.Body = &judged{resp.Body, fail}
	}
	return true, nil
}

// ended is the error of a call whose context is over. fail is what its last
// attempt met; nil: nothing.
func ended(ctx context.Context, fail *Error) *GiveUpError {
	e := &GiveUpError{Reason: ReasonContext, Attempts: 1, Err: ctx.Err()}
	if fail != nil {
		e.Err, e.cause, e.Action, e.Executed = fail, ctx.Err(), fail.Action, fail.Executed
	}
	return e
}

// hasToken reports whether the request, as far as its response or a *url.Error
// tells, carries API 3.0's ClientToken, which it executes once.
func hasToken(resp *http.Response, err error) bool {
	if resp != nil && resp.Request != nil {
		return action.Of(resp.Request).Token != ""
	}
	u := urlOf(err)
	return u != nil && action.Of(&http.Request{URL: u}).Token != ""
}

// Backoff returns the wait before the next attempt: the response's Retry-After,
// else the delay of the failure's class, attempt counting from 0. The client's
// RetryWaitMin and RetryWaitMax are not used. It has the signature of
// retryablehttp.Backoff.
func (p *Policy) Backoff(_, _ time.Duration, attempt int, resp *http.Response) time.Duration {
	class := Network
	if fail := judgedFailure(resp); fail != nil {
		if fail.RetryAfter > 0 {
			return fail.RetryAfter
		}
		class = fail.Class
	}
	schedule := p.withDefaults().delay(class).schedule()
	for range attempt {
		schedule.NextBackOff()
	}
	return schedule.NextBackOff()
}

// ErrorHandler closes the last response and returns the typed error: what
// CheckRetry called permanent, or a *GiveUpError. It has the signature of
// retryablehttp.ErrorHandler.
func (p *Policy) ErrorHandler(resp *http.Response, err error, attempts int) (*http.Response, error) {
	if resp != nil {
		defer resp.Body.Close()
	}
	var gaveUp *GiveUpError
	var fail *Error
	if errors.As(err, &fail) {
		fail.Attempt = attempts
	}
	switch {
	case errors.As(err, &gaveUp):
		counted := *gaveUp
		counted.Attempts = attempts
		return nil, &counted
	case fail != nil:
		return nil, fail
	}
	if fail = judgedFailure(resp); fail == nil {
		fail, _ = p.withDefaults().check(nil, err)
	}
	fail.Attempt = attempts
	return nil, &GiveUpError{
		Reason: ReasonAttempts, Attempts: attempts, Action: fail.Action,
		Executed: fail.Executed, Err: fail,
	}
}

// check returns the failure of an attempt that ended with resp or err.
func (p *Policy) check(resp *http.Response, err error) (*Error, Verdict) {
	if err == nil && resp == nil {
		err = errNeither
	}
	if err == nil {
		return p.checkResponse(resp)
	}
	fail := &Error{Err: err}
	if u := urlOf(err); u != nil {
		fail.Host, fail.Action = u.Host, action.Of(&http.Request{URL: u}).Action
	}
	v := judge(p, fail)
	if delivery.NeverSent(fail.Err) {
		v.Executed = NotExecuted
	}
	fail.Executed = v.Executed
	if fail.readOnly(p, resp, err) {
		fail.Executed = NotExecuted
	}
	return fail, v
}

// readOnly reports whether the call that failed changes nothing, as far as a
// response or a *url.Error tells.
func (e *Error) readOnly(p *Policy, resp *http.Response, err error) bool {
	if e.Action != "" {
		return p.ReadOnly(e.Action)
	}
	if resp != nil && resp.Request != nil {
		return action.SafeMethod(resp.Request.Method)
	}
	var ue *url.Error
	return errors.As(err, &ue) && action.SafeMethod(strings.ToUpper(ue.Op))
}

func urlOf(err error) *url.URL {
	var ue *url.Error
	if !errors.As(err, &ue) {
		return nil
	}
	u, _ := url.Parse(ue.URL)
	return u
}

// judged is a response's body that remembers what CheckRetry found in it, for
// Backoff and ErrorHandler are not told.
type judged struct {
	io.ReadCloser
	fail *Error
}

func judgedFailure(resp *http.Response) *Error {
	if resp == nil {
		return nil
	}
	if body, ok := resp.Body.(*judged); ok {
		return body.fail
	}
	return nil
}
