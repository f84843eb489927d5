package qcloudhttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
)

var errShutdown = errors.New("the program is shutting down")

// stall takes a request and answers when its context ends, as net/http does.
func stall(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

// stalledBody ends as net/http's bodies do.
type stalledBody struct {
	head io.Reader
	ctx  context.Context
}

func (b *stalledBody) Read(p []byte) (int, error) {
	if n, _ := b.head.Read(p); n > 0 {
		return n, nil
	}
	<-b.ctx.Done()
	return 0, context.Cause(b.ctx)
}

func (*stalledBody) Close() error { return nil }

func stallIn(body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{}, Request: r, ContentLength: -1,
			Body: &stalledBody{strings.NewReader(body), r.Context()},
		}, nil
	}
}

type waitsForEver struct{}

func (waitsForEver) Wait(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }

// Wherever a call is when its context ends, it ends at once, with the cause in
// the chain and in the text; and it is a timeout where its deadline ended it.
func TestCauseAtEveryPoint(t *testing.T) {
	type answer = func(*http.Request) (*http.Response, error)
	points := map[string]struct {
		answers []answer
		limiter qcloudhttp.Limiter
		body    bool // the request's body stalls
		early   bool // the deadline ends it a little before
	}{
		"backoff": {answers: []answer{(&api{}).reply(200, outage, nil)}, early: true},
		"queue":   {answers: []answer{(&api{}).reply(200, quota, nil)}, early: true},
		"user's limiter": {answers: []answer{(&api{}).reply(200, success, nil)}, limiter: waitsForEver{},
			early: true},
		"flight":                           {answers: []answer{stall}},
		"flight, after an answer":          {answers: []answer{(&api{}).reply(200, internal, nil), stall}},
		"request's body":                   {answers: []answer{(&api{}).reply(200, success, nil)}, body: true},
		"response's body":                  {answers: []answer{stallIn("")}},
		"response's body, in a failure":    {answers: []answer{stallIn(`{"code":4000,"data":[`)}},
		"response's body, after an answer": {answers: []answer{(&api{}).reply(200, internal, nil), stallIn(`{"co`)}},
	}
	for name, point := range points {
		for _, how := range []string{"cancel", "deadline"} {
			for _, retryable := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					const at = 20 * time.Second
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					if how == "cancel" {
						time.AfterFunc(at, func() { cancel(errShutdown) })
					} else {
						var end context.CancelFunc
						ctx, end = context.WithTimeoutCause(ctx, at, errShutdown)
						defer end()
					}
					req, _ := http.NewRequestWithContext(ctx, http.MethodPost, readAction, nil)
					if point.body {
						reader, writer := io.Pipe()
						defer writer.Close()
						req.Body, req.ContentLength = reader, 10
					}
					client := &qcloudhttp.Transport{
						Base: &api{answers: point.answers}, Limiter: point.limiter, Policy: &qcloudhttp.Policy{MaxAttempts: -1,
							RetryBudget: -1},
					}
					began := time.Now()
					err := send(client, req, retryable)
					took := time.Since(began)
					var timeout *url.Error
					if how == "deadline" && point.early {
						if !errors.Is(err, context.DeadlineExceeded) || took > at || errors.As(err, &timeout) && !timeout.Timeout() {
							t.Errorf("%s, %s: %v after %v", name, how, err, took)
						}
						return
					}
					if !errors.Is(err, errShutdown) || !strings.Contains(err.Error(), errShutdown.Error()) || took != at {
						t.Errorf("%s, %s: %v after %v", name, how, err, took)
					}
					if errors.As(err, &timeout) && timeout.Timeout() != (how == "deadline") {
						t.Errorf("%s, %s: Timeout is %v", name, how, timeout.Timeout())
					}
				})
			}
		}
	}
}

// send makes a call with an http.Client, or with go-retryablehttp's.
func send(rt http.RoundTripper, req *http.Request, retryable bool) (err error) {
	var resp *http.Response
	if retryable {
		resp, err = qcloudhttp.NewRetryableClient(rt, nil).Do(&retryablehttp.Request{Request: req})
	} else {
		resp, err = (&http.Client{Transport: rt}).Do(req)
	}
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// A context that has ended before the call began ends it there, with its cause.
func TestContextEndedBefore(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errShutdown)
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
	a := answering(success)
	_, err := (&qcloudhttp.Transport{Base: a}).RoundTrip(req)
	var gaveUp *qcloudhttp.GiveUpError
	if !errors.Is(err, errShutdown) || !errors.As(err, &gaveUp) || gaveUp.Attempts != 0 || gaveUp.Timeout() ||
		len(a.got) != 0 {
		t.Errorf("%v after %d attempts", err, len(a.got))
	}
}

