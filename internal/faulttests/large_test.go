package faulttests

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// allocated returns how many bytes f allocates, the server's included, which
// allocates next to nothing.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// discard makes a call and reads its body without keeping it.
func (r *rig) discard(req *http.Request) (n int64, err error) {
	resp, err := r.client.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{resp.Body}, make([]byte, 1<<20))
}

// A body of 1 GiB passes through, and what it costs in memory does not depend
// on its length.
func TestGibibyte(t *testing.T) {
	const chunk = 1 << 20
	for name, body := range map[string]struct {
		head  string
		count int
	}{
		"code first":      {`{"code":0,"data":"`, 1024},
		"no code, 64 MiB": {`{"data":"`, 64},
		"no JSON, 64 MiB": {`<html>`, 64},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, reading, Repeat(unsized+body.head, strings.Repeat("x", chunk), body.count))
			var n int64
			var err error
			bytes := allocated(func() { n, err = r.discard(reading.request(t.Context(), r.server.URL)) })
			if want := int64(chunk*body.count + len(body.head)); err != nil || n != want {
				t.Errorf("%d bytes of %d, err %v", n, want, err)
			}
			if bytes > 8<<20 { // the window, of 1 MiB, twice at most, and net/http's buffers
				t.Errorf("%d KiB allocated", bytes>>10)
			}
		})
	}
}

// A failure of 1 GiB is given up at the window.
func TestGibibyteOfFailure(t *testing.T) {
	r := newRig(t, reading, Repeat(unsized+`{"code":4000,"message":"`, strings.Repeat("x", 64<<10), 1<<14))
	var err error
	bytes := allocated(func() { _, err = r.discard(reading.request(t.Context(), r.server.URL)) })
	if !errors.Is(err, codes.ClassInvalid) {
		t.Errorf("err %.300v", err)
	}
	if bytes > 32<<20 {
		t.Errorf("%d KiB allocated", bytes>>10)
	}
	apiErr := new(qcloudhttp.Error)
	if errors.As(err, &apiErr); len(apiErr.Body) > 1<<20 {
		t.Errorf("%d bytes kept", len(apiErr.Body))
	}
}

// A body that has no end ends with the context, or with Close.
func TestEndlessBody(t *testing.T) {
	for name, body := range map[string]string{"code first": `{"code":0,"data":"`, "no code": `{"data":"`, "white space": " "} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, reading, Repeat(unsized+body, strings.Repeat(" ", 4<<10), -1))
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if _, err := r.discard(reading.request(ctx, r.server.URL)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("read to its end: %v", err)
			}
			resp, err := r.client.RoundTrip(reading.request(t.Context(), r.server.URL))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(io.Discard, resp.Body, 3<<20); err != nil {
				t.Errorf("read in part: %v", err)
			}
			resp.Body.Close()
			if n := len(r.server.Requests()); n != 2 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// bombed is the size of the bombs when inflated, beside what is inside.
const bombed = 16 << 20

// bomb returns inside and white space without measure, in gzip members.
func bomb(inside string) string {
	member := func(s string) string {
		var b strings.Builder
		w := gzip.NewWriter(&b)
		io.WriteString(w, s)
		w.Close()
		return b.String()
	}
	return member(inside) + strings.Repeat(member(strings.Repeat(" ", 1<<20)), bombed>>20)
}

// A gzip bomb is inflated no further than the window: the caller gets it as it
// came, or, where net/http undoes the coding itself, as a stream.
func TestGzipBomb(t *testing.T) {
	for name, inside := range map[string]string{
		"white space": "", "a string without an end": `{"data":"`, "arrays in arrays": `{"data":` + strings.Repeat("[", 1<<16),
	} {
		bomb := bomb(inside)
		wire := strings.Replace(Response(bomb), "\r\n", "\r\nContent-Encoding: gzip\r\n", 1)

		t.Run(name+"/as it came", func(t *testing.T) {
			r := newRig(t, reading, Send(wire))
			req := reading.request(t.Context(), r.server.URL)
			req.Header.Set("Accept-Encoding", "gzip")
			var got outcome
			n := allocated(func() { got = r.do(req) })
			if got.err != nil || got.body != bomb {
				t.Errorf("%d bytes of %d, err %v", len(got.body), len(bomb), got.err)
			}
			if n > 8<<20 {
				t.Errorf("%d KiB allocated", n>>10)
			}
		})
		t.Run(name+"/inflated by net/http", func(t *testing.T) {
			r := newRig(t, reading, Send(wire))
			var got int64
			var err error
			n := allocated(func() { got, err = r.discard(reading.request(t.Context(), r.server.URL)) })
			if want := int64(bombed + len(inside)); err != nil || got != want {
				t.Errorf("%d bytes of %d, err %v", got, want, err)
			}
			if n > 8<<20 {
				t.Errorf("%d KiB allocated", n>>10)
			}
		})
	}
}
