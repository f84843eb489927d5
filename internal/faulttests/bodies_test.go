package faulttests

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
)

// formBody is what bodies sends.
const formBody = "Action=GetDsaHostList&limit=10"

// tracked is a request body that counts how often it is closed. Err is what its
// end is met by; nil: io.EOF.
type tracked struct {
	io.Reader
	closed atomic.Int32
	atEnd  func()
	err    error
}

func (b *tracked) Read(p []byte) (n int, err error) {
	if n, err = b.Reader.Read(p); err == io.EOF {
		if b.atEnd != nil {
			b.atEnd()
		}
		if b.err != nil {
			err = b.err
		}
	}
	return n, err
}

func (b *tracked) Close() error {
	b.closed.Add(1)
	return nil
}

func newTracked() *tracked { return &tracked{Reader: strings.NewReader(formBody)} }

// bodies is a request and all the bodies that it comes to have.
type bodies struct {
	req  *http.Request
	own  *tracked
	more []*tracked // from GetBody
}

func newBodies(ctx context.Context, way bodyWay) *bodies {
	b := &bodies{own: newTracked()}
	b.req = post(ctx, b.own)
	b.req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if way != streamed {
		b.req.ContentLength = int64(len(formBody))
	}
	if way == withGetBody {
		b.req.GetBody = func() (io.ReadCloser, error) {
			body := newTracked()
			body.atEnd = b.own.atEnd
			b.more = append(b.more, body)
			return body, nil
		}
	}
	return b
}

// check checks that every body was closed once; those from GetBody that have
// been read in search of the action are bodies too.
func (b *bodies) check(t *testing.T) {
	t.Helper()
	for i, body := range append(b.more, b.own) {
		if n := body.closed.Load(); n != 1 {
			t.Errorf("body %d of %d was closed %d times", i+1, len(b.more)+1, n)
		}
	}
}

// bodyWay is a way in which a body can be sent again, or cannot.
type bodyWay int

const (
	withGetBody bodyWay = iota
	buffered            // its length is known
	streamed            // once
)

var bodyWays = map[string]bodyWay{"GetBody": withGetBody, "buffered": buffered, "streamed": streamed}

// Every body is closed exactly once: the attempt's by Base or, where none is
// made, by the Transport. A second Close may hit what a pool has given to
// somebody else.
func TestBodiesAreClosedOnce(t *testing.T) {
	errSign := errors.New("no key")
	for name, way := range bodyWays {
		for what, test := range map[string]struct {
			sign   func(*http.Request) error
			answer func(*http.Request) (*http.Response, error)
		}{
			"success":              {nil, answering(okBody)},
			"failure":              {nil, apiFailure},
			"no answer":            {nil, reset},
			"signed":               {func(*http.Request) error { return nil }, apiFailure},
			"the Signer fails":     {func(*http.Request) error { return errSign }, answering(okBody)},
			"the Signer panics":    {func(*http.Request) error { panic("oh no") }, answering(okBody)},
			"the limiter refuses":  {nil, nil},
			"the context is ended": {nil, nil},
		} {
			in(t, name+"/"+what, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				b := newBodies(ctx, way)
				base := scriptedBy(test.answer)
				client := &qcloudhttp.Transport{Base: base}
				if test.sign != nil {
					client.Signer = signFunc(test.sign)
				}
				switch what {
				case "the limiter refuses":
					client.Limiter = waitFunc(func(context.Context) error { return errSign })
				case "the context is ended":
					cancel()
				}
				func() {
					defer func() { _ = recover() }()
					if resp, err := client.RoundTrip(b.req); err == nil {
						resp.Body.Close()
					}
				}()
				b.check(t)
			})
		}
	}
}

// A Base that answers before it has read the body goes on with it, and closes
// it, after its RoundTrip has returned, as net/http does: then nobody else may
// close it.
func TestBaseThatAnswersEarly(t *testing.T) {
	for name, way := range bodyWays {
		for what, sign := range map[string]qcloudhttp.Signer{
			"as it is": nil, "signed": signFunc(func(*http.Request) error { return nil }),
		} {
			in(t, name+"/"+what, func(t *testing.T) {
				read := make(chan string, 1)
				base := roundTripFunc(func(r *http.Request) (*http.Response, error) {
					go func() {
						time.Sleep(time.Second)
						all, _ := io.ReadAll(r.Body)
						r.Body.Close()
						read <- string(all)
					}()
					return answer(r, okBody), nil
				})
				b := newBodies(t.Context(), way)
				client := &qcloudhttp.Transport{Base: base, Signer: sign}
				resp, err := client.RoundTrip(b.req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if got := <-read; got != formBody {
					t.Errorf("sent %q", got)
				}
				b.check(t)
			})
		}
	}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A body that cannot be read is closed once, and no part of it is sent where it
// had to be read first.
func TestBodyThatCannotBeRead(t *testing.T) {
	errRead := errors.New("the file is gone")
	in(t, "buffered", func(t *testing.T) {
		b := newBodies(t.Context(), buffered)
		b.own.err = errRead
		base := scriptedBy(answering(okBody))
		_, err := (&qcloudhttp.Transport{Base: base}).RoundTrip(b.req)
		if !errors.Is(err, errRead) || base.attempts() != 0 {
			t.Errorf("%d attempts, err %v", base.attempts(), err)
		}
		b.check(t)
	})
}

// However it can be had, the body arrives whole, and so do the trailers that
// are known only at its end.
func TestBodyAndTrailersArrive(t *testing.T) {
	for name, way := range bodyWays {
		t.Run(name, func(t *testing.T) {
			var got, trailer string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got, trailer = string(body), r.Trailer.Get("X-Sum")
				io.WriteString(w, okBody)
			}))
			defer srv.Close()
			b := newBodies(t.Context(), way)
			b.req.URL.Host = srv.Listener.Addr().String()
			b.req.ContentLength = -1
			b.req.Trailer = http.Header{"X-Sum": nil}
			b.own.atEnd = func() { b.req.Trailer.Set("X-Sum", "42") }
			base := srv.Client().Transport
			resp, err := (&qcloudhttp.Transport{Base: base}).RoundTrip(b.req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got != formBody || trailer != "42" {
				t.Errorf("sent %q, trailer %q", got, trailer)
			}
		})
	}
}
