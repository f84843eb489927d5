package rttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

var contextChecks = []Check{
	{Name: "CancelledBefore", f: cancelledBefore,
		Doc: "A call whose context has ended returns the context's error."},
	{Name: "CancelInFlight", f: cancelInFlight,
		Doc: "When the context ends during an attempt the call returns at once, with the context's error inside, and makes no further attempt."},
	{Name: "CancelInBackoff", f: cancelInBackoff,
		Doc: "When the context ends between two attempts the call returns at once, with the context's error inside, and makes no further attempt."},
	{Name: "CancelKeepsCause", f: cancelKeepsCause,
		Doc: "The error of a call that was cancelled between two attempts holds the last attempt's error too."},
	{Name: "CancelInBody", f: cancelInBody,
		Doc: "When the context ends while the body is being read, the Read returns the context's error, not io.EOF."},
	{Name: "Deadline", f: deadline,
		Doc: "A call ends by its context's deadline, whatever waits the server asks for."},
}

func cancelledBefore(e *env) error {
	cancelled, cancel := context.WithCancel(e.ctx)
	cancel()
	late, cancel := context.WithDeadline(e.ctx, time.Now().Add(-time.Second))
	defer cancel()
	for _, ctx := range []context.Context{cancelled, late} {
		for _, body := range []*sentBody{nil, newBody(100), newBody(100).once()} {
			res := e.call(&base{answer: succeeding}, e.request(ctx, http.MethodPost, apiURL, body))
			res.close()
			if err := e.ended(res, res.took, ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// ended checks that the call ended with its context, and soon after.
func (e *env) ended(res result, after time.Duration, ctx context.Context) error {
	switch {
	case res.broken != nil:
		return res.broken
	case res.err == nil:
		return errors.New("the context ended, and the call returned no error")
	case !errors.Is(res.err, ctx.Err()):
		return fmt.Errorf("the error does not hold %q: %w", ctx.Err(), res.err)
	case after > e.cfg.Grace:
		return fmt.Errorf("the call returned %v after its context had ended", after)
	}
	return nil
}

// blocking answers by nothing, until the context ends.
func blocking(_ int, r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func cancelInFlight(e *env) error {
	for _, byDeadline := range []bool{false, true} {
		for _, body := range []*sentBody{nil, newBody(100).once()} {
			ctx, cancel := context.WithCancel(e.ctx)
			if byDeadline {
				ctx, cancel = context.WithTimeout(e.ctx, 5*time.Millisecond)
			}
			b := &base{answer: func(n int, r *http.Request) (*http.Response, error) {
				time.AfterFunc(5*time.Millisecond, func() {
					if !byDeadline {
						cancel()
					}
				})
				return blocking(n, r)
			}}
			res := e.call(b, e.request(ctx, http.MethodPost, apiURL, body))
			res.close()
			err := e.ended(res, res.took-5*time.Millisecond, ctx)
			cancel()
			if err != nil {
				return err
			}
			if n := len(b.made()); n != 1 {
				return fmt.Errorf("%d attempts were made", n)
			}
		}
	}
	return nil
}

// cancelBetween makes a call whose attempts all fail, and cancels it shortly
// after the first. It returns the call's result, how long after the end of the
// context it came, and the number of attempts made after that. The context is one that did not end if the call had ended before.
func (e *env) cancelBetween(answer func(int, *http.Request) (*http.Response, error)) (_ result, after time.Duration, more int, _ context.Context) {
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	var endedAt time.Time
	var before int
	cancelled := make(chan struct{})
	b := &base{}
	b.answer = func(n int, r *http.Request) (*http.Response, error) {
		if n == 1 {
			time.AfterFunc(5*time.Millisecond, func() {
				before, endedAt = len(b.made()), time.Now()
				cancel()
				close(cancelled)
			})
		}
		return answer(n, r)
	}
	res := e.call(b, e.request(ctx, http.MethodGet, apiURL, nil))
	res.close()
	if res.broken != nil || len(b.made()) == 0 {
		return res, 0, 0, context.Background()
	}
	<-cancelled
	if res.at.Before(endedAt) { // it had given up before
		return res, 0, 0, context.Background()
	}
	return res, res.at.Sub(endedAt), len(b.made()) - before, ctx
}

func cancelInBackoff(e *env) error {
	waited := false
	for _, f := range e.failures() {
		res, after, more, ctx := e.cancelBetween(always(f))
		if res.broken != nil {
			return res.broken
		}
		if ctx.Err() == nil {
			continue
		}
		waited = true
		if err := e.ended(res, after, ctx); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if more > 0 {
			return fmt.Errorf("%s: %d attempts were made after the context had ended", f.name, more)
		}
	}
	if !waited {
		return fmt.Errorf("%w: it did not wait 5 ms between two attempts", ErrNotApplicable)
	}
	return nil
}

func cancelKeepsCause(e *env) error {
	errFirst := errors.New("the first attempt's error")
	res, _, _, ctx := e.cancelBetween(func(int, *http.Request) (*http.Response, error) { return nil, errFirst })
	switch {
	case res.broken != nil:
		return res.broken
	case ctx.Err() == nil:
		return fmt.Errorf("%w: it did not wait 5 ms between two attempts", ErrNotApplicable)
	case !errors.Is(res.err, errFirst):
		return fmt.Errorf("the error says nothing of why the call had been waiting: %w", res.err)
	}
	return nil
}

func cancelInBody(e *env) error {
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	res := e.call(&base{answer: streaming("data: first\n\n", "", nil)}, e.request(ctx, http.MethodGet, apiURL, nil))
	if res.broken != nil {
		return res.broken
	}
	if res.err != nil {
		return res.err
	}
	defer res.close()
	time.AfterFunc(5*time.Millisecond, cancel)
	_, err := within(e, func() (int64, error) { return io.Copy(io.Discard, res.resp.Body) })
	if !errors.Is(err, context.Canceled) {
		return fmt.Errorf("the body ended by %v", err)
	}
	return nil
}

func deadline(e *env) error {
	const timeout = 50 * time.Millisecond
	failures := append(e.failures(), failure{"503 with Retry-After", func(r *http.Request) (*http.Response, error) {
		resp, _ := unavailable(r)
		resp.Header.Set("Retry-After", "3600")
		return resp, nil
	}})
	for _, f := range failures {
		ctx, cancel := context.WithTimeout(e.ctx, timeout)
		res := e.call(&base{answer: always(f)}, e.request(ctx, http.MethodGet, apiURL, nil))
		res.close()
		cancel()
		if res.broken != nil {
			return fmt.Errorf("%s: %w", f.name, res.broken)
		}
		if late := res.took - timeout; late > e.cfg.Grace {
			return fmt.Errorf("%s: the call returned %v after its deadline", f.name, late)
		}
	}
	return nil
}
