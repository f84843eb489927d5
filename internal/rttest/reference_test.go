package rttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// reference is a RoundTripper that keeps every duty: it makes three attempts,
// 20 ms apart, where it gets a 503 or an error.
type reference struct {
	base http.RoundTripper

	// Two duties can be broken from inside only.
	deaf      bool // the wait between attempts does not end with the context
	forgetful bool // a wait that was cut short leaves the context's error only
}

func (t *reference) CloseIdleConnections() { closeIdle(t.base) }

func closeIdle(rt http.RoundTripper) {
	if c, ok := rt.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (t *reference) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		closeBody(r)
		return nil, err
	}
	body, again, err := replayable(r)
	if err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		attempt := r.Clone(r.Context())
		if attempt.Body, err = body(); err != nil {
			return nil, err
		}
		resp, err := t.base.RoundTrip(attempt)
		failed := err != nil || resp.StatusCode == http.StatusServiceUnavailable
		if !failed || !again || n == 3 || r.Context().Err() != nil {
			if resp != nil {
				resp.Request = r
			}
			return resp, err
		}
		if resp != nil {
			resp.Body.Close()
			err = fmt.Errorf("HTTP %d", resp.StatusCode)
		}
		if ended := t.wait(r.Context()); ended != nil && t.forgetful {
			return nil, ended
		} else if ended != nil {
			return nil, errors.Join(ended, err)
		}
	}
}

func (t *reference) wait(ctx context.Context) error {
	if _, bounded := ctx.Deadline(); t.deaf && !bounded {
		time.Sleep(20 * time.Millisecond)
		return ctx.Err()
	}
	select {
	case <-time.After(20 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// replayable returns where to get the body for each attempt, and whether there
// can be more than one.
func replayable(r *http.Request) (func() (io.ReadCloser, error), bool, error) {
	const most = 1 << 20
	switch {
	case r.Body == nil || r.Body == http.NoBody:
		return func() (io.ReadCloser, error) { return r.Body, nil }, true, nil
	case r.GetBody != nil:
		r.Body.Close()
		return r.GetBody, true, nil
	}
	head, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if err != nil {
		r.Body.Close()
		return nil, false, err
	}
	if len(head) > most {
		whole := struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(head), r.Body), r.Body}
		return func() (io.ReadCloser, error) { return whole, nil }, false, nil
	}
	r.Body.Close()
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(head)), nil }, true, nil
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
