package main

// What is known of codes, classes and reasons comes from the library, and by
// this file alone.

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// entry is one explanation, as --json prints it.
type entry struct {
	codes.Info
	Scope     string       `json:"scope"` // common, module, v3, http, class or reason
	Class     string       `json:"class"`
	Rule      string       `json:"rule,omitempty"` // what gave a code of API 3.0 its class, see codes.V3Verdict
	Retryable bool         `json:"retryable"`
	Condition string       `json:"condition,omitempty"`
	Executed  string       `json:"executed"`
	Codes     []codes.Code `json:"codes,omitempty"` // those of a class
	Response  *response    `json:"response,omitempty"`
	Count     int          `json:"count,omitempty"` // lines of a log, and where they are
	First     int          `json:"first_line,omitempty"`
	Last      int          `json:"last_line,omitempty"`

	title   string // what is explained: 2002 DomainNotFiled, HTTP 502 Bad Gateway
	message string // the text that it was found in
	guessed bool   // by the words of the text
}

// unknown reports whether e is a code that the library has nothing to say of.
func (e entry) unknown() bool { return e.Class == codes.ClassUnknown.String() && e.Scope != "class" }

// conditionOf says when the transport repeats a call that met a failure: a key
// of conditionTexts.
func conditionOf(f qcloudhttp.Failure, v qcloudhttp.Verdict) string {
	switch {
	case !v.Retry:
		return ""
	case v.Class == codes.ClassReplayed:
		return "read-only-signer"
	case v.Class == codes.ClassSignatureExpired:
		return "signer"
	case v.Class == codes.ClassFailed:
		return "read-only"
	case v.Executed == qcloudhttp.ExecutionUnknown:
		return "idempotent"
	}
	return "always"
}

// explainFailure explains what the API, or a server on the way to it, answered.
func explainFailure(f qcloudhttp.Failure) entry {
	v := qcloudhttp.Classify(f)
	e := entry{
		Info: codes.Info{Text: v.Class.Text()}, Class: v.Class.String(),
		Retryable: v.Retry, Condition: conditionOf(f, v), Executed: v.Executed.String(),
	}
	said := qcloudhttp.Error{Code: f.Code, Module: f.Module, CodeDesc: f.CodeDesc, Host: f.Host}
	desc := printable(f.CodeDesc)
	if v3 := codes.ClassifyV3(f.CodeDesc, "dsa"); f.Code == 0 && v3.Class == v.Class {
		e.Rule = v3.Rule
	}
	if info, known := said.Info(); known && info.Class == v.Class {
		e.Info, e.Scope = info, scopeOf(info)
		e.title = fmt.Sprintf("%d %s", int(info.Code), info.Name)
		if f.Code == 0 {
			e.title = desc + " = " + e.title
		}
		return e
	}
	switch {
	case f.Code != 0:
		e.Code, e.Scope, e.Name, e.title = f.Code, scopeOf(e.Info), desc, fmt.Sprintf("%d %s", int(f.Code), desc)
	case desc != "":
		e.Scope, e.Name, e.title = "v3", desc, desc
	default:
		e.Scope, e.Name = "http", http.StatusText(f.StatusCode)
		e.title = fmt.Sprintf("HTTP %d %s", f.StatusCode, e.Name)
	}
	if exact, known := codes.LookupV3(f.CodeDesc); known && f.Code == 0 && exact.Class == v.Class {
		e.Text = exact.Text
	}
	if v.Class == codes.ClassOK {
		e.ZH, e.EN = noFailure.zh, noFailure.en
	}
	return e
}

// scopeOf says in which part of a response a code stands.
func scopeOf(info codes.Info) string {
	if info.Product != "" {
		return "module"
	}
	return "common"
}

// explainCode explains a code as it comes: a module code in the message of a
// 4000.
func explainCode(info codes.Info) entry {
	if info.Product != "" {
		return explainFailure(qcloudhttp.Failure{Code: codes.InvalidParameter, Module: info.Code})
	}
	return explainFailure(qcloudhttp.Failure{Code: info.Code})
}

func explainSuccess() (e entry) {
	e.Info = codes.Info{Name: "Success", Text: codes.Text{ZH: success.zh, EN: success.en}}
	e.title, e.Scope, e.Class, e.Executed = "0 Success", "common", codes.ClassOK.String(), "yes"
	return e
}

