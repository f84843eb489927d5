package main

import (
	"net/http"
	"regexp"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// entry is one explanation, as --json prints it. For what is not a code of API
// v2 (a code of 3.0 without a counterpart, an HTTP status, a class) Code is 0
// and Scope is "v3", "http" or "class".
type entry struct {
	codes.Info
	Scope     string `json:"scope"`
	Class     string `json:"class"`
	Retryable bool   `json:"retryable"`
	Executed  string `json:"executed"`

	// Condition says when a retryable failure is retried: "always",
	// "read-only" (actions that change nothing), "signer" (each attempt must
	// be signed anew), "idempotent" (mutations only where they cannot be
	// executed twice).
	Condition string `json:"condition,omitempty"`
	WhyZH     string `json:"why_zh"`
	WhyEN     string `json:"why_en"`

	Codes    []codes.Code `json:"codes,omitempty"`    // those of a class
	Response *response    `json:"response,omitempty"` // what was explained, if it was a whole response

	verdict qcloudhttp.Verdict
	common  *codes.Info // the common code's entry, beside a module code's
}

// response is what a response says.
type response struct {
	StatusCode int         `json:"status_code,omitempty"`
	Code       codes.Code  `json:"code"`
	Module     codes.Code  `json:"module,omitempty"`
	CodeDesc   string      `json:"code_desc,omitempty"`
	Message    string      `json:"message,omitempty"`
	RequestID  string      `json:"request_id,omitempty"`
	Common     *codes.Info `json:"common,omitempty"`
}

// The conditions of a retry.
const (
	always     = "always"
	readOnly   = "read-only"
	needSigner = "signer"
	idempotent = "idempotent"
)

// newEntry explains a failure by the library's own verdict.
func newEntry(f qcloudhttp.Failure) entry {
	v := qcloudhttp.Classify(f)
	e := entry{
		Info: infoOf(f, v.Class), verdict: v,
		Class: v.Class.String(), Retryable: v.Retry, Executed: v.Executed.String(),
		Condition: conditionOf(f, v),
	}
	e.Scope = scopeOf(e.Info)
	e.WhyZH, e.WhyEN = chinese.why(e), english.why(e)
	if info, ok := codes.Lookup(f.Code); ok && info.Code != e.Code {
		e.common = &info
	}
	return e
}

// infoOf is the vendor's entry for a failure, or one made of what is known
// where the vendor's page of v2 has none.
func infoOf(f qcloudhttp.Failure, class qcloudhttp.Class) codes.Info {
	said := qcloudhttp.Error{Code: f.Code, Module: f.Module, CodeDesc: f.CodeDesc, StatusCode: f.StatusCode}
	info, ok := said.Info()
	switch {
	case ok && f.Module != 0 && info.Code == f.Code:
		return withoutBracket(info)
	case ok:
		return info
	case f.Code != 0:
		return classInfo(class, codes.Info{Code: f.Code, Name: printable(f.CodeDesc)})
	case f.CodeDesc != "":
		return v3Info(f.CodeDesc, class)
	}
	return classInfo(class, codes.Info{Product: scopeHTTP, Name: http.StatusText(f.StatusCode)})
}

// classInfo fills in what the class says, for want of anything more exact.
func classInfo(class qcloudhttp.Class, info codes.Info) codes.Info {
	info.ZH, info.RemedyZH = chinese.classWords(class)
	info.EN, info.RemedyEN = english.classWords(class)
	return info
}

// bracketAdvice is the sentence of a remedy that sends the reader to the
// module code.
var bracketAdvice = regexp.MustCompile(` ?[^.。]*(?:\bbrackets?\b|括号)[^.。]*[.。]`)

// withoutBracket is for a code with a module code beside it that tells nothing:
// the remedy does not send the reader there.
func withoutBracket(info codes.Info) codes.Info {
	info.RemedyZH = bracketAdvice.ReplaceAllString(info.RemedyZH, "")
	info.RemedyEN = bracketAdvice.ReplaceAllString(info.RemedyEN, "")
	return info
}

// conditionOf says when the transport retries a failure, see Verdict.Retry.
func conditionOf(f qcloudhttp.Failure, v qcloudhttp.Verdict) string {
	switch {
	case !v.Retry:
		return ""
	case v.Class == qcloudhttp.Failed:
		return readOnly
	case v.Class == qcloudhttp.Stale:
		return needSigner
	case v.Executed == qcloudhttp.ExecutionUnknown && f.Code == 0:
		return idempotent
	}
	return always
}

// entry explains the subject of a command line.
func (s subject) entry() entry {
	if s.succeeded() {
		return entry{
			Info:  codes.Info{Name: "Success", Text: codes.Text{ZH: chinese.success, EN: english.success}},
			Scope: "common", Class: qcloudhttp.OK.String(), Executed: "yes",
		}
	}
	if s.class != qcloudhttp.OK {
		return newClassEntry(s.class)
	}
	e := newEntry(s.failure)
	if s.response {
		e.Response = &response{
			StatusCode: s.failure.StatusCode, Code: s.failure.Code, Module: s.failure.Module,
			CodeDesc: printable(s.failure.CodeDesc), Message: printable(s.failure.Message),
			RequestID: printable(s.requestID), Common: e.common,
		}
	}
	return e
}

func (s subject) succeeded() bool {
	return s.class == qcloudhttp.OK && s.failure.Code == 0 && s.failure.CodeDesc == "" && s.failure.StatusCode == 0
}
