// Package rttest has a listener in memory for tests. Its own tests check what an
// [net/http.RoundTripper] that wraps another one owes: a retrier, a signer, a
// limiter. Most duties are those of net/http's own contract, some are what a
// caller of a retrying transport relies on: complete bodies on every attempt,
// nothing read without a bound, waits that end with the context.
//
// calls_test.go makes every call of a table (what the base answers, the request's
// body, how the context ends) and judges all duties of each call. checks_test.go
// has what needs a request or an answer of its own, wire_test.go what only
// net/http's own client and server show; conformance_test.go has the Transports
// that must keep all of it.
//
// The checks run in [testing/synctest] bubbles, so that "at once" means that no
// time passed and nothing depends on the machine's speed.
package rttest

import (
	"context"
	"net"
	"sync"
)

// Pipes is a listener in memory, for net/http's server and client in a bubble.
type Pipes struct {
	conns chan net.Conn
	close func()
}

// NewPipes returns an open listener.
func NewPipes() *Pipes {
	conns := make(chan net.Conn)
	return &Pipes{conns, sync.OnceFunc(func() { close(conns) })}
}

// Accept, Close and Addr are net.Listener's.
func (l *Pipes) Accept() (net.Conn, error) {
	if c, ok := <-l.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (l *Pipes) Close() error   { l.close(); return nil }
func (l *Pipes) Addr() net.Addr { return &net.TCPAddr{} }

// Dial connects to the listener, whatever the address.
func (l *Pipes) Dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	l.conns <- server
	return client, nil
}
