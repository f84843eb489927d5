package envelope

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

func respond(body io.Reader) *http.Response {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body)}
}

// peek peeks at a body that comes as src cuts it and checks that the caller
// sees it whole.
func peek(t *testing.T, body string, src io.Reader, window int) Result {
	t.Helper()
	resp := respond(src)
	res := *Peek(resp, window)
	got, err := io.ReadAll(resp.Body)
	if err != nil || string(got) != body {
		t.Errorf("the body came as %.100q, %v, want %.100q", got, err, body)
	}
	return res
}

func outcomeOf(e Envelope) Outcome {
	switch {
	case !e.Found:
		return None
	case e.Failed():
		return Failure
	}
	return Success
}

// check compares a result for a complete body with what the body says.
func check(t *testing.T, name string, res Result, s sample) {
	t.Helper()
	want := s.want
	if outcomeOf(want) == Success {
		want = Envelope{Found: true, V3: want.V3}
	}
	if res.Outcome != outcomeOf(want) || res.Envelope != want || res.Err != nil {
		t.Errorf("%s: %.200s\n got %v, %v, %+v\nwant %v, %+v", name, s.body, res.Outcome, res.Err, res.Envelope, outcomeOf(want), want)
	}
	if res.Outcome == Failure && !strings.HasPrefix(s.body, string(res.Body)) {
		t.Errorf("%s: Body is %.100q", name, res.Body)
	}
}

func TestPeek(t *testing.T) {
	for _, s := range complete() {
		check(t, s.name, peek(t, s.body, strings.NewReader(s.body), 0), s)
		check(t, s.name+", EOF with the data", peek(t, s.body, iotest.DataErrReader(strings.NewReader(s.body)), 0), s)
	}
	for name, body := range notJSON {
		if res := peek(t, body, strings.NewReader(body), 0); name != "very deep" && name != "deep objects" && res.Outcome != None {
			t.Errorf("%s: %v, %v", name, res.Outcome, res.Err)
		}
	}
}

// However a body is cut, it says the same, but for a success that streams on
// when it is known: in these something later in the body would change it.
var changesLater = map[string]bool{
	"escaped name after a plain one": true,
	"the last code wins":             true,
	"3.0: Error after data":          true,
	"3.0: the last Response wins":    true,
	"3.0: the last Response is none": true,
}

func TestPeekCut(t *testing.T) {
	for _, s := range complete() {
		if changesLater[s.name] || len(s.body) > 1000 {
			continue
		}
		check(t, s.name+", byte by byte", peek(t, s.body, iotest.OneByteReader(strings.NewReader(s.body)), 0), s)
		for i := range len(s.body) {
			src := io.MultiReader(strings.NewReader(s.body[:i]), strings.NewReader(s.body[i:]))
			check(t, s.name+", cut", peek(t, s.body, src, 0), s)
		}
	}
}

func TestPeekCutNotJSON(t *testing.T) {
	for name, body := range notJSON {
		for i := range min(len(body), 100) {
			src := io.MultiReader(strings.NewReader(body[:i]), strings.NewReader(body[i:]))
			if res := peek(t, body, src, 0); res.Outcome != None && !strings.Contains(name, "deep") {
				t.Errorf("%s, cut at %d: %v", name, i, res.Outcome)
			}
		}
	}
}

// A success that is known streams on, whatever comes later.
func TestStreamsOn(t *testing.T) {
	for _, parts := range [][2]string{
		{`{"code":0,`, `"code":4000}`},
		{`{"code":0 `, `garbage`},
		{`{"code":"0"`, `,"code":4000}`},
		{`{"code":1,"code":0,`, `"code":4000}`},
		{`{"data":{},"code":0,`, `"message":"m`},
		{`{"Response":{"A":`, `1,"Error":{"Code":"X"}}}`},
		{`{"Response":{"RequestId":"r","A":[`, `]}}`},
		{`{"Response":{"Error":{},"A":1,`, `"Error":{"Code":"X"}}}`},
		{`{"Response":{"RequestId":"r"}`, `,"code":4000}`},
	} {
		resp := respond(io.MultiReader(strings.NewReader(parts[0]), iotest.ErrReader(errors.New("read too far"))))
		if res := Peek(resp, 0); res.Outcome != Success {
			t.Errorf("%s: %v, %v", parts[0], res.Outcome, res.Err)
		}
		body := parts[0] + parts[1]
		src := io.MultiReader(strings.NewReader(parts[0]), strings.NewReader(parts[1]))
		if res := peek(t, body, src, 0); res.Outcome != Success {
			t.Errorf("%s: %v", body, res.Outcome)
		}
	}
}

