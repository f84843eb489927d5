package faulttests

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// h2Server is net/http's server, which speaks HTTP/2 without TLS. It keeps its
// address when it starts again.
type h2Server struct {
	t       *testing.T
	handler http.HandlerFunc
	addr    string
	server  *http.Server
	done    chan error
}

func newH2Server(t *testing.T, h http.HandlerFunc) *h2Server {
	s := &h2Server{t: t, handler: h, addr: "127.0.0.1:0"}
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *h2Server) start() {
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		s.t.Error(err)
		return
	}
	s.addr = l.Addr().String()
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server, done := &http.Server{Handler: s.handler, Protocols: protocols}, make(chan error, 1)
	s.server, s.done = server, done
	go func() { done <- server.Serve(l) }()
}

// kill cuts all connections.
func (s *h2Server) kill() {
	s.server.Close()
	<-s.done
	s.done <- nil
}

// shutdown tells all clients to go away (GOAWAY) and waits for their calls.
func (s *h2Server) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		s.t.Errorf("Shutdown: %v", err)
	}
	<-s.done
	s.done <- nil
}

func h2Rig(t *testing.T, k kind) *rig {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	r := &rig{t: t, base: &countingBase{Transport: &http.Transport{Protocols: protocols}}}
	r.client = &qcloudhttp.Transport{Base: r.base, Policy: fast()}
	if k == signed {
		r.client.Signer = &sign.V1{Credentials: sign.Static("AKIDfaulttests", "key", "")}
	}
	t.Cleanup(func() {
		if n := r.base.open.Load(); n != 0 {
			t.Errorf("%d response bodies are open", n)
		}
		r.base.CloseIdleConnections()
	})
	return r
}

// A handler that panics resets its stream: before the headers, and within the
// body.
func TestHTTP2StreamReset(t *testing.T) {
	for name, test := range map[string]struct {
		before string // sent before the reset
		fates  map[kind]fate
	}{
		"without an answer": {"", mayRepeat},
		"before the code":   {okBody[:4], mayRepeat},
		"after the code":    {okBody[:20], all(broken)},
	} {
		for _, k := range kinds {
			t.Run(name+"/"+string(k), func(t *testing.T) {
				var mu sync.Mutex
				var nonces []string
				s := newH2Server(t, func(w http.ResponseWriter, r *http.Request) {
					r.ParseForm()
					mu.Lock()
					nonces = append(nonces, r.Form.Get("Nonce"))
					first := len(nonces) == 1
					mu.Unlock()
					if !first {
						io.WriteString(w, okBody)
						return
					}
					if test.before != "" {
						io.WriteString(w, test.before)
						w.(http.Flusher).Flush()
					}
					panic(http.ErrAbortHandler)
				})
				r := h2Rig(t, k)
				got := r.do(k.request(t.Context(), "http://"+s.addr))
				mu.Lock()
				defer mu.Unlock()
				switch want := test.fates[k]; {
				case want == again && got.body == okBody && len(nonces) == 2 && (k == reading || nonces[0] == nonces[1]):
				case want == unsafe && errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown) && len(nonces) == 1:
				case want == broken && got.err == nil && got.bodyErr != nil && len(nonces) == 1:
				default:
					t.Errorf("want %s, got err %v, body %q, body's err %v, %d requests", want, got.err, got.body, got.bodyErr, len(nonces))
				}
			})
		}
	}
}

// goAwayWatch is a client's connection that calls seen when a GOAWAY frame
// arrives (RFC 9113, 4.1 and 6.8).
type goAwayWatch struct {
	net.Conn
	head []byte // of the frame that is being read
	rest int    // what is left of its payload
	seen func()
}

func (c *goAwayWatch) Read(p []byte) (int, error) {
	const headLen, goAway = 9, 7
	n, err := c.Conn.Read(p)
	for b := p[:n]; len(b) > 0; {
		if c.rest > 0 {
			skip := min(c.rest, len(b))
			c.rest, b = c.rest-skip, b[skip:]
			continue
		}
		c.head, b = append(c.head, b[0]), b[1:]
		if len(c.head) == headLen {
			if c.head[3] == goAway {
				c.seen()
			}
			c.rest = int(c.head[0])<<16 | int(c.head[1])<<8 | int(c.head[2])
			c.head = c.head[:0]
		}
	}
	return n, err
}

// A call in flight survives GOAWAY, and the next one finds the server that
// took the place.
func TestHTTP2GoAway(t *testing.T) {
	for _, k := range kinds {
		t.Run(string(k), func(t *testing.T) {
			arrived, told := make(chan bool), make(chan bool)
			var calls atomic.Int32
			s := newH2Server(t, func(w http.ResponseWriter, r *http.Request) {
				if calls.Add(1) == 1 {
					close(arrived)
					<-told
				}
				io.WriteString(w, okBody)
			})
			r := h2Rig(t, k)
			var once sync.Once
			r.base.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, addr)
				return &goAwayWatch{Conn: conn, seen: func() { once.Do(func() { close(told) }) }}, err
			}
			down := make(chan bool)
			go func() {
				<-arrived
				s.shutdown() // ends when the call has
				close(down)
			}()
			if got := r.do(k.request(t.Context(), "http://"+s.addr)); got.body != okBody {
				t.Errorf("the call in flight: %v %v", got.err, got.bodyErr)
			}
			<-down
			s.start()
			if got := r.do(k.request(t.Context(), "http://"+s.addr)); got.body != okBody {
				t.Errorf("the next call: %v", got.err)
			}
			if n := calls.Load(); n != 2 {
				t.Errorf("%d requests", n)
			}
		})
	}
}
