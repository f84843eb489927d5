// Package api is a service with a quota, in memory: an http.RoundTripper that
// answers as API 2.0 does, failures with HTTP 200 too. It needs nothing but
// time.Now and timers, so it works on virtual time.
package api

import (
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The bodies of the answers, as the vendor documents them.
const (
	Success   = `{"code":0,"message":"","codeDesc":"Success","data":{"totalCount":1,"hosts":[{"host":"www.example.com","status":"online"}]}}`
	Throttled = `{"code":4400,"message":"请求超过限额配置，请稍后重试。","codeDesc":"RequestLimitExceeded"}`
	Internal  = `{"code":6000,"message":"服务器内部错误","codeDesc":"InternalError"}`
)

// Service answers calls. Its methods are safe for concurrent use.
type Service struct {
	Quota   Quota         // nil: none
	Latency time.Duration // of every answer
	Jitter  float64       // Latency is spread by this share either way
	Seed    uint64

	// Fails reports whether a call that arrives now is answered with 6000.
	// Nil: never. Such a call costs no quota.
	Fails func(sinceStart time.Duration, random float64) bool

	mu      sync.Mutex
	start   time.Time
	rng     *rand.Rand
	arrived []Arrival
}

// Arrival is one attempt as the service saw it.
type Arrival struct {
	At   time.Duration // since Start
	Code int           // of the answer: 0, 4400 or 6000
}

// Start begins the service's time: that of Fails and of Arrival.At.
func (s *Service) Start() {
	s.start = time.Now()
	s.rng = rand.New(rand.NewPCG(s.Seed, 1))
}

// Arrivals returns the attempts seen so far, in their order.
func (s *Service) Arrivals() []Arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.arrived
}

// RoundTrip decides about the call on its arrival and answers after the
// latency.
func (s *Service) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	body, latency := s.decide()
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return Answer(r, body), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func (s *Service) decide() (body string, latency time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	since := now.Sub(s.start)
	random := s.rng.Float64()
	latency = time.Duration(float64(s.Latency) * (1 + s.Jitter*(2*s.rng.Float64()-1)))
	body, code := Success, 0
	switch {
	case s.Fails != nil && s.Fails(since, random):
		body, code = Internal, 6000
	case s.Quota != nil && !s.Quota.Allow(now):
		body, code = Throttled, 4400
	}
	s.arrived = append(s.arrived, Arrival{since, code})
	return body, latency
}

// Answer is an HTTP 200 with a JSON body.
func Answer(r *http.Request, body string) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}
}