// These are not enough to know: Peek must read on.
func TestReadsOn(t *testing.T) {
	broken := errors.New("connection reset")
	for _, body := range []string{
		"", " ", "\xEF", "{", `{"`, `{"code`, `{"code"`, `{"code":`, `{"code":0`, `{"code":"0`, `{"code":-0`, `{"code":4000,`,
		`{"code":0,"code":4000,`, `{"code":0,"code":4`, `{"code":4000,"message":"m"`, `{"data":{"code":0}`, `{"Response":{`, `{"Response":{"RequestId":"r",`,
		`{"Response":{"Error":{"Message":"m"`, `{"Response":{"Error":{}`, `{"Response":{"Error":null`, `{"Response":{"Error":[1],`,
		`{"Response":{"Error":{"Code":"Y"},"A":1,"Error":{"Message":"m"`, `{"Response":{"Error":{"Code":"Y"},"A":1,"Error":`, `{"Response":{"Error":{"Code":"X"}}`, `{"Response":5,`, `{"Response":{"RequestId":"r"},"Response":`,
		`{"Response":{"RequestId":"r"},"code":40`, `{"Response":{"A":1},"code":4`,
	} {
		resp := respond(io.MultiReader(strings.NewReader(body), iotest.ErrReader(broken)))
		if res := Peek(resp, 0); res.Outcome != Broken || res.Err != broken {
			t.Errorf("%q, reset: %v, %v", body, res.Outcome, res.Err)
		}
		if got, err := io.ReadAll(resp.Body); string(got) != body || err != broken {
			t.Errorf("%q, reset: came as %q, %v", body, got, err)
		}
		if !strings.Contains(body, "{") {
			continue // an end there is an orderly one
		}
		if res := peek(t, body, strings.NewReader(body), 0); res.Outcome != Broken || res.Err != io.ErrUnexpectedEOF {
			t.Errorf("%q, ended: %v, %v", body, res.Outcome, res.Err)
		}
	}
}

// The error may come with the last bytes.
func TestErrorWithData(t *testing.T) {
	broken := errors.New("connection reset")
	for body, want := range map[string]Outcome{
		`{"code":0,"data":[`: Success, `{"code":4000}`: Failure, `{"code":4000`: Broken, `[`: None,
	} {
		resp := respond(&dataErrReader{body, broken})
		if res := Peek(resp, 0); res.Outcome != want || (res.Err == broken) != (want == Broken) {
			t.Errorf("%s: %v, %v", body, res.Outcome, res.Err)
		}
		if got, err := io.ReadAll(resp.Body); string(got) != body || err != broken {
			t.Errorf("%s: came as %q, %v", body, got, err)
		}
	}
}

// dataErrReader returns data and err together.
type dataErrReader struct {
	data string
	err  error
}

func (r *dataErrReader) Read(p []byte) (int, error) {
	n := copy(p, r.data)
	r.data = r.data[n:]
	return n, r.err
}

func TestBrokenTellsWhatCame(t *testing.T) {
	body := `{"code":4400,"message":"(2010)m","codeDesc":"RequestLim`
	res := peek(t, body, strings.NewReader(body), 0)
	want := Envelope{Found: true, Code: 4400, Message: "(2010)m", Module: 2010, HasModule: true, Text: "m"}
	if res.Outcome != Broken || res.Envelope != want {
		t.Errorf("%v, %+v", res.Outcome, res.Envelope)
	}
}

