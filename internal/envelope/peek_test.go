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
	return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(body)}
}

// whole checks that the caller sees a body whole.
func whole(t testing.TB, resp *http.Response, body string, end error) {
	t.Helper()
	var got strings.Builder
	if _, err := io.Copy(&got, resp.Body); got.String() != body || err != end {
		t.Errorf("the body came as %.100q, %v, want %.100q", got.String(), err, body)
	}
}

// check compares an answer with what the body says.
func check(t testing.TB, name string, a Answer, s sample) {
	t.Helper()
	a.ReadRest(t.Context(), 0)
	want := s.want
	if s.outcome == Success { // it is not read to its end
		want = a.Envelope()
	}
	if a.Outcome != s.outcome || a.Envelope() != want || a.Err != nil {
		t.Errorf("%s: %.200s\n got %v, %v, %+v\nwant %v, %+v", name, s.body, a.Outcome, a.Err, a.Envelope(), s.outcome, want)
	}
	if !strings.HasPrefix(s.body, string(a.Body(Window))) {
		t.Errorf("%s: Body is %.100q", name, a.Body(Window))
	}
}

func TestPeek(t *testing.T) {
	for _, s := range append(append(complete(), lenient...), notJSON...) {
		resp := respond(strings.NewReader(s.body))
		check(t, s.name, Peek(resp), s)
		whole(t, resp, s.body, nil)
		resp = respond(iotest.DataErrReader(strings.NewReader(s.body)))
		resp.ContentLength = int64(len(s.body))
		check(t, s.name+", EOF with the data", Peek(resp), s)
		whole(t, resp, s.body, nil)
	}
}

// However a body is cut, it says the same.
func TestPeekCut(t *testing.T) {
	for _, s := range append(append(complete(), lenient...), notJSON...) {
		if len(s.body) > 1000 {
			continue
		}
		resp := respond(iotest.OneByteReader(strings.NewReader(s.body)))
		check(t, s.name+", byte by byte", Peek(resp), s)
		whole(t, resp, s.body, nil)
		for i := range len(s.body) {
			resp := respond(io.MultiReader(strings.NewReader(s.body[:i]), strings.NewReader(s.body[i:])))
			check(t, s.name+", cut", Peek(resp), s)
			whole(t, resp, s.body, nil)
		}
	}
}

// No more is read than what decides.
func TestStreamsOn(t *testing.T) {
	for body, want := range map[string]Outcome{
		`{"code":0,`:                         Success,
		`{"code":0 `:                         Success,
		`{"code":"0"`:                        Success,
		`{"data":{},"code":0,`:               Success,
		`{"Response":{"A"`:                   Success,
		`{"Response":{"RequestId":"r","A":[`: Success,
		`{"Response":{"RequestId":"r"}`:      Success,
		`{"Response":{"Error":null,`:         Success,
		`{"code":4000,`:                      Failure,
		`{"code":"4000"`:                     Failure,
		`{"Response":{"Error":{"Code":"X"`:   Failure,
		`{"code":null,`:                      Unread,
		`{"code":[`:                          Unread,
		`{"Response":{"Error":{}`:            Unread,
		`{"Response":{"Error":[`:             Unread,
		`{"Response":{"Error":{"Code":""`:    Unread,
		`{"a":1,,`:                           Unread,
		`<`:                                  NoObject,
		`{"message":"m"}`:                    None,
		"\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\xFF\x07": Unread,
	} {
		tooFar := errors.New("read too far")
		resp := respond(io.MultiReader(strings.NewReader(body), iotest.ErrReader(tooFar)))
		if a := Peek(resp); a.Outcome != want || a.Err != nil {
			t.Errorf("%q: %v, %v", body, a.Outcome, a.Err)
		}
		whole(t, resp, body, tooFar)
	}
}

// These are not enough to know: an error there has broken the answer off, and so
// has an end that comes before the length is reached.
func TestBrokenOff(t *testing.T) {
	reset := errors.New("connection reset")
	for _, body := range []string{
		"", " ", "\xEF", "{", `{"`, `{"code`, `{"code"`, `{"code":`, `{"code":0`, `{"code":"0`, `{"code":4000`,
		`{"message":"m"`, `{"data":{"code":0}`, `{"Response":{`, `{"Response":{"RequestId":"r",`,
		`{"Response":{"Error":{"Message":"m"`, `{"Response":{"Error":null`, `{"Response":{"Error":{"Code":"X`, `{"Response":5,`, "\x1F\x8B",
	} {
		resp := respond(io.MultiReader(strings.NewReader(body), iotest.ErrReader(reset)))
		if a := Peek(resp); a.Outcome != Broken || a.Err != reset || string(a.Body(Window)) != body {
			t.Errorf("%q, reset: %v, %v", body, a.Outcome, a.Err)
		}
		whole(t, resp, body, reset)
		resp = respond(strings.NewReader(body))
		resp.ContentLength = 1000
		if a := Peek(resp); a.Outcome != Broken || a.Err != io.ErrUnexpectedEOF {
			t.Errorf("%q, too short: %v, %v", body, a.Outcome, a.Err)
		}
		whole(t, resp, body, nil)
	}
}

