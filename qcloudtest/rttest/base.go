package rttest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"sync"
)

// base is a RoundTripper in memory that keeps its own duties: it closes every
// request body, ends with the context and returns a response or an error. It
// writes down what it is asked to send.
type base struct {
	// answer makes the answer to the n-th attempt, from 1. The attempt's body
	// has been read by then.
	answer func(n int, r *http.Request) (*http.Response, error)

	// onAttempt, if set, looks at every attempt before its body is read.
	onAttempt func(r *http.Request)

	// readAtMost bounds what is read of the first attempt's body; 0: no bound.
	readAtMost int64

	mu         sync.Mutex
	attempts   []attempt
	bodies     []*receivedBody
	idleClosed int
}

// attempt is what base was asked to send.
type attempt struct {
	method, url, host string
	header            http.Header
	body              []byte
	bodyErr           error
	length            int64
	hasBody           bool
	partial           bool // body is what readAtMost allowed
	ctx               context.Context
}

func (b *base) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		closeBody(r)
		return nil, err
	}
	if r.URL == nil || r.Header == nil {
		closeBody(r)
		return nil, errors.New("base: the request has no URL or no Header")
	}
	if b.onAttempt != nil {
		b.onAttempt(r)
	}
	n, err := b.record(r)
	if err != nil {
		return nil, err
	}
	resp, err := b.answer(n, r)
	if resp != nil && resp.Body != http.NoBody {
		b.watch(resp, r.Context())
	}
	return resp, err
}

// watch puts a body into resp that is counted.
func (b *base) watch(resp *http.Response, ctx context.Context) {
	body := &receivedBody{src: resp.Body, ctx: ctx, closed: make(chan struct{})}
	resp.Body = body
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bodies = append(b.bodies, body)
}

// record reads the attempt's body and returns the attempt's number.
func (b *base) record(r *http.Request) (int, error) {
	b.mu.Lock()
	first := len(b.attempts) == 0
	b.mu.Unlock()
	a := attempt{
		method: r.Method, url: r.URL.String(), host: r.Host, header: maps.Clone(r.Header),
		length: r.ContentLength, hasBody: r.Body != nil && r.Body != http.NoBody, ctx: r.Context(),
	}
	if r.Body != nil {
		var src io.Reader = r.Body
		if first && b.readAtMost > 0 {
			src, a.partial = io.LimitReader(src, b.readAtMost), true
		}
		var buf bytes.Buffer
		buf.Grow(int(max(r.ContentLength, 0)) + bytes.MinRead)
		_, a.bodyErr = buf.ReadFrom(src)
		a.body = buf.Bytes()
		r.Body.Close()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.attempts = append(b.attempts, a)
	return len(b.attempts), a.bodyErr
}

// CloseIdleConnections counts its calls.
func (b *base) CloseIdleConnections() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.idleClosed++
}

func (b *base) closes() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.idleClosed
}

// made returns the attempts made so far.
func (b *base) made() []attempt {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.attempts[:len(b.attempts):len(b.attempts)]
}

// open counts the response bodies that nobody has closed.
func (b *base) open() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, body := range b.bodies {
		if body.isOpen() {
			n++
		}
	}
	return n
}

// receivedBody is a response's body that, as net/http's do, ends with the
// attempt's context.
type receivedBody struct {
	src    io.ReadCloser
	ctx    context.Context
	once   sync.Once
	closed chan struct{}
}

func (b *receivedBody) Read(p []byte) (int, error) {
	select {
	case <-b.closed:
		return 0, http.ErrBodyReadAfterClose
	default:
	}
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if s, ok := b.src.(*stalled); ok {
		return s.read(p, b.ctx, b.closed)
	}
	return b.src.Read(p)
}

func (b *receivedBody) Close() (err error) {
	b.once.Do(func() {
		err = b.src.Close()
		close(b.closed)
	})
	return err
}

func (b *receivedBody) isOpen() bool {
	select {
	case <-b.closed:
		return false
	default:
		return true
	}
}

// stalled is a body that gives first and then nothing until more is closed,
// and then the rest.
type stalled struct {
	first, rest string
	more        chan struct{} // nil: never
}

func (s *stalled) read(p []byte, ctx context.Context, closed <-chan struct{}) (int, error) {
	if s.first != "" {
		n := copy(p, s.first)
		s.first = s.first[n:]
		return n, nil
	}
	select {
	case <-s.more:
	case <-closed:
		return 0, http.ErrBodyReadAfterClose
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if s.rest == "" {
		return 0, io.EOF
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *stalled) Read([]byte) (int, error) { panic("rttest: read by receivedBody only") }
func (s *stalled) Close() error             { return nil }

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}
