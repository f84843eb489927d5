package rttest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// sentBody is a request's body and the copies of it that GetBody makes. It
// counts the ones that nobody has closed.
type sentBody struct {
	content []byte
	length  int64 // what ContentLength is to say

	noGetBody bool
	getErr    error // what GetBody returns
	readErr   error // what Read returns after content, in place of io.EOF

	mu   sync.Mutex
	open int
}

// newBody returns a body of n bytes that can be had again.
func newBody(n int) *sentBody {
	content := form(n)
	return &sentBody{content: content, length: int64(len(content))}
}

// newLongBody returns one that is longer than what most would keep in memory.
func (e *env) newLongBody() *sentBody { return newBody(e.cfg.Long) }

// form returns a form of n bytes, of which no half can be taken for the whole.
func form(n int) []byte {
	const first, last = "first=1&pad=", "&last=1"
	return []byte(first + strings.Repeat("x", max(0, n-len(first)-len(last))) + last)
}

// once makes it a body without GetBody.
func (b *sentBody) once() *sentBody {
	b.noGetBody = true
	return b
}

// unknown makes it a body of unknown length.
func (b *sentBody) unknown() *sentBody {
	b.length = -1
	return b
}

func (b *sentBody) attach(r *http.Request) {
	r.Body, r.ContentLength = b.reader(), b.length
	if b.noGetBody {
		return
	}
	r.GetBody = func() (io.ReadCloser, error) {
		if b.getErr != nil {
			return nil, b.getErr
		}
		return b.reader(), nil
	}
}

func (b *sentBody) reader() io.ReadCloser {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open++
	return &sentReader{of: b, left: bytes.NewReader(b.content)}
}

func (b *sentBody) allClosed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open == 0
}

type sentReader struct {
	of     *sentBody
	left   *bytes.Reader
	closed bool // guarded by of.mu
}

func (r *sentReader) Read(p []byte) (int, error) {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	if r.closed {
		return 0, errors.New("rttest: the request body was read after it was closed")
	}
	n, err := r.left.Read(p)
	if err == io.EOF && r.of.readErr != nil {
		err = r.of.readErr
	}
	return n, err
}

func (r *sentReader) Close() error {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	if !r.closed {
		r.closed = true
		r.of.open--
	}
	return nil
}

// sameBody compares what arrived with what was sent.
func (e *env) sameBody(got, want []byte) error {
	if e.cfg.Rewrites {
		return holds(string(got), string(want))
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%d bytes arrived that are not the %d that were sent", len(got), len(want))
	}
	return nil
}

// holds reports what a form lacks of another.
func holds(form, part string) error {
	got, err := url.ParseQuery(form)
	if err != nil {
		return fmt.Errorf("what arrived is no form: %w", err)
	}
	want, err := url.ParseQuery(part)
	if err != nil {
		return err
	}
	for key := range want {
		if got.Get(key) != want.Get(key) {
			return fmt.Errorf("the parameter %s did not arrive whole", key)
		}
	}
	return nil
}