// A failure stays one when its body breaks off, and what has come of its message
// counts.
func TestFailureBrokenOff(t *testing.T) {
	reset := errors.New("connection reset")
	body := `{"code":4000,"message":"(2002)domain is not fi`
	for i := len(`{"code":4000,`); i <= len(body); i++ {
		resp := respond(io.MultiReader(strings.NewReader(body[:i]), iotest.ErrReader(reset)))
		a := Peek(resp)
		a.ReadMessage(t.Context())
		a.ReadRest(t.Context(), 0)
		e := a.Envelope()
		if a.Outcome != Failure || a.Err != nil || e.Code != 4000 || (e.Module == 2002) != strings.Contains(body[:i], "(2002)") {
			t.Errorf("%s: %v, %v, %+v", body[:i], a.Outcome, a.Err, e)
		}
		whole(t, resp, body[:i], reset)
	}
}

// The error may come with the last bytes.
func TestErrorWithData(t *testing.T) {
	reset := errors.New("connection reset")
	for body, want := range map[string]Outcome{
		`{"code":0,"data":[`: Success, `{"code":4000}`: Failure, `{"code":4000`: Broken, `[`: NoObject,
	} {
		resp := respond(&dataErrReader{body, reset})
		if a := Peek(resp); a.Outcome != want || (a.Err == reset) != (want == Broken) {
			t.Errorf("%s: %v, %v", body, a.Outcome, a.Err)
		}
		whole(t, resp, body, reset)
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

func TestEmptyReads(t *testing.T) {
	endless := readerFunc(func([]byte) (int, error) { return 0, nil })
	for _, begun := range []string{"", "{", "\x1F\x8B"} {
		if a := Peek(respond(io.MultiReader(strings.NewReader(begun), endless))); a.Outcome != Broken || a.Err != io.ErrNoProgress {
			t.Errorf("%q: %v, %v", begun, a.Outcome, a.Err)
		}
	}
	const text = `{"code":4000,"message":"m"}`
	for _, body := range []string{text, zip(t, text)} {
		src, empty := iotest.OneByteReader(strings.NewReader(body)), false
		resp := respond(readerFunc(func(p []byte) (int, error) {
			if empty = !empty; empty {
				return 0, nil
			}
			return src.Read(p)
		}))
		check(t, "every other", Peek(resp), sample{"", body, Failure, v2(4000, "", "m")})
		whole(t, resp, body, nil)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestUntouched(t *testing.T) {
	contentType := func(s string) func(*http.Response) {
		return func(r *http.Response) { r.Header.Set("Content-Type", s) }
	}
	coding := func(s ...string) func(*http.Response) {
		return func(r *http.Response) { r.Header["Content-Encoding"] = s }
	}
	for _, c := range []struct {
		name   string
		change func(*http.Response)
		want   Outcome
	}{
		{"event stream", contentType("text/event-stream"), None},
		{"event stream, utf-8", contentType("Text/Event-Stream ; charset=utf-8"), None},
		{"in capitals", contentType("APPLICATION/OCTET-STREAM\t;x"), None},
		{"octet stream", contentType(" application/octet-stream"), None},
		{"image", contentType("image/svg+xml"), None},
		{"audio", contentType("audio/mpeg"), None},
		{"video", contentType("Video/mp4"), None},
		{"multipart", contentType("multipart/form-data; boundary=x"), None},
		{"gRPC", contentType("application/grpc"), None},
		{"gRPC with a format", contentType("application/grpc+proto"), None},
		{"zip", contentType("application/zip"), None},
		{"another zip", contentType("application/x-gzip; charset=binary"), None},
		{"brotli", coding("br"), Unread},
		{"deflate", coding("Deflate"), Unread},
		{"two codings", coding("gzip, zstd"), Unread},
		{"gzip twice", coding("gzip, x-gzip"), Unread},
		{"two fields", coding("gzip", "gzip"), Unread},
		{"HEAD", func(r *http.Response) { r.Request = &http.Request{Method: "HEAD"} }, None},
		{"CONNECT", func(r *http.Response) { r.Request = &http.Request{Method: "CONNECT"} }, None},
		{"101", func(r *http.Response) { r.StatusCode = 101 }, None},
		{"204", func(r *http.Response) { r.StatusCode = 204 }, None},
		{"206", func(r *http.Response) { r.StatusCode = 206 }, None},
		{"304", func(r *http.Response) { r.StatusCode = 304 }, None},
		{"redirect", func(r *http.Response) { r.StatusCode = 302; r.Header.Set("Location", "/b") }, None},
		{"NoBody", func(r *http.Response) { r.Body = http.NoBody }, None},
		{"nil body", func(r *http.Response) { r.Body = nil }, None},
	} {
		resp := respond(iotest.ErrReader(errors.New("was read")))
		c.change(resp)
		before := resp.Body
		a := Peek(resp)
		a.ReadMessage(t.Context())
		a.ReadRest(t.Context(), 100)
		if a.Outcome != c.want || a.Err != nil || resp.Body != before || a.Body(100) != nil || a.Envelope() != (Envelope{}) {
			t.Errorf("%s: %v, %v", c.name, a.Outcome, a.Err)
		}
	}
}

// Any status, any other Content-Type and what is no coding may come with an
// envelope, and the rest of the response stays as it is.
func TestTouched(t *testing.T) {
	body := `{"code":4000}`
	for _, status := range []int{200, 201, 301, 400, 403, 429, 500, 502, 0} {
		for _, contentType := range []string{
			"", "application/json", "text/html; charset=GBK", "application/octet-streams", "text/event-streams", ";", "application/json; profile=image/png; a=zip",
			"x-image/png", "application/x; a=application/zip",
		} {
			for _, coding := range []string{"Identity", "utf-8", "none", "binary", "x-gzip", "gzip", "bro", "identity, gzip"} {
				resp := respond(strings.NewReader(body))
				resp.StatusCode, resp.ContentLength = status, 13
				resp.Header = http.Header{"Content-Type": {contentType}, "Content-Encoding": {coding}}
				resp.Request = &http.Request{Method: "POST"}
				check(t, contentType+" "+coding, Peek(resp), sample{"", body, Failure, lone4000})
				if resp.ContentLength != 13 || resp.StatusCode != status || len(resp.Header) != 2 || resp.Header.Get("Content-Encoding") != coding {
					t.Errorf("%d, %q: the response has become %+v", status, contentType, resp)
				}
			}
		}
	}
}

// What is no text, in a coding of its own or by half, is not seen through.
func TestUnknownCoding(t *testing.T) {
	for body, coding := range map[string]string{"\x04\x22\x4d\x18": "lz4", "\x1Fno gzip": ""} {
		resp := respond(strings.NewReader(body))
		resp.Header.Set("Content-Encoding", coding)
		if a := Peek(resp); a.Outcome != Unread {
			t.Errorf("%q: %v", body, a.Outcome)
		}
		whole(t, resp, body, nil)
	}
}

func TestWindow(t *testing.T) {
	space := strings.Repeat(" ", 50)
	for _, c := range []struct {
		name, body string
		window     int
		want       Outcome
	}{
		{"code at the window's end", `{"code":0,` + space + `}`, 10, Success},
		{"code over the window's end", `{"code":0,` + space + `}`, 9, Unread},
		{"object as long as the window", `{"code":4000}`, 13, Failure},
		{"known failure", `{"code":4000,"data":[` + space + `]}`, 20, Failure},
		{"known 3.0 failure", `{"Response":{"Error":{"Code":"X"},"RequestId":"` + space + `"}}`, 40, Failure},
		{"no code", `{"data":"` + space + `","code":4000}`, 20, Unread},
		{"only space", space + space + `{"code":4000}`, 20, Unread},
		{"not JSON", `<html>` + space, 3, NoObject},
		{"one byte", `{"code":4000}`, 1, Unread},
	} {
		read := 0
		src := strings.NewReader(c.body)
		resp := respond(readerFunc(func(p []byte) (int, error) {
			n, err := src.Read(p)
			read += n
			return n, err
		}))
		a := peek(resp, c.window)
		a.ReadMessage(t.Context())
		a.ReadRest(t.Context(), 0)
		if a.Outcome != c.want || read > c.window || failed(a.Envelope()) != (c.want == Failure) {
			t.Errorf("%s: %v after %d bytes", c.name, a.Outcome, read)
		}
		whole(t, resp, c.body, nil)
	}
	for _, c := range []struct {
		size int
		want Outcome
	}{{Window, Success}, {Window + 1, Unread}} {
		body := string(codeLast(c.size))
		resp := respond(strings.NewReader(body))
		if a := Peek(resp); a.Outcome != c.want {
			t.Errorf("%d bytes: %v", c.size, a.Outcome)
		}
		whole(t, resp, body, nil)
	}
}

// A Content-Length that cannot be true costs no more memory than the window.
func TestHugeContentLength(t *testing.T) {
	resp := respond(strings.NewReader(string(codeLast(1000))))
	resp.ContentLength = 1 << 50
	if a := Peek(resp); a.Outcome != Success || cap(a.body.head) > Window {
		t.Errorf("%v, room for %d bytes", a.Outcome, cap(a.body.head))
	}
}

// Tokens as long as the window are read once, however they drip.
func TestLongTokens(t *testing.T) {
	long := strings.Repeat(`\\\"加`, 16<<10)
	for _, body := range []string{
		`{"` + long + `":1,"code":4000}`,
		`{"a":"` + long + `","code":4000}`,
		`{"a":["` + long + `"],"code":4000}`,
		`{"a":` + strings.Repeat("1", 90<<10) + `,"code":4000}`,
		`{"a"` + strings.Repeat(" ", 90<<10) + `:1,"code":4000}`,
	} {
		resp := respond(iotest.OneByteReader(strings.NewReader(body)))
		check(t, body[:20], Peek(resp), sample{"", body, Failure, of4000})
	}
}
