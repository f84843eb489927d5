package envelope

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// member is what a name stands for.
type member uint8

const (
	other member = iota
	message
	codeDesc
	requestID
	code // this one and those after it decide
	response
	apiError
	apiCode
)

// names are the names of interest in each object.
var names = [...]map[string]member{
	inTop: {
		"code": code, "message": message, "codeDesc": codeDesc, "requestId": requestID, "Response": response,
	},
	inResponse: {"Error": apiError, "RequestId": requestID},
	inError:    {"Code": apiCode, "Message": message},
}

// found holds what the members of interest were. The insides of strings stay as
// they came, so that a success costs no memory.
type found struct {
	v3      bool // a Response has decided, or will
	code    int
	members int          // of the top object
	seen    [code]bool   // the first of its name, whatever its value
	value   [code][]byte // nil where it is no text
}

// endName takes a name. The first member of a name counts.
func (s *scanner) endName(name []byte) {
	m := names[s.in][string(name)]
	if m == other && bytes.IndexByte(name, '\\') >= 0 {
		m = names[s.in][unquote(name)]
	}
	switch {
	case s.in == inTop:
		s.members++
	case s.in == inResponse && m == other:
		s.decide(Success)
	}
	if m < code && s.seen[m] || m >= code && s.verdict != None || s.in == inTop && s.v3 {
		m = other
	}
	s.name, s.state = m, atColon
}

// endValue takes a value: the inside of a string, a number or a literal, or nil
// for an object or an array, which is skipped.
func (s *scanner) endValue(raw []byte, quoted bool) {
	s.state = atComma
	switch s.name {
	case message, codeDesc, requestID:
		s.seen[s.name] = true
		if quoted || s.name == requestID && len(raw) > 0 && raw[0] <= '9' {
			s.value[s.name] = raw
		}
	case code:
		switch n, ok := integer(raw, quoted); {
		case !ok:
			s.decide(Unread)
		case n == 0:
			s.decide(Success)
		default:
			s.code = n
			s.decide(Failure)
		}
	case apiError:
		if string(raw) == "null" && !quoted {
			s.decide(Success)
		}
		s.decide(Unread)
	case apiCode:
		if quoted && len(raw) > 0 {
			s.seen[codeDesc], s.value[codeDesc] = true, raw
			s.decide(Failure)
		}
		s.decide(Unread)
	}
}

// envelope puts together what has been found. A text that breaks off counts as
// far as it has come.
func (s *scanner) envelope() Envelope {
	if s.quoted && s.state == atValue && s.name != other && s.name < code {
		s.value[s.name] = s.text[s.begin:s.pos]
	}
	e := Envelope{
		V3: s.v3, Code: s.code, RequestID: unquote(s.value[requestID]),
		CodeDesc: unquote(s.value[codeDesc]), HasCodeDesc: s.seen[codeDesc],
		Message: unquote(s.value[message]), HasMessage: s.seen[message],
		Alone: !s.v3 && s.state == ended && s.members == 1,
	}
	if !e.V3 {
		e.Module, e.HasModule = ParseMessage(e.Message)
	}
	return e
}

// integer reads a code: an integer as JSON may spell it, or a string of one, with
// white space around it.
func integer(raw []byte, quoted bool) (int, bool) {
	if len(raw) == 1 { // most often 0
		return int(raw[0]) - '0', '0' <= raw[0] && raw[0] <= '9'
	}
	if quoted {
		raw = []byte(strings.TrimSpace(unquote(raw)))
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	return int(f), err == nil && json.Valid(raw) && f == math.Trunc(f) && math.Abs(f) < 1<<53
}

// unquote decodes the inside of a JSON string as encoding/json does: what is
// not UTF-8 becomes U+FFFD. A string that JSON does not allow, for a raw line
// break or an unknown escape in it, is taken as it stands.
func unquote(inside []byte) string {
	if bytes.IndexByte(inside, '\\') < 0 && utf8.Valid(inside) {
		return string(inside)
	}
	var s string
	if err := json.Unmarshal([]byte(`"`+string(inside)+`"`), &s); err != nil {
		return strings.ToValidUTF8(string(inside), "\uFFFD")
	}
	return s
}
