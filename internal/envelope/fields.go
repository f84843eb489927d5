package envelope

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// member says which member of an envelope a name stands for.
type member uint8

const (
	other member = iota
	// Texts: members of interest for their strings.
	codeDesc
	message
	requestID
	apiRequestID // in Response
	apiCode      // in Error, like the next
	apiMessage
	texts // how many there are, with other

	code
	response
	apiError // in Response
)

// found holds what the members of interest were. The insides of strings stay
// as they came, so that nothing is allocated for a success.
type found struct {
	hasCode  bool
	apiFound bool // Response is an object
	apiData  bool // a member has come that only a success has, or Response has ended
	code     int
	text     [texts][]byte
}

// memberOf tells what a name means in an object.
func memberOf(in object, name []byte) member {
	m := plainMember(in, name)
	if m == other && bytes.IndexByte(name, '\\') >= 0 {
		m = plainMember(in, []byte(unquote(name)))
	}
	return m
}

func plainMember(in object, name []byte) member {
	switch in {
	case inTop:
		switch string(name) {
		case "code":
			return code
		case "codeDesc":
			return codeDesc
		case "message":
			return message
		case "requestId":
			return requestID
		case "Response":
			return response
		}
	case inResponse:
		switch string(name) {
		case "Error":
			return apiError
		case "RequestId":
			return apiRequestID
		}
	case inError:
		switch string(name) {
		case "Code":
			return apiCode
		case "Message":
			return apiMessage
		}
	}
	return other
}

// clear forgets what an earlier member of the same name said.
func (f *found) clear(m member) {
	switch {
	case m < texts:
		f.text[m] = nil
	case m == code:
		f.hasCode = false
	case m == response:
		f.apiFound, f.apiData = false, false
		f.text[apiRequestID], f.text[apiCode], f.text[apiMessage] = nil, nil, nil
	case m == apiError:
		f.text[apiCode], f.text[apiMessage] = nil, nil
	}
}

// setString takes the inside of a string as the value of m.
func (f *found) setString(m member, inside []byte) {
	switch {
	case m < texts:
		f.text[m] = inside
	case m == code:
		f.code, f.hasCode = integerInString(inside)
	}
}

// setScalar takes a number or a literal as the value of m.
func (f *found) setScalar(m member, tok []byte) {
	switch {
	case m == code:
		f.code, f.hasCode = integer(tok)
	case m == requestID && (tok[0] == '-' || '0' <= tok[0] && tok[0] <= '9'):
		f.text[m] = tok
	}
}

// failed reports whether what has been found so far is a failure.
func (f *found) failed() bool {
	if f.hasCode {
		return f.code != 0
	}
	return len(f.text[apiCode]) > 0
}

// envelope puts together what has been found.
func (f *found) envelope() Envelope {
	switch {
	case f.hasCode:
		e := Envelope{
			Found:     true,
			Code:      f.code,
			CodeDesc:  unquote(f.text[codeDesc]),
			Message:   unquote(f.text[message]),
			RequestID: unquote(f.text[requestID]),
		}
		e.Module, e.HasModule, e.Text = ParseMessage(e.Message)
		return e
	case f.apiFound:
		e := Envelope{
			Found:     true,
			V3:        true,
			CodeDesc:  unquote(f.text[apiCode]),
			RequestID: unquote(f.text[apiRequestID]),
		}
		if e.CodeDesc != "" {
			e.Message = unquote(f.text[apiMessage])
			e.Text = e.Message
		}
		return e
	}
	return Envelope{}
}

// integer reads a JSON number that is an integer and fits an int.
func integer(tok []byte) (int, bool) {
	if digits := bytes.TrimPrefix(tok, []byte("-")); len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	return decimal(tok)
}

func integerInString(inside []byte) (int, bool) {
	if bytes.IndexByte(inside, '\\') >= 0 {
		inside = []byte(unquote(inside))
	}
	return decimal(inside)
}

// decimal is strconv.Atoi without the plus.
func decimal(tok []byte) (int, bool) {
	if len(tok) == 1 { // most often 0
		return int(tok[0]) - '0', '0' <= tok[0] && tok[0] <= '9'
	}
	if len(tok) == 0 || tok[0] == '+' {
		return 0, false
	}
	n, err := strconv.Atoi(string(tok))
	return n, err == nil
}

// unquote decodes the inside of a JSON string as encoding/json does: what is
// not UTF-8 becomes U+FFFD. A string that JSON does not allow, for a raw line
// break or an unknown escape in it, is taken as it stands.
func unquote(inside []byte) string {
	if bytes.IndexByte(inside, '\\') < 0 && utf8.Valid(inside) {
		return string(inside)
	}
	quoted := make([]byte, 0, len(inside)+2)
	quoted = append(quoted, '"')
	quoted = append(quoted, inside...)
	quoted = append(quoted, '"')
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return strings.ToValidUTF8(string(inside), "\uFFFD")
	}
	return s
}
