package qcloudtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
)

// Transport returns a RoundTripper that calls the API in place, whatever host
// the request names: no socket, no goroutine, only time.Now and timers, so that
// it works in a [testing/synctest] bubble. A broken connection looks as it does
// over a socket: a *net.OpError of ECONNRESET for [DropBeforeRead], io.EOF for
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
	if req.URL == nil {
		return nil, errors.New("qcloudtest: nil Request.URL")
	}
	x := t.api.serve(serverSide(req))
	switch x.lost {
	case lostReset:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	case lostDrop:
		return nil, io.EOF
	case lostGone:
		return nil, x.err
	}
	return x.response(req), nil
}

// serverSide is req as a server would see it. It shares no map with req.
func serverSide(req *http.Request) *http.Request {
	r := req.Clone(req.Context())
	for name, values := range req.Header { // a server reads them so
		if canonical := http.CanonicalHeaderKey(name); canonical != name {
			delete(r.Header, name)
			r.Header[canonical] = append(r.Header[canonical], values...)
		}
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

func (x *exchange) response(req *http.Request) *http.Response {
	h := make(http.Header)
	x.fillHeader(h)
	body := x.sendable()
	if req.Method == http.MethodHead { // such an answer's body stays behind, its length does not
		body = nil
	}
	return &http.Response{
		Status:        fmt.Sprintf("%03d %s", x.reply.status, http.StatusText(x.reply.status)),
		StatusCode:    x.reply.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        h,
		ContentLength: int64(len(x.reply.body)),
		Body: &memoryBody{
			ctx: req.Context(),
			r:   bytes.NewReader(body),
			cut: x.lost == lostCut,
		},
		Request: req,
	}
}

// memoryBody is a response's body. Like a connection's, it fails when the
// request's context ends and after Close.
type memoryBody struct {
	ctx    context.Context
	r      *bytes.Reader
	cut    bool
	closed atomic.Bool
}

func (b *memoryBody) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	if b.ctx.Err() != nil {
		return 0, context.Cause(b.ctx)
	}
	n, err := b.r.Read(p)
	if err == io.EOF && b.cut {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (b *memoryBody) Close() error {
	b.closed.Store(true)
	return nil
}
