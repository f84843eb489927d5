package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/envelope"
)

var (
	// "code":4000, Code=InvalidParameter, error 4400, 错误码：2010, 错误码2010
	labelled = regexp.MustCompile(`(?i)(?:\berror\s+code|\bcode|\berror|错误码|状态码)["'\\]*` +
		`(?:\s*[=:：]\s*["'\\]*([a-z]\w*(?:\.\w+)*|-?\d+)|\s+(-?\d+))|(?:错误码|状态码)(-?\d+)`)
	// (2002) and (- 514), in half-width or full-width brackets
	bracketed = regexp.MustCompile(`[(（]\s*(-?\s*\d+)\s*[)）]`)
	// 4400 QuotaExceeded and 4000 (2002) DomainNotFiled, as our own errors have it
	written = regexp.MustCompile(`\b(\d+)(?: \((\d+)\))? ([A-Z]\w+)`)
	// HTTP 502, "GET / HTTP/1.1" 502
	httpStatus = regexp.MustCompile(`(?i)\bHTTP(?:/[\d.]+)?["']? +([1-5]\d\d)\b`)
	// ResourceUnavailable.CdnHostNoIcp
	dotted = regexp.MustCompile(`\b[A-Z][A-Za-z]+(?:\.[A-Z]\w+)+`)
)

// textLimit is how far a text that is no response is searched, in bytes.
const textLimit = 64 << 10

// findInText looks for a code in a message, a log line or a part of a response.
func findInText(text string) (subject, *unknown) {
	if i := strings.IndexByte(text, '{'); i >= 0 {
		if e, ok := envelope.Parse([]byte(text[i:])); ok {
			return findInEnvelope(e, 0)
		}
	}
	text = text[:min(len(text), textLimit)]
	if f, ok := codesInText(text); ok {
		f.Message = text
		return subject{failure: f}, nil
	}
	if code, ok := phraseIn(text); ok {
		s, missing := findCode(code)
		s.failure.Message = text
		return s, missing
	}
	if s, ok := findStatus(text); ok {
		return s, nil
	}
	return subject{}, missingIn(text)
}

// findStatus looks for an HTTP status: any at the front, that of a failure
// further on.
func findStatus(text string) (subject, bool) {
	m := httpStatus.FindStringSubmatchIndex(text)
	if m == nil {
		return subject{}, false
	}
	s := subject{response: true}
	s.failure.StatusCode = int(atoi(text[m[2]:m[3]]))
	if m[0] > 0 {
		s.failure.Message = text
	}
	return s, m[0] == 0 || s.failure.StatusCode >= 400
}

// codesInText finds the codes that are written in a text.
func codesInText(text string) (qcloudhttp.Failure, bool) {
	for _, find := range []func(string) qcloudhttp.Failure{findWritten, findLabelled, findBracketed, findDotted} {
		f := find(text)
		if (f.Code != 0 || f.CodeDesc != "") && qcloudhttp.Classify(f).Class != qcloudhttp.Unknown {
			return f, true
		}
	}
	return qcloudhttp.Failure{}, false
}

// findWritten wants a code's number together with its name.
func findWritten(text string) (f qcloudhttp.Failure) {
	for _, m := range written.FindAllStringSubmatch(text, -1) {
		first, second := atoi(m[1]), atoi(m[2])
		telling := first
		if second != 0 {
			telling = second
		}
		if info, ok := codes.Lookup(telling); ok && info.Name == m[3] {
			f = failureOf(info)
			if second != 0 {
				f.Code = first
			}
			return f
		}
	}
	return f
}

// findLabelled wants the word code in front of it.
func findLabelled(text string) (f qcloudhttp.Failure) {
	for _, m := range labelled.FindAllStringSubmatch(text, -1) {
		label := m[1] + m[2] + m[3] // two of them are empty
		if n := atoi(label); n != 0 {
			s, missing := findCode(n)
			if missing != nil {
				continue
			}
			f = s.failure
			if in := findBracketed(text); f.Module == 0 {
				f.Module = in.Module
			}
			return f
		}
		if s, missing := findName(label); missing == nil && s.failure != (qcloudhttp.Failure{}) {
			return s.failure
		}
	}
	return f
}

// findBracketed wants a module code in brackets.
func findBracketed(text string) (f qcloudhttp.Failure) {
	for _, m := range bracketed.FindAllStringSubmatch(text, -1) {
		if info, ok := codes.Lookup(atoi(m[1])); ok {
			return failureOf(info)
		}
	}
	return f
}

// findDotted wants a code of API 3.0 that has a dot in it.
func findDotted(text string) (f qcloudhttp.Failure) {
	for _, name := range dotted.FindAllString(text, -1) {
		if s, missing := findName(name); missing == nil {
			return s.failure
		}
	}
	return f
}

func atoi(digits string) codes.Code {
	n, err := strconv.ParseInt(strings.ReplaceAll(digits, " ", ""), 10, 32)
	if err != nil {
		return 0
	}
	return codes.Code(n)
}

// phrases are what messages without a code are known by.
var phrases = []struct {
	text string
	code codes.Code
}{
	{"鉴权失败", codes.AuthFailure},
	{"超过限额", codes.QuotaExceeded},
	{"请求失败，参数[", codes.InvalidParameter},
}

// phraseIn finds the code whose meaning a text contains, the longest one.
func phraseIn(text string) (code codes.Code, ok bool) {
	longest := 0
	try := func(phrase string, c codes.Code) {
		if len(phrase) > longest && strings.Contains(text, phrase) {
			code, ok, longest = c, true, len(phrase)
		}
	}
	for _, p := range phrases {
		try(p.text, p.code)
	}
	for _, info := range codes.All() {
		try(info.ZH, info.Code)
		try(info.EN, info.Code)
	}
	return code, ok
}

// missingIn says what is wrong with a text in which no code was found. It
// repeats a number at the most, for there may be anything in the text.
func missingIn(text string) *unknown {
	for _, m := range append(labelled.FindAllStringSubmatch(text, -1), bracketed.FindAllStringSubmatch(text, -1)...) {
		if n := atoi(strings.Join(m[1:], "")); n != 0 {
			return unknownNumber(strconv.Itoa(int(n)))
		}
	}
	return &unknown{text: func(w *words) string { return w.noCode }}
}
