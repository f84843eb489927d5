package envelope

import (
	"io"
	"net/http"
	"sync/atomic"
)

// body is a response's body of which the beginning has been read already: it
// replays the beginning and goes on with the rest. Like net/http's bodies it
// may be closed while it is being read.
type body struct {
	src io.ReadCloser
	err error // what src returned after the recorded bytes, if it has come to that

	// head is the first chunk to be replayed. While a Read has it in hand it
	// is inHand; when all are replayed it is nil, and a Read costs one load
	// more than a Read of src; after Close it is closed.
	head atomic.Pointer[chunk]
}

var inHand, closed chunk

// newBody takes over the chunks that rec has read of src.
func newBody(src io.ReadCloser, rec *recorder) *body {
	b := &body{src: src, err: rec.err}
	b.head.Store(rec.first)
	return b
}

func (b *body) Read(p []byte) (int, error) {
	if c := b.take(); c != nil {
		n := c.copyTo(p)
		b.giveBack(c)
		if n > 0 || len(p) == 0 {
			return n, nil
		}
	}
	if err := b.over(); err != nil {
		return 0, err
	}
	return b.src.Read(p)
}

// take takes the recorded chunks in hand, so that a Close meanwhile neither
// waits nor gives them back to their pools. It returns nil if there are none.
func (b *body) take() *chunk {
	c := b.head.Load()
	if c == nil || c == &closed || !b.head.CompareAndSwap(c, &inHand) {
		return nil
	}
	return c
}

// giveBack puts what is left of the chunks back.
func (b *body) giveBack(c *chunk) {
	for c != nil && c.off == c.end {
		next := c.next
		c.release()
		c = next
	}
	if !b.head.CompareAndSwap(&inHand, c) {
		releaseAll(c) // closed meanwhile
	}
}

// over returns the error that ends the body after its recorded bytes, or nil
// if src is to be read on.
func (b *body) over() error {
	if b.head.Load() == &closed {
		return http.ErrBodyReadAfterClose
	}
	return b.err
}

// WriteTo lets io.Copy hand the recorded bytes on without a buffer between,
// and gives src's own WriteTo its chance after them.
func (b *body) WriteTo(w io.Writer) (total int64, err error) {
	if c := b.take(); c != nil {
		total, err = c.writeTo(w)
		b.giveBack(c)
		if err != nil {
			return total, err
		}
	}
	if err := b.over(); err == io.EOF {
		return total, nil
	} else if err != nil {
		return total, err
	}
	n, err := io.Copy(w, b.src)
	return total + n, err
}

// Close closes src, once.
func (b *body) Close() error {
	c := b.head.Swap(&closed)
	if c == &closed {
		return nil
	}
	if c != &inHand {
		releaseAll(c)
	}
	return b.src.Close()
}
