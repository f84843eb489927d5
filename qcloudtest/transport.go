package qcloudtest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
)

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
	if req.Body != nil {
		defer req.Body.Close()
	}
	if req.Context().Err() != nil {
		return nil, context.Cause(req.Context())
	}
	c := t.api.serve(serverSide(req))
	switch c.Lost {
	case lostReset:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	case lostDrop:
		return nil, io.EOF
	case lostGone:
		return nil, c.err
	}
	return c.response(req)
}

// serverSide is req as a server would see it.
func serverSide(req *http.Request) *http.Request {
	r := req.Clone(req.Context())
	for name, values := range req.Header { // older SDKs of the vendor spell some names otherwise
		delete(r.Header, name)
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.RequestURI = r.URL.RequestURI()
	return r
}

// response is the answer as a client reads it from a connection.
func (c *call) response(req *http.Request) (*http.Response, error) {
	var wire bytes.Buffer
	fmt.Fprintf(&wire, "HTTP/1.1 %03d %s\r\n", c.Status, http.StatusText(c.Status))
	c.header.Write(&wire)
	wire.WriteString("\r\n")
	wire.Write(c.reply.body)
	return http.ReadResponse(bufio.NewReader(&wire), req)
}
