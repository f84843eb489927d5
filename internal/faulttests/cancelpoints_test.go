package faulttests

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// scene is a call that is going to be cancelled.
type scene struct {
	t      *testing.T
	base   *scripted
	client *qcloudhttp.Transport
	req    *http.Request
	ctx    context.Context
	cancel context.CancelFunc // called cancelAt after the start, or by what the scene sets up

	cancelAt time.Duration
}

// answers scripts the base.
func (s *scene) answers(f ...func(*http.Request) (*http.Response, error)) { s.base.answers = f }

// cancelling is an answer during which the context ends.
func (s *scene) cancelling(f func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) { s.cancel(); return f(r) }
}

// cancelPoints are the points of a call at which its context may end. At some
// of them an attempt has failed before, and its code is in the error too.
var cancelPoints = []struct {
	name   string
	before codes.Code // of the last attempt; 0: none was answered
	set    func(*scene)
}{
	{"before the call", 0, func(s *scene) { s.cancel() }},
	{"in reading the request's body", 0, func(s *scene) {
		s.req = post(s.ctx, untilEnd{s.ctx})
		s.req.ContentLength = 100
	}},
	{"in reading the request's body, which does not notice", 0, func(s *scene) {
		r, w := io.Pipe()
		context.AfterFunc(s.ctx, func() { time.AfterFunc(time.Hour, func() { w.Close() }) })
		s.req = post(s.ctx, r)
		s.req.ContentLength = 100
	}},
	{"in the queue of a rate.Limiter", 0, func(s *scene) {
		s.client.Limiter = slow(0)
	}},
	{"in the queue of a rate.Limiter, before a retry", codes.InternalError, func(s *scene) {
		s.client.Limiter = slow(1)
		s.answers(apiFailure)
		s.cancelAt = time.Second
	}},
	{"in the line of the adaptive limiter", codes.QuotaExceeded, func(s *scene) {
		s.answers(apiBusy)
		s.cancelAt = 5 * time.Millisecond
	}},
	{"in the line of the retry budget", 0, func(s *scene) {
		s.answers(apiFailure)
		s.outage()
	}},
	{"in the line of the retry budget, before a retry", codes.InternalError, func(s *scene) {
		s.answers(apiFailure)
		time.AfterFunc(time.Millisecond, s.outage)
		s.cancelAt = 350 * time.Millisecond
	}},
	{"in a limiter that gives no reason", 0, func(s *scene) {
		s.client.Limiter = waitFunc(func(ctx context.Context) error { <-ctx.Done(); return errors.New("enough") })
	}},
	{"in the Signer", 0, func(s *scene) {
		s.client.Signer = signFunc(waits)
	}},
	{"in the Signer, before a retry", codes.InternalError, func(s *scene) {
		n := 0
		s.client.Signer = signFunc(func(r *http.Request) error {
			if n++; n == 1 {
				return nil
			}
			return waits(r)
		})
		s.answers(apiFailure)
		s.cancelAt = time.Second
	}},
	{"in GetBody", 0, func(s *scene) {
		s.client.Signer = signFunc(func(*http.Request) error { return nil })
		s.req = post(s.ctx, strings.NewReader("Action=GetDsaHostList"))
		s.req.GetBody = func() (io.ReadCloser, error) { <-s.ctx.Done(); return nil, errors.New("no body") }
	}},
	{"in flight", 0, func(s *scene) { s.answers(hanging) }},
	{"in flight, the second time", codes.InternalError, func(s *scene) {
		s.answers(apiFailure, hanging)
		s.cancelAt = time.Second
	}},
	{"in the body, before the code", 0, func(s *scene) {
		s.answers(func(r *http.Request) (*http.Response, error) { return stallingAnswer(r, `{"co`), nil })
	}},
	{"in the body, before the code, the second time", codes.InternalError, func(s *scene) {
		s.answers(apiFailure, func(r *http.Request) (*http.Response, error) { return stallingAnswer(r, `{"co`), nil })
		s.cancelAt = time.Second
	}},
	{"in the body of a failure", 0, func(s *scene) {
		s.answers(func(r *http.Request) (*http.Response, error) { return stallingAnswer(r, `{"code":6000,`), nil })
	}},
	{"in backoff", codes.InternalError, func(s *scene) {
		s.answers(apiFailure)
		s.cancelAt = 50 * time.Millisecond
	}},
	{"in backoff, the second time", codes.OperationInProgress, func(s *scene) {
		s.answers(apiFailure, answering(`{"code":4000,"message":"(1014)x","codeDesc":"InvalidParameter"}`))
		s.cancelAt = time.Second
	}},
	{"in the wait that the server asked for", codes.InternalError, func(s *scene) {
		s.answers(func(r *http.Request) (*http.Response, error) {
			resp := answer(r, failBody)
			resp.Header.Set("Retry-After", "30")
			return resp, nil
		})
		s.cancelAt = 10 * time.Second
	}},
	{"as the failure arrives", codes.InternalError, func(s *scene) { s.answers(s.cancelling(apiFailure)) }},
	{"as a network failure arrives", 0, func(s *scene) {
		s.answers(s.cancelling(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }))
	}},
	{"in Classify", codes.InternalError, func(s *scene) {
		s.answers(apiFailure)
		s.client.Policy.Classify = func(f qcloudhttp.Failure) qcloudhttp.Verdict { s.cancel(); return qcloudhttp.Classify(f) }
	}},
	{"in ReadOnly", codes.InternalError, func(s *scene) {
		s.answers(apiFailure)
		asked := 0
		s.client.Policy.ReadOnly = func(string) bool {
			if asked++; asked > 1 { // the first time is before the request is sent
				s.cancel()
			}
			return true
		}
	}},
	{"in the Observer, of the attempt", codes.InternalError, func(s *scene) {
		s.answers(apiFailure)
		s.observe(qcloudhttp.EventAttempt)
	}},
	{"in the Observer, of the wait", codes.InternalError, func(s *scene) {
		s.answers(apiFailure)
		s.observe(qcloudhttp.EventWait)
	}},
}

func post(ctx context.Context, body io.Reader) *http.Request {
	return must(http.NewRequestWithContext(ctx, http.MethodPost, "http://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList", body))
}

// slow is a limiter that lets n attempts pass and then none for a long time.
func slow(n int) *rate.Limiter {
	l := rate.NewLimiter(rate.Every(time.Minute), n+1)
	l.Allow()
	return l
}

type waitFunc func(context.Context) error

func (f waitFunc) Wait(ctx context.Context) error { return f(ctx) }

type signFunc func(*http.Request) error

func (f signFunc) Sign(r *http.Request) error { return f(r) }

func waits(r *http.Request) error { <-r.Context().Done(); return errors.New("no key came") }

// outage makes so many calls that fail that the retry budget is spent.
func (s *scene) outage() {
	for range 50 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		req := post(qcloudhttp.WithoutRetries(ctx), nil)
		if resp, err := s.client.RoundTrip(req); err == nil {
			resp.Body.Close()
		}
		cancel()
	}
}

// observe cancels when an event of that kind is reported.
func (s *scene) observe(kind qcloudhttp.EventKind) {
	s.client.Observer = qcloudhttp.ObserverFunc(func(_ context.Context, e qcloudhttp.Event) {
		if e.Kind == kind {
			s.cancel()
		}
	})
}
