package envelope

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestWindow(t *testing.T) {
	space := strings.Repeat(" ", 50)
	for _, c := range []struct {
		name, body string
		window     int
		want       Outcome
	}{
		{"code at the window's end", `{"code":0,` + space + `}`, 10, Success},
		{"code over the window's end", `{"code":0,` + space + `}`, 9, TooLarge},
		{"object as long as the window", `{"code":4000}`, 13, Failure},
		{"known failure", `{"code":4000,"data":[` + space + `]}`, 20, Failure},
		{"known 3.0 failure", `{"Response":{"Error":{"Code":"X"},"RequestId":"` + space + `"}}`, 40, Failure},
		{"no code", `{"data":"` + space + `","code":4000}`, 20, TooLarge},
		{"only space", space + space + `{"code":4000}`, 20, TooLarge},
		{"not JSON", `<html>` + space, 3, None},
		{"one byte", `{"code":4000}`, 1, TooLarge},
	} {
		read := 0
		src := strings.NewReader(c.body)
		resp := respond(readerFunc(func(p []byte) (int, error) {
			n, err := src.Read(p)
			read += n
			return n, err
		}))
		res := Peek(resp, c.window)
		if res.Outcome != c.want || read > c.window {
			t.Errorf("%s: %v after %d bytes", c.name, res.Outcome, read)
		}
		if c.want == Failure && (!res.Envelope.Failed() || string(res.Body) != c.body[:min(len(c.body), c.window)]) {
			t.Errorf("%s: %+v, body %q", c.name, res.Envelope, res.Body)
		}
		if got, err := io.ReadAll(resp.Body); string(got) != c.body || err != nil {
			t.Errorf("%s: came as %q, %v", c.name, got, err)
		}
	}
}

func TestDefaultWindow(t *testing.T) {
	long := string(codeLast(DefaultWindow))
	if res := peek(t, long, strings.NewReader(long), 0); res.Outcome != Success {
		t.Errorf("as long as the window: %v", res.Outcome)
	}
	long = string(codeLast(DefaultWindow + 1))
	if res := peek(t, long, strings.NewReader(long), -1); res.Outcome != TooLarge {
		t.Errorf("longer than the window: %v", res.Outcome)
	}
	long = string(codeLast(3 * DefaultWindow))
	if res := peek(t, long, strings.NewReader(long), 4*DefaultWindow); res.Outcome != Success {
		t.Errorf("in a larger window: %v", res.Outcome)
	}
}

// A failure longer than the recorder's buffers keeps its body whole.
func TestLongFailure(t *testing.T) {
	body := string(answer(200<<10, `{"code":5400,"message":"(2000)m","detail":`, `,"codeDesc":"X"}`))
	for _, src := range []io.Reader{strings.NewReader(body), iotest.OneByteReader(strings.NewReader(body)), iotest.HalfReader(strings.NewReader(body))} {
		res := peek(t, body, src, 0)
		want := Envelope{Found: true, Code: 5400, CodeDesc: "X", Message: "(2000)m", Module: 2000, HasModule: true, Text: "m"}
		if res.Outcome != Failure || res.Envelope != want || string(res.Body) != body {
			t.Errorf("%v, %+v, %d bytes", res.Outcome, res.Envelope, len(res.Body))
		}
	}
}

// Tokens as long as the window are read once, however they drip.
func TestLongTokens(t *testing.T) {
	long := strings.Repeat(`\\\"加`, 16<<10)
	for _, body := range []string{
		`{"` + long + `":1,"code":4000}`,
		`{"a":"` + long + `","code":4000}`,
		`{"message":"` + long + `","message":"","code":4000}`,
		`{"code":"` + long + `","code":4000}`,
		`{"a":["` + long + `"],"code":4000}`,
		`{"a":` + strings.Repeat("1", 90<<10) + `,"code":4000}`,
	} {
		res := peek(t, body, iotest.OneByteReader(strings.NewReader(body)), 0)
		if res.Outcome != Failure || res.Envelope != code4000("") {
			t.Errorf("%.20s: %v, %.100v", body, res.Outcome, res.Envelope)
		}
	}
}