func TestEmptyReads(t *testing.T) {
	endless := readerFunc(func([]byte) (int, error) { return 0, nil })
	for _, coding := range []string{"", "gzip", "deflate"} {
		resp := respond(endless)
		resp.Header.Set("Content-Encoding", coding)
		if res := Peek(resp, 0); res.Outcome != Broken || res.Err != io.ErrNoProgress {
			t.Errorf("%s: %v, %v", coding, res.Outcome, res.Err)
		}
	}
	body := `{"code":4000,"message":"m"}`
	src, empty := iotest.OneByteReader(strings.NewReader(body)), false
	res := peek(t, body, readerFunc(func(p []byte) (int, error) {
		if empty = !empty; empty {
			return 0, nil
		}
		return src.Read(p)
	}), 0)
	if res.Outcome != Failure || res.Envelope != code4000("m") {
		t.Errorf("%v, %+v", res.Outcome, res.Envelope)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestUntouched(t *testing.T) {
	for name, change := range map[string]func(*http.Response){
		"event stream":        func(r *http.Response) { r.Header.Set("Content-Type", "text/event-stream") },
		"event stream, utf-8": func(r *http.Response) { r.Header.Set("Content-Type", "Text/Event-Stream ; charset=utf-8") },
		"in capitals":         func(r *http.Response) { r.Header.Set("Content-Type", "APPLICATION/OCTET-STREAM\t;x") },
		"octet stream":        func(r *http.Response) { r.Header.Set("Content-Type", "application/octet-stream") },
		"brotli":              func(r *http.Response) { r.Header.Set("Content-Encoding", "br") },
		"two codings":         func(r *http.Response) { r.Header.Set("Content-Encoding", "gzip, gzip") },
		"two fields":          func(r *http.Response) { r.Header["Content-Encoding"] = []string{"gzip", "gzip"} },
		"HEAD":                func(r *http.Response) { r.Request = &http.Request{Method: "HEAD"} },
		"CONNECT":             func(r *http.Response) { r.Request = &http.Request{Method: "CONNECT"} },
		"101":                 func(r *http.Response) { r.StatusCode = 101 },
		"204":                 func(r *http.Response) { r.StatusCode = 204 },
		"206":                 func(r *http.Response) { r.StatusCode = 206 },
		"304":                 func(r *http.Response) { r.StatusCode = 304 },
		"NoBody":              func(r *http.Response) { r.Body = http.NoBody },
		"nil body":            func(r *http.Response) { r.Body = nil },
	} {
		resp := respond(iotest.ErrReader(errors.New("was read")))
		resp.ContentLength = -1
		change(resp)
		before := resp.Body
		if res := Peek(resp, 0); res.Outcome != None || res.Err != nil || resp.Body != before {
			t.Errorf("%s: %v, %v", name, res.Outcome, res.Err)
		}
	}
}

// A coding that cannot be seen through is none of ours; where the length is
// known the body is looked at all the same, and comes as it was. What begins as
// a success is one, whatever the header says.
func TestOpaqueOfKnownLength(t *testing.T) {
	for body, want := range map[string]Outcome{
		"\x0b\x02\x80brotli":          None,
		`{"code":4000,"message":"m"}`: None,
		`{"code":0,"message":"m"}`:    Success,
	} {
		resp := respond(strings.NewReader(body))
		resp.ContentLength = int64(len(body))
		resp.Header.Set("Content-Encoding", "br")
		if res := Peek(resp, 0); res.Outcome != want || res.Err != nil {
			t.Errorf("%q: %v, %v", body, res.Outcome, res.Err)
		}
		if got, err := io.ReadAll(resp.Body); string(got) != body || err != nil {
			t.Errorf("%q came as %q, %v", body, got, err)
		}
	}
}

// Any status and any other Content-Type may carry an envelope, and the rest
// of the response stays as it is.
func TestTouched(t *testing.T) {
	body := `{"code":4000}`
	for _, status := range []int{200, 201, 301, 400, 403, 429, 500, 502, 0} {
		for _, contentType := range []string{"", "application/json", "text/html; charset=GBK", "application/octet-streams", ";"} {
			resp := respond(strings.NewReader(body))
			resp.StatusCode, resp.ContentLength = status, 13
			resp.Header = http.Header{"Content-Type": {contentType}, "Content-Encoding": {"Identity"}}
			resp.Request = &http.Request{Method: "POST"}
			if res := Peek(resp, 0); res.Outcome != Failure || res.Envelope != code4000("") {
				t.Errorf("%d, %q: %v", status, contentType, res.Outcome)
			}
			if resp.ContentLength != 13 || resp.StatusCode != status || len(resp.Header) != 2 {
				t.Errorf("%d, %q: the response has become %+v", status, contentType, resp)
			}
		}
	}
}

// What was read of an HTTP failure without an envelope is kept as well, and of
// a body that broke off.
func TestBodyIsKept(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   Outcome
		kept   bool
	}{
		{502, "<html>Bad Gateway</html>", None, true},
		{400, `{"error":"x"}`, None, true},
		{500, `{"data":1`, Broken, true},
		{200, `{"data":1`, Broken, true},
		{200, `{"code":4000}`, Failure, true},
		{200, "<html>OK</html>", None, false},
		{399, `{"error":"x"}`, None, false},
		{200, `{"code":0}`, Success, false},
	} {
		resp := respond(strings.NewReader(c.body))
		resp.StatusCode = c.status
		res := Peek(resp, 0)
		if res.Outcome != c.want || (string(res.Body) == c.body) != c.kept || (res.Body == nil) == c.kept {
			t.Errorf("%d, %s: %v, Body %q", c.status, c.body, res.Outcome, res.Body)
		}
	}
}

func TestOutcomeString(t *testing.T) {
	for o, want := range map[Outcome]string{None: "none", Success: "success", Failure: "failure", TooLarge: "too large", Broken: "broken", 9: "invalid"} {
		if o.String() != want {
			t.Errorf("%d is %q, want %q", uint8(o), o, want)
		}
	}
}
