package rttest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing/iotest"
)

// apiURL is where requests to a base in memory go. No such host exists.
const apiURL = "http://api.example/v2/index.php"

// formType is the media type of the request bodies, which are forms, for
// signers know no other.
const formType = "application/x-www-form-urlencoded"

func (e *env) request(ctx context.Context, method, url string, body *sentBody) *http.Request {
	if e.cfg.Query != "" {
		url += map[bool]string{true: "&", false: "?"}[strings.Contains(url, "?")] + e.cfg.Query
	}
	r, err := http.NewRequestWithContext(ctx, method, url, nil)
	e.require(err == nil, "%w", err)
	if body != nil {
		r.Header.Set("Content-Type", formType)
		body.attach(r)
	}
	return r
}

// sentBody is a request's body and the copies of it that GetBody makes.
type sentBody struct {
	content []byte
	length  int64 // what ContentLength is to say

	noGetBody bool
	getErr    error // what GetBody returns
	readErr   error // what Read returns after content, in place of io.EOF

	open atomic.Int64 // the copies that nobody has closed
}

// newBody returns a body of n bytes that can be had again: a form, of which no
// half can be taken for the whole.
func newBody(n int, change ...func(*sentBody)) *sentBody {
	const first, last = "first=1&pad=", "&last=1"
	content := []byte(first + strings.Repeat("x", max(0, n-len(first)-len(last))) + last)
	b := &sentBody{content: content, length: int64(len(content))}
	for _, f := range change {
		f(b)
	}
	return b
}

var errBody = errors.New("rttest: the caller's body fails")

// What a body may lack.
func once(b *sentBody)    { b.noGetBody = true }
func unknown(b *sentBody) { b.length = -1 }
func noGet(b *sentBody)   { b.getErr = errBody }
func noRead(b *sentBody)  { b.readErr, b.length = errBody, 2*b.length }

func (b *sentBody) fails() bool { return b != nil && (b.getErr != nil || b.readErr != nil) }

// bodies are what the table's calls send.
func bodies(cfg Config) map[string]*sentBody {
	return map[string]*sentBody{
		"none":                             nil,
		"short":                            newBody(100),
		"short, no GetBody":                newBody(100, once),
		"10 KiB, no GetBody":               newBody(10<<10, once, unknown),
		"long, no GetBody":                 newBody(cfg.Long, once),
		"long, no GetBody, unknown length": newBody(cfg.Long, once, unknown),
		"GetBody fails":                    newBody(100, noGet),
		"Read fails":                       newBody(100, noRead),
		"Read fails, no GetBody":           newBody(100, noRead, once),
	}
}

func (b *sentBody) attach(r *http.Request) {
	r.Body, r.ContentLength = b.reader(), b.length
	if !b.noGetBody {
		r.GetBody = func() (io.ReadCloser, error) {
			if b.getErr != nil {
				return nil, b.getErr
			}
			return b.reader(), nil
		}
	}
}

func (b *sentBody) reader() io.ReadCloser {
	b.open.Add(1)
	r := &sentReader{of: b, Reader: bytes.NewReader(b.content)}
	if b.readErr != nil {
		r.Reader = io.MultiReader(r.Reader, iotest.ErrReader(b.readErr))
	}
	return r
}

type sentReader struct {
	of *sentBody
	io.Reader
	closed atomic.Bool
}

func (r *sentReader) Read(p []byte) (int, error) {
	if r.closed.Load() {
		return 0, errors.New("rttest: the request body was read after it was closed")
	}
	return r.Reader.Read(p)
}

func (r *sentReader) Close() error {
	if !r.closed.Swap(true) {
		r.of.open.Add(-1)
	}
	return nil
}

// same reports whether what arrived is what was sent, or holds it.
func (e *env) same(got, want []byte) bool {
	return bytes.Equal(got, want) || e.cfg.Rewrites && holds(string(got), string(want))
}

// holds reports whether a form has all that another has.
func holds(form, part string) bool {
	got, err := url.ParseQuery(form)
	want, wantErr := url.ParseQuery(part)
	for key := range want {
		if got.Get(key) != want.Get(key) {
			return false
		}
	}
	return err == nil && wantErr == nil
}
