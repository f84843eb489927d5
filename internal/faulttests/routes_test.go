package faulttests

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// route is a way to the API, with what goes wrong on it.
type route struct {
	name    string
	repeats bool // it sends a POST twice, below the Transport
	posts   bool // its server reads bodies only
	open    func(*testing.T, *books) (endpoint string, base http.RoundTripper, end func())
}

// sorts are those that the way can carry.
func (w route) sorts() []sort {
	if w.posts {
		return []sort{v2Post, v3Token, v3Bare, repeatable}
	}
	return sorts
}

var routes = []route{
	{name: "HTTP/1.1", open: func(t *testing.T, b *books) (string, http.RoundTripper, func()) {
		srv := quietServer(b)
		base := &http.Transport{DialContext: b.cutting(40)}
		return srv.URL, base, func() { base.CloseIdleConnections(); srv.Close() }
	}},
	{name: "HTTP/1.1, large", open: func(t *testing.T, b *books) (string, http.RoundTripper, func()) {
		srv := quietServer(b)
		base := &http.Transport{DialContext: b.cutting(40), WriteBufferSize: 64} // as if each were large
		return srv.URL, base, func() { base.CloseIdleConnections(); srv.Close() }
	}},
	{name: "HTTP/2", open: func(t *testing.T, b *books) (string, http.RoundTripper, func()) {
		srv := httptest.NewUnstartedServer(b)
		srv.EnableHTTP2, srv.Config.ErrorLog = true, quiet
		srv.StartTLS()
		base := srv.Client().Transport.(*http.Transport)
		base.DialContext = b.cutting(20_000) // a connection carries many calls
		return srv.URL, base, func() { base.CloseIdleConnections(); srv.Close() }
	}},
	{name: "HTTP/2, resets and GOAWAY", posts: true, open: func(t *testing.T, b *books) (string, http.RoundTripper, func()) {
		addr := "http://" + listen(t, b.frames)
		protocols := new(http.Protocols)
		protocols.SetUnencryptedHTTP2(true)
		base := &http.Transport{Protocols: protocols}
		return addr, base, base.CloseIdleConnections
	}},
	{name: "ReverseProxy", open: func(t *testing.T, b *books) (string, http.RoundTripper, func()) {
		srv := quietServer(b)
		behind := &http.Transport{}
		proxy := httputil.NewSingleHostReverseProxy(must(url.Parse(srv.URL)))
		proxy.Transport, proxy.ErrorLog = behind, quiet
		front := quietServer(proxy)
		base := &http.Transport{DialContext: b.cutting(40)}
		return front.URL, base, func() { base.CloseIdleConnections(); front.Close(); behind.CloseIdleConnections(); srv.Close() }
	}},
	{name: "a proxy that repeats a GET", open: func(t *testing.T, b *books) (string, http.RoundTripper, func()) {
		srv := quietServer(b)
		behind := &http.Transport{}
		front := quietServer(nextUpstream{srv.URL, behind})
		base := &http.Transport{}
		return front.URL, base, func() { base.CloseIdleConnections(); front.Close(); behind.CloseIdleConnections(); srv.Close() }
	}},
	{name: "a Base that retries", repeats: true, open: func(t *testing.T, b *books) (string, http.RoundTripper, func()) {
		srv := quietServer(b)
		inner := &http.Transport{DialContext: b.cutting(40)}
		client := retryablehttp.NewClient()
		client.HTTPClient = &http.Client{Transport: inner}
		client.Logger, client.RetryMax, client.RetryWaitMin, client.RetryWaitMax = nil, 2, time.Microsecond, time.Millisecond
		return srv.URL, &retryablehttp.RoundTripper{Client: client}, func() { inner.CloseIdleConnections(); srv.Close() }
	}},
}

var quiet = log.New(io.Discard, "", 0)

func quietServer(h http.Handler) *httptest.Server {
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = quiet
	srv.Start()
	return srv
}

// cutting dials, and one time of n fails, or makes a connection one of whose
// writes is cut.
func (b *books) cutting(n int) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if b.chance(n) {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return &cutConn{Conn: conn, cut: func() bool { return b.chance(n) }}, err
	}
}

// cutConn breaks in the middle of a write.
type cutConn struct {
	net.Conn
	cut  func() bool
	dead atomic.Bool
}

func (c *cutConn) Write(p []byte) (int, error) {
	if c.dead.Load() || !c.cut() {
		return c.Conn.Write(p)
	}
	c.dead.Store(true)
	n, _ := c.Conn.Write(p[:len(p)/2])
	c.Conn.Close()
	return n, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
}

