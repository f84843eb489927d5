package envelope

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// goal is how far a body is parsed.
type goal uint8

const (
	toVerdict goal = iota // until it is known whether the body tells of a failure
	toMessage             // until the message of a failure is known
	toEnd                 // to the end of the object
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

// names are the names of interest, by the number of objects that are open.
var names = [...]map[string]member{
	1: {"code": code, "message": message, "codeDesc": codeDesc, "requestId": requestID, "Response": response},
	2: {"Error": apiError, "RequestId": requestID},
	3: {"Code": apiCode, "Message": message},
}

// found is what has been found in a body. The insides of strings stay as they
// came, so that a success costs no memory.
type found struct {
	verdict Outcome // None: not known yet
	v3      bool    // a Response has decided, or will
	code    int
	members int          // of the top object
	seen    [code]bool   // the first of its name, whatever its value
	inside  [code][]byte // nil where it is no text
}

// member parses the rest of a member. The first member of a name counts.
func (p *parser) member(name []byte) {
	m := names[p.depth][string(name)]
	if p.depth == 1 {
		p.members++
	}
	if p.depth == 2 && m == other {
		p.decide(Success)
	}
	kind, inside := p.value()
	switch {
	case m >= code && (p.verdict != None || p.end != nil):
	case p.depth == 1 && p.v3: // what stands beside a Response is not its
	case m == response && kind == '{':
		p.found = found{v3: true} // what stands before a Response is not its
		p.object()
		p.decide(Success) // it had no Error
		return
	case m == apiError && kind == '{':
		p.object()
		p.decide(Unread) // it had no Code
		return
	case m == code:
		n, outcome := integer(inside, kind == '"')
		p.code = n
		p.decide(outcome)
	case m == apiError && kind == 'n' && string(inside) == "null":
		p.decide(Success)
	case m == apiCode && kind == '"' && len(inside) > 0:
		p.seen[codeDesc], p.inside[codeDesc] = true, inside
		p.decide(Failure)
	case m == apiError, m == apiCode:
		p.decide(Unread)
	case m != other && m < code && !p.seen[m]:
		if kind == '"' || m == requestID && kind <= '9' { // a text that breaks off counts as far as it comes
			p.inside[m] = inside
		}
		p.seen[m] = p.end == nil
		p.stopAtGoal()
	}
	p.skip(kind)
}

// decide takes o for the verdict, unless there is one.
func (p *parser) decide(o Outcome) {
	if p.verdict == None && p.end == nil {
		p.verdict = o
		p.stopAtGoal()
	}
}

// stopAtGoal ends the parsing where the goal is reached.
func (p *parser) stopAtGoal() {
	if p.verdict != None && (p.until == toVerdict || p.until == toMessage && p.seen[message]) {
		p.finish(errStopped)
	}
}

// Envelope returns what has come of a Failure's envelope, or of a Success's.
// A text that breaks off counts as far as it has come.
func (a Answer) Envelope() Envelope {
	if a.Outcome != Success && a.Outcome != Failure {
		return Envelope{}
	}
	p := parser{body: &body{head: a.text.head, err: io.EOF}}
	p.parse(toEnd)
	e := Envelope{
		V3: p.v3, Code: p.code, RequestID: unquote(p.inside[requestID]),
		CodeDesc: unquote(p.inside[codeDesc]), HasCodeDesc: p.seen[codeDesc],
		Message: unquote(p.inside[message]), HasMessage: p.seen[message],
		Alone: !p.v3 && p.end == nil && p.members == 1,
	}
	if !e.V3 {
		e.Module, _ = ParseMessage(e.Message)
	}
	return e
}

// integer reads a code: an integer as JSON may spell it, or a string of one, with
// white space around it.
func integer(raw []byte, quoted bool) (int, Outcome) {
	if string(raw) == "0" { // most often
		return 0, Success
	}
	if quoted {
		raw = []byte(strings.TrimSpace(unquote(raw)))
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	switch {
	case err != nil || !json.Valid(raw) || f != math.Trunc(f) || math.Abs(f) >= 1<<53:
		return 0, Unread
	case f == 0:
		return 0, Success
	}
	return int(f), Failure
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
