package rttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// env is what one run of a check works with.
type env struct {
	cfg Config
	ctx context.Context // ends with the check
}

// apiURL is where requests to a base in memory go. No such host exists.
const apiURL = "http://api.example/v2/index.php"

// success is what base answers where nothing is wrong.
const success = `{"code":0,"message":"","codeDesc":"Success","data":[]}`

// formType is the media type of the request bodies, which are forms, for
// signers know no other.
const formType = "application/x-www-form-urlencoded"

// url adds the configured query to a URL.
func (e *env) url(raw string) string {
	if e.cfg.Query == "" {
		return raw
	}
	if strings.Contains(raw, "?") {
		return raw + "&" + e.cfg.Query
	}
	return raw + "?" + e.cfg.Query
}

// get returns a GET request for a base in memory.
func (e *env) get() *http.Request { return e.request(e.ctx, http.MethodGet, apiURL, nil) }

// post returns a POST request for a base in memory.
func (e *env) post(body *sentBody) *http.Request {
	return e.request(e.ctx, http.MethodPost, apiURL, body)
}

func (e *env) request(ctx context.Context, method, url string, body *sentBody) *http.Request {
	r, err := http.NewRequestWithContext(ctx, method, e.url(url), nil)
	if err != nil {
		panic(err) // the check's own mistake
	}
	if body != nil {
		r.Header.Set("Content-Type", formType)
		body.attach(r)
	}
	return r
}

// result is what became of a call.
type result struct {
	resp *http.Response
	err  error
	took time.Duration
	at   time.Time // when the call returned

	broken error // a panic, or no end; the rest is zero then
}

var errHung = errors.New("the call did not end")

// call makes a call by a new transport on b.
func (e *env) call(b http.RoundTripper, r *http.Request) result {
	return e.roundTrip(e.cfg.New(b), r)
}

// roundTrip makes a call by rt, which may panic or hang.
func (e *env) roundTrip(rt http.RoundTripper, r *http.Request) result {
	if rt == nil {
		return result{broken: errors.New("Config.New returned nil")}
	}
	done := make(chan result, 1)
	began := time.Now()
	go func() {
		var res result
		defer func() {
			if p := recover(); p != nil {
				res = result{broken: fmt.Errorf("panic: %v", p)}
			}
			done <- res
		}()
		res.resp, res.err = rt.RoundTrip(r)
		res.at = time.Now()
		res.took = res.at.Sub(began)
	}()
	timer := time.NewTimer(e.cfg.Patience)
	defer timer.Stop()
	select {
	case res := <-done:
		return res
	case <-timer.C:
		return result{broken: errHung}
	}
}

// close closes the response's body, if there is a response.
func (res result) close() {
	if res.resp != nil && res.resp.Body != nil {
		res.resp.Body.Close()
	}
}

// soon waits until ok holds, at most for the grace.
func (e *env) soon(ok func() bool) bool {
	for end := time.Now().Add(e.cfg.Grace); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return ok()
		}
	}
	return true
}

// failure is a way in which an attempt fails.
type failure struct {
	name   string
	answer func(*http.Request) (*http.Response, error)
}

// errReset is what a read from a reset connection returns.
var errReset error = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// failures returns the failures to try a transport with.
func (e *env) failures() []failure {
	if e.cfg.Fail != nil {
		return []failure{{"Config.Fail", e.cfg.Fail}}
	}
	return []failure{
		{"503", unavailable},
		{"connection reset", func(*http.Request) (*http.Response, error) { return nil, errReset }},
	}
}

func unavailable(r *http.Request) (*http.Response, error) {
	return respond(r, http.StatusServiceUnavailable, "text/plain", "try again later"), nil
}

// respond makes a response as net/http would.
func respond(r *http.Request, status int, contentType, body string) *http.Response {
	resp := &http.Response{
		Status:        fmt.Sprintf("%d %s", status, http.StatusText(status)),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{"Content-Type": {contentType}},
		Body:          http.NoBody,
		ContentLength: int64(len(body)),
		Request:       r,
	}
	if body != "" {
		resp.Body = io.NopCloser(strings.NewReader(body))
	}
	return resp
}

// failing answers by f the first times, and then by a success.
func failing(times int, f failure) func(int, *http.Request) (*http.Response, error) {
	return func(n int, r *http.Request) (*http.Response, error) {
		if n <= times {
			return f.answer(r)
		}
		return respond(r, http.StatusOK, "application/json", success), nil
	}
}

// always answers every attempt by f.
func always(f failure) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, r *http.Request) (*http.Response, error) { return f.answer(r) }
}

// succeeding answers every attempt by a success.
func succeeding(_ int, r *http.Request) (*http.Response, error) {
	return respond(r, http.StatusOK, "application/json", success), nil
}

// muchTooMuch is how many bytes of an endless body nobody has a reason to
// read.
const muchTooMuch = 16 << 20

// endless is a body without an end. After muchTooMuch bytes it breaks off, for
// the sake of the machine's memory.
type endless struct {
	of   byte
	read atomic.Int64
}

var errTooMuch = errors.New("rttest: an endless body was read on and on")

func (b *endless) Read(p []byte) (int, error) {
	if b.read.Load() >= muchTooMuch {
		return 0, errTooMuch
	}
	for i := range p {
		p[i] = b.of
	}
	b.read.Add(int64(len(p)))
	return len(p), nil
}

func (b *endless) Close() error { return nil }
