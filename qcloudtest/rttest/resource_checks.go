package rttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

var resourceChecks = []Check{
	{Name: "IdleConnectionsKept", f: idleConnectionsKept,
		Doc: "No call closes the base's idle connections, which others use: not on success, not on failure."},
	{Name: "CloseIdleConnections", f: closeIdleConnections,
		Doc: "CloseIdleConnections is forwarded to the base (http.Client.CloseIdleConnections calls it)."},
	{Name: "ResponseBodyClosed", f: responseBodyClosed,
		Doc: "Every response body is closed: those of abandoned attempts by the transport, the last by the caller, whose Close reaches it."},
	{Name: "EndlessFailure", f: endlessFailure,
		Doc: "The body of a failed attempt is not read without a bound."},
	{Name: "StalledFailure", f: stalledFailure,
		Doc: "A call does not wait for the rest of a response that it is going to throw away."},
	{Name: "NoLeak", f: noLeak,
		Doc: "No goroutine outlives the call and its response's body."},
	{Name: "ConcurrentUse", f: concurrentUse,
		Doc: "It is safe for concurrent use (run it with -race), and every call gets its own answer."},
}

func idleConnectionsKept(e *env) error {
	for _, f := range e.failures() {
		for name, answer := range map[string]func(int, *http.Request) (*http.Response, error){
			"success": succeeding, f.name + " once": failing(1, f), f.name + " always": always(f),
		} {
			b := &base{answer: answer}
			res := e.call(b, e.get())
			res.close()
			if res.broken != nil {
				return res.broken
			}
			if n := b.closes(); n > 0 {
				return fmt.Errorf("%s: CloseIdleConnections was called %d times", name, n)
			}
		}
		b := &base{}
		ctx, cancel := context.WithCancel(e.ctx)
		b.answer = func(n int, r *http.Request) (*http.Response, error) {
			time.AfterFunc(5*time.Millisecond, cancel)
			return f.answer(r)
		}
		res := e.call(b, e.request(ctx, http.MethodGet, apiURL, nil))
		res.close()
		cancel()
		if n := b.closes(); n > 0 {
			return fmt.Errorf("%s, then cancelled: CloseIdleConnections was called %d times", f.name, n)
		}
	}
	return nil
}

func closeIdleConnections(e *env) error {
	b := &base{answer: succeeding}
	rt, ok := e.cfg.New(b).(interface{ CloseIdleConnections() })
	if !ok {
		return errors.New("there is no method CloseIdleConnections")
	}
	rt.CloseIdleConnections()
	if b.closes() == 0 {
		return errors.New("the call did not reach the base")
	}
	return nil
}

func responseBodyClosed(e *env) error {
	for _, f := range e.failures() {
		for name, answer := range map[string]func(int, *http.Request) (*http.Response, error){
			"success": succeeding, f.name + " once": failing(1, f), f.name + " always": always(f),
			f.name + ", then an error": func(n int, r *http.Request) (*http.Response, error) {
				if n == 1 {
					return f.answer(r)
				}
				return nil, errReset
			},
		} {
			b := &base{answer: answer}
			res := e.call(b, e.get())
			if res.broken != nil {
				return fmt.Errorf("%s: %w", name, res.broken)
			}
			res.close()
			if !e.soon(func() bool { return b.open() == 0 }) {
				return fmt.Errorf("%s: %d of %d attempts' bodies were not closed", name, b.open(), len(b.made()))
			}
		}
	}
	return nil
}

func endlessFailure(e *env) error {
	for name, of := range map[string]byte{"white space": ' ', "letters": 'x'} {
		var bodies []*endless
		b := &base{answer: func(_ int, r *http.Request) (*http.Response, error) {
			resp := respond(r, http.StatusServiceUnavailable, "application/json", "")
			body := &endless{of: of}
			bodies = append(bodies, body)
			resp.Body, resp.ContentLength = body, -1
			return resp, nil
		}}
		res := e.call(b, e.get())
		res.close()
		if res.broken != nil {
			return fmt.Errorf("%s: %w", name, res.broken)
		}
		for _, body := range bodies {
			if n := body.read.Load(); n >= muchTooMuch {
				return fmt.Errorf("%s: %d MiB were read", name, n>>20)
			}
		}
	}
	return nil
}

