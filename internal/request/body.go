package request

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// bufferLimit is the largest body, in bytes, that is kept so that it can be
// sent again, where the request has no GetBody.
const bufferLimit = 1 << 20

// ErrSpent is what Body.Next returns where the body cannot be had again.
var ErrSpent = errors.New("the body was read already, and has no GetBody")

// Body hands out a request's body, once for each attempt, and knows how far the
// last one was read. The zero value is that of a request without a body. It is
// used by one goroutine; the body in what Next returns may be used by another.
type Body struct {
	// GetBody returns the body from its start, for reading it beside the
	// attempts; nil where it streams once.
	GetBody func() (io.ReadCloser, error)

	length int64         // the request's ContentLength
	own    io.ReadCloser // the caller's; nil where it is kept in a buffer
	last   *watched

	// sendsOwn has the first attempt send own. A body from GetBody is preferred,
	// for go-retryablehttp's GetBody rewinds own, which was read then already.
	sendsOwn bool
}

// NewBody takes r's body over. It can be had again by r.GetBody, or where keep is
// set from a buffer, which takes a body of known length up to 1 MiB; not with
// Expect: 100-continue, which asks the server first. Any other body streams once.
// Filling the buffer ends with ctx, whose cause is returned; r's body is closed
// behind it, and where reading fails.
func NewBody(ctx context.Context, r *http.Request, keep bool) (Body, error) {
	b := Body{length: r.ContentLength, GetBody: r.GetBody, own: r.Body}
	b.sendsOwn = r.GetBody == nil || r.Trailer != nil // reading own to its end fills the trailer
	if b.GetBody != nil || !keep || r.ContentLength <= 0 || r.ContentLength > bufferLimit || r.Header.Get("Expect") != "" {
		return b, nil
	}
	b.own = nil
	data, err := ReadWithin(ctx, r.Body, r.ContentLength+1)
	r.Body.Close()
	if err != nil {
		return b, err
	}
	if int64(len(data)) != r.ContentLength {
		return b, &BodyError{fmt.Errorf("its length is not the ContentLength of %d", r.ContentLength)}
	}
	b.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	return b, nil
}

// Next returns a copy of r with the body for the next attempt, from its start.
func (b *Body) Next(r *http.Request) (*http.Request, error) {
	out := &struct {
		http.Request
		body watched
	}{Request: *r}
	out.body.length = b.length
	switch {
	case b.own != nil && b.sendsOwn && (b.last == nil || b.GetBody == nil && b.Again()):
		out.body.src = b.own
		out.body.lent.Store(b.GetBody == nil)
	case b.GetBody == nil:
		return nil, ErrSpent
	default:
		src, err := b.GetBody()
		if err != nil {
			return nil, &BodyError{err}
		}
		out.body.src = src
	}
	b.last = &out.body
	out.Body, out.GetBody = b.last, b.GetBody
	return &out.Request, nil
}

// Again reports whether Next can be called once more: also for a body that
// streams, as long as no byte of it was read.
func (b *Body) Again() bool { return b.GetBody != nil || b.last == nil || !b.last.read.Load() }

// Err returns how the last body that Next returned broke; nil where it did not.
func (b *Body) Err() error {
	if b.last != nil {
		if err := b.last.err.Load(); err != nil {
			return err
		}
	}
	return nil
}

// Whole reports whether all of the last body was read, so that a server may
// have all of it although the body broke afterwards.
func (b *Body) Whole() bool { return b.last != nil && b.last.whole.Load() }

// Close ends the use of the body: the caller's own, which a transport may have
// closed without reading it, is closed now, or when the transport closes it.
func (b *Body) Close() {
	switch {
	case b.own == nil:
	case b.last == nil || !b.sendsOwn:
		b.own.Close()
	default: // the loan ends
		b.last.lent.Store(false)
		if b.last.closed.Load() {
			b.last.Close()
		}
	}
}

// BodyError is an error of the caller's own body.
type BodyError struct{ Err error }

func (e *BodyError) Error() string { return "the request's body: " + e.Err.Error() }

// Unwrap returns what the body said.
func (e *BodyError) Unwrap() error { return e.Err }

// watched is a body that remembers how far it was read and how it broke.
type watched struct {
	src    io.ReadCloser
	length int64 // what is promised; 0 or less: unknown
	n      int64

	read, whole, closed atomic.Bool
	err                 atomic.Pointer[BodyError]

	lent atomic.Bool // a Close without a Read leaves src open, for the next attempt
	once sync.Once   // closes src
}

func (w *watched) Read(p []byte) (int, error) {
	w.read.Store(true)
	n, err := w.src.Read(p)
	w.n += int64(n)
	if w.length > 0 && w.n >= w.length || w.length <= 0 && err == io.EOF {
		w.whole.Store(true)
	}
	switch {
	case w.length > 0 && (w.n > w.length || err == io.EOF && w.n < w.length):
		w.broke(fmt.Errorf("its length is not the ContentLength of %d", w.length))
	case err != nil && err != io.EOF && !w.closed.Load():
		w.broke(err)
	}
	return n, err
}

func (w *watched) broke(err error) { w.err.CompareAndSwap(nil, &BodyError{err}) }

func (w *watched) Close() (err error) {
	w.closed.Store(true)
	if w.lent.Load() && !w.read.Load() {
		return nil
	}
	w.once.Do(func() { err = w.src.Close() })
	if err != nil && w.whole.Load() {
		w.broke(err)
	}
	return err
}

// ReadWithin reads at most n bytes; what was read is returned with an error, too.
func ReadWithin(ctx context.Context, body io.Reader, n int64) ([]byte, error) {
	return within(ctx, 0, func() ([]byte, error) {
		data, err := io.ReadAll(io.LimitReader(body, n))
		if err != nil {
			err = &BodyError{err}
		}
		return data, err
	})
}

// peekTime is how long a look at a body may take although the context has ended.
const peekTime = 20 * time.Millisecond

// within returns what f does, or ctx's cause when that has ended for a while even
// if a Read of the caller's body in f never does: then the goroutine is left to
// end with that Read, as net/http's own would be. A panic in f is its error.
func within[T any](ctx context.Context, while time.Duration, f func() (T, error)) (T, error) {
	if ctx.Done() == nil {
		return f()
	}
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: errors.New("it was not read to its end")}
		defer func() {
			if p := recover(); p != nil {
				r.err = &BodyError{fmt.Errorf("it panicked: %v", p)}
			}
			done <- r
		}()
		r.value, r.err = f()
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
	}
	select {
	case r := <-done:
		return r.value, r.err
	case <-time.After(while):
		var none T
		return none, context.Cause(ctx)
	}
}
