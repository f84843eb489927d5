package envelope

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// body is a response's body of which the beginning has been read already: it
// replays the beginning and goes on with the rest. Like net/http's bodies it
// may be closed while it is being read.
type body struct {
	src io.ReadCloser
	err error // what src returned after the recorded bytes, if it has come to that

	phase atomic.Int32
	mu    sync.Mutex // guards head and the chunks behind it
	head  *chunk     // what is still to be replayed
}

// The phases of a body. Once the recorded bytes are through, a Read costs
// one atomic load more than a Read of src.
const (
	replaying int32 = iota
	passing         // src is read directly
	closed
)

// newBody takes over the chunks that rec has read of src.
func newBody(src io.ReadCloser, rec *recorder) *body {
	return &body{src: src, err: rec.err, head: rec.first}
}

func (b *body) Read(p []byte) (int, error) {
	if b.phase.Load() == replaying {
		if n := b.replay(p); n > 0 || len(p) == 0 {
			return n, nil
		}
	}
	if err := b.over(); err != nil {
		return 0, err
	}
	return b.src.Read(p)
}

// replay copies recorded bytes to p. It returns 0 for a p that is not empty
// when there are none left.
func (b *body) replay(p []byte) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for b.head != nil && n < len(p) {
		c := b.head
		m := copy(p[n:], c.buf[c.off:c.end])
		c.off += m
		n += m
		if c.off == c.end {
			b.head = c.next
			c.release()
		}
	}
	if b.head == nil {
		b.phase.CompareAndSwap(replaying, passing)
	}
	return n
}

// over returns the error that ends the body after its recorded bytes, or nil
// if src is to be read on.
func (b *body) over() error {
	if b.phase.Load() == closed {
		return http.ErrBodyReadAfterClose
	}
	return b.err
}

// WriteTo lets io.Copy hand the recorded bytes on without a buffer between,
// and gives src's own WriteTo its chance after them.
func (b *body) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for c := b.take(); c != nil; c = b.take() {
		if c.off == c.end { // as an empty body is
			c.release()
			continue
		}
		n, err := w.Write(c.buf[c.off:c.end])
		total += int64(n)
		c.off += n
		if err == nil && c.off < c.end {
			err = io.ErrShortWrite
		}
		if err != nil {
			b.giveBack(c)
			return total, err
		}
		c.release()
	}
	if err := b.over(); err == io.EOF {
		return total, nil
	} else if err != nil {
		return total, err
	}
	n, err := io.Copy(w, b.src)
	return total + n, err
}

// take takes the first recorded chunk out of b: while it is being written,
// which may take long, a Close must neither wait nor release it.
func (b *body) take() *chunk {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.head
	if c == nil {
		b.phase.CompareAndSwap(replaying, passing)
		return nil
	}
	b.head, c.next = c.next, nil
	return c
}

func (b *body) giveBack(c *chunk) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.phase.Load() == closed {
		c.release()
		return
	}
	c.next, b.head = b.head, c
}

// Close closes src, once.
func (b *body) Close() error {
	if b.phase.Swap(closed) == closed {
		return nil
	}
	b.mu.Lock()
	releaseAll(b.head)
	b.head = nil
	b.mu.Unlock()
	return b.src.Close()
}
