package envelope

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
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
	Peek(resp, 0)
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
	if n, err := io.Copy(io.Discard, resp.Body); n != 0 || err != http.ErrBodyReadAfterClose {
		t.Errorf("Copy after Close: %d, %v", n, err)
	}
}

// Reads of any size, also of none, yield the same bytes and go on yielding
// the same end.
func TestReadSizes(t *testing.T) {
	reset := errors.New("connection reset")
	text := string(codeLast(70 << 10))
	for _, end := range []error{io.EOF, reset} {
		for _, size := range []int{1, 7, firstChunk, firstChunk + 1, 40 << 10, 1 << 20} {
			resp := respond(io.MultiReader(strings.NewReader(text), iotest.ErrReader(end)))
			if res := Peek(resp, 0); res.Outcome != Success {
				t.Fatal(res.Outcome)
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

func TestWriteTo(t *testing.T) {
	reset := errors.New("connection reset")
	text := string(codeLast(70 << 10))
	for _, end := range []error{nil, reset} {
		for _, already := range []int{0, 1, firstChunk, 50 << 10, 70 << 10} {
			src := io.Reader(strings.NewReader(text))
			if end != nil {
				src = io.MultiReader(src, iotest.ErrReader(end))
			}
			resp := respond(src)
			Peek(resp, 0)
			var got bytes.Buffer
			if _, err := io.CopyN(&got, resp.Body, int64(already)); err != nil {
				t.Fatal(err)
			}
			if n, err := io.Copy(&got, resp.Body); err != end || n != int64(len(text)-already) || got.String() != text {
				t.Errorf("after %d: %d bytes, %v", already, n, err)
			}
		}
	}
	resp := respond(&dataErrReader{`{"code":4000}`, reset})
	Peek(resp, 0)
	if n, err := io.Copy(io.Discard, resp.Body); n != 13 || err != reset {
		t.Errorf("recorded error: %d, %v", n, err)
	}
}

// failingWriter takes so many bytes and then fails.
type failingWriter struct {
	bytes.Buffer
	room  int
	err   error
	close io.Closer
}

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.close != nil {
		w.close.Close()
	}
	n := min(len(p), w.room)
	w.room -= n
	w.Buffer.Write(p[:n])
	if n < len(p) {
		return n, w.err
	}
	return n, nil
}

// What a writer did not take is still there for the next.
func TestWriteToFails(t *testing.T) {
	text := string(codeLast(70 << 10))
	full := errors.New("disk full")
	for _, room := range []int{0, 100, firstChunk, firstChunk + 1, 60 << 10} {
		for _, werr := range []error{full, nil} {
			resp := respond(strings.NewReader(text))
			Peek(resp, 0)
			w := &failingWriter{room: room, err: werr}
			want := werr
			if want == nil {
				want = io.ErrShortWrite
			}
			if n, err := io.Copy(w, resp.Body); n != int64(room) || err != want {
				t.Errorf("room for %d: %d, %v", room, n, err)
			}
			rest, err := io.ReadAll(resp.Body)
			if err != nil || w.String()+string(rest) != text {
				t.Errorf("room for %d: came otherwise, %v", room, err)
			}
		}
	}
}

// An empty body is not written, as io.Copy of a bare body would not.
func TestWriteToEmpty(t *testing.T) {
	resp := respond(strings.NewReader(""))
	Peek(resp, 0)
	w := writerFunc(func([]byte) (int, error) { t.Error("written"); return 0, nil })
	if n, err := io.Copy(w, resp.Body); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// Close may come while the recorded bytes are being written.
func TestCloseInWriteTo(t *testing.T) {
	text := string(codeLast(70 << 10))
	for _, room := range []int{10, firstChunk, 1 << 20} {
		src := &closer{Reader: strings.NewReader(text)}
		resp := respond(nil)
		resp.Body = src
		Peek(resp, 0)
		w := &failingWriter{room: room, err: io.ErrClosedPipe, close: resp.Body}
		_, err := io.Copy(w, resp.Body)
		if err != io.ErrClosedPipe && err != http.ErrBodyReadAfterClose || !strings.HasPrefix(text, w.String()) || src.closed != 1 {
			t.Errorf("room for %d: %v, closed %d times", room, err, src.closed)
		}
		if n, err := io.Copy(io.Discard, resp.Body); n != 0 || err != http.ErrBodyReadAfterClose {
			t.Errorf("room for %d: after Close %d bytes, %v", room, n, err)
		}
	}
}

// net/http lets a body be closed while it is being read. What has been read
// by then is right, and other bodies never see these buffers too early.
func TestConcurrentClose(t *testing.T) {
	texts := [2]string{string(codeLast(70 << 10)), strings.Repeat("x", 70<<10)}
	texts[1] = `{"data":"` + texts[1] + `","code":0}`
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			text := texts[g%2]
			for i := range 50 {
				resp := respond(strings.NewReader(text))
				Peek(resp, 0)
				var closing sync.WaitGroup
				closing.Go(func() { resp.Body.Close() })
				var got bytes.Buffer
				if i%2 == 0 {
					io.Copy(&got, resp.Body)
				} else {
					io.Copy(&got, struct{ io.Reader }{resp.Body})
				}
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
		first := Peek(resp, 0)
		again := Peek(resp, 0)
		if again.Outcome != first.Outcome || again.Envelope != first.Envelope || again.Err != first.Err {
			t.Errorf("%.20s: %v, then %v", body, first.Outcome, again.Outcome)
		}
		if got, err := io.ReadAll(resp.Body); string(got) != body || err != nil {
			t.Errorf("%.20s: came otherwise, %v", body, err)
		}
	}
}

// A result outlives the buffers that it was read from.
func TestResultIsKept(t *testing.T) {
	body := `{"code":4000,"message":"mmmm","codeDesc":"dddd","requestId":"rrrr"}`
	resp := respond(strings.NewReader(body))
	res := Peek(resp, 0)
	resp.Body.Close()
	for range 100 {
		other := respond(strings.NewReader(`{"data":"` + strings.Repeat("x", 2000) + `"}`))
		Peek(other, 0)
		other.Body.Close()
	}
	want := Envelope{Found: true, Code: 4000, Message: "mmmm", Text: "mmmm", CodeDesc: "dddd", RequestID: "rrrr"}
	if res.Envelope != want || string(res.Body) != body {
		t.Errorf("%+v, %s", res.Envelope, res.Body)
	}
}
