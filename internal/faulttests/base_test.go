package faulttests

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// answer is a response of status 200 with that body.
func answer(r *http.Request, body string) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       r,
	}
}

// stallingAnswer is a response whose body gives first, and nothing further.
func stallingAnswer(r *http.Request, first string) *http.Response {
	resp := answer(r, "")
	resp.ContentLength = -1
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(first), untilEnd{r.Context()}))
	return resp
}

// untilEnd reads nothing until its context ends.
type untilEnd struct{ ctx context.Context }

func (u untilEnd) Read([]byte) (int, error) {
	<-u.ctx.Done()
	return 0, u.ctx.Err()
}

// scripted is a base in memory. It answers the n-th attempt by the n-th
// answer, and those that follow by the last. It keeps a RoundTripper's duties,
// whatever the answers do, and counts the bodies that are open.
type scripted struct {
	answers []func(*http.Request) (*http.Response, error)

	mu   sync.Mutex
	made int
	open atomic.Int64
}

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	f := s.answers[min(s.made, len(s.answers)-1)]
	s.made++
	s.mu.Unlock()
	resp, err := f(r)
	if resp != nil && resp.Body != nil {
		s.open.Add(1)
		resp.Body = &countedBody{ReadCloser: resp.Body, open: &s.open}
	}
	return resp, err
}

func (s *scripted) attempts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.made
}

func answering(body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) { return answer(r, body), nil }
}

func hanging(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

const throttledBody = `{"code":4400,"message":"","codeDesc":"RequestLimitExceeded"}`

// apiFailure answers as the API does when it is at fault itself.
func apiFailure(r *http.Request) (*http.Response, error) { return answer(r, failBody), nil }

// apiBusy answers as the API does above its quota.
func apiBusy(r *http.Request) (*http.Response, error) { return answer(r, throttledBody), nil }
