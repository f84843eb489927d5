package rttest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
)

// server is a real one, and a base that talks to it.
type server struct {
	*httptest.Server
	proto string
	base  *http.Transport
	conns atomic.Int32 // accepted so far
}

// onBoth runs f against a server that speaks HTTP/1.1 and one that speaks
// HTTP/2.
func (e *env) onBoth(h http.HandlerFunc, f func(*server) error) error {
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		if err := e.on(proto, h, f); err != nil {
			return fmt.Errorf("%s: %w", proto, err)
		}
	}
	return nil
}

func (e *env) on(proto string, h http.HandlerFunc, f func(*server) error) error {
	s := &server{Server: httptest.NewUnstartedServer(h), proto: proto}
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.conns.Add(1)
		}
	}
	if proto == "HTTP/2.0" {
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Start()
	}
	defer s.Close()
	s.base = s.Client().Transport.(*http.Transport)
	s.base.ExpectContinueTimeout = e.cfg.Patience
	defer s.base.CloseIdleConnections()
	return f(s)
}

// do makes a call by rt and reads the response whole.
func (e *env) do(rt http.RoundTripper, r *http.Request) (*http.Response, []byte, error) {
	res := e.roundTrip(rt, r)
	if res.broken != nil {
		return nil, nil, res.broken
	}
	if res.err != nil {
		return nil, nil, res.err
	}
	defer res.close()
	body, err := within(e, func() ([]byte, error) { return io.ReadAll(res.resp.Body) })
	return res.resp, body, err
}
