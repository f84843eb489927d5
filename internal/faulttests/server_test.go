package faulttests

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"sync"
)

// Server answers HTTP/1.1 requests on loopback by a script: the n-th request
// gets the n-th answer, and the last answer serves all that follow. It works on
// the bytes of its TCP connections.
type Server struct {
	URL string // http://127.0.0.1:port, without a slash at its end

	answers []Answer
	wg      sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener
	conns    map[*Conn]bool
	accepted int // connections so far
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

// Conn is a connection to a client.
type Conn struct {
	*net.TCPConn
	number int
	in     *bufio.Reader
	raw    bytes.Buffer // what was read since the last request
}

// NewServer starts a Server.
func NewServer(answers ...Answer) *Server {
	s := &Server{URL: "http://127.0.0.1:0", answers: answers, conns: make(map[*Conn]bool)}
	if err := s.Restart(); err != nil {
		panic(err)
	}
	s.URL = "http://" + s.listener.Addr().String()
	return s
}

// Restart listens at the address that the server had before it was closed.
func (s *Server) Restart() error {
	l, err := net.Listen("tcp", s.URL[len("http://"):])
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener = l
	s.wg.Go(func() { s.accept(l) })
	return nil
}

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
		c := &Conn{TCPConn: nc.(*net.TCPConn), number: s.accepted}
		c.in = bufio.NewReader(io.TeeReader(c.TCPConn, &c.raw))
		s.conns[c] = true
		greet := s.greet
		s.wg.Go(func() { s.serve(c, greet) })
		s.mu.Unlock()
	}
}

func (s *Server) serve(c *Conn, greet func(*Conn, int) bool) {
	defer func() {
		c.Close()
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
	}()
	if greet != nil && !greet(c, c.number) {
		return
	}
	for {
		c.raw.Reset()
		r, err := http.ReadRequest(c.in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		request := Request{Request: r, Raw: bytes.Clone(c.raw.Bytes()), Body: body, Conn: c.number}
		s.mu.Lock()
		s.requests = append(s.requests, request)
		answer := s.answers[min(len(s.requests), len(s.answers))-1]
		s.mu.Unlock()
		if !answer(c, request) {
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

// Open returns the number of connections that neither side has closed.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}
