package envelope

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

var decimalString = regexp.MustCompile(`^-?[0-9]+$`)

// reference reads a body by encoding/json. It returns false for a body that
// encoding/json does not accept as an object.
func reference(body []byte) (Envelope, bool) {
	members, ok := jsonObject(bytes.TrimPrefix(body, []byte(byteOrderMark)))
	if !ok {
		return Envelope{}, false
	}
	if n, ok := referenceCode(members["code"]); ok {
		e := Envelope{Found: true, Code: n, CodeDesc: text(members["codeDesc"]), Message: text(members["message"])}
		e.RequestID = text(members["requestId"])
		if raw := members["requestId"]; len(raw) > 0 && (raw[0] == '-' || unicode.IsDigit(rune(raw[0]))) {
			e.RequestID = string(raw)
		}
		e.Module, e.HasModule, e.Text = ParseMessage(e.Message)
		return e, true
	}
	inside, ok := jsonObject(members["Response"])
	if !ok {
		return Envelope{}, true
	}
	e := Envelope{Found: true, V3: true, RequestID: text(inside["RequestId"])}
	if failure, ok := jsonObject(inside["Error"]); ok && text(failure["Code"]) != "" {
		e.CodeDesc, e.Message = text(failure["Code"]), text(failure["Message"])
		e.Text = e.Message
	}
	return e, true
}

func jsonObject(raw []byte) (map[string]json.RawMessage, bool) {
	var members map[string]json.RawMessage
	err := json.Unmarshal(raw, &members)
	return members, err == nil && members != nil
}

func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

