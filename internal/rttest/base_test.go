package rttest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// successBody is what base answers where nothing is wrong.
const successBody = `{"code":0,"message":"","codeDesc":"Success","data":[]}`

// answer makes the answer to the n-th attempt, from 1.
type answer func(n int, r *http.Request) (*http.Response, error)

// base is a RoundTripper in memory that keeps its own duties: it closes every
// request body, ends with the context and returns a response or an error. It
// writes down what it is asked to send; a check reads that when the call rests.
type base struct {
	answer     answer
	readAtMost int64                 // bounds what is read of the first attempt's body; 0: no bound
	onAttempt  func(r *http.Request) // if set, looks at every attempt before its body is read

	mu         sync.Mutex
	attempts   []attempt
	bodies     []*receivedBody
	inFlight   atomic.Int64
	idleClosed atomic.Int64
}

// attempt is what base was asked to send.
type attempt struct {
	*http.Request // a clone, whose Body has been read
	body          []byte
	bodyErr       error
	partial       bool // body is what readAtMost allowed
}

func (b *base) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	b.inFlight.Add(1)
	defer b.inFlight.Add(-1)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if b.onAttempt != nil {
		b.onAttempt(r)
	}
	n, err := b.record(r)
	if err != nil {
		return nil, err
	}
	resp, err := b.answer(n, r)
	if resp != nil && resp.Body != http.NoBody {
		body := &receivedBody{ReadCloser: resp.Body, ctx: r.Context()}
		resp.Body = body
		b.mu.Lock()
		defer b.mu.Unlock()
		b.bodies = append(b.bodies, body)
	}
	return resp, err
}

// record reads the attempt's body and returns the attempt's number.
func (b *base) record(r *http.Request) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := attempt{Request: r.Clone(r.Context()), partial: len(b.attempts) == 0 && b.readAtMost > 0}
	src := io.Reader(http.NoBody)
	if r.Body != nil {
		src = r.Body
	}
	if a.partial {
		src = io.LimitReader(src, b.readAtMost)
	}
	a.body, a.bodyErr = io.ReadAll(src)
	b.attempts = append(b.attempts, a)
	return len(b.attempts), a.bodyErr
}

// CloseIdleConnections counts its calls.
func (b *base) CloseIdleConnections() { b.idleClosed.Add(1) }

// receivedBody is a response's body that, as net/http's do, ends with the
// attempt's context.
type receivedBody struct {
	io.ReadCloser
	ctx    context.Context
	closed atomic.Bool
	read   atomic.Int64
}

func (b *receivedBody) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.ReadCloser.Read(p)
	b.read.Add(int64(n))
	return n, err
}

func (b *receivedBody) Close() error {
	b.closed.Store(true)
	return b.ReadCloser.Close()
}

// piped makes r a response whose body is first and what is then written to the
// pipe. It ends with the context.
func piped(r *http.Response, first string) *io.PipeWriter {
	body, w := io.Pipe()
	ctx := r.Request.Context()
	context.AfterFunc(ctx, func() { w.CloseWithError(ctx.Err()) })
	r.ContentLength = -1
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(strings.NewReader(first), body), body}
	return w
}

// muchTooMuch is how many bytes of an endless body nobody has a reason to read.
// There it ends, for the sake of the machine's memory.
const muchTooMuch = 16 << 20

var endless = strings.Repeat("x", muchTooMuch)

// response answers by one response, as net/http would make it.
func response(status int, contentType, body string, change ...func(*http.Response)) answer {
	return func(_ int, r *http.Request) (*http.Response, error) {
		resp := &http.Response{
			Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header:        http.Header{"Content-Type": {contentType}},
			Body:          http.NoBody,
			ContentLength: int64(len(body)),
			Request:       r,
		}
		if body != "" {
			resp.Body = io.NopCloser(strings.NewReader(body))
		}
		for _, f := range change {
			if f != nil {
				f(resp)
			}
		}
		return resp, nil
	}
}

var (
	success     = response(http.StatusOK, "application/json", successBody)
	unavailable = response(http.StatusServiceUnavailable, "text/plain", "try again later")
	retryAfter  = response(http.StatusServiceUnavailable, "text/plain", "", func(r *http.Response) {
		r.Header.Set("Retry-After", "3600")
	})
	stalledFailure = response(http.StatusServiceUnavailable, "text/html", "", func(r *http.Response) {
		piped(r, "<html>")
	})
	endlessFailure = response(http.StatusServiceUnavailable, "application/json", "", func(r *http.Response) {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(endless)), -1
	})
)

// slow answers after a minute, unless the context ends before.
func slow(n int, r *http.Request) (*http.Response, error) {
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-time.After(time.Minute):
		return success(n, r)
	}
}

// errReset is what a read from a reset connection returns.
var errReset error = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

func reset(int, *http.Request) (*http.Response, error) { return nil, errReset }

// faults are the ways to fail an attempt, by their names.
func faults(cfg Config) map[string]answer {
	if cfg.Fail != nil {
		return map[string]answer{"Config.Fail": func(_ int, r *http.Request) (*http.Response, error) { return cfg.Fail(r) }}
	}
	return map[string]answer{"503": unavailable, "connection reset": reset}
}

// first answers the first attempts by a, so many, and then by next.
func first(times int, a, next answer) answer {
	return func(n int, r *http.Request) (*http.Response, error) {
		if n <= times {
			return a(n, r)
		}
		return next(n, r)
	}
}
