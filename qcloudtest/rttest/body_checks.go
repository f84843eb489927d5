package rttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

var bodyChecks = []Check{
	{Name: "RequestBodyClosed", f: requestBodyClosed,
		Doc: "The request's body and every copy from GetBody are closed, whatever becomes of the call (http.RoundTripper: \"must always close the body, including on errors\")."},
	{Name: "BodyReplay", f: bodyReplay,
		Doc: "Every attempt sends the whole body, or none is made."},
	{Name: "ContentLength", f: contentLength,
		Doc: "A known length goes out as it is known, on every attempt: nothing becomes chunked, and no request without a body gets one."},
	{Name: "EndlessRequestBody", f: endlessRequestBody,
		Doc: "A request body without an end is not read into memory: an answer that comes before its end is returned."},
}

var errBody = errors.New("rttest: the caller's body failed")

func requestBodyClosed(e *env) error {
	reset := failure{"connection reset", func(*http.Request) (*http.Response, error) { return nil, errReset }}
	type scenario struct {
		name   string
		body   *sentBody
		answer func(int, *http.Request) (*http.Response, error)
		ended  bool
	}
	scenarios := []scenario{
		{"success", newBody(100), succeeding, false},
		{"success without GetBody", newBody(100).once(), succeeding, false},
		{"context ended before", newBody(100), succeeding, true},
		{"context ended before, without GetBody", newBody(100).once(), succeeding, true},
		{"context ended before, long body without GetBody", e.newLongBody().once(), succeeding, true},
		{"the body's Read fails", &sentBody{content: form(100), length: 200, readErr: errBody, noGetBody: true}, succeeding, false},
		{"the body's Read fails, with GetBody", &sentBody{content: form(100), length: 200, readErr: errBody}, succeeding, false},
		{"GetBody fails", &sentBody{content: form(100), length: 100, getErr: errBody}, always(reset), false},
	}
	for _, f := range e.failures() {
		scenarios = append(scenarios,
			scenario{f.name + " once", newBody(100), failing(1, f), false},
			scenario{f.name + " always", newBody(100), always(f), false},
			scenario{f.name + " always, without GetBody", newBody(100).once(), always(f), false},
			scenario{f.name + " always, long body without GetBody", e.newLongBody().once().unknown(), always(f), false})
	}
	for _, s := range scenarios {
		ctx, cancel := context.WithCancel(e.ctx)
		if s.ended {
			cancel()
		}
		res := e.call(&base{answer: s.answer}, e.request(ctx, http.MethodPost, apiURL, s.body))
		res.close()
		closed := e.soon(s.body.allClosed)
		cancel()
		if res.broken != nil {
			return fmt.Errorf("%s: %w", s.name, res.broken)
		}
		if !closed {
			return fmt.Errorf("%s: a body was not closed", s.name)
		}
	}
	return nil
}

func bodyReplay(e *env) error {
	again := false
	for _, f := range e.failures() {
		for _, body := range []*sentBody{
			newBody(10 << 10), newBody(10 << 10).once(), newBody(10 << 10).once().unknown(),
			e.newLongBody().once(), e.newLongBody().once().unknown(),
			{content: form(100), length: 100, getErr: errBody},
		} {
			for _, readAtMost := range []int64{0, 50} {
				b := &base{answer: failing(2, f), readAtMost: readAtMost}
				res := e.call(b, e.post(body))
				res.close()
				if res.broken != nil {
					return res.broken
				}
				for i, a := range b.made() {
					again = again || i > 0
					if err := e.whole(a, body); err != nil {
						return fmt.Errorf("%s: attempt %d: %w", f.name, i+1, err)
					}
				}
			}
		}
	}
	if !again {
		return fmt.Errorf("%w: no second attempt was made", ErrNotApplicable)
	}
	return nil
}

// whole checks that the attempt had the whole body. Of one that base read in
// part there is nothing to be said.
func (e *env) whole(a attempt, body *sentBody) error {
	if a.partial {
		return nil
	}
	if a.bodyErr != nil {
		return fmt.Errorf("the body broke off: %w", a.bodyErr)
	}
	return e.sameBody(a.body, body.content)
}

func contentLength(e *env) error {
	for _, f := range e.failures() {
		for _, body := range []*sentBody{
			nil, newBody(100), newBody(100).once(), newBody(100).once().unknown(), e.newLongBody().once(),
		} {
			b := &base{answer: failing(1, f)}
			res := e.call(b, e.post(body))
			res.close()
			if res.broken != nil {
				return res.broken
			}
			for i, a := range b.made() {
				if err := e.lengthOf(a, body); err != nil {
					return fmt.Errorf("%s: attempt %d: %w", f.name, i+1, err)
				}
			}
		}
	}
	return nil
}

func (e *env) lengthOf(a attempt, body *sentBody) error {
	switch {
	case a.length > 0 && a.length != int64(len(a.body)):
		return fmt.Errorf("ContentLength is %d and the body has %d bytes", a.length, len(a.body))
	case e.cfg.Rewrites && a.length >= 0:
		return nil
	case body == nil && (a.hasBody || a.length != 0):
		return fmt.Errorf("the request has no body, and was sent with one (ContentLength %d)", a.length)
	case body == nil, body.length < 0 && a.length < 0, len(a.body) != len(body.content):
		return nil // the last is for BodyReplay to find
	case a.length != int64(len(body.content)):
		return fmt.Errorf("ContentLength is %d, of %d bytes", a.length, len(body.content))
	}
	return nil
}

func endlessRequestBody(e *env) error {
	without := &endless{of: 'x'}
	r := e.get()
	r.Method, r.Body, r.ContentLength = http.MethodPost, without, -1
	r.Header.Set("Content-Type", formType)
	ctx, cancel := context.WithTimeout(e.ctx, e.cfg.Patience/2)
	defer cancel()
	b := roundTripFunc(func(r *http.Request) (*http.Response, error) {
		_, err := io.CopyN(io.Discard, r.Body, 2<<20)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		return respond(r, http.StatusOK, "application/json", success), nil
	})
	began := time.Now()
	res := e.call(b, r.WithContext(ctx))
	defer res.close()
	switch {
	case res.broken != nil:
		return res.broken
	case without.read.Load() >= muchTooMuch:
		return fmt.Errorf("%d MiB of the body were read", without.read.Load()>>20)
	case res.err != nil:
		return fmt.Errorf("after %v: %w", time.Since(began), res.err)
	}
	return nil
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func noBody() (io.ReadCloser, error) { return http.NoBody, nil }
