package rttest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing/iotest"
)

// dutyChecks have requests and answers of their own.
var dutyChecks = []check{
	{name: "EndlessRequestBody", f: endlessRequestBody},
	{name: "ResponsePassed", f: responsePassed},
	{name: "Stream", f: stream},
	{name: "CloseIdleConnections", f: closeIdleConnections},
	{name: "ConcurrentUse", f: concurrentUse},
	{name: "Wire", f: wire},
}

func endlessRequestBody(e *env) {
	body := strings.NewReader(endless)
	r := e.request(e.ctx, http.MethodPost, apiURL, nil)
	r.Body, r.ContentLength = io.NopCloser(body), -1
	r.Header.Set("Content-Type", formType)
	res := e.call(e.cfg.New(&base{answer: success, readAtMost: 2 << 20}), r)
	res.close()
	e.require(body.Len() > 0 && res.err == nil, "of %d bytes %d were left, error %v", len(endless), body.Len(), res.err)
}

// passed are responses, with what is unusual about them.
type passed struct {
	name, method, contentType, body string
	change                          func(*http.Response)
}

func responses(cfg Config) []passed {
	const get, json = http.MethodGet, "application/json"
	large := strings.Repeat("large body ", cfg.Long/11)
	encoded := func(coding string) func(*http.Response) {
		return func(r *http.Response) { r.Header.Set("Content-Encoding", coding) }
	}
	status := func(code int) func(*http.Response) { return func(r *http.Response) { r.StatusCode = code } }
	return []passed{
		{"success", get, json, successBody, nil},
		{"success, code last", get, json, `{"data":{"a":[1,2,{"code":9}]},"code":0}`, nil},
		{"API 3.0", get, json, `{"Response":{"TotalCount":1,"RequestId":"r"}}`, nil},
		{"no envelope", get, json, `[1,2,3]`, nil},
		{"BOM and space", get, json, "\ufeff \r\n" + successBody + "\n\n", nil},
		{"HTML", get, "text/html", "<!doctype html><p>hello</p>", nil},
		{"bytes", get, "application/octet-stream", "\x00\xff{\"code\":4000}\x00", nil},
		{"no type", get, "", "plain", nil},
		{"white space", get, json, strings.Repeat(" ", 10_000), nil},
		{"large", get, "text/plain", large, nil},
		{"large, code first", get, json, `{"code":0,"data":"` + large + `"}`, nil},
		{"large, code last", get, json, `{"data":"` + large + `","code":0}`, nil},
		{"gzip", get, json, zip(successBody), encoded("gzip")},
		{"gzip, large", get, json, zip(`{"data":"` + large + `","code":0}`), encoded("gzip")},
		{"gzip, in name only", get, json, "no gzip at all", encoded("gzip")},
		{"unknown coding", get, json, "\x8b\x02\x80", encoded("br")},
		{"201", get, json, successBody, status(http.StatusCreated)},
		{"204", get, json, "", status(http.StatusNoContent)},
		{"206", get, json, successBody, status(http.StatusPartialContent)},
		{"304", get, json, "", status(http.StatusNotModified)},
		{"empty", get, json, "", nil},
		{"HEAD", http.MethodHead, json, "", func(r *http.Response) { r.ContentLength = 1234 }},
		{"chunked", get, json, successBody, func(r *http.Response) { r.TransferEncoding = []string{"chunked"} }},
		{"uncompressed", get, json, successBody, func(r *http.Response) { r.ContentLength, r.Uncompressed = -1, true }},
		{"HTTP/1.0", get, json, successBody, func(r *http.Response) { r.Proto, r.ProtoMinor, r.Close = "HTTP/1.0", 0, true }},
		{"two of a header", get, json, successBody, func(r *http.Response) { r.Header["X-Many"] = []string{"one", "two"} }},
		{"an odd header", get, json, successBody, func(r *http.Response) { r.Header["x-odd key"] = []string{""} }},
	}
}

