package rttest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

func head(e *env) error {
	r := e.get()
	r.Method = http.MethodHead
	res := e.call(&base{answer: ok("application/json", "", func(r *http.Response) { r.ContentLength = 1234 })}, r)
	defer res.close()
	switch {
	case res.broken != nil:
		return res.broken
	case res.err != nil:
		return res.err
	case res.resp.ContentLength != 1234:
		return fmt.Errorf("ContentLength is %d, base's 1234", res.resp.ContentLength)
	}
	return empty(res.resp)
}

func noContent(e *env) error {
	for _, code := range []int{http.StatusOK, http.StatusNoContent, http.StatusNotModified} {
		res := e.call(&base{answer: status(code)}, e.get())
		switch {
		case res.broken != nil:
			return res.broken
		case res.err != nil:
			return fmt.Errorf("%d: %w", code, res.err)
		case res.resp.ContentLength != 0:
			return fmt.Errorf("%d: ContentLength is %d", code, res.resp.ContentLength)
		}
		err := empty(res.resp)
		res.close()
		if err != nil {
			return fmt.Errorf("%d: %w", code, err)
		}
	}
	return nil
}

func empty(resp *http.Response) error {
	if resp.Body == nil {
		return errors.New("the Body is nil")
	}
	if body, err := io.ReadAll(resp.Body); err != nil || len(body) > 0 {
		return fmt.Errorf("the Body has %d bytes, and ends by %v", len(body), err)
	}
	return nil
}

// streaming answers by an event stream that gives first, and nothing further
// until more is closed.
func streaming(first, rest string, more chan struct{}) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, r *http.Request) (*http.Response, error) {
		resp := respond(r, http.StatusOK, "text/event-stream", "")
		resp.ContentLength = -1
		resp.Body = &stalled{first: first, rest: rest, more: more}
		return resp, nil
	}
}

func streamsResponse(e *env) error {
	const first, rest = "data: first\n\n", "data: last\n\n"
	more := make(chan struct{})
	res := e.call(&base{answer: streaming(first, rest, more)}, e.get())
	defer res.close()
	if res.broken != nil {
		close(more)
		return fmt.Errorf("before the body's end: %w", res.broken)
	}
	if res.err != nil {
		return res.err
	}
	got, err := within(e, func() ([]byte, error) {
		got := make([]byte, len(first))
		_, err := io.ReadFull(res.resp.Body, got)
		return got, err
	})
	close(more)
	if err != nil || string(got) != first {
		return fmt.Errorf("before the body's end came %q, %v", got, err)
	}
	if last, err := io.ReadAll(res.resp.Body); err != nil || string(last) != rest {
		return fmt.Errorf("the stream ended by %q, %v", last, err)
	}
	return nil
}

// within gives f some time.
func within[T any](e *env, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	timer := time.NewTimer(e.cfg.Patience)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-timer.C:
		var none T
		return none, errHung
	}
}

func closeUnblocksRead(e *env) error {
	b := &base{answer: streaming("data: first\n\n", "", nil)}
	res := e.call(b, e.get())
	if res.broken != nil {
		return res.broken
	}
	if res.err != nil {
		return res.err
	}
	closed := make(chan error, 1)
	go func() {
		time.Sleep(5 * time.Millisecond) // the Read below has begun
		closed <- res.resp.Body.Close()
	}()
	_, err := within(e, func() (int64, error) { return io.Copy(io.Discard, res.resp.Body) })
	if errors.Is(err, errHung) {
		return fmt.Errorf("reading goes on after Close: %w", err)
	}
	return <-closed
}

func readableAfterReturn(e *env) error {
	for _, f := range e.failures() {
		for times := range 2 {
			b := &base{answer: failing(times, f)}
			res := e.call(b, e.get())
			if res.broken != nil {
				return res.broken
			}
			if res.err != nil {
				continue // does not try again
			}
			made := b.made()
			if err := made[len(made)-1].ctx.Err(); err != nil {
				res.close()
				return fmt.Errorf("after %d failures (%s): the body cannot be read: %w", times, f.name, err)
			}
			_, err := io.ReadAll(res.resp.Body)
			res.close()
			if err != nil {
				return fmt.Errorf("after %d failures (%s): %w", times, f.name, err)
			}
		}
	}
	return nil
}
