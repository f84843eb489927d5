package envelope

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
)

// body is a response's body of which the beginning has been read already: it
// replays the beginning and goes on with the rest. Like net/http's bodies it
// may be closed while it is being read.
type body struct {
	src    io.ReadCloser
	length int64           // by the response's header; -1: unknown
	window int             // how many bytes are read in search of an envelope
	stop   <-chan struct{} // ends the waiting for src; nil: nothing does

	head []byte // what has been read of src
	err  error  // what src returned after the head
	none int    // Reads in a row that returned nothing

	replayed int         // how much of the head has been replayed
	pending  chan piece  // a Read of src that goes on, into the room behind the head; or nil
	closed   atomic.Bool // by the caller
	first    [400]byte   // the head of most answers
}

// piece is what a Read returned.
type piece struct {
	n   int
	err error
}

// more makes one Read of src, up to limit bytes of the head in all. The error
// says why no more will come. Where stop ends it before the Read has returned, the
// Read goes on, and what comes is for the next who reads.
func (b *body) more(limit int) error {
	var p piece
	if b.pending == nil {
		switch {
		case b.err != nil:
			return b.err
		case len(b.head) >= limit:
			return errStopped
		}
		if n := int64(len(b.head)); len(b.head) == cap(b.head) {
			expected := b.length
			if expected <= n {
				expected = max(512, 4*n)
			}
			b.head = append(make([]byte, 0, min(expected, int64(limit))), b.head...)
		}
		room := b.head[len(b.head):min(cap(b.head), limit)]
		if b.stop == nil {
			p.n, p.err = b.src.Read(room)
		} else {
			b.pending = make(chan piece, 1)
			go readAside(b.src, room, b.pending)
		}
	}
	if b.pending != nil {
		select {
		case p = <-b.pending:
			b.pending = nil
		case <-b.stop:
			return errStopped
		}
	}
	b.head, b.err = b.head[:len(b.head)+p.n], p.err
	if p.n > 0 {
		b.none = 0
		return nil
	}
	if b.none++; b.none > 100 && b.err == nil { // as package bufio
		b.err = io.ErrNoProgress
	}
	return b.err
}

// readAside makes a Read in a goroutine of its own, in which nobody else could
// recover from a panic.
func readAside(src io.Reader, room []byte, to chan<- piece) {
	p := piece{err: errors.New("envelope: the body's Read did not return")}
	defer func() {
		if r := recover(); r != nil {
			p.err = fmt.Errorf("envelope: the body's Read panicked: %v", r)
		}
		to <- p
	}()
	p.n, p.err = src.Read(room)
}

func (b *body) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	if b.replayed == len(b.head) && b.pending != nil {
		b.stop = nil
		b.more(0)
	}
	if b.replayed < len(b.head) {
		n := copy(p, b.head[b.replayed:])
		b.replayed += n
		return n, nil
	}
	if b.err != nil {
		return 0, b.err
	}
	return b.src.Read(p)
}

// Close closes src, once.
func (b *body) Close() error {
	if b.closed.Swap(true) {
		return nil
	}
	return b.src.Close()
}
