package rttest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync/atomic"
)

var socketChecks = []Check{
	{Name: "Sockets", Sockets: true, f: sockets,
		Doc: "Bodies arrive byte-identical both ways over HTTP/1.1 and HTTP/2, plain, chunked and compressed by the server."},
	{Name: "ConnectionReuse", Sockets: true, f: connectionReuse,
		Doc: "A connection whose response was read to its end serves the next call."},
	{Name: "Trailer", Sockets: true, f: trailer,
		Doc: "Trailers, announced or not, are in Response.Trailer after the body's end."},
	{Name: "Informational", Sockets: true, f: informational,
		Doc: "1xx responses reach the caller's httptrace hooks and are not taken for the answer."},
	{Name: "ExpectContinue", Sockets: true, f: expectContinue,
		Doc: "A request with Expect: 100-continue sends its body when the server asks for it, and takes a refusal for the answer."},
	{Name: "Upgrade", Sockets: true, f: upgrade,
		Doc: "101 Switching Protocols comes back with a Body that is an io.ReadWriteCloser (http.Response.Body)."},
}

func sockets(e *env) error {
	large := strings.Repeat("0123456789abcdef", e.cfg.Long/16)
	h := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.ContentLength >= 0 && r.ContentLength != int64(len(body)) {
			http.Error(w, "half a body", http.StatusBadRequest)
			return
		}
		switch r.URL.Path {
		case "/echo":
			w.Write(body)
		case "/large":
			io.WriteString(w, large)
		case "/chunked":
			for _, part := range strings.SplitAfter(success, ",") {
				io.WriteString(w, part)
				w.(http.Flusher).Flush()
			}
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, zip(success))
		}
	}
	return e.onBoth(h, func(s *server) error {
		rt := e.cfg.New(s.base)
		for path, want := range map[string]string{
			"/large": large, "/chunked": success, "/gzip": success, "/empty": "",
		} {
			resp, got, err := e.do(rt, e.request(e.ctx, http.MethodGet, s.URL+path, nil))
			switch {
			case err != nil:
				return fmt.Errorf("%s: %w", path, err)
			case string(got) != want:
				return fmt.Errorf("%s: %d bytes came back that are not the %d sent", path, len(got), len(want))
			case resp.Proto != s.proto:
				return fmt.Errorf("%s: spoken was %s", path, resp.Proto)
			case path == "/gzip" && !resp.Uncompressed:
				return fmt.Errorf("%s: net/http did not see to the compression", path)
			}
		}
		for _, body := range []*sentBody{
			newBody(100), newBody(100).once(), newBody(100).once().unknown(), e.newLongBody().once(),
		} {
			_, got, err := e.do(rt, e.request(e.ctx, http.MethodPost, s.URL+"/echo", body))
			if err == nil {
				err = e.sameBody(got, body.content)
			}
			if err != nil {
				return fmt.Errorf("a body of %d bytes: %w", len(body.content), err)
			}
		}
		return nil
	})
}

func connectionReuse(e *env) error {
	h := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, success)
	}
	return e.onBoth(h, func(s *server) error {
		rt := e.cfg.New(s.base)
		for i := range 6 {
			r := e.request(e.ctx, http.MethodPost, s.URL, newBody(100))
			if i%2 == 0 {
				r = e.request(e.ctx, http.MethodGet, s.URL, nil)
			}
			if _, _, err := e.do(rt, r); err != nil {
				return err
			}
		}
		if n := s.conns.Load(); n != 1 {
			return fmt.Errorf("6 calls in a row took %d connections", n)
		}
		return nil
	})
}

func trailer(e *env) error {
	h := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/announced" {
			w.Header().Set("Trailer", "X-Announced")
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, success)
		w.(http.Flusher).Flush()
		w.Header().Set("X-Announced", "a")
		w.Header().Set(http.TrailerPrefix+"X-Sudden", "b")
	}
	return e.onBoth(h, func(s *server) error {
		for path, name := range map[string]string{"/announced": "X-Announced", "/sudden": "X-Sudden"} {
			resp, _, err := e.do(e.cfg.New(s.base), e.request(e.ctx, http.MethodGet, s.URL+path, nil))
			if err != nil {
				return err
			}
			if resp.Trailer.Get(name) == "" {
				return fmt.Errorf("%s: the trailers are %v", path, resp.Trailer)
			}
		}
		return nil
	})
}

func informational(e *env) error {
	h := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		io.WriteString(w, success)
	}
	return e.onBoth(h, func(s *server) error {
		var link atomic.Value
		ctx := httptrace.WithClientTrace(e.ctx, &httptrace.ClientTrace{
			Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
				if code == http.StatusEarlyHints {
					link.Store(header.Get("Link"))
				}
				return nil
			},
		})
		resp, body, err := e.do(e.cfg.New(s.base), e.request(ctx, http.MethodGet, s.URL, nil))
		switch {
		case err != nil:
			return err
		case resp.StatusCode != http.StatusOK || string(body) != success:
			return fmt.Errorf("the answer is %d %q", resp.StatusCode, body)
		case link.Load() != "</style.css>; rel=preload":
			return errors.New("103 did not reach the hook")
		}
		return nil
	})
}

func expectContinue(e *env) error {
	h := func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.ProtoMajor == 1 && r.Header.Get("Expect") != "100-continue": // net/http's HTTP/2 keeps it for itself
			http.Error(w, "no Expect", http.StatusAccepted)
		case r.URL.Path == "/refuse":
			w.WriteHeader(http.StatusNonAuthoritativeInfo) // a status that nobody retries
		default:
			io.Copy(w, r.Body)
		}
	}
	return e.onBoth(h, func(s *server) error {
		rt := e.cfg.New(s.base)
		for path, code := range map[string]int{"/": http.StatusOK, "/refuse": http.StatusNonAuthoritativeInfo} {
			body := newBody(10_000)
			r := e.request(e.ctx, http.MethodPost, s.URL+path, body)
			r.Header.Set("Expect", "100-continue")
			resp, got, err := e.do(rt, r)
			switch {
			case err != nil:
				return fmt.Errorf("%s: %w", path, err)
			case resp.StatusCode != code:
				return fmt.Errorf("%s: the answer is %d", path, resp.StatusCode)
			case path == "/":
				if err := e.sameBody(got, body.content); err != nil {
					return err
				}
			case !e.soon(body.allClosed):
				return errors.New("the refused body was not closed")
			}
		}
		return nil
	})
}

func upgrade(e *env) error {
	h := func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		if line, err := rw.ReadString('\n'); err == nil {
			io.WriteString(conn, line)
		}
	}
	return e.on("HTTP/1.1", h, func(s *server) error {
		r := e.request(e.ctx, http.MethodGet, s.URL, nil)
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "echo")
		res := e.roundTrip(e.cfg.New(s.base), r)
		defer res.close()
		switch {
		case res.broken != nil:
			return res.broken
		case res.err != nil:
			return res.err
		case res.resp.StatusCode != http.StatusSwitchingProtocols:
			return fmt.Errorf("the answer is %d", res.resp.StatusCode)
		}
		conn, ok := res.resp.Body.(io.ReadWriteCloser)
		if !ok {
			return errors.New("the Body cannot be written to")
		}
		line, err := within(e, func() (string, error) {
			if _, err := io.WriteString(conn, "hello\n"); err != nil {
				return "", err
			}
			return bufio.NewReader(conn).ReadString('\n')
		})
		if line != "hello\n" {
			return fmt.Errorf("the connection echoes %q, %v", line, err)
		}
		return nil
	})
}
