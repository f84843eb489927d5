package rttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
)

var resultChecks = []Check{
	{Name: "ResponseOrError", f: responseOrError,
		Doc: "A call returns a response or an error, never both, never neither, and a response has a Body (http.Client relies on it)."},
	{Name: "StatusIsNoError", f: statusIsNoError,
		Doc: "A response is returned whatever its status (http.RoundTripper: \"must return err == nil if it obtained a response, regardless of the response's HTTP status code\")."},
	{Name: "NoRedirect", f: noRedirect,
		Doc: "A redirect is returned as it is: following it is http.Client's business, also of one whose Location makes no sense."},
	{Name: "ResponseRequest", f: responseRequest,
		Doc: "Response.Request is set, and has the caller's method and URL (and no signature)."},
	{Name: "ErrorUnwraps", f: errorUnwraps,
		Doc: "errors.Is finds the base's error in the one returned."},
	{Name: "ErrorHidesQuery", f: errorHidesQuery,
		Doc: "An error's text does not hold the URL's query, in which credentials travel."},
}

func responseOrError(e *env) error {
	type outcome struct {
		name   string
		answer func(int, *http.Request) (*http.Response, error)
	}
	outcomes := []outcome{
		{"success", succeeding},
		{"404", status(http.StatusNotFound)},
		{"500", status(http.StatusInternalServerError)},
		{"error", func(int, *http.Request) (*http.Response, error) { return nil, errors.New("some error") }},
	}
	for _, f := range e.failures() {
		outcomes = append(outcomes, outcome{f.name + " once", failing(1, f)}, outcome{f.name + " always", always(f)})
	}
	for _, o := range outcomes {
		for _, ended := range []bool{false, true} {
			ctx, cancel := context.WithCancel(e.ctx)
			if ended {
				cancel()
			}
			res := e.call(&base{answer: o.answer}, e.request(ctx, http.MethodPost, apiURL, newBody(100)))
			res.close()
			cancel()
			switch {
			case res.broken != nil:
				return fmt.Errorf("%s: %w", o.name, res.broken)
			case res.resp != nil && res.err != nil:
				return fmt.Errorf("%s: both a response and an error: %w", o.name, res.err)
			case res.resp == nil && res.err == nil:
				return fmt.Errorf("%s: neither a response nor an error", o.name)
			case res.resp != nil && res.resp.Body == nil:
				return fmt.Errorf("%s: a response without Body", o.name)
			}
		}
	}
	return nil
}

func status(code int) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, r *http.Request) (*http.Response, error) {
		return respond(r, code, "text/plain", ""), nil
	}
}

func statusIsNoError(e *env) error {
	for _, code := range []int{400, 401, 403, 404, 408, 409, 429, 500, 501, 502, 503, 504} {
		res := e.call(&base{answer: status(code)}, e.get())
		res.close()
		switch {
		case res.broken != nil:
			return res.broken
		case res.err != nil:
			return fmt.Errorf("%d: %w", code, res.err)
		case res.resp.StatusCode != code:
			return fmt.Errorf("%d came back as %d", code, res.resp.StatusCode)
		}
	}
	return nil
}

func noRedirect(e *env) error {
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{"http://elsewhere.example/", "/", "http://[::1", ""} {
			b := &base{answer: func(_ int, r *http.Request) (*http.Response, error) {
				resp := respond(r, code, "text/html", "<p>moved</p>")
				resp.Header["Location"] = []string{location}
				return resp, nil
			}}
			res := e.call(b, e.get())
			res.close()
			switch {
			case res.broken != nil:
				return res.broken
			case res.err != nil:
				return fmt.Errorf("%d to %q: %w", code, location, res.err)
			case res.resp.StatusCode != code || res.resp.Header.Get("Location") != location:
				return fmt.Errorf("%d to %q came back as %d to %q", code, location, res.resp.StatusCode, res.resp.Header.Get("Location"))
			case len(b.made()) != 1:
				return fmt.Errorf("%d to %q: %d requests were sent", code, location, len(b.made()))
			}
		}
	}
	return nil
}

func responseRequest(e *env) error {
	for _, f := range e.failures() {
		for times := range 2 {
			r := e.get()
			res := e.call(&base{answer: failing(times, f)}, r)
			res.close()
			switch {
			case res.broken != nil:
				return res.broken
			case res.resp == nil:
				continue
			case res.resp.Request == nil:
				return errors.New("Response.Request is nil")
			case res.resp.Request.Method != r.Method || res.resp.Request.URL.String() != r.URL.String():
				return fmt.Errorf("Response.Request is %s %v, the caller's %s %v",
					res.resp.Request.Method, res.resp.Request.URL, r.Method, r.URL)
			}
		}
	}
	return nil
}

func errorUnwraps(e *env) error {
	reset := failure{"", func(*http.Request) (*http.Response, error) { return nil, errReset }}
	for _, body := range []*sentBody{nil, newBody(100)} {
		res := e.call(&base{answer: always(reset)}, e.post(body))
		res.close()
		switch {
		case res.broken != nil:
			return res.broken
		case res.err == nil:
			return errors.New("base never succeeded, and there was no error")
		case !errors.Is(res.err, syscall.ECONNRESET):
			return fmt.Errorf("the error hides base's: %w", res.err)
		}
	}
	return nil
}

// hidden is what must not be seen.
const hidden = "rttest-hidden-from-logs"

func errorHidesQuery(e *env) error {
	failures := append(e.failures(),
		failure{"connection reset", func(*http.Request) (*http.Response, error) { return nil, errReset }},
		failure{"unexpected EOF", func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }})
	for _, f := range failures {
		for _, url := range []string{apiURL + "?Signature=" + hidden, apiURL + "?a=" + hidden, "http://user:" + hidden + "@api.example/"} {
			b := &base{answer: always(f)}
			res := e.call(b, e.request(e.ctx, http.MethodGet, url, nil))
			res.close()
			if res.broken != nil {
				return res.broken
			}
			if res.err != nil && strings.Contains(fmt.Sprintf("%v %+v", res.err, res.err), hidden) {
				return fmt.Errorf("%s: the error's text holds the query or the password: %w", f.name, res.err)
			}
		}
	}
	return nil
}
