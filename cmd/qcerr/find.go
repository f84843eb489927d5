package main

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/envelope"
)

// subject is what the user wants explained.
type subject struct {
	failure   qcloudhttp.Failure // all zero: a success
	class     qcloudhttp.Class   // not OK: the class itself is
	response  bool               // it was a whole response, or the status of one
	requestID string
}

// unknown is an input that cannot be explained.
type unknown struct {
	text  func(*words) string // a format for what
	what  string
	close []string // what may have been meant
}

var (
	number = regexp.MustCompile(`^[(（]?\s*(-?\s*\d+)\s*[)）]?$`)
	// codes.DomainNotFiled, errors.Is(err, qcloudhttp.ErrDomain), as is printed
	goName   = regexp.MustCompile(`^(?:errors\.Is\(\w+, *)?(?:codes|qcloudhttp)\.(?:Code\((-?\d+)\)|(\w+))\)?$`)
	nameLike = regexp.MustCompile(`^[A-Za-z]\w*(\.\w+)*$`)
)

// find makes out what input is: a response with its header or without, a
// number, a name, a class, a code of API 3.0, or a text that has one of these
// in it.
func find(input string) (subject, *unknown) {
	head, body, isHTTP := cutHeader(strings.TrimLeftFunc(withoutBOM(input), unicode.IsSpace))
	body, unread := decompress(body, head.coding)
	input = strings.TrimSpace(withoutBOM(body))
	switch {
	case unread != "" && head.status < 400: // else the status is told, as the transport does
		return subject{}, compressed(unread)
	case isHTTP:
		return findInHTTP(head.status, input)
	case input == "":
		return subject{}, &unknown{text: func(w *words) string { return w.noInput }}
	}
	return findInBody(input)
}

func withoutBOM(s string) string { return strings.TrimPrefix(s, "\uFEFF") }

func compressed(coding string) *unknown {
	return &unknown{text: func(w *words) string { return w.compressed }, what: coding}
}

func findInBody(input string) (subject, *unknown) {
	if e, ok := envelope.Parse([]byte(input)); ok {
		return findInEnvelope(e, 0)
	}
	if m := number.FindStringSubmatch(input); m != nil {
		return findNumber(m[1])
	}
	if m := goName.FindStringSubmatch(input); m != nil && m[1] != "" {
		return findNumber(m[1])
	} else if m != nil {
		return findName(m[2])
	}
	if nameLike.MatchString(input) {
		return findName(input)
	}
	return findInText(input)
}

func findNumber(digits string) (subject, *unknown) {
	digits = strings.ReplaceAll(digits, " ", "")
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil {
		return subject{}, unknownNumber(digits)
	}
	return findCode(codes.Code(n))
}

func findCode(code codes.Code) (subject, *unknown) {
	if code == 0 {
		return subject{}, nil
	}
	info, ok := codes.Lookup(code)
	if !ok {
		return subject{}, unknownNumber(strconv.Itoa(int(code)))
	}
	return subject{failure: failureOf(info)}, nil
}

func unknownNumber(digits string) *unknown {
	u := &unknown{text: func(w *words) string { return w.unknownNumber }, what: digits}
	if n := atoi(digits); http.StatusText(int(n)) != "" {
		u.close = []string{"HTTP " + digits}
	}
	return u
}

// failureOf is the failure in which a code comes. The API answers a module code
// in the message of a 4000.
func failureOf(info codes.Info) qcloudhttp.Failure {
	if info.Product != "" {
		return qcloudhttp.Failure{Code: codes.InvalidParameter, Module: info.Code}
	}
	return qcloudhttp.Failure{Code: info.Code}
}

// descriptions are words of v2's codeDesc that are neither a code's name here
// nor a code of API 3.0.
var descriptions = map[string]codes.Code{
	"Success":          0,
	"ResourceOpFailed": codes.OperationFailed,
}

func findName(name string) (subject, *unknown) {
	if info, ok := codes.ByName(name); ok {
		return subject{failure: failureOf(info)}, nil
	}
	if code, ok := descriptions[name]; ok {
		return findCode(code)
	}
	if class, ok := classCalled(name); ok {
		return subject{class: class}, nil
	}
	f := qcloudhttp.Failure{CodeDesc: name}
	if qcloudhttp.Classify(f).Class != qcloudhttp.Unknown {
		return subject{failure: f}, nil
	}
	return subject{}, unknownName(name)
}

func unknownName(name string) *unknown {
	return &unknown{text: func(w *words) string { return w.unknownName }, what: name, close: closeTo(name)}
}

// findInEnvelope judges a response of either API. One whose code is unknown is
// a subject all the same: its message may tell enough.
func findInEnvelope(e envelope.Envelope, status int) (subject, *unknown) {
	s := subject{response: true, requestID: e.RequestID}
	if !e.Failed() {
		return s, nil
	}
	s.failure = qcloudhttp.Failure{
		StatusCode: status, Code: codes.Code(e.Code), CodeDesc: e.CodeDesc, Message: e.Message,
	}
	if e.HasModule {
		s.failure.Module = codes.Code(e.Module)
	}
	if qcloudhttp.Classify(s.failure).Class != qcloudhttp.Unknown {
		return s, nil
	}
	if e.V3 {
		return s, unknownName(e.CodeDesc)
	}
	return s, unknownNumber(strconv.Itoa(e.Code))
}
