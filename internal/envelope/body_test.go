package envelope

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// closer is a body that counts how often it is closed.
type closer struct {
	io.Reader
	mu     sync.Mutex
	closed int
	err    error
}

func (c *closer) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed++
	return c.err
}

func TestClose(t *testing.T) {
	want := errors.New("close failed")
	src := &closer{Reader: strings.NewReader(`{"code":4000}`), err: want}
	resp := respond(nil)
	resp.Body = src
	Peek(resp)
	if src.closed != 0 {
		t.Error("Peek closed the body")
	}
	if n, err := resp.Body.Read(make([]byte, 3)); n != 3 || err != nil {
		t.Errorf("Read: %d, %v", n, err)
	}
	if err := resp.Body.Close(); err != want {
		t.Errorf("Close: %v", err)
	}
	if err := resp.Body.Close(); err != nil || src.closed != 1 {
		t.Errorf("second Close: %v, closed %d times", err, src.closed)
	}
	if n, err := resp.Body.Read(make([]byte, 3)); n != 0 || err != http.ErrBodyReadAfterClose {
		t.Errorf("Read after Close: %d, %v", n, err)
	}
}

// Reads of any size, also of none, yield the same bytes and go on yielding
// the same end.
func TestReadSizes(t *testing.T) {
	reset := errors.New("connection reset")
	text := string(codeLast(70 << 10))
	for _, end := range []error{io.EOF, reset} {
		for _, size := range []int{1, 7, 512, 513, 40 << 10, 1 << 20} {
			resp := respond(io.MultiReader(strings.NewReader(text), iotest.ErrReader(end)))
			if a := Peek(resp); a.Outcome != Success {
				t.Fatal(a.Outcome)
			}
			var got bytes.Buffer
			p := make([]byte, size)
			for {
				if n, err := resp.Body.Read(nil); n != 0 || err != nil && got.Len() < len(text) {
					t.Fatalf("empty Read: %d, %v", n, err)
				}
				n, err := resp.Body.Read(p)
				got.Write(p[:n])
				if err != nil {
					if err != end {
						t.Errorf("ended by %v", err)
					}
					break
				}
			}
			if _, err := resp.Body.Read(p); err != end {
				t.Errorf("after the end: %v", err)
			}
			if got.String() != text {
				t.Errorf("reads of %d: came otherwise", size)
			}
		}
	}
}

// net/http lets a body be closed while it is being read.
func TestConcurrentClose(t *testing.T) {
	text := string(codeLast(70 << 10))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				resp := respond(strings.NewReader(text))
				Peek(resp)
				var closing sync.WaitGroup
				closing.Go(func() { resp.Body.Close() })
				var got bytes.Buffer
				io.Copy(&got, resp.Body)
				closing.Wait()
				if !strings.HasPrefix(text, got.String()) {
					t.Error("read what is not in the body")
				}
			}
		})
	}
	all.Wait()
}

// A response that has been peeked at can be peeked at again.
func TestPeekTwice(t *testing.T) {
	for _, body := range []string{string(codeFirst(70 << 10)), string(codeLast(70 << 10)), `{"code":4000}`, `{"code":`} {
		resp := respond(strings.NewReader(body))
		first := Peek(resp)
		again := Peek(resp)
		if again.Outcome != first.Outcome || again.Envelope() != first.Envelope() || again.Err != first.Err {
			t.Errorf("%.20s: %v, then %v", body, first.Outcome, again.Outcome)
		}
		whole(t, resp, body, nil)
	}
}

// Body returns a copy, whole or a part.
func TestBody(t *testing.T) {
	const text = `{"code":4000,"message":"m"}`
	resp := respond(strings.NewReader(text))
	a := Peek(resp)
	got := a.Body(len(text) + 1)
	if string(got) != text || string(a.Body(7)) != text[:7] || len(a.Body(0)) != 0 {
		t.Errorf("%q", got)
	}
	clear(got)
	whole(t, resp, text, nil)
}

// slow is a body whose pieces come a second apart. A Close ends its Read.
type slow struct {
	pieces []string
	closed chan struct{}
}

func slowly(pieces ...string) *slow { return &slow{slices.Clone(pieces), make(chan struct{})} }

func (s *slow) Read(p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
	case <-s.closed:
		return 0, errors.New("closed")
	}
	if len(s.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.pieces[0])
	if s.pieces[0] = s.pieces[0][n:]; s.pieces[0] == "" {
		s.pieces = s.pieces[1:]
	}
	return n, nil
}

func (s *slow) Close() error {
	close(s.closed)
	return nil
}

// virtual runs a test with an answer to a failure that comes in pieces.
func virtual(t *testing.T, pieces []string, test func(t *testing.T, resp *http.Response, a Answer)) {
	synctest.Test(t, func(t *testing.T) {
		resp := respond(nil)
		resp.Body = slowly(pieces...)
		begin := time.Now()
		a := Peek(resp)
		if took := time.Since(begin); a.Outcome != Failure || took != time.Second {
			t.Fatalf("%v after %v", a.Outcome, took)
		}
		test(t, resp, a)
	})
}