// nextUpstream does what nginx's proxy_next_upstream does by default: where the
// upstream fails, a GET goes to the next one, and a POST does not.
type nextUpstream struct {
	upstream string
	base     *http.Transport
}

func (p nextUpstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	tries := 1
	if r.Method == http.MethodGet {
		tries = 2
	}
	for range tries {
		up := must(http.NewRequestWithContext(r.Context(), r.Method, p.upstream+r.URL.RequestURI(), io.NopCloser(bytes.NewReader(body))))
		up.Header, up.ContentLength = r.Header.Clone(), int64(len(body))
		if len(body) == 0 {
			up.Body = http.NoBody
		}
		resp, err := p.base.RoundTrip(up)
		if err != nil {
			continue
		}
		defer resp.Body.Close()
		w.Header().Set("Content-Length", resp.Header.Get("Content-Length"))
		w.WriteHeader(resp.StatusCode)
		if _, err := io.Copy(w, resp.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
		return
	}
	w.WriteHeader(http.StatusBadGateway)
}

// The frames of HTTP/2 and the errors of a stream (RFC 9113, 6 and 7).
const (
	frameData, frameHeaders, frameReset, frameSettings, framePing, frameGoAway = 0, 1, 3, 4, 6, 7
	flagEnd, flagAck, flagEndHeaders                                           = 1, 1, 4
	protocolError, internalError, refusedStream                                = 1, 2, 7
)

// frameConn writes frames.
type frameConn struct {
	net.Conn
	mu sync.Mutex
}

func (c *frameConn) frame(kind, flags byte, stream uint32, payload []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	head := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(head[5:], stream)
	c.Write(append(head, payload...))
}

func (c *frameConn) reset(stream uint32, code byte) {
	c.frame(frameReset, 0, stream, []byte{0, 0, 0, code})
}

// answer sends a response of status 200, by its number in HPACK's table.
func (c *frameConn) answer(stream uint32, body string) {
	c.frame(frameHeaders, flagEndHeaders, stream, []byte{0x88})
	c.frame(frameData, flagEnd, stream, []byte(body))
}

// frames serves a connection of HTTP/2 by hand. Of streams it refuses some, for
// some it goes away, and after a lost answer it resets the stream with
// PROTOCOL_ERROR, after which net/http sends what it can send again.
func (b *books) frames(conn net.Conn) {
	readFrames(conn, func(c *frameConn, stream uint32, body []byte) bool {
		switch {
		case b.chance(20):
			c.reset(stream, refusedStream)
			return true
		case b.chance(50):
			c.frame(frameGoAway, 0, 0, make([]byte, 8)) // no stream was processed
			return false
		}
		contentType := "application/x-www-form-urlencoded"
		if bytes.HasPrefix(body, []byte("{")) {
			contentType = "application/json"
		}
		switch a := b.serve(parameters("", contentType, body)); {
		case a.lost, a.status != 0, a.part > 0:
			c.reset(stream, protocolError)
		default:
			c.answer(stream, a.body)
		}
		return true
	})
}

// readFrames calls request for each request that came whole, until it says no.
func readFrames(conn net.Conn, request func(c *frameConn, stream uint32, body []byte) bool) {
	defer conn.Close()
	c := &frameConn{Conn: conn}
	if _, err := io.ReadFull(c, make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	c.frame(frameSettings, 0, 0, nil)
	bodies := map[uint32][]byte{}
	for head := make([]byte, 9); ; {
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		payload := make([]byte, int(head[0])<<16|int(binary.BigEndian.Uint16(head[1:])))
		if _, err := io.ReadFull(c, payload); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		switch {
		case kind == frameSettings && flags&flagAck == 0:
			c.frame(frameSettings, flagAck, 0, nil)
		case kind == framePing && flags&flagAck == 0:
			c.frame(framePing, flagAck, 0, payload)
		case kind == frameData:
			bodies[stream] = append(bodies[stream], payload...)
			update := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
			if len(payload) > 0 {
				c.frame(8, 0, 0, update) // WINDOW_UPDATE of the connection
			}
		}
		if kind <= frameHeaders && flags&flagEnd != 0 && !request(c, stream, bodies[stream]) {
			c.SetReadDeadline(time.Now().Add(time.Second))
			io.Copy(io.Discard, c) // until the client has gone
			return
		}
	}
}
