package request_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/internal/request"
)

// source is a body that counts its Closes.
type source struct {
	io.Reader
	closed int
}

func (s *source) Close() error { s.closed++; return nil }

func newBody(t *testing.T, s *source, length int64, keep bool, expect string) (*request.Body, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://h/", s)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = length
	r.Header.Set("Expect", expect)
	b, err := request.NewBody(t.Context(), r, keep)
	return &b, err
}

// next is the body that the next attempt gets.
func next(b *request.Body) (io.ReadCloser, error) {
	r, err := b.Next(&http.Request{})
	if err != nil {
		return nil, err
	}
	return r.Body, nil
}

func read(t *testing.T, b *request.Body) string {
	t.Helper()
	body, err := next(b)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := io.ReadAll(body)
	body.Close()
	return string(data)
}

func TestBodyOfKnownLengthIsKept(t *testing.T) {
	s := &source{Reader: strings.NewReader("abc")}
	b, err := newBody(t, s, 3, true, "")
	if err != nil || s.closed != 1 {
		t.Fatalf("err %v, closed %d times", err, s.closed)
	}
	for range 2 {
		if got := read(t, b); got != "abc" || !b.Again() || b.Err() != nil {
			t.Errorf("got %q, again %v, err %v", got, b.Again(), b.Err())
		}
	}
	b.Close()
	if s.closed != 1 {
		t.Errorf("closed %d times", s.closed)
	}
}

func TestBodyThatStreams(t *testing.T) {
	for name, test := range map[string]struct {
		length int64
		keep   bool
		expect string
	}{
		"length unknown": {-1, true, ""}, "large": {2 << 20, true, ""},
		"one attempt": {3, false, ""}, "Expect": {3, true, "100-continue"},
	} {
		s := &source{Reader: strings.NewReader("abc")}
		b, err := newBody(t, s, test.length, test.keep, test.expect)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // as two transports do that find no connection
			body, err := next(b)
			if err != nil {
				t.Fatal(err)
			}
			body.Close()
			if s.closed != 0 || !b.Again() {
				t.Errorf("%s: closed %d times without a Read", name, s.closed)
			}
		}
		if got := read(t, b); got != "abc" || b.Again() {
			t.Errorf("%s: got %q, again %v", name, got, b.Again())
		}
		if _, err := next(b); !errors.Is(err, request.ErrSpent) {
			t.Errorf("%s: err %v", name, err)
		}
		b.Close()
		if s.closed != 1 {
			t.Errorf("%s: closed %d times", name, s.closed)
		}
	}
}

// A body that nobody read is closed at the end: by Close, or where the
// transport closes it later, then.
func TestBodyThatIsNotRead(t *testing.T) {
	for name, end := range map[string]func(b *request.Body){
		"never asked for": func(b *request.Body) { b.Close() },
		"closed before":   func(b *request.Body) { body, _ := next(b); body.Close(); b.Close() },
		"closed after":    func(b *request.Body) { body, _ := next(b); b.Close(); body.Close() },
	} {
		s := &source{Reader: strings.NewReader("abc")}
		b, _ := newBody(t, s, -1, true, "")
		end(b)
		if s.closed != 1 {
			t.Errorf("%s: closed %d times", name, s.closed)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestBodyThatBreaks(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		body   io.Reader
		length int64
		whole  bool
	}{
		"early":     {io.MultiReader(strings.NewReader("ab"), failing{broken}), -1, false},
		"too short": {strings.NewReader("ab"), 2 << 20, false},
		"too long":  {strings.NewReader(strings.Repeat("x", 2<<20+1)), 2 << 20, true},
	} {
		b, _ := newBody(t, &source{Reader: test.body}, test.length, true, "")
		read(t, b)
		var bodyErr *request.BodyError
		if !errors.As(b.Err(), &bodyErr) || b.Whole() != test.whole {
			t.Errorf("%s: err %v, whole %v", name, b.Err(), b.Whole())
		}
	}
	for name, test := range map[string]struct {
		body   io.Reader
		length int64
	}{
		"kept, early": {failing{broken}, 3}, "kept, too short": {strings.NewReader("ab"), 3},
		"kept, too long": {strings.NewReader("abcd"), 3},
	} {
		s := &source{Reader: test.body}
		_, err := newBody(t, s, test.length, true, "")
		var bodyErr *request.BodyError
		if !errors.As(err, &bodyErr) || s.closed != 1 {
			t.Errorf("%s: err %v, closed %d times", name, err, s.closed)
		}
	}
}

func TestKeepingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		defer writer.Close()
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stop) })
		r, _ := http.NewRequest(http.MethodPost, "http://h/", reader)
		r.ContentLength = 3
		if _, err := request.NewBody(ctx, r, true); !errors.Is(err, stop) {
			t.Errorf("err %v", err)
		}
	})
}

// A look at a body ends with the context, though a Read in it never returns; and
// a body that is there is read, though the context has ended.
func TestLooksEndWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		defer writer.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, contentType := range []string{"application/x-www-form-urlencoded", "application/json"} {
			r, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://h/", nil)
			r.Header.Set("Content-Type", contentType)
			r.GetBody = func() (io.ReadCloser, error) { return reader, nil }
			began := time.Now()
			time.AfterFunc(time.Second, cancel)
			action, token := request.Of(r).Action, request.ClientToken(r)
			if took := time.Since(began); action != "" || token != "" || took > 1050*time.Millisecond {
				t.Errorf("%s: %q, %q after %v", contentType, action, token, took)
			}
		}
		r, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://h/", strings.NewReader("Action=A&ClientToken=t"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for range 100 {
			if action, token := request.Of(r).Action, request.ClientToken(r); action != "A" || token != "t" {
				t.Fatalf("%q, %q", action, token)
			}
		}
	})
}

func TestBodyThatPanics(t *testing.T) {
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://h/", panicking{})
	r.ContentLength = 3
	var bodyErr *request.BodyError
	if _, err := request.NewBody(t.Context(), r, true); !errors.As(err, &bodyErr) {
		t.Errorf("err %v", err)
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("no") }
