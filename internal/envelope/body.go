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

	phase atomic.Int32
	// recorded is what is still to be replayed. It belongs to the one who has
	// ended the phase replaying.
	recorded *chunk
}

// The phases of a body.
const (
	replaying int32 = iota
	taken           // a Read has the recorded bytes in hand, or they are through
	closed
)

// newBody takes over the chunks that rec has read of src.
func newBody(src io.ReadCloser, rec *recorder) *body {
	if rec.err != nil {
		src = &drained{src, rec.err}
	}
	return &body{src: src, recorded: rec.first}
}

// drained is a source that has returned its last byte, and an error, already.
type drained struct {
	io.Closer
	err error
}

func (d *drained) Read([]byte) (int, error) { return 0, d.err }

// WriteTo saves io.Copy a buffer.
func (d *drained) WriteTo(io.Writer) (int64, error) {
	if d.err == io.EOF {
		return 0, nil
	}
	return 0, d.err
}

func (b *body) Read(p []byte) (int, error) {
	if b.take() {
		n := b.recorded.copyTo(p)
		b.giveBack()
		if n > 0 || len(p) == 0 {
			return n, nil
		}
	}
	if b.phase.Load() == closed {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.src.Read(p)
}

// take takes the recorded bytes in hand, if there are any left, so that a
// Close meanwhile neither waits nor gives them back to their pools.
func (b *body) take() bool {
	return b.phase.Load() == replaying && b.phase.CompareAndSwap(replaying, taken)
}

// giveBack ends what take began, unless all bytes are through: then there is
// nothing left that a Read could take or a Close would have to release.
func (b *body) giveBack() {
	for c := b.recorded; c != nil && c.off == c.end; c = b.recorded {
		b.recorded = c.next
		c.release()
	}
	if b.recorded != nil && !b.phase.CompareAndSwap(taken, replaying) { // closed meanwhile
		b.release()
	}
}

func (b *body) release() {
	releaseAll(b.recorded)
	b.recorded = nil
}

// WriteTo lets io.Copy hand the recorded bytes on without a buffer between,
// and gives src's own WriteTo its chance after them.
func (b *body) WriteTo(w io.Writer) (total int64, err error) {
	if b.take() {
		total, err = b.recorded.writeTo(w)
		b.giveBack()
		if err != nil {
			return total, err
		}
	}
	if b.phase.Load() == closed {
		return total, http.ErrBodyReadAfterClose
	}
	n, err := io.Copy(w, b.src)
	return total + n, err
}

// Close closes src, once.
func (b *body) Close() error {
	switch b.phase.Swap(closed) {
	case closed:
		return nil
	case replaying:
		b.release()
	}
	return b.src.Close()
}
