package rttest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
)

var requestChecks = []Check{
	{Name: "RequestUnmodified", f: requestUnmodified,
		Doc: "The caller's request is as it was, during every attempt and after the call (http.RoundTripper: \"should not modify the request\")."},
	{Name: "RequestPassed", f: requestPassed,
		Doc: "Every attempt has the caller's method, URL, Host, headers, trailers and Close."},
	{Name: "ContextPassed", f: contextPassed,
		Doc: "Every attempt has a context with the values of the caller's."},
	{Name: "OddRequests", f: oddRequests,
		Doc: "A request without URL, Header, Method or body is an error or is sent: no panic, and its body is closed."},
}

func requestUnmodified(e *env) error {
	for _, f := range e.failures() {
		for times := range 3 {
			for _, r := range []*http.Request{e.get(), e.post(newBody(100)), e.post(newBody(100).once())} {
				r.Header["X-Many"] = append(make([]string, 0, 4), "one", "two")
				if err := unmodifiedBy(e, r, failing(times, f)); err != nil {
					return fmt.Errorf("%s, %d times, %s: %w", f.name, times, r.Method, err)
				}
			}
		}
	}
	return nil
}

func unmodifiedBy(e *env, r *http.Request, answer func(int, *http.Request) (*http.Response, error)) error {
	before := snapshotOf(r)
	var during error
	b := &base{answer: answer, onAttempt: func(*http.Request) {
		if err := before.differs(r); err != nil && during == nil {
			during = fmt.Errorf("during an attempt: %w", err)
		}
	}}
	res := e.call(b, r)
	res.close()
	if res.broken != nil {
		return res.broken
	}
	if during != nil {
		return during
	}
	return before.differs(r)
}

// snapshot is all that a request's owner can see of it.
type snapshot struct {
	r       http.Request
	ctx     context.Context
	url     url.URL
	header  http.Header
	getBody uintptr
}

func snapshotOf(r *http.Request) snapshot {
	return snapshot{
		r: *r, ctx: r.Context(), url: *r.URL, header: r.Header.Clone(),
		getBody: reflect.ValueOf(r.GetBody).Pointer(),
	}
}

func (s *snapshot) differs(r *http.Request) error {
	switch {
	case r.Method != s.r.Method:
		return fmt.Errorf("the Method was %q and is %q", s.r.Method, r.Method)
	case r.URL != s.r.URL || !reflect.DeepEqual(*r.URL, s.url):
		return fmt.Errorf("the URL was %v and is %v", &s.url, r.URL)
	case r.Host != s.r.Host:
		return fmt.Errorf("the Host was %q and is %q", s.r.Host, r.Host)
	case !maps.EqualFunc(r.Header, s.header, slices.Equal):
		return fmt.Errorf("the Header was %v and is %v", s.header, r.Header)
	case r.Body != s.r.Body:
		return errors.New("the Body is another")
	case reflect.ValueOf(r.GetBody).Pointer() != s.getBody:
		return errors.New("the GetBody is another")
	case r.ContentLength != s.r.ContentLength:
		return fmt.Errorf("the ContentLength was %d and is %d", s.r.ContentLength, r.ContentLength)
	case r.Context() != s.ctx:
		return errors.New("the context is another")
	case r.Close != s.r.Close || r.Form != nil || r.PostForm != nil || r.MultipartForm != nil ||
		len(r.TransferEncoding) != 0 || len(r.Trailer) != len(s.r.Trailer) || r.Response != s.r.Response:
		return errors.New("one of Close, Form, TransferEncoding, Trailer and Response is another")
	}
	return nil
}

func requestPassed(e *env) error {
	for _, f := range e.failures() {
		b := &base{answer: failing(1, f)}
		var odd error
		r := e.get()
		r.Host = "virtual.example"
		r.Header["X-Many"] = []string{"one", "two"}
		r.Header.Set("User-Agent", "rttest")
		r.Trailer = http.Header{"X-Sum": nil}
		r.Close = true
		b.onAttempt = func(sent *http.Request) {
			if !sent.Close || len(sent.Trailer) != 1 {
				odd = errors.New("the Close or the Trailer got lost")
			}
		}
		res := e.call(b, r)
		res.close()
		if res.broken != nil {
			return res.broken
		}
		if len(b.made()) == 0 {
			return fmt.Errorf("the request was not sent: %w", res.err)
		}
		if odd != nil {
			return fmt.Errorf("%s: %w", f.name, odd)
		}
		for i, a := range b.made() {
			if err := e.passed(a, r); err != nil {
				return fmt.Errorf("%s: attempt %d: %w", f.name, i+1, err)
			}
		}
	}
	return nil
}

func (e *env) passed(a attempt, r *http.Request) error {
	sent, err := url.Parse(a.url)
	if err != nil {
		return err
	}
	switch {
	case a.method != r.Method:
		return fmt.Errorf("the method is %q", a.method)
	case a.host != r.Host:
		return fmt.Errorf("the Host is %q, the caller's %q", a.host, r.Host)
	case e.cfg.Rewrites:
		sent.RawQuery = ""
		if sent.String() != apiURL {
			return fmt.Errorf("the URL is %v", sent)
		}
	case a.url != r.URL.String():
		return fmt.Errorf("the URL is %s, the caller's %v", a.url, r.URL)
	}
	for key, values := range r.Header {
		if !slices.Equal(a.header[key], values) {
			return fmt.Errorf("the header %s is %q, the caller's %q", key, a.header[key], values)
		}
	}
	if u, _ := url.Parse(a.url); e.cfg.Rewrites {
		return holds(u.RawQuery, r.URL.RawQuery)
	}
	return nil
}

type contextKey struct{}

func contextPassed(e *env) error {
	for _, f := range e.failures() {
		b := &base{answer: failing(1, f)}
		ctx := context.WithValue(e.ctx, contextKey{}, "value")
		res := e.call(b, e.request(ctx, http.MethodGet, apiURL, nil))
		res.close()
		if res.broken != nil {
			return res.broken
		}
		for i, a := range b.made() {
			if a.ctx.Value(contextKey{}) != "value" {
				return fmt.Errorf("%s: attempt %d: the context lacks the caller's value", f.name, i+1)
			}
		}
	}
	return nil
}

func oddRequests(e *env) error {
	body := func() *sentBody { return newBody(100) }
	for _, odd := range []struct {
		name string
		body *sentBody
		make func(*http.Request)
	}{
		{"no URL", body(), func(r *http.Request) { r.URL = nil }},
		{"no URL, no body", nil, func(r *http.Request) { r.URL = nil }},
		{"no Header", body(), func(r *http.Request) { r.Header = nil }},
		{"no URL, no Header, no GetBody", body().once(), func(r *http.Request) { r.URL, r.Header = nil, nil }},
		{"no Method", nil, func(r *http.Request) { r.Method = "" }},
		{"http.NoBody", nil, func(r *http.Request) { r.Body = http.NoBody }},
		{"http.NoBody with GetBody", nil, func(r *http.Request) { r.Body, r.GetBody = http.NoBody, noBody }},
	} {
		r := e.get()
		if odd.body != nil {
			r = e.post(odd.body)
		}
		odd.make(r)
		res := e.call(&base{answer: succeeding}, r)
		res.close()
		if res.broken != nil {
			return fmt.Errorf("%s: %w", odd.name, res.broken)
		}
		if odd.body != nil && !e.soon(odd.body.allClosed) {
			return fmt.Errorf("%s: the body was not closed", odd.name)
		}
	}
	return nil
}
