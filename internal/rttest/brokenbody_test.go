package rttest

import (
	"context"
	"io"
)

// hides is a context that lacks some values.
type hides struct {
	context.Context
	hidden func(key, value any) bool
}

func (h hides) Value(key any) any {
	value := h.Context.Value(key)
	if h.hidden(key, value) {
		return nil
	}
	return value
}

// plain is a body that can do nothing else.
func plain(b io.ReadCloser) io.ReadCloser { return struct{ io.ReadCloser }{b} }

// lossyCopy loses a byte when it is read by io.Copy.
type lossyCopy struct{ io.ReadCloser }

func (b lossyCopy) WriteTo(w io.Writer) (int64, error) {
	io.CopyN(io.Discard, b.ReadCloser, 1)
	return io.Copy(w, b.ReadCloser)
}

// endsBy replaces one error by another.
type endsBy struct {
	io.ReadCloser
	old, err error
}

func (b endsBy) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == b.old {
		err = b.err
	}
	return n, err
}

// hoarder hands nothing on before it has 20 bytes.
type hoarder struct {
	io.ReadCloser
	held []byte
	err  error
}

func (b *hoarder) Read(p []byte) (int, error) {
	for len(b.held) < 20 && b.err == nil {
		var n int
		buf := make([]byte, 4096)
		n, b.err = b.ReadCloser.Read(buf)
		b.held = append(b.held, buf[:n]...)
	}
	n := copy(p, b.held)
	b.held = b.held[n:]
	if n == 0 && len(p) > 0 {
		return 0, b.err
	}
	return n, nil
}

// locked is a body whose Close waits for its Read. Its lock is a channel, on
// which a bubble knows that it waits.
type locked struct {
	io.ReadCloser
	lock chan struct{}
}

func newLocked(b io.ReadCloser) *locked { return &locked{b, make(chan struct{}, 1)} }

func (b *locked) Read(p []byte) (int, error) {
	b.lock <- struct{}{}
	defer func() { <-b.lock }()
	return b.ReadCloser.Read(p)
}

func (b *locked) Close() error {
	b.lock <- struct{}{}
	defer func() { <-b.lock }()
	return b.ReadCloser.Close()
}
