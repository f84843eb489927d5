package rttest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync/atomic"
	"testing/synctest"
)

// serve serves h over pipes until the check ends. It returns the server's
// address, a new transport that talks to it, and the number of connections so far.
func (e *env) serve(h http.HandlerFunc) (url string, rt http.RoundTripper, conns *atomic.Int32) {
	conns = new(atomic.Int32)
	server := &http.Server{Handler: h, ConnState: func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}}
	l := NewPipes()
	go server.Serve(l)
	base := &http.Transport{DialContext: l.Dial, ExpectContinueTimeout: patience}
	e.cleanups = append(e.cleanups, func() { server.Close() }, base.CloseIdleConnections)
	return "http://pipe.example", e.cfg.New(base), conns
}

// hint is what the 103 holds that comes before every answer.
const hint = "</style.css>; rel=preload"

// wire makes calls one after the other. Every answer has a 103 before it and
// trailers behind it, and all need one connection. This relies on
// the bubble's time: net/http's client gives a connection up when its writing
// goroutine takes more than 50 ms to report that the request is written.
func wire(e *env) {
	large := strings.Repeat("0123456789abcdef", e.cfg.Long/16)
	bodies := map[string]string{"/large": large, "/chunked": successBody, "/gzip": successBody}
	url, rt, conns := e.serve(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/expect") && r.Header.Get("Expect") == "" {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		if r.URL.Path == "/expect/refused" {
			w.WriteHeader(http.StatusNonAuthoritativeInfo) // a status that nobody retries
			return
		}
		sent, err := io.ReadAll(r.Body)
		if err != nil || r.ContentLength >= 0 && r.ContentLength != int64(len(sent)) {
			http.Error(w, "half a body", http.StatusBadRequest)
			return
		}
		w.Header().Set("Link", hint)
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		body := bodies[r.URL.Path] + string(sent)
		if r.URL.Path != "/gzip" {
			w.Header().Set("Trailer", "X-Announced")
		} else {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", "application/json")
			body = zip(body)
		}
		w.(http.Flusher).Flush() // so it is chunked
		io.WriteString(w, body)
		w.Header().Set("X-Announced", "a")
		w.Header().Set(http.TrailerPrefix+"X-Sudden", "b")
	})
	for path, want := range bodies {
		resp, got := e.wireCall(rt, http.MethodGet, url, path, nil)
		e.require(string(got) == want, "%d bytes came back that are not the %d sent", len(got), len(want))
		e.require(path != "/gzip" || resp.Uncompressed, "net/http did not see to the compression")
	}
	for _, body := range []*sentBody{
		newBody(100), newBody(100, once), newBody(100, once, unknown), newBody(e.cfg.Long, once),
	} {
		_, got := e.wireCall(rt, http.MethodPost, url, "/echo", body)
		e.require(e.same(got, body.content), "%d bytes arrived that are not the %d sent", len(got), len(body.content))
	}
	e.owe("ConnectionReuse", conns.Load() == 1, "the calls took %d connections", conns.Load())
	for path, code := range map[string]int{"/expect": http.StatusOK, "/expect/refused": http.StatusNonAuthoritativeInfo} {
		body := newBody(10_000)
		resp, got := e.wireCall(rt, http.MethodPost, url, path, body)
		e.owe("ExpectContinue", resp.StatusCode == code, "%s: the answer is %d", path, resp.StatusCode)
		e.owe("ExpectContinue", resp.StatusCode != http.StatusOK || e.same(got, body.content), "another body arrived")
		synctest.Wait()
		e.owe("ExpectContinue", body.open.Load() == 0, "%s: the body was not closed", path)
	}
}

// wireCall makes a call and looks, where the answer is 200, for the 103 and the
// trailers.
func (e *env) wireCall(rt http.RoundTripper, method, url, path string, body *sentBody) (*http.Response, []byte) {
	e.at = path
	var link atomic.Value
	r := e.request(httptrace.WithClientTrace(e.ctx, &httptrace.ClientTrace{
		Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			if code == http.StatusEarlyHints {
				link.Store(header.Get("Link"))
			}
			return nil
		},
	}), method, url+path, body)
	if strings.HasPrefix(path, "/expect") {
		r.Header.Set("Expect", "100-continue")
	}
	res := e.call(rt, r)
	e.require(res.err == nil, "%w", res.err)
	defer res.close()
	resp := res.resp
	var got []byte
	var err error
	e.finish(start(func() { got, err = io.ReadAll(resp.Body) }), "the response's body")
	e.require(err == nil, "the answer is %s, its body ends by %v", resp.Status, err)
	if resp.StatusCode == http.StatusOK {
		e.owe("Informational", link.Load() == hint, "103 did not reach the hook")
		e.owe("Trailer", resp.Trailer.Get("X-Sudden") == "b", "the trailers are %v", resp.Trailer)
		e.owe("Trailer", path == "/gzip" || resp.Trailer.Get("X-Announced") == "a", "the trailers are %v", resp.Trailer)
	}
	return resp, got
}