func referenceCode(raw json.RawMessage) (int, bool) {
	digits := string(raw)
	if strings.HasPrefix(digits, `"`) {
		digits = text(raw)
	}
	if !decimalString.MatchString(digits) {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil
}

// cutReader yields a body in pieces of random sizes.
type cutReader struct {
	body []byte
	off  int
	rand *rand.Rand
	end  error
	cuts []int // where the pieces ended
}

func (r *cutReader) Read(p []byte) (int, error) {
	n := copy(p, r.body[r.off:min(len(r.body), r.off+1+r.rand.IntN(1<<r.rand.IntN(12)))])
	r.off += n
	r.cuts = append(r.cuts, r.off)
	if r.off == len(r.body) && (n == 0 || r.rand.IntN(2) == 0) {
		return n, r.end
	}
	return n, nil
}

// drain reads a body in random ways.
func drain(body io.Reader, random *rand.Rand) ([]byte, error) {
	var got bytes.Buffer
	for random.IntN(4) > 0 {
		n, err := io.CopyN(&got, body, random.Int64N(3000))
		if err == io.EOF {
			return got.Bytes(), nil
		} else if err != nil {
			return got.Bytes(), err
		}
		_ = n
	}
	if random.IntN(2) == 0 {
		_, err := io.Copy(&got, body)
		return got.Bytes(), err
	}
	_, err := io.Copy(&got, struct{ io.Reader }{body})
	return got.Bytes(), err
}

// settles reports whether a scan of the body, stopped at one of the cuts,
// had found a success.
func settles(body []byte, cuts []int) bool {
	if bytes.HasPrefix(body, []byte(documentedStart)) {
		cuts = append([]int{len(documentedStart)}, cuts...) // see usualSuccess
	}
	var s scanner
	at := 0
	for _, cut := range cuts {
		s.feed(body[at:max(at, cut)])
		at = max(at, cut)
		if s.succeeded() {
			return true
		}
	}
	return false
}

func FuzzPeek(f *testing.F) {
	for i, s := range complete() {
		if len(s.body) < 1000 {
			f.Add([]byte(s.body), uint64(i))
		}
	}
	for _, body := range notJSON {
		if len(body) < 1000 {
			f.Add([]byte(body), uint64(len(body)))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		parsed, found := Parse(body)
		if want, accepted := reference(body); accepted && (parsed != want || found != want.Found) {
			t.Fatalf("Parse: %+v, %t\nencoding/json: %+v", parsed, found, want)
		}
		window := DefaultWindow
		if random.IntN(4) == 0 {
			window = 1 + random.IntN(len(body)+1)
		}
		fuzzPlain(t, body, parsed, window, random)
		if random.IntN(4) == 0 { // a compressor costs more than all else
			fuzzCoded(t, body, parsed, random)
		}
	})
}

func fuzzPlain(t *testing.T, body []byte, parsed Envelope, window int, random *rand.Rand) {
	end := []error{io.EOF, io.ErrClosedPipe}[random.IntN(2)]
	src := &cutReader{body: body, rand: random, end: end}
	resp := respond(src)
	res := Peek(resp, window)
	consistent(t, body, parsed, *res, window, src.cuts)
	if src.off > window {
		t.Fatalf("read %d bytes through a window of %d", src.off, window)
	}
	if res.Outcome == Failure && !bytes.Equal(res.Body, body[:src.off]) {
		t.Fatalf("%d bytes read, but Body is %q", src.off, res.Body)
	}
	got, err := drain(resp.Body, random)
	if err == nil {
		err = io.EOF
	}
	if !bytes.Equal(got, body) || err != end {
		t.Fatalf("the body came as %q, %v", got, err)
	}
}

// endsUsually reports whether the first piece ends as a success does: then it may
// pass for one although it is no JSON, see usualSuccess.
func endsUsually(body []byte, cuts []int) bool {
	return len(cuts) > 0 && bytes.HasSuffix(bytes.TrimSpace(body[:cuts[0]]), []byte(usualEnd))
}

// consistent checks a result against the parsed body.
func consistent(t *testing.T, body []byte, parsed Envelope, res Result, window int, cuts []int) {
	t.Helper()
	want := outcomeOf(parsed)
	switch {
	case res.Outcome == Success && (want == Success || settles(body, cuts)):
	case res.Outcome == Success && want == None && !json.Valid(body) && endsUsually(body, cuts):
	case res.Outcome == Failure && window <= len(body) && res.Envelope.Failed():
	case res.Outcome == Failure && want == Failure && res.Envelope == parsed:
	case res.Outcome == TooLarge && window <= len(body):
	case res.Outcome == None && want == None:
	case res.Outcome == Broken && want == None && res.Err != nil && !json.Valid(body):
	default:
		t.Fatalf("%v, %v, %+v, want %v, %+v", res.Outcome, res.Err, res.Envelope, want, parsed)
	}
}

func fuzzCoded(t *testing.T, body []byte, parsed Envelope, random *rand.Rand) {
	c := codings[random.IntN(len(codings))]
	raw := []byte(compressed(t, c.compress, string(body)))
	if random.IntN(4) == 0 { // the body itself as a compressed one
		raw = body
	}
	src := &cutReader{body: raw, rand: random, end: io.EOF}
	resp := respond(src)
	resp.Header = http.Header{"Content-Encoding": {c.header}}
	res := Peek(resp, 0)
	if len(body) > 0 && &raw[0] != &body[0] && (res.Outcome == Failure) != parsed.Failed() && !settles(body, everyCut(len(body))) {
		t.Fatalf("%v, %v, %+v, want %+v", res.Outcome, res.Err, res.Envelope, parsed)
	}
	if got, err := drain(resp.Body, random); err != nil || !bytes.Equal(got, raw) {
		t.Fatalf("the body came as %q, %v", got, err)
	}
}

func everyCut(n int) []int {
	cuts := make([]int, n)
	for i := range cuts {
		cuts[i] = i + 1
	}
	return cuts
}

func FuzzMessage(f *testing.F) {
	for _, s := range documented {
		f.Add(s.want.Message)
	}
	for _, msg := range []string{"（2000）文本", "(2000) text", "(- 514)", "()", "(see docs) text", "(99999999999)", "（-1) x", "((1))", "(２)"} {
		f.Add(msg)
	}
	form := regexp.MustCompile(`^\pZ*[(（]\pZ*(-?)\pZ*([0-9]+)\pZ*[)）]\pZ*`)
	f.Fuzz(func(t *testing.T, msg string) {
		module, ok, rest := ParseMessage(msg)
		if !ok {
			if module != 0 || rest != msg {
				t.Fatalf("no module, but %d, %q", module, rest)
			}
		} else if !strings.HasSuffix(msg, rest) || !strings.Contains(msg[:len(msg)-len(rest)], strings.TrimPrefix(strconv.Itoa(module), "-")) {
			t.Fatalf("%d, %q", module, rest)
		}
		if strings.ContainsAny(msg, "\t\n\v\f\r\u0085") {
			return // space that the expression does not know
		}
		m := form.FindStringSubmatch(msg)
		if m == nil {
			if ok {
				t.Fatalf("no bracket, but %d", module)
			}
			return
		}
		want, err := strconv.ParseInt(m[1]+m[2], 10, 32)
		if ok != (err == nil) || ok && (module != int(want) || rest != msg[len(m[0]):]) {
			t.Fatalf("%d, %t, %q, want %d, %v, %q", module, ok, rest, want, err, msg[len(m[0]):])
		}
	})
}