func zip(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

// responsePassed reads every response in two ways.
func responsePassed(e *env) {
	for _, p := range responses(e.cfg) {
		if p.method == http.MethodHead && e.cfg.Skip["Head"] != "" {
			continue
		}
		for name, read := range map[string]func(io.Reader) error{
			"in small parts": func(r io.Reader) error { return iotest.TestReader(r, []byte(p.body)) },
			"io.Copy": func(r io.Reader) error {
				var b bytes.Buffer
				_, err := io.Copy(struct{ io.Writer }{&b}, r)
				if err == nil && b.String() != p.body {
					err = fmt.Errorf("%d bytes came back that are not the %d sent", b.Len(), len(p.body))
				}
				return err
			},
		} {
			e.at = p.name + ", " + name
			answer := response(http.StatusOK, p.contentType, p.body, p.change)
			res := e.get(p.method, answer)
			e.require(res.err == nil && res.resp.Body != nil, "no Body, error %v", res.err)
			passed := *res.resp
			want, _ := answer(1, passed.Request)
			passed.Body, want.Body = nil, nil
			e.require(reflect.DeepEqual(passed, *want), "the response is %+v, base's %+v", passed, want)
			err := read(res.resp.Body)
			res.close()
			e.owe("ResponseBody", err == nil, "%w", err)
		}
	}
}

// stream reads a body of which a part has arrived, and ends the wait for more
// in three ways.
func stream(e *env) {
	const first, rest = "data: first\n\n", "data: last\n\n"
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	e.ctx = ctx
	for _, way := range []string{"Stream", "CloseUnblocksRead", "CancelInBody"} {
		var server *io.PipeWriter
		res := e.get(http.MethodGet, response(http.StatusOK, "text/event-stream", "", func(r *http.Response) {
			server = piped(r, first)
		}))
		e.require(res.err == nil, "%w", res.err)
		got := make([]byte, len(first))
		reading := start(func() { io.ReadFull(res.resp.Body, got) })
		e.require(!reading.waits() && string(got) == first, "before the body's end came %q", got)
		var err error
		reading = start(func() { got, err = io.ReadAll(res.resp.Body) })
		e.owe(way, reading.waits(), "the body ended before its time")
		end := map[string]func(){
			"Stream":       func() { io.WriteString(server, rest); server.Close() },
			"CancelInBody": cancel, "CloseUnblocksRead": func() { res.close() },
		}[way]
		ended := !start(end).waits() && !reading.waits()
		if e.owe(way, ended, "the Read goes on"); !ended {
			return // the context's end is what can end it
		}
		res.close()
		e.owe("Stream", way != "Stream" || err == nil && string(got) == rest, "it ended by %q, %v", got, err)
		e.owe("CancelInBody", way != "CancelInBody" || errors.Is(err, context.Canceled), "the body ended by %v", err)
	}
}

func closeIdleConnections(e *env) {
	b := &base{answer: success}
	rt, ok := e.cfg.New(b).(interface{ CloseIdleConnections() })
	e.require(ok, "there is no method CloseIdleConnections")
	rt.CloseIdleConnections()
	e.require(b.idleClosed.Load() > 0, "the call did not reach the base")
}

// concurrentUse makes calls that say who they are, of which every fourth
// attempt fails.
func concurrentUse(e *env) {
	const goroutines, calls = 32, 12
	var wrong atomic.Int64
	for _, fail := range faults(e.cfg) {
		rt := e.cfg.New(&base{answer: func(n int, r *http.Request) (*http.Response, error) {
			if n%4 == 0 {
				return fail(n, r)
			}
			return response(http.StatusOK, "", "", func(resp *http.Response) { resp.Header["X-Id"] = r.Header["X-Id"] })(n, r)
		}})
		var callers sync.WaitGroup
		for g := range goroutines {
			callers.Go(func() {
				for c := range calls {
					id := fmt.Sprint(g, c)
					r := e.request(e.ctx, http.MethodPost, apiURL, newBody(100))
					r.Header["X-Id"] = []string{id}
					resp, err := rt.RoundTrip(r)
					if err != nil {
						continue // it does not try again
					}
					resp.Body.Close()
					if got := resp.Header["X-Id"]; got != nil && got[0] != id {
						wrong.Add(1)
					}
				}
			})
		}
		callers.Wait()
	}
	e.require(wrong.Load() == 0, "%d calls got another call's answer", wrong.Load())
}
