// Package faults is an HTTP/1.1 server for tests that works on the bytes of
// its TCP connections: it resets, half-closes, stalls and sends nonsense at
// exactly the byte where a test wants it.
package faults

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server answers requests on loopback by a script: the n-th request gets the
// n-th answer, and the last answer serves all that follow.
type Server struct {
	URL string // http://127.0.0.1:port, without a slash at its end

	addr    string
	answers []Answer
	wg      sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener
	conns    map[*Conn]bool
	accepted int
	requests []Request
	greet    func(c *Conn, n int) bool
}

// Answer answers a request that has been read, and reports whether the
// connection may carry another one. If not, the server closes it.
type Answer func(c *Conn, r Request) (keep bool)

// Request is what a client sent.
type Request struct {
	*http.Request        // its Body has been read
	Raw           []byte // every byte of it
	Body          []byte
	Conn          int // the number of its connection, from 1
}

// New starts a Server.
func New(answers ...Answer) *Server {
	s := &Server{answers: answers, conns: make(map[*Conn]bool)}
	if err := s.start("127.0.0.1:0"); err != nil {
		panic(fmt.Sprintf("faults: %v", err))
	}
	s.URL = "http://" + s.addr
	return s
}

// Refused returns the URL of a port on loopback where nobody listens.
func Refused() string {
	s := New()
	s.Close()
	return s.URL
}

// start listens at addr.
func (s *Server) start(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.listener, s.addr = l, l.Addr().String()
	s.mu.Unlock()
	s.wg.Go(func() { s.accept(l) })
	return nil
}

// Restart listens at the address that the server had before it was closed.
func (s *Server) Restart() error { return s.start(s.addr) }

func (s *Server) accept(l net.Listener) {
	for {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.listener != l {
			s.mu.Unlock()
			nc.Close()
			return
		}
		s.accepted++
		ctx, cancel := context.WithCancel(context.Background())
		c := &Conn{TCPConn: nc.(*net.TCPConn), number: s.accepted, closed: ctx, cancel: cancel}
		s.conns[c] = true
		s.wg.Go(func() { s.serve(c) })
		s.mu.Unlock()
	}
}

func (s *Server) serve(c *Conn) {
	defer func() {
		c.Close()
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
	}()
	s.mu.Lock()
	greet := s.greet
	s.mu.Unlock()
	if greet != nil && !greet(c, c.number) {
		return
	}
	for {
		r, err := c.read()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.requests = append(s.requests, r)
		answer := s.answers[min(len(s.requests), len(s.answers))-1]
		s.mu.Unlock()
		if !answer(c, r) {
			return
		}
	}
}

// Close stops listening, cuts all connections and waits for their goroutines.
func (s *Server) Close() {
	s.mu.Lock()
	s.listener.Close()
	s.listener = nil
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// OnAccept makes f decide over every connection, from 1, before anything is
// read from it: where f returns false, the connection is closed.
func (s *Server) OnAccept(f func(c *Conn, n int) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.greet = f
}

// Requests returns all requests so far that arrived whole.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Accepted returns the number of connections so far.
func (s *Server) Accepted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// Open returns the number of connections that neither side has closed.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Conn is a connection to a client.
type Conn struct {
	*net.TCPConn
	number int
	in     *bufio.Reader
	closed context.Context
	cancel context.CancelFunc
}

// Close closes the connection and ends its waits.
func (c *Conn) Close() error {
	c.cancel()
	return c.TCPConn.Close()
}

func (c *Conn) read() (Request, error) {
	if c.in == nil {
		c.in = bufio.NewReader(c.TCPConn)
	}
	if _, err := c.in.Peek(1); err != nil {
		return Request{}, err
	}
	r, err := http.ReadRequest(c.in)
	if err != nil {
		return Request{}, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return Request{}, err
	}
	return Request{Request: r, Raw: rawOf(r, body), Body: body, Conn: c.number}, nil
}

// rawOf writes a request as it came, but for the order of its headers.
func rawOf(r *http.Request, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s %s\r\nHost: %s\r\n", r.Method, r.RequestURI, r.Proto, r.Host)
	r.Header.Write(&b)
	fmt.Fprintf(&b, "Content-Length: %d\r\nTransfer-Encoding: %q\r\n\r\n", r.ContentLength, r.TransferEncoding)
	b.Write(body)
	return b.Bytes()
}

// pause waits, and reports whether the connection is still there.
func (c *Conn) pause(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-c.closed.Done():
		return false
	}
}