func stalledFailure(e *env) error {
	b := &base{answer: func(n int, r *http.Request) (*http.Response, error) {
		if n > 1 {
			return succeeding(n, r)
		}
		resp := respond(r, http.StatusServiceUnavailable, "text/html", "")
		resp.Body, resp.ContentLength = &stalled{first: "<!doctype html>"}, 200
		return resp, nil
	}}
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	res := e.call(b, e.request(ctx, http.MethodGet, apiURL, nil))
	res.close()
	return res.broken
}

func noLeak(e *env) error {
	ways := map[string]func(context.Context, context.CancelFunc) (*http.Request, *base){
		"success": func(ctx context.Context, _ context.CancelFunc) (*http.Request, *base) {
			return e.request(ctx, http.MethodPost, apiURL, newBody(100).once()), &base{answer: succeeding}
		},
		"cancelled in flight": func(ctx context.Context, cancel context.CancelFunc) (*http.Request, *base) {
			time.AfterFunc(5*time.Millisecond, cancel)
			return e.request(ctx, http.MethodPost, apiURL, newBody(100)), &base{answer: blocking}
		},
	}
	for _, f := range e.failures() {
		ways[f.name] = func(ctx context.Context, _ context.CancelFunc) (*http.Request, *base) {
			return e.request(ctx, http.MethodGet, apiURL, nil), &base{answer: always(f)}
		}
		ways[f.name+", then cancelled"] = func(ctx context.Context, cancel context.CancelFunc) (*http.Request, *base) {
			time.AfterFunc(5*time.Millisecond, cancel)
			return e.request(ctx, http.MethodGet, apiURL, nil), &base{answer: always(f)}
		}
	}
	for name, way := range ways {
		// The context goes on after the call: it must not be what ends the
		// goroutines of the call.
		ctx, cancel := context.WithCancel(e.ctx)
		var res result
		left := e.leaves(func() {
			r, b := way(ctx, cancel)
			res = e.call(b, r)
			res.close()
		})
		cancel()
		if res.broken != nil {
			return fmt.Errorf("%s: %w", name, res.broken)
		}
		if left != "" {
			return fmt.Errorf("%s: goroutines are left:\n%s", name, left)
		}
	}
	return nil
}

func concurrentUse(e *env) error {
	const goroutines, calls = 32, 12
	for _, f := range e.failures() {
		rt := e.cfg.New(&echo{failure: f, every: 4})
		errs := make(chan error, goroutines)
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() {
				for c := range calls {
					if err := e.ownAnswer(rt, fmt.Sprintf("%d-%d", g, c)); err != nil {
						errs <- err
						return
					}
				}
			})
		}
		wg.Wait()
		close(errs)
		if err := <-errs; err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

// echo answers every request by its X-Id. The first attempts of some fail.
type echo struct {
	failure failure
	every   int
	mu      sync.Mutex
	n       int
	failed  map[string]bool
}

func (b *echo) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	id := r.Header.Get("X-Id")
	if b.fails(id) {
		return b.failure.answer(r)
	}
	return respond(r, http.StatusOK, "application/json", `{"code":0,"id":"`+id+`"}`), nil
}

func (b *echo) fails(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n++
	if b.failed[id] || b.n%b.every != 0 {
		return false
	}
	if b.failed == nil {
		b.failed = make(map[string]bool)
	}
	b.failed[id] = true
	return true
}

// ownAnswer makes a call that says who it is, and checks that a success
// answers it and no other.
func (e *env) ownAnswer(rt http.RoundTripper, id string) error {
	r := e.post(newBody(100))
	r.Header.Set("X-Id", id)
	res := e.roundTrip(rt, r)
	if res.broken != nil {
		return res.broken
	}
	defer res.close()
	if res.err != nil || res.resp.StatusCode != http.StatusOK {
		return nil // it does not try again
	}
	body, _ := io.ReadAll(res.resp.Body)
	if strings.Contains(string(body), `"id"`) && !strings.Contains(string(body), `"`+id+`"`) {
		return fmt.Errorf("call %s got the answer %s", id, body)
	}
	return nil
}
