package faulttests

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A connection that was refused carried nothing: any call may be made again,
// and none was executed.
func TestRefused(t *testing.T) {
	for _, k := range kinds {
		t.Run(string(k), func(t *testing.T) {
			r := newRig(t, k, ok)
			got := r.do(k.request(t.Context(), "http://"+listen(t, nil)))
			giveUp := new(qcloudhttp.GiveUpError)
			if !errors.As(got.err, &giveUp) || giveUp.Reason != qcloudhttp.ReasonAttempts || giveUp.Attempts != 3 ||
				!errors.Is(got.err, syscall.ECONNREFUSED) {
				t.Errorf("err %v", got.err)
			}
			if errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown) {
				t.Error("the outcome is known: nothing was sent")
			}
			if n := r.base.attempts.Load(); n != 3 {
				t.Errorf("%d attempts", n)
			}
		})
	}
}

// A server that closes connections before it reads, as a full proxy does.
func TestResetOnAccept(t *testing.T) {
	for _, k := range kinds {
		t.Run(string(k), func(t *testing.T) {
			r := newRig(t, k, ok)
			r.server.OnAccept(func(c *Conn, n int) bool {
				if n == 1 {
					c.SetLinger(0)
				}
				return n > 1
			})
			got := r.call(t.Context(), k)
			sent := len(r.server.Requests())
			switch {
			case got.err == nil && got.body == okBody && sent == 1: // the reset came while dialling, or a resend was allowed
			case k == mutation && errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown) && errors.Is(got.err, codes.ClassNetwork) && sent == 0:
			default:
				t.Errorf("%d requests, err %v", sent, got.err)
			}
		})
	}
}

// A large upload that the server cuts off in the middle.
func TestUploadCut(t *testing.T) {
	for _, withGetBody := range []bool{true, false} {
		r := newRig(t, mutation, ok)
		r.server.OnAccept(func(c *Conn, n int) bool {
			if n > 1 {
				return true
			}
			io.CopyN(io.Discard, c, 100_000)
			c.SetLinger(0)
			return false
		})
		data := bytes.Repeat([]byte("x"), 8<<20)
		body := &watchedBody{Reader: bytes.NewReader(data)}
		req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, r.server.URL+"/?Action=GetDsaHostList", body))
		req.ContentLength = int64(len(data))
		if withGetBody {
			req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
		}
		got := r.do(req)
		eventually(t, "the body was not closed", body.closed.Load)
		requests := r.server.Requests()
		giveUp := new(qcloudhttp.GiveUpError)
		switch {
		case withGetBody && (got.body != okBody || len(requests) != 1 || !bytes.Equal(requests[0].Body, data)):
			t.Errorf("with GetBody: err %v, %d requests", got.err, len(requests))
		case !withGetBody && (!errors.As(got.err, &giveUp) || giveUp.Reason != qcloudhttp.ReasonBody || len(requests) != 0):
			t.Errorf("without GetBody: err %v, %d requests", got.err, len(requests))
		}
	}
}

type watchedBody struct {
	io.Reader
	closed atomic.Bool
}

func (b *watchedBody) Close() error { b.closed.Store(true); return nil }

// A server that answers before it has read the body. net/http returns the
// answer, or the write's error when that comes first; the rules then apply.
func TestEarlyAnswer(t *testing.T) {
	r := newRig(t, mutation, ok)
	r.server.OnAccept(func(c *Conn, n int) bool {
		io.CopyN(io.Discard, c, 1000)
		io.WriteString(c, Status("413 Content Too Large", "", "Connection: close"))
		c.CloseWrite()
		io.Copy(io.Discard, c) // else its kernel would reset the connection
		return false
	})
	body := &watchedBody{Reader: bytes.NewReader(make([]byte, 4<<20))}
	req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, r.server.URL+"/?Action=RunInstances", body))
	req.ContentLength = 4 << 20
	got := r.do(req)
	eventually(t, "the body was not closed", body.closed.Load)
	if got.status != http.StatusRequestEntityTooLarge && !errors.Is(got.err, codes.ClassNetwork) {
		t.Errorf("status %d, err %v", got.status, got.err) // the host is not the vendor's, so 413 is the caller's to judge
	}
	if n := r.base.attempts.Load(); n != 1 {
		t.Errorf("%d attempts", n)
	}
}

// A redirect loop ends where http.Client ends it, after 10 requests, and no
// redirect counts as a failure.
func TestRedirectLoop(t *testing.T) {
	r := newRig(t, reading, Send(Status("302 Found", "", "Location: /?Action=GetDsaHostList")))
	client := &http.Client{Transport: r.client}
	resp, err := client.Get(r.server.URL + "/?Action=GetDsaHostList")
	if err == nil || !strings.Contains(err.Error(), "stopped after 10 redirects") {
		t.Errorf("err %v", err)
	}
	if resp != nil {
		resp.Body.Close()
	}
	if n := len(r.server.Requests()); n != 10 {
		t.Errorf("%d requests", n)
	}
}

// A server that always fails is asked as often as the policy says, and a
// deadline bounds it all.
func TestAlwaysFailing(t *testing.T) {
	for name, test := range map[string]struct {
		answer Answer
		sent   map[kind]int
		class  error
	}{
		"6000":            {Send(Response(failBody)), map[kind]int{reading: 3, mutation: 1, signed: 1}, codes.ClassInternal},
		"4400":            {Send(Response(`{"code":4400,"message":"","codeDesc":"RequestLimitExceeded"}`)), map[kind]int{reading: 3, mutation: 3, signed: 3}, codes.ClassThrottled},
		"reset":           {Reset(0, okWire), map[kind]int{reading: 3, mutation: 1, signed: 3}, codes.ClassNetwork},
		"502":             {Send(Status("502 Bad Gateway", "")), map[kind]int{reading: 3, mutation: 1, signed: 3}, codes.ClassUnavailable},
		"4000":            {Send(Response(`{"code":4000,"message":"","codeDesc":"InvalidParameter"}`)), map[kind]int{reading: 1, mutation: 1, signed: 1}, codes.ClassInvalid},
		"5100":            {Send(Response(`{"code":5100,"message":"","codeDesc":"ResourceOpFailed"}`)), map[kind]int{reading: 3, mutation: 1, signed: 1}, codes.ClassFailed},
		"404":             {Send(Status("404 Not Found", "")), map[kind]int{reading: 1, mutation: 1, signed: 1}, nil},
		"cut in the body": {Close(midBody, okWire), map[kind]int{reading: 3, mutation: 1, signed: 3}, codes.ClassNetwork},
	} {
		for _, k := range kinds {
			t.Run(name+"/"+string(k), func(t *testing.T) {
				t.Parallel()
				r := newRig(t, k, test.answer)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				got := r.call(ctx, k)
				want := test.class
				if k == signed && test.class == nil {
					want = codes.ClassNotFound // a signed request is for this API, so its 404 is the API's
				}
				if requests := r.server.Requests(); len(requests) != test.sent[k] || !errors.Is(got.err, want) {
					t.Errorf("%d requests, err %v", len(requests), got.err)
				}
			})
		}
	}
}