// An http.Client's Timeout bounds a call like a deadline, and url.Error.Timeout
// goes on telling so.
func TestClientTimeout(t *testing.T) {
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"backoff": (&api{}).reply(200, busy, nil), "queue": (&api{}).reply(200, quota, nil), "flight": stall,
		"flight, seen by Cancel": func(r *http.Request) (*http.Response, error) {
			<-r.Cancel //lint:ignore SA1019 the Client closes it, before or after the context's deadline
			return nil, errors.New("net/http: request canceled")
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := &api{answers: []func(*http.Request) (*http.Response, error){answer}}
			client := &http.Client{Transport: &qcloudhttp.Transport{Base: a}, Timeout: 8 * time.Second}
			began := time.Now()
			_, err := client.Get(readAction)
			var failed *url.Error
			if took := time.Since(began); !errors.As(err, &failed) || !failed.Timeout() || took > client.Timeout {
				t.Errorf("%s: %v after %v", name, err, took)
			}
			if strings.HasPrefix(name, "flight") && !strings.Contains(err.Error(), "the context ended") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// Failures and giving up for another reason are no timeouts, nor what the
// policy bounds.
func TestNoTimeouts(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		policy *qcloudhttp.Policy
	}{
		"attempts":       {(&api{}).reply(200, internal, nil), nil},
		"permanent":      {(&api{}).reply(200, badAuth, nil), nil},
		"HTTP 408":       {(&api{}).reply(408, "", nil), nil},
		"MaxElapsed":     {(&api{}).reply(200, outage, nil), &qcloudhttp.Policy{MaxElapsed: time.Second / 2}},
		"AttemptTimeout": {stall, &qcloudhttp.Policy{AttemptTimeout: time.Second}},
		"dial timeout":   {fails(&url.Error{Op: "dial", Err: context.DeadlineExceeded}), nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
			a := &api{answers: []func(*http.Request) (*http.Response, error){test.answer}}
			_, err := (&http.Client{Transport: &qcloudhttp.Transport{Base: a, Policy: test.policy}}).Do(req)
			var failed *url.Error
			if !errors.As(err, &failed) || failed.Timeout() || failed.Temporary() {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// MaxElapsed and the deadline are the reason, not the limiter, where they end
// the wait of a *rate.Limiter or forbid it.
func TestReasonOfALimitersWait(t *testing.T) {
	for _, test := range []struct {
		policy  *qcloudhttp.Policy
		timeout time.Duration
		want    qcloudhttp.Reason
	}{
		{&qcloudhttp.Policy{MaxElapsed: 10 * time.Second}, time.Hour, qcloudhttp.ReasonElapsed},
		{nil, 10 * time.Second, qcloudhttp.ReasonDeadline},
		{&qcloudhttp.Policy{MaxElapsed: time.Hour}, 10 * time.Second, qcloudhttp.ReasonDeadline},
	} {
		synctest.Test(t, func(t *testing.T) {
			limiter := rate.NewLimiter(rate.Every(time.Minute), 1)
			limiter.Allow()
			ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
			_, err := (&qcloudhttp.Transport{Base: answering(success), Limiter: limiter, Policy: test.policy}).RoundTrip(req)
			var gaveUp *qcloudhttp.GiveUpError
			if !errors.As(err, &gaveUp) || gaveUp.Reason != test.want ||
				errors.Is(err, context.DeadlineExceeded) != (test.want == qcloudhttp.ReasonDeadline) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// pairs is a context that cannot be compared.
type pairs struct {
	context.Context
	values map[string]string
}

func TestContextThatCannotBeCompared(t *testing.T) {
	req, err := http.NewRequestWithContext(pairs{t.Context(), nil}, http.MethodGet, readAction, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&qcloudhttp.Transport{Base: answering(success)}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}
