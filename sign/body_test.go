package sign_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

// zeros is a body without an end.
type zeros struct{ read int }

func (z *zeros) Read(p []byte) (int, error) {
	z.read += len(p)
	return copy(p, bytes.Repeat([]byte("0"), len(p))), nil
}
func (*zeros) Close() error { return nil }

// The API's own limits bound what is read: 1 MB for v1, 10 MB for TC3.
func TestBodyLimits(t *testing.T) {
	keys := sign.Static(testID, testKey, "")
	for _, tt := range []struct {
		signer signer
		verify func(*http.Request, string) error
		limit  int
		help   string
	}{
		{&sign.V1{Credentials: keys}, sign.VerifyV1, 1 << 20, "TC3"},
		{&sign.TC3{Credentials: keys}, sign.VerifyTC3, 10 << 20, "X-TC-Content-SHA256: UNSIGNED-PAYLOAD"},
	} {
		most := newRequest(t, "POST", endpoint, formType, "a="+strings.Repeat("0", tt.limit-2))
		for _, req := range []*http.Request{most.Clone(t.Context()), streamed(most)} {
			if err := tt.signer.Sign(req); err != nil {
				t.Errorf("%T: a body of %d bytes: %v", tt.signer, tt.limit, err)
			}
		}

		endless := &zeros{}
		unbounded := newRequest(t, "POST", endpoint, formType, "")
		unbounded.Body, unbounded.GetBody, unbounded.ContentLength = endless, nil, -1
		again := newRequest(t, "POST", endpoint, formType, "")
		again.Body, again.GetBody = endless, func() (io.ReadCloser, error) { return &zeros{}, nil }
		known := newRequest(t, "POST", endpoint, formType, "")
		known.Body, known.ContentLength = &brokenBody{}, int64(tt.limit)+1
		for name, req := range map[string]*http.Request{
			"one byte more": newRequest(t, "POST", endpoint, formType, "a="+strings.Repeat("0", tt.limit-1)),
			"unbounded":     unbounded, "from GetBody": again, "of known length": known,
		} {
			err := tt.signer.Sign(req)
			if !errors.Is(err, sign.ErrUnsupported) || !strings.Contains(err.Error(), tt.help) {
				t.Errorf("%T, %s: %v, want ErrUnsupported and a word on %s", tt.signer, name, err, tt.help)
			}
		}
		if endless.read > 2*tt.limit {
			t.Errorf("%T read %d bytes of a body that is too large", tt.signer, endless.read)
		}

		signed := newRequest(t, "POST", endpoint, formType, "a=b")
		if err := tt.signer.Sign(signed); err != nil {
			t.Fatal(err)
		}
		signed.Body, signed.GetBody, signed.ContentLength = &zeros{}, nil, -1
		if err := tt.verify(signed, testKey); !errors.Is(err, sign.ErrUnsupported) {
			t.Errorf("verifying an endless body: %v, want ErrUnsupported", err)
		}
	}
}

// A body that GetBody gives again is sent with its length, although nobody told it,
// and the one that V1 replaces is closed.
func TestBodyOfUnknownLength(t *testing.T) {
	for name, s := range signers(sign.Static(testID, testKey, "")) {
		req := newRequest(t, "POST", endpoint, formType, "a=b")
		body := &closing{Reader: strings.NewReader("a=b")}
		req.Body, req.ContentLength = body, -1
		if err := s.Sign(req); err != nil {
			t.Fatal(err)
		}
		if name == "V1" && !body.closed || name == "TC3" && (body.closed || req.Body != body) {
			t.Errorf("%s: the body is closed: %v", name, body.closed)
		}
		send(t, req)
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

// blockedBody blocks in Read until it is released: Close does not end it.
type blockedBody struct{ release chan struct{} }

func (b *blockedBody) Read([]byte) (int, error) { <-b.release; return 0, io.EOF }
func (*blockedBody) Close() error               { return nil }

// Signing ends with the request's context, with its cause, even where the body's
// Read blocks.
func TestSigningEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("the user left")
		for name, s := range signers(sign.Static(testID, testKey, "")) {
			for _, way := range []string{"Body", "GetBody"} {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(cause) })
				body := &blockedBody{make(chan struct{})}
				req := newRequest(t, "POST", endpoint, formType, "a=b").WithContext(ctx)
				if way == "Body" {
					req.Body, req.GetBody, req.ContentLength = body, nil, -1
				} else {
					req.GetBody = func() (io.ReadCloser, error) { return body, nil }
				}
				began := time.Now()
				err := s.Sign(req)
				if took := time.Since(began); !errors.Is(err, cause) || took != time.Second {
					t.Errorf("%s, %s: %v after %v, want the cause after 1s", name, way, err, took)
				}
				close(body.release)
			}
		}
	})
}
