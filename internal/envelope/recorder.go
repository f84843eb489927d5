package envelope

import (
	"errors"
	"io"
	"sync"
)

// The sizes of the buffers that a body is recorded in. Most answers fit the
// first one, which is as large as net/http's own. The others are larger, to
// save calls on long bodies.
const (
	firstChunk = 2 << 10
	otherChunk = 32 << 10
)

// chunk is a recorded part of a body. Chunks come from pools: each has one
// owner, and nothing points into it any more when it goes back.
type chunk struct {
	next     *chunk
	off, end int // buf[off:end] is recorded and not yet replayed
	buf      []byte
}

var (
	firstChunks = sync.Pool{New: func() any { return &chunk{buf: make([]byte, firstChunk)} }}
	otherChunks = sync.Pool{New: func() any { return &chunk{buf: make([]byte, otherChunk)} }}
)

func (c *chunk) release() {
	pool := &firstChunks
	if len(c.buf) == otherChunk {
		pool = &otherChunks
	}
	c.next, c.off, c.end = nil, 0, 0
	pool.Put(c)
}

func releaseAll(c *chunk) {
	for c != nil {
		next := c.next
		c.release()
		c = next
	}
}

// copyTo replays bytes of c, and of the chunks after it, to p.
func (c *chunk) copyTo(p []byte) (n int) {
	for ; c != nil && n < len(p); c = c.next {
		m := copy(p[n:], c.buf[c.off:c.end])
		c.off += m
		n += m
	}
	return n
}

// writeTo replays all bytes of c, and of the chunks after it, to w.
func (c *chunk) writeTo(w io.Writer) (total int64, err error) {
	for ; c != nil && err == nil; c = c.next {
		left := c.buf[c.off:c.end]
		if len(left) == 0 {
			continue
		}
		n, werr := w.Write(left)
		c.off += n
		total += int64(n)
		if err = werr; err == nil && n < len(left) {
			err = io.ErrShortWrite
		}
	}
	return total, err
}

// recorder reads the first bytes of a body, window at most, and keeps them.
// It is an io.Reader and an io.ByteReader for a decompressor, which then puts
// no buffer of its own between.
type recorder struct {
	src         io.Reader
	window      int
	first, last *chunk
	size        int    // bytes recorded
	err         error  // what src returned after them
	ahead       []byte // recorded, and not yet handed out by Read and ReadByte
}

// errWindow says that a recorder has read as much as it may.
var errWindow = errors.New("envelope: the window is full")

// maxEmptyReads is how often in a row a body may return neither bytes nor an
// error, as in package bufio.
const maxEmptyReads = 100

// next makes one Read of the body and returns what came. There may be both
// bytes and an error, but never neither. The bytes stay as they are until
// the chunks are released.
func (r *recorder) next() ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	if r.size >= r.window {
		return nil, errWindow
	}
	room := r.room()
	for range maxEmptyReads {
		n, err := r.src.Read(room)
		if n == 0 && err == nil {
			continue
		}
		r.last.end += n
		r.size += n
		r.err = err
		return room[:n:n], err
	}
	return nil, io.ErrNoProgress
}

// room returns where the next bytes go.
func (r *recorder) room() []byte {
	switch {
	case r.last == nil:
		r.first = firstChunks.Get().(*chunk)
		r.last = r.first
	case r.last.end == len(r.last.buf):
		r.last.next = otherChunks.Get().(*chunk)
		r.last = r.last.next
	}
	c := r.last
	return c.buf[c.end:min(len(c.buf), c.end+r.window-r.size)]
}

// bytes returns a copy of all that has been recorded.
func (r *recorder) bytes() []byte {
	all := make([]byte, 0, r.size)
	for c := r.first; c != nil; c = c.next {
		all = append(all, c.buf[:c.end]...)
	}
	return all
}

func (r *recorder) Read(p []byte) (int, error) {
	if err := r.fill(); err != nil {
		return 0, err
	}
	n := copy(p, r.ahead)
	r.ahead = r.ahead[n:]
	return n, nil
}

func (r *recorder) ReadByte() (byte, error) {
	if err := r.fill(); err != nil {
		return 0, err
	}
	c := r.ahead[0]
	r.ahead = r.ahead[1:]
	return c, nil
}

// fill makes sure that there is a byte ahead.
func (r *recorder) fill() (err error) {
	for len(r.ahead) == 0 {
		if r.ahead, err = r.next(); err != nil && len(r.ahead) == 0 {
			return err
		}
	}
	return nil
}
