package envelope

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// jsonMember is a member of an object, as encoding/json reads it.
type jsonMember struct {
	name  string
	value json.RawMessage
}

// jsonMembers returns the members of an object in their order, or false.
func jsonMembers(raw []byte) (members []jsonMember, ok bool) {
	if !json.Valid(raw) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, false
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, false
		}
		m := jsonMember{name: name.(string)}
		if decoder.Decode(&m.value) != nil {
			return nil, false
		}
		members = append(members, m)
	}
	return members, true
}

// first returns the value of the first member of a name, or nil.
func first(members []jsonMember, name string) json.RawMessage {
	for _, m := range members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

func textOrNumber(raw json.RawMessage) string {
	if numberText.Match(raw) {
		return string(raw)
	}
	return text(raw)
}

var (
	integerText = regexp.MustCompile(`^-?[0-9]+$`)
	numberText  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
)

func referenceCode(raw json.RawMessage) (int, bool) {
	digits := string(raw)
	if digits[0] == '"' {
		digits = strings.TrimSpace(text(raw))
	}
	f, err := strconv.ParseFloat(digits, 64)
	ok := err == nil && numberText.MatchString(digits) && math.Abs(f) < 1<<53 && f == float64(int(f))
	return int(f), ok
}

// reference reads a body by encoding/json. It returns false for a body that
// encoding/json does not accept as an object.
func reference(body []byte) (o Outcome, e Envelope, ok bool) {
	top, ok := jsonMembers(bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF")))
	if !ok {
		return None, Envelope{}, false
	}
	for _, m := range top {
		inside, isObject := jsonMembers(m.value)
		switch {
		case m.name == "code":
			n, ok := referenceCode(m.value)
			if !ok {
				return Unread, Envelope{}, true
			}
			e := referenceV2(n, top)
			if n == 0 {
				return Success, e, true
			}
			return Failure, e, true
		case m.name == "Response" && isObject:
			o, e := referenceV3(inside)
			return o, e, true
		}
	}
	return None, Envelope{}, true
}

func referenceV2(code int, top []jsonMember) Envelope {
	e := Envelope{Code: code, CodeDesc: text(first(top, "codeDesc")), Message: text(first(top, "message")),
		HasCodeDesc: first(top, "codeDesc") != nil, HasMessage: first(top, "message") != nil, Alone: len(top) == 1}
	e.RequestID = textOrNumber(first(top, "requestId"))
	e.Module, _ = ParseMessage(e.Message)
	return e
}

func referenceV3(inside []jsonMember) (Outcome, Envelope) {
	e := Envelope{V3: true, RequestID: textOrNumber(first(inside, "RequestId"))}
	for _, m := range inside {
		switch {
		case m.name == "RequestId":
			continue
		case m.name != "Error" || string(m.value) == "null":
			return Success, e
		}
		failure, _ := jsonMembers(m.value)
		if e.CodeDesc = text(first(failure, "Code")); e.CodeDesc == "" {
			return Unread, Envelope{}
		}
		e.Message = text(first(failure, "Message"))
		e.HasCodeDesc, e.HasMessage = true, first(failure, "Message") != nil
		return Failure, e
	}
	return Success, e
}

// cutReader yields a body in pieces of random sizes.
type cutReader struct {
	body []byte
	off  int
	rand *rand.Rand
	end  error
}

func (r *cutReader) Read(p []byte) (int, error) {
	n := copy(p, r.body[r.off:min(len(r.body), r.off+1+r.rand.IntN(1<<r.rand.IntN(12)))])
	r.off += n
	if r.off == len(r.body) && (n == 0 || r.rand.IntN(2) == 0) {
		return n, r.end
	}
	return n, nil
}

// drain reads a body in random ways.
func drain(body io.Reader, random *rand.Rand) (got []byte, err error) {
	for err == nil {
		p := make([]byte, random.IntN(1<<random.IntN(13)))
		var n int
		n, err = body.Read(p)
		got = append(got, p[:n]...)
	}
	return got, err
}

// agree checks an answer to a body that has been read through a window against
// encoding/json, where that accepts the body.
func agree(t *testing.T, body []byte, a Answer, window int) {
	t.Helper()
	o, e, accepted := reference(body)
	if o == Success {
		e = a.Envelope() // it is not read to its end
	}
	same := a.Outcome == o && a.Envelope() == e && a.Err == nil
	if accepted && !same && window > len(body) {
		t.Fatalf("%s\n got %v, %v, %+v\nwant %v, %+v", body, a.Outcome, a.Err, a.Envelope(), o, e)
	}
	if accepted && !same && a.Outcome != Unread && a.Outcome != o { // the window hides the verdict, or a part of the envelope
		t.Fatalf("%s\n through a window of %d: %v, want %v", body, window, a.Outcome, o)
	}
	if failed(a.Envelope()) != (a.Outcome == Failure) {
		t.Fatalf("%s: %v, %+v", body, a.Outcome, a.Envelope())
	}
}

// steps reads on in random ways.
func steps(a Answer, random *rand.Rand) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for range random.IntN(4) {
		switch random.IntN(5) {
		case 0:
			a.ReadMessage(ctx)
		case 1:
			a.ReadRest(ctx, 0)
		case 2:
			a.ReadRest(context.Background(), 0)
		case 3:
			a.ReadRest(ctx, random.IntN(3000))
		default:
			cancel()
		}
	}
}

func FuzzPeek(f *testing.F) {
	for i, s := range append(append(complete(), lenient...), notJSON...) {
		if len(s.body) < 1000 {
			f.Add([]byte(s.body), uint64(i))
			f.Add([]byte(zip(f, s.body)), uint64(i))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		window := Window
		if random.IntN(4) == 0 {
			window = 1 + random.IntN(len(body)+1)
		}
		fuzzPeek(t, body, window, random)
		if o, e, accepted := reference(body); accepted {
			if got, ok := parseAll(body); ok && got != e || ok != (o == Success || o == Failure) {
				t.Fatalf("Parse: %+v, %t\nencoding/json: %+v, %v", got, ok, e, o)
			}
		}
		if random.IntN(8) == 0 { // a compressor costs more than all else
			raw := zip(t, string(body))
			a := Peek(respond(strings.NewReader(raw)))
			a.ReadRest(t.Context(), 0)
			agree(t, body, a, Window)
		}
	})
}

// fuzzPeek peeks at a body that comes in random pieces.
func fuzzPeek(t *testing.T, body []byte, window int, random *rand.Rand) {
	t.Helper()
	end := []error{io.EOF, io.ErrClosedPipe}[random.IntN(2)]
	// A Read may go on aside, so it has random numbers of its own.
	src := &cutReader{body: body, rand: rand.New(rand.NewPCG(random.Uint64(), 3)), end: end}
	resp := respond(src)
	a := peek(resp, window)
	if src.off > window {
		t.Fatalf("read %d bytes through a window of %d", src.off, window)
	}
	before := a.Envelope()
	if random.IntN(2) == 0 {
		a.ReadRest(context.Background(), 0)
		agree(t, body, a, window)
		uncut := peek(respond(bytes.NewReader(body)), window)
		uncut.ReadRest(context.Background(), 0)
		if a.Outcome != uncut.Outcome && a.Outcome != Broken || end == io.EOF && a.Envelope() != uncut.Envelope() && a.Outcome == Failure {
			t.Fatalf("%v, %+v; in one piece %v, %+v", a.Outcome, a.Envelope(), uncut.Outcome, uncut.Envelope())
		}
	} else {
		steps(a, random)
	}
	if after := a.Envelope(); after.Code != before.Code || after.V3 != before.V3 || after.V3 && after.CodeDesc != before.CodeDesc {
		t.Fatalf("%+v has become %+v", before, after)
	}
	got, err := drain(resp.Body, random)
	if !bytes.Equal(got, body) || err != end {
		t.Fatalf("the body came as %q, %v", got, err)
	}
}

func FuzzMessage(f *testing.F) {
	for _, s := range documented {
		f.Add(s.want.Message)
	}
	for _, msg := range []string{"（2000）文本", "(2000) text", "(- 514)", "()", "(see docs) text", "(99999999999)", "（-1) x", "((1))", "(２)"} {
		f.Add(msg)
	}
	// By hand: the text in the leading bracket, its spaces taken out, is a number.
	f.Fuzz(func(t *testing.T, msg string) {
		module, ok := ParseMessage(msg)
		inside := strings.TrimLeft(msg, space)
		for _, opening := range []string{"(", "（"} {
			if rest, found := strings.CutPrefix(inside, opening); found {
				end := strings.IndexAny(rest, ")）")
				if end < 0 {
					break
				}
				digits, negative := strings.CutPrefix(strings.Trim(rest[:end], space), "-")
				digits = strings.Trim(digits, space)
				if negative {
					digits = "-" + digits
				}
				n, err := strconv.ParseInt(digits, 10, 32)
				if want := err == nil && integerText.MatchString(digits); ok != want || want && module != int(n) {
					t.Fatalf("%q: %d, %t, want %d, %t", msg, module, ok, n, want)
				}
				return
			}
		}
		if ok {
			t.Fatalf("%q: no bracket, but %d", msg, module)
		}
	})
}

// space is what may stand around a module's number: Unicode's separators and the
// usual control characters.
const space = " \t\n\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
