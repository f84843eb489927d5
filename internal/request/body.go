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
)

// bufferLimit is the largest body, in bytes, that is kept so that it can be
// sent again, where the request has no GetBody.
const bufferLimit = 1 << 20

// ErrSpent is what Body.Next returns where the body cannot be had again.
var ErrSpent = errors.New("the body was read already, and has no GetBody")

// Body hands out a request's body, once for each attempt, and knows how far the
// last one was read. It is used by one goroutine; what Next returns may be
// used by another.
type Body struct {
	length int64 // the request's ContentLength
	get    func() (io.ReadCloser, error)
	own    io.ReadCloser // the caller's, where there is no get
	taken  bool          // the caller's is closed, or will be by Close
	last   *watched
}

// NewBody takes r's body over. It can be had again by GetBody, or where keep is
// set from a buffer, which takes a body of known length up to 1 MiB; not with
// Expect: 100-continue, which asks the server first. Any other body streams
// once. Filling the buffer ends with ctx, whose cause is returned; then, and
// where reading fails, r's body is closed.
func NewBody(ctx context.Context, r *http.Request, keep bool) (*Body, error) {
	b := &Body{length: r.ContentLength, get: r.GetBody}
	if b.get != nil {
		return b, nil
	}
	if !keep || r.ContentLength <= 0 || r.ContentLength > bufferLimit || r.Header.Get("Expect") != "" {
		b.own, b.taken = r.Body, true
		return b, nil
	}
	data, err := ReadWithin(ctx, r.Body, r.ContentLength+1)
	r.Body.Close()
	if err != nil {
		return nil, err
	}
	if int64(len(data)) != r.ContentLength {
		return nil, &BodyError{fmt.Errorf("its length is not the ContentLength of %d", r.ContentLength)}
	}
	b.taken = true
	b.get = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	return b, nil
}

// Next returns the body for the next attempt, from its start.
func (b *Body) Next() (io.ReadCloser, error) {
	switch {
	case b.get != nil:
		body, err := b.get()
		if err != nil {
			return nil, &BodyError{err}
		}
		b.last = &watched{body: body, length: b.length}
	case !b.Again():
		return nil, ErrSpent
	default:
		b.last = &watched{body: b.own, length: b.length, lent: true}
	}
	return b.last, nil
}

// TookOver reports whether the request's own body is closed by b, or was.
func (b *Body) TookOver() bool { return b.taken }

// Again reports whether Next can be called once more: also for a body that
// streams, as long as no byte of it was read.
func (b *Body) Again() bool { return b.get != nil || b.last == nil || !b.last.read.Load() }

// GetBody returns the body from its start, for reading it beside the attempts;
// nil where it streams once.
func (b *Body) GetBody() func() (io.ReadCloser, error) { return b.get }

// Err returns how the last body that Next returned broke; nil where it did not.
func (b *Body) Err() error {
	if b == nil || b.last == nil {
		return nil
	}
	if err := b.last.err.Load(); err != nil {
		return &BodyError{*err}
	}
	return nil
}

// Whole reports whether all of the last body was read, so that a server may
// have all of it although the body broke afterwards.
func (b *Body) Whole() bool { return b != nil && b.last != nil && b.last.whole.Load() }

// Close ends the use of the body: the caller's own, which a transport may have
// closed without reading it, is closed now, or when the transport closes it.
func (b *Body) Close() {
	switch {
	case b.own == nil:
	case b.last == nil:
		b.own.Close()
	default:
		b.last.giveBack()
	}
}

// BodyError is an error of the caller's own body.
type BodyError struct{ Err error }

func (e *BodyError) Error() string { return "the request's body: " + e.Err.Error() }

// Unwrap returns what the body said.
func (e *BodyError) Unwrap() error { return e.Err }

// watched is a body that remembers how far it was read and how it broke.
type watched struct {
	body   io.ReadCloser
	length int64 // what is promised; 0 or less: unknown
	n      int64

	read, whole atomic.Bool
	err         atomic.Pointer[error]

	mu     sync.Mutex
	lent   bool // a Close without a Read leaves the body open, for the next attempt
	closed bool
}

func (w *watched) Read(p []byte) (int, error) {
	w.read.Store(true)
	n, err := w.body.Read(p)
	w.n += int64(n)
	if w.length > 0 && w.n >= w.length || w.length <= 0 && err == io.EOF {
		w.whole.Store(true)
	}
	switch {
	case w.length > 0 && (w.n > w.length || err == io.EOF && w.n < w.length):
		w.broke(fmt.Errorf("its length is not the ContentLength of %d", w.length))
	case err != nil && err != io.EOF && !w.isClosed():
		w.broke(err)
	}
	return n, err
}

func (w *watched) broke(err error) { w.err.CompareAndSwap(nil, &err) }

func (w *watched) Close() error {
	w.mu.Lock()
	again := w.closed || w.lent && !w.read.Load()
	w.closed = true
	w.mu.Unlock()
	if again {
		return nil
	}
	err := w.body.Close()
	if err != nil && w.whole.Load() {
		w.broke(err)
	}
	return err
}

func (w *watched) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

// giveBack ends a loan.
func (w *watched) giveBack() {
	w.mu.Lock()
	open := w.closed && w.lent && !w.read.Load()
	w.lent = false
	w.mu.Unlock()
	if open {
		w.body.Close()
	}
}

// ReadWithin reads at most n bytes, and returns early, with ctx's cause, when ctx
// ends even if the body's Read never does: then the reading goroutine is left to
// end with that Read, as net/http's own would be.
func ReadWithin(ctx context.Context, body io.Reader, n int64) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(body, n))
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, &BodyError{r.err}
		}
		return r.data, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
