package qcloudtest

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"syscall"
)

// A Server is an [API] that listens on loopback. It has all of the API's
// methods and those of [httptest.Server]. API 2.0 is at [Server.Endpoint], API
// 3.0 at URL, such as "http://127.0.0.1:40831".
//
// Over sockets net/http resends a GET by itself where a connection that it had
// used before breaks before the answer. [API.Requests] shows such resends, which
// have the Digest of the first.
type Server struct {
	*API
	*httptest.Server

	stop context.CancelFunc // ends the requests that wait in a [Delay]
}

// NewServer starts a server. The caller calls Close when done with it.
func NewServer(opts ...Option) *Server {
	s := NewUnstartedServer(opts...)
	s.Start()
	return s
}

// NewUnstartedServer makes a server whose Config, TLS and EnableHTTP2 can still
// be changed. The caller calls Start or StartTLS, and Close.
func NewUnstartedServer(opts ...Option) *Server {
	a := NewAPI(opts...)
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{API: a, Server: httptest.NewUnstartedServer(a), stop: stop}
	s.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	return s
}

// Close ends requests that wait in a [Delay], shuts the server down and blocks
// until no request is in progress.
func (s *Server) Close() {
	s.stop()
	s.Server.Close()
}

// Endpoint returns the address of API 2.0, such as
// "http://127.0.0.1:40831/v2/index.php". It is known once the server is started.
func (s *Server) Endpoint() string { return s.URL + path2 }

// Client returns a plain client for the server over its sockets; it trusts the
// server's certificate, and its idle connections are closed by Close.
func (s *Server) Client() *http.Client { return s.Server.Client() }

// ServeHTTP answers one request of either API.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := a.serve(r)
	if !c.ended() {
		maps.Copy(w.Header(), c.header)
		w.WriteHeader(c.Status)
		w.Write(c.reply.body)
	}
	switch c.Lost {
	case "":
		return
	case lostCut:
		http.NewResponseController(w).Flush()
	case lostReset:
		reset(w)
	}
	panic(http.ErrAbortHandler) // the way to break a connection off, in HTTP/1 and HTTP/2
}

// reset resets the connection; HTTP/2 resets the stream in any case.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn() // without a farewell of TLS
	}
	if t, ok := conn.(*net.TCPConn); ok {
		t.SetLinger(0)
	}
	conn.Close()
}

// Transport returns a RoundTripper that calls the API in place, whatever host
// the request names: no socket, no goroutine, only time.Now and timers, so that
// it works in a [testing/synctest] bubble. A broken connection looks as it does
// over a socket: a *net.OpError of ECONNRESET for [Reset], io.EOF for
// [Drop], io.ErrUnexpectedEOF from the body for [Cut].
func (a *API) Transport() http.RoundTripper { return memoryTransport{a} }

// Client returns a client over [API.Transport].
func (a *API) Client() *http.Client { return &http.Client{Transport: a.Transport()} }

type memoryTransport struct{ api *API }

func (t memoryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	r := serverSide(req)
	defer r.Body.Close()
	if req.Context().Err() != nil {
		return nil, context.Cause(req.Context())
	}
	c := t.api.serve(r)
	switch c.Lost {
	case lostReset:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	case lostDrop:
		return nil, io.EOF
	case lostGone:
		return nil, c.err
	}
	var wire bytes.Buffer // the answer as it comes from a connection
	fmt.Fprintf(&wire, "HTTP/1.1 %03d %s\r\n", c.Status, http.StatusText(c.Status))
	c.header.Write(&wire)
	wire.WriteString("\r\n")
	wire.Write(c.reply.body)
	return http.ReadResponse(bufio.NewReader(&wire), req)
}

// serverSide is req as a server would see it.
func serverSide(req *http.Request) *http.Request {
	r := req.Clone(req.Context())
	for name, values := range req.Header { // older SDKs of the vendor spell some names otherwise
		delete(r.Header, name)
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	r.Method = cmp.Or(r.Method, http.MethodGet)
	r.Host = cmp.Or(r.Host, r.URL.Host)
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.RequestURI = r.URL.RequestURI()
	return r
}
