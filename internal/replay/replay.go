// Package replay makes a request's body available for more than one attempt.
package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
)

// ErrOnce is what Get returns the second time for a body that can be sent
// once only.
var ErrOnce = errors.New("the body has no GetBody and is larger than the replay limit")

// Source hands out a request's body, once for each attempt. It is used by one
// goroutine.
type Source struct {
	get  func() (io.ReadCloser, error) // nil: no body, or sent once
	once io.ReadCloser                 // a body that cannot be had again; nil when taken
	none bool                          // there is no body

	// Closed reports that the request's own body has been closed: it was read
	// into a buffer.
	Closed bool
}

// New finds out how r's body can be sent again: by GetBody, else from a buffer
// of at most limit bytes, else not at all. It reads r.Body only to fill that
// buffer, and then closes it, also where reading it fails. When ctx ends while
// reading, r.Body is closed and ctx's error returned.
func New(ctx context.Context, r *http.Request, limit int) (*Source, error) {
	switch {
	case r.Body == nil || r.Body == http.NoBody:
		return &Source{none: true}, nil
	case r.GetBody != nil:
		return &Source{get: r.GetBody}, nil
	case limit < 0 || r.ContentLength > int64(limit):
		return &Source{once: r.Body}, nil
	}
	limit = min(limit, math.MaxInt-1) // one more byte tells that it is exceeded
	head, err := readWithin(ctx, r.Body, limit+1)
	if err != nil {
		r.Body.Close()
		return nil, fmt.Errorf("read the request's body: %w", err)
	}
	if len(head) > limit {
		return &Source{once: &rejoined{io.MultiReader(bytes.NewReader(head), r.Body), r.Body}}, nil
	}
	r.Body.Close()
	return &Source{Closed: true, get: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(head)), nil
	}}, nil
}

// Again reports whether Get can be called once more.
func (s *Source) Again() bool { return s.none || s.get != nil || s.once != nil }

// Get returns the body for the next attempt, from its start.
func (s *Source) Get() (io.ReadCloser, error) {
	switch {
	case s.none:
		return http.NoBody, nil
	case s.get != nil:
		return s.get()
	case s.once != nil:
		body := s.once
		s.once = nil
		return body, nil
	}
	return nil, ErrOnce
}

// GetBody returns what http.Request.GetBody shall be: nil where the body can
// be sent only once, or where there is none.
func (s *Source) GetBody() func() (io.ReadCloser, error) { return s.get }

// rejoined is a body of which some was read already.
type rejoined struct {
	io.Reader
	io.Closer
}

// readWithin reads at most n bytes, and returns early when ctx ends even if
// the body's Read never does: then the reading goroutine is left to end with
// that Read, as net/http's own would be.
func readWithin(ctx context.Context, body io.Reader, n int) ([]byte, error) {
	if ctx.Done() == nil {
		return io.ReadAll(io.LimitReader(body, int64(n)))
	}
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(body, int64(n)))
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