// allCodes explains every code, in the order of the numbers.
var allCodes = sync.OnceValue(func() (all []entry) {
	for _, info := range codes.All() {
		all = append(all, explainCode(info))
	}
	return all
})

// classNamed finds a class by its name or its Go name: Throttled, ClassThrottled.
func classNamed(name string) (class codes.Class, ok bool) {
	if len(name) > len("Class") && strings.EqualFold(name[:len("Class")], "Class") {
		name = name[len("Class"):]
	}
	err := class.UnmarshalText([]byte(name))
	return class, err == nil && class != codes.ClassOK
}

// explainClass explains a class by its texts and the verdict on one of its codes.
func explainClass(class codes.Class) entry {
	e := explainFailure(qcloudhttp.Failure{}) // no answer, which is a Network failure
	if class == codes.ClassUnknown {
		e = explainFailure(qcloudhttp.Failure{Code: -1})
	}
	var members []codes.Code
	name := class.String()
	for _, member := range allCodes() {
		if member.Class == name {
			e, members = member, append(members, member.Code)
		}
	}
	e.Info = codes.Info{Text: class.Text()}
	e.Scope, e.Name, e.title, e.Codes = "class", name, name, members
	return e
}

// explainReason explains why a call ended: nonce-age, ErrOutcomeUnknown.
func explainReason(name string) (e entry, ok bool) {
	if e.Text = qcloudhttp.Reason(strings.ToLower(name)).Text(); e.EN != "" {
		name = strings.ToLower(name)
	} else if name == "ErrOutcomeUnknown" {
		e.ZH = qcloudhttp.Explain(qcloudhttp.ErrOutcomeUnknown, "zh")
		e.EN = qcloudhttp.Explain(qcloudhttp.ErrOutcomeUnknown, "en")
	}
	e.Scope, e.Name, e.title, e.Executed = "reason", name, name, qcloudhttp.ExecutionUnknown.String()
	return e, e.EN != ""
}

var (
	number   = regexp.MustCompile(`^[(（]?\s*(-?\s*\d+)\s*[)）]?$`)
	status   = regexp.MustCompile(`^(?i:HTTP)(?:/[\d.]+)?["']? *([1-5]\d\d)(?: +[A-Za-z -]+)?$`)
	goName   = regexp.MustCompile(`^(?:codes|qcloudhttp)\.(\w+)$`) // codes.DomainNotFiled
	nameLike = regexp.MustCompile(`^[A-Za-z][\w-]*(\.\w+)*$`)
)

// lookUp finds what a number or a name stands for. Any number is found, if only
// as an unknown code.
func lookUp(word string) (entry, bool) {
	word = strings.TrimSpace(word)
	if m := goName.FindStringSubmatch(word); m != nil {
		word = m[1]
	}
	if m := status.FindStringSubmatch(word); m != nil {
		return explainFailure(qcloudhttp.Failure{StatusCode: int(toCode(m[1]))}), true
	}
	m := number.FindStringSubmatch(word)
	if m == nil {
		return lookUpName(word)
	}
	n := toCode(m[1])
	info, known := codes.Lookup(n)
	switch {
	case known:
		return explainCode(info), true
	case n == 0:
		return explainSuccess(), strings.Trim(m[1], "-0 ") == ""
	case http.StatusText(int(n)) != "":
		return explainFailure(qcloudhttp.Failure{StatusCode: int(n)}), true
	}
	return explainFailure(qcloudhttp.Failure{Code: n}), true
}

// toCode reads a number as a message has it, "- 514" too; 0 for no number.
func toCode(digits string) codes.Code {
	n, err := strconv.ParseInt(strings.ReplaceAll(digits, " ", ""), 10, 32)
	if err != nil {
		return 0
	}
	return codes.Code(n)
}

func lookUpName(name string) (entry, bool) {
	for _, e := range allCodes() {
		if strings.EqualFold(e.Name, name) {
			return e, true
		}
	}
	switch {
	case name == "Success":
		return explainSuccess(), true
	case name == "ResourceOpFailed": // v2's codeDesc of 5100
		return lookUpName("OperationFailed")
	}
	if class, ok := classNamed(name); ok {
		return explainClass(class), true
	}
	if e, ok := explainReason(name); ok || !nameLike.MatchString(name) {
		return e, ok
	}
	e := explainFailure(qcloudhttp.Failure{CodeDesc: name})
	return e, !e.unknown()
}