var slowFailure = []string{
	`{"code":4000,`, `"message":"(2002)m",`, `"codeDesc":"InvalidParameter",`, `"requestId":"r"`, `}`, ` `,
}

// took says how long f takes with a context that ends after d.
func took(t *testing.T, d time.Duration, f func(context.Context)) time.Duration {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	begin := time.Now()
	f(ctx)
	return time.Since(begin)
}

// rest is a step that reads the rest.
func rest(a Answer, limit int) func(context.Context) {
	return func(ctx context.Context) { a.ReadRest(ctx, limit) }
}

// Each step reads as far as it says, and no longer than its context lasts.
func TestSteps(t *testing.T) {
	virtual(t, slowFailure, func(t *testing.T, resp *http.Response, a Answer) {
		if e := a.Envelope(); e.Code != 4000 || e.HasMessage {
			t.Errorf("at once: %+v", e)
		}
		if d := took(t, time.Hour, a.ReadMessage); d != time.Second || a.Envelope().Module != 2002 || a.Envelope().CodeDesc != "" {
			t.Errorf("the message: %v, %+v", d, a.Envelope())
		}
		if d := took(t, time.Hour, a.ReadMessage); d != 0 {
			t.Errorf("the message again: %v", d)
		}
		if d := took(t, 1250*time.Millisecond, rest(a, 0)); d != 1250*time.Millisecond || a.Envelope().CodeDesc == "" || a.Envelope().RequestID != "" {
			t.Errorf("the rest, in time: %v, %+v", d, a.Envelope())
		}
		if d := took(t, time.Hour, rest(a, 3)); d != 1750*time.Millisecond || a.Envelope().RequestID != "r" {
			t.Errorf("the rest: %v, %+v", d, a.Envelope())
		}
		body := strings.Join(slowFailure, "")
		if d := took(t, time.Hour, rest(a, 3)); d != 0 || string(a.Body(100)) != body[:len(body)-1] {
			t.Errorf("three bytes of the body: %v, %q", d, a.Body(100))
		}
		if d := took(t, 250*time.Millisecond, rest(a, 100)); d != 250*time.Millisecond || string(a.Body(100)) != body[:len(body)-1] {
			t.Errorf("the body, in time: %v, %q", d, a.Body(100))
		}
		if d := took(t, time.Hour, rest(a, 100)); d != 1750*time.Millisecond || string(a.Body(100)) != body {
			t.Errorf("the body: %v, %q", d, a.Body(100))
		}
		if a.ReadMessage(t.Context()); a.Envelope().RequestID != "r" {
			t.Errorf("the message after the rest: %+v", a.Envelope())
		}
		whole(t, resp, body, nil)
	})
}

// What a step has waited for in vain still comes to the caller who reads on.
func TestStepThenRead(t *testing.T) {
	for _, d := range []time.Duration{0, 250 * time.Millisecond, 1250 * time.Millisecond, 4999 * time.Millisecond} {
		virtual(t, slowFailure, func(t *testing.T, resp *http.Response, a Answer) {
			if got := took(t, d, rest(a, 0)); got != min(d, 4*time.Second) {
				t.Errorf("%v of %v", got, d)
			}
			whole(t, resp, strings.Join(slowFailure, ""), nil)
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A Close ends the Read that goes on, also under a Read of the caller's: synctest
// would find the goroutine.
func TestStepThenClose(t *testing.T) {
	for _, reading := range []bool{false, true} {
		virtual(t, slowFailure, func(t *testing.T, resp *http.Response, a Answer) {
			took(t, 250*time.Millisecond, rest(a, 0))
			if reading {
				go io.Copy(io.Discard, resp.Body)
				time.Sleep(250 * time.Millisecond)
			}
			resp.Body.Close()
		})
	}
}

// The gunzipped text is waited for no longer than that.
func TestStepsOfGzip(t *testing.T) {
	raw := flushed(t, slowFailure...)
	virtual(t, raw, func(t *testing.T, resp *http.Response, a Answer) {
		if d := took(t, time.Hour, a.ReadMessage); d != time.Second || a.Envelope().Module != 2002 {
			t.Errorf("the message: %v, %+v", d, a.Envelope())
		}
		if d := took(t, 1250*time.Millisecond, rest(a, 0)); d != 1250*time.Millisecond || a.Envelope().CodeDesc == "" {
			t.Errorf("the rest: %v, %+v", d, a.Envelope())
		}
		whole(t, resp, strings.Join(raw, ""), nil)
	})
}

// A body whose Read panics in a goroutine of ours does not end the program.
func TestPanicAside(t *testing.T) {
	resp := respond(io.MultiReader(strings.NewReader(`{"code":4000,`), readerFunc(func([]byte) (int, error) { panic("oh") })))
	a := Peek(resp)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	a.ReadRest(ctx, 0)
	_, err := io.ReadAll(resp.Body)
	if a.Envelope().Code != 4000 || err == nil || !strings.Contains(err.Error(), "oh") {
		t.Errorf("%+v, %v", a.Envelope(), err)
	}
}
