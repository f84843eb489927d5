package faulttests

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
)

// A mutation that found no connection, or was not written whole, was not
// executed: it is sent again, and its outcome is known.
func TestUnsent(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer plain.Close()
	insecure := &tls.Config{InsecureSkipVerify: true}
	closing := listen(t, func(c net.Conn) { c.Read(make([]byte, 10)); c.Close() })
	silent := listen(t, func(c net.Conn) { t.Cleanup(func() { c.Close() }) })
	gone := listen(t, nil)

	for name, test := range map[string]struct {
		base *http.Transport
		url  string
	}{
		"proxy away":               {&http.Transport{Proxy: proxy(gone)}, "http://dsa.api.qcloud.com"},
		"proxy away, TLS":          {&http.Transport{Proxy: proxy(gone)}, "https://dsa.api.qcloud.com"},
		"proxy refuses to connect": {&http.Transport{Proxy: proxy(plain.Listener.Addr().String())}, "https://dsa.api.qcloud.com"},
		"handshake broken":         {&http.Transport{TLSClientConfig: insecure}, "https://" + closing},
		"handshake never ends":     {&http.Transport{TLSClientConfig: insecure, TLSHandshakeTimeout: 20 * time.Millisecond}, "https://" + silent},
	} {
		t.Run(name, func(t *testing.T) {
			defer test.base.CloseIdleConnections()
			client := &qcloudhttp.Transport{Base: test.base, Policy: fast()}
			req := must(http.NewRequest(http.MethodPost, test.url+"/v2/index.php?Action=DeleteDsaHost", strings.NewReader("a=b")))
			_, err := client.RoundTrip(req)
			giveUp := new(qcloudhttp.GiveUpError)
			if !errors.As(err, &giveUp) || giveUp.Reason != qcloudhttp.ReasonAttempts || giveUp.Attempts != 3 {
				t.Errorf("not sent again: %v", err)
			}
			if errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
				t.Errorf("nothing was sent, and the outcome is said to be unknown: %v", err)
			}
		})
	}
}

// A pooled connection that turns out to be dead when the request is written
// costs a mutation nothing, whatever the method.
func TestDeadIdleConnection(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		served := 0
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			served++
			w.Write([]byte(okBody))
		}))
		var last *mortalConn
		base := &http.Transport{Dial: func(network, addr string) (net.Conn, error) {
			c, err := net.Dial(network, addr)
			last = &mortalConn{Conn: c}
			return last, err
		}}
		client := &qcloudhttp.Transport{Base: base, Policy: fast()}
		for range 2 {
			resp, err := client.RoundTrip(must(http.NewRequest(method, srv.URL+"/?Action=RunInstances", nil)))
			if err != nil {
				t.Fatalf("%s: %v", method, err)
			}
			if body, err := io.ReadAll(resp.Body); err != nil || string(body) != okBody {
				t.Errorf("%s: %q, %v", method, body, err)
			}
			resp.Body.Close()
			last.dead = true
		}
		if served != 2 {
			t.Errorf("%s: %d requests came", method, served)
		}
		base.CloseIdleConnections()
		srv.Close()
	}
}

// mortalConn fails its writes once it is dead.
type mortalConn struct {
	net.Conn
	dead bool
}

func (c *mortalConn) Write(p []byte) (int, error) {
	if c.dead {
		return 0, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
	}
	return c.Conn.Write(p)
}

func proxy(addr string) func(*http.Request) (*url.URL, error) {
	return http.ProxyURL(&url.URL{Scheme: "http", Host: addr})
}

// listen accepts connections for serve until the test ends, and returns the
// address; without serve nobody listens there.
func listen(t *testing.T, serve func(net.Conn)) string {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	if serve == nil {
		l.Close()
		return l.Addr().String()
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(t.Context(), func() { c.Close() }) // also one that the client has left open
			go serve(c)
		}
	}()
	return l.Addr().String()
}
