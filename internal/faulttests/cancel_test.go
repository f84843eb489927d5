package faulttests

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// When the context ends the call returns at once, with the context's error and
// the last attempt's, and leaves nothing behind.
func TestCancelledAtEveryPoint(t *testing.T) {
	for _, point := range cancelPoints {
		for _, mode := range []qcloudhttp.FailureMode{qcloudhttp.ReturnError, qcloudhttp.ReturnResponse} {
			t.Run(point.name+"/"+map[qcloudhttp.FailureMode]string{0: "error", 1: "response"}[mode], func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					s := &scene{t: t, base: &scripted{}, ctx: ctx, cancelAt: 5 * time.Millisecond}
					var endedAt time.Time
					context.AfterFunc(ctx, func() { endedAt = time.Now() })
					s.cancel = cancel
					s.client = &qcloudhttp.Transport{Base: s.base, Policy: &qcloudhttp.Policy{}, OnFailure: mode}
					s.req = post(ctx, nil)
					s.answers(answering(okBody))
					point.set(s)
					time.AfterFunc(s.cancelAt, cancel)

					resp, err := s.client.RoundTrip(s.req)
					returned := time.Now()
					synctest.Wait()
					if resp != nil {
						t.Error("a response came back")
						resp.Body.Close()
					}
					if ctx.Err() == nil {
						t.Fatalf("the call ended before its context: %v", err)
					}
					if late := returned.Sub(endedAt); late > 10*time.Millisecond {
						t.Errorf("it returned %v later", late)
					}
					checkCancelled(t, err, point.before)
					if n := s.base.open.Load(); n != 0 {
						t.Errorf("%d bodies are open", n)
					}
				})
			})
		}
	}
}

func checkCancelled(t *testing.T, err error, before codes.Code) {
	t.Helper()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the context's error is not in it: %v", err)
	}
	if before != 0 && !errors.Is(err, before) {
		t.Errorf("%v is not in it: %v", before, err)
	}
	var timeout interface {
		Timeout() bool
		Temporary() bool
	}
	if errors.As(err, &timeout) && (timeout.Timeout() || timeout.Temporary()) {
		t.Error("it asks the client above to try again")
	}
	giveUp := new(qcloudhttp.GiveUpError)
	if !errors.As(err, &giveUp) {
		t.Errorf("it is no GiveUpError: %v", err)
	}
}

// A mutation that the context ends before any of it was sent was not executed,
// and the error does not say that it may have been.
func TestCancelledBeforeSending(t *testing.T) {
	points := map[string]func(*scene){
		"before the call": func(s *scene) {
			s.cancel()
		},
		"in the queue":  func(s *scene) { s.client.Limiter = slow(0) },
		"in the Signer": func(s *scene) { s.client.Signer = signFunc(waits) },
		"in dialling": func(s *scene) {
			s.client.Base = &http.Transport{Dial: func(_, _ string) (net.Conn, error) {
				time.Sleep(10 * time.Second) // net/http's dial goes on when the call has ended
				return nil, errors.New("too late")
			}}
		},
	}
	for name, set := range points {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				s := &scene{t: t, base: &scripted{}, ctx: ctx, cancel: cancel}
				s.client = &qcloudhttp.Transport{Base: s.base}
				s.req = must(http.NewRequestWithContext(ctx, http.MethodPost,
					"http://dsa.api.qcloud.com/v2/index.php?Action=RunInstances", nil))
				s.answers(answering(okBody))
				set(s)
				time.AfterFunc(time.Second, cancel)
				_, err := s.client.RoundTrip(s.req)
				checkCancelled(t, err, 0)
				if errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
					t.Errorf("nothing was sent, and the outcome is said to be unknown: %v", err)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}
