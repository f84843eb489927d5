package qcloudhttp

import (
	"cmp"
	"encoding/json"
	"context"
	"fmt"
	"net/http"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/action"
	"github.com/qcloudhttp/qcloudhttp/internal/envelope"
	"github.com/qcloudhttp/qcloudhttp/internal/retryafter"
)

// CheckResponse returns the failure that a response tells of, as an *Error, or
// nil. It is for those who do not use the Transport: resp.Body stays readable,
// whole and byte-identical, and is still the caller's to close. It judges by
// [Classify] and reads at most 1 MiB ahead; a success is read only as far as
// its code.
func CheckResponse(resp *http.Response) error {
	if fail, _ := DefaultPolicy().checkResponse(resp); fail != nil {
		return fail
	}
	return nil
}

// checkResponse returns the failure that resp tells of and what it means, or
// nil.
func (p *Policy) checkResponse(resp *http.Response) (*Error, Verdict) {
	fail, _ := decode(resp)
	if fail == nil {
		return nil, Verdict{}
	}
	r := resp.Request
	known := r != nil && r.URL != nil
	if known {
		fail.Host, fail.Action = hostOf(r), action.Of(r).Action
	}
	if !fail.counts(p, known && action.Of(r).Account != "") {
		return nil, Verdict{}
	}
	v := judge(p, fail)
	if known {
		fail.hide(r)
	}
	if v.Class == OK {
		return nil, v
	}
	fail.Executed = v.Executed
	if fail.readOnly(p, resp, nil) {
		fail.Executed = NotExecuted
	}
	return fail, v
}

// decode returns the failure that resp tells of, without what only the request
// knows, or nil. The second result reports that the body may be an envelope that
// was not understood.
func decode(resp *http.Response) (*Error, bool) {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	r := envelope.Peek(resp)
	told := r.Outcome == envelope.Failure || r.Outcome == envelope.Broken
	if !told && resp.StatusCode < 400 {
		return nil, r.Outcome == envelope.Unread
	}
	r.ReadRest(context.Background())
	fail := &Error{StatusCode: resp.StatusCode, Body: r.Body(envelope.Window), Err: r.Err}
	fail.RetryAfter, _ = retryafter.Of(resp.Header)
	if e := r.Envelope(); r.Outcome == envelope.Failure {
		fail.Code, fail.CodeDesc = codes.Code(e.Code), e.CodeDesc
		fail.Message, fail.RequestID = e.Message, e.RequestID
		if e.HasModule {
			fail.Module = codes.Code(e.Module)
		}
	}
	return fail, false
}

// failure is what Classify sees of e.
func (e *Error) failure() Failure {
	return Failure{
		StatusCode: e.StatusCode, Code: e.Code, Module: e.Module, CodeDesc: e.CodeDesc,
		Message: e.Message, Host: e.Host, Action: e.Action, Product: e.Product, Err: e.Err,
	}
}

// counts reports whether what stands in a response is a failure of this API. Of
// the vendor's hosts, and of a request that carries the vendor's signature,
// everything is. Another host may speak of something else ({"code":200}), and
// its 404 is the caller's to look at: there only what the tables know counts,
// or has a codeDesc beside it, and what any server says of its own state.
func (e *Error) counts(p *Policy, signed bool) bool {
	switch {
	case signed || p.Product != "" || ProductOf(e.Host) != "":
		return true
	case e.CodeDesc != "" || e.Err != nil:
		return true
	case e.Code != 0:
		_, common := commonClasses[e.Code]
		_, module := moduleClasses[e.Code]
		return common || module && (e.Message != "" || e.codeAlone())
	}
	return failsAnywhere(e.StatusCode)
}

// codeAlone reports whether the body is an object with nothing but its code.
func (e *Error) codeAlone() bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(e.Body, &members) == nil && len(members) == 1
}

// hostOf is the host that a request is meant for, whoever it is sent to.
func hostOf(r *http.Request) string { return cmp.Or(r.Host, r.URL.Host) }

// judge asks the policy what fail means, and notes the class in it. A Classify
// that panics makes the failure an Unknown one: the panic is in the error, not
// in the caller's goroutine in the middle of a call.
func judge(p *Policy, fail *Error) (v Verdict) {
	defer func() {
		if r := recover(); r != nil {
			v = Verdict{Class: Unknown}
			fail.Err = fmt.Errorf("the policy's Classify panicked: %v", r)
		}
		fail.Class = v.Class
	}()
	fail.Product = p.Product
	if fail.Product == "" {
		fail.Product = cmp.Or(ProductOf(fail.Host), "dsa")
	}
	fail.Module = fail.failure().module()
	v = p.Classify(fail.failure())
	if v.Class == OK && fail.Err != nil {
		v = Verdict{Class: Network} // there is no response that could be a success
	}
	return v
}
