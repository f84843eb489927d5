package faulttests

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// watched makes a call whose request body is watched, and checks the duties
// that hold whatever else is wrong: an end, one result, closed bodies. It
// returns what a panic said.
func watched(t *testing.T, client *qcloudhttp.Transport, base *scripted, change ...func(*http.Request)) (panicked any, err error) {
	t.Helper()
	const form = "Action=GetDsaHostList"
	body := &watchedBody{Reader: strings.NewReader(form)}
	req := post(t.Context(), body)
	req.ContentLength = int64(len(form))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, f := range change {
		f(req)
	}
	client.Base = base
	began := time.Now()
	var resp *http.Response
	func() {
		defer func() { panicked = recover() }()
		resp, err = client.RoundTrip(req)
		if (resp == nil) == (err == nil) {
			t.Errorf("response %v, error %v", resp != nil, err)
		}
	}()
	if resp != nil {
		if _, err := io.ReadAll(resp.Body); err != nil {
			t.Errorf("the body: %v", err)
		}
		resp.Body.Close()
	}
	if took := time.Since(began); took > 3*time.Minute {
		t.Errorf("it took %v, more than MaxElapsed", took)
	}
	if !body.closed.Load() {
		t.Error("the request's body was not closed")
	}
	if n := base.open.Load(); n != 0 {
		t.Errorf("%d response bodies are open", n)
	}
	return panicked, err
}

func in(t *testing.T, name string, f func(*testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

func scriptedBy(f ...func(*http.Request) (*http.Response, error)) *scripted {
	return &scripted{answers: f}
}

// Values that make no sense mean the default: 5 attempts, delays of the class.
// (A negative bound means none, so one of the two is set.)
func TestSenselessPolicies(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	delays := func(d qcloudhttp.Delay) map[codes.Class]qcloudhttp.Delay {
		return map[codes.Class]qcloudhttp.Delay{codes.ClassInternal: d}
	}
	for name, p := range map[string]*qcloudhttp.Policy{
		"nil":  nil,
		"zero": {},
		"negative": {MaxAttempts: 5, MaxElapsed: -1, MaxRetryAfter: -1,
			RetryBudget: -1, Delays: delays(qcloudhttp.Delay{Initial: -1, Max: -1, Multiplier: -1, Jitter: -1, MaxRetries: -1})},
		"least":                 {MaxAttempts: 5, MaxElapsed: math.MinInt64, RetryBudget: math.MinInt},
		"NaN":                   {Delays: delays(qcloudhttp.Delay{Multiplier: nan, Jitter: nan})},
		"infinite":              {Delays: delays(qcloudhttp.Delay{Multiplier: inf, Jitter: inf})},
		"negatively infinite":   {Delays: delays(qcloudhttp.Delay{Multiplier: -inf, Jitter: -inf})},
		"much jitter":           {Delays: delays(qcloudhttp.Delay{Jitter: 1e300, Multiplier: 0.5})},
		"Initial more than Max": {Delays: delays(qcloudhttp.Delay{Initial: time.Hour, Max: time.Second})},
		"unknown class":         {Delays: map[codes.Class]qcloudhttp.Delay{200: {Initial: time.Hour}}},
		"large numbers": {MaxAttempts: 5, RetryBudget: math.MaxInt,
			MaxElapsed: math.MaxInt64, MaxRetryAfter: math.MaxInt64},
	} {
		in(t, name, func(t *testing.T) {
			base := scriptedBy(apiFailure)
			before := time.Now()
			panicked, err := watched(t, &qcloudhttp.Transport{Policy: p}, base)
			giveUp := new(qcloudhttp.GiveUpError)
			if panicked != nil || !errors.As(err, &giveUp) || giveUp.Reason != qcloudhttp.ReasonAttempts {
				t.Errorf("panic %v, err %v", panicked, err)
			}
			if n := base.attempts(); n != 5 {
				t.Errorf("%d attempts", n)
			}
			if time.Since(before) < 50*time.Millisecond {
				t.Error("there was no delay")
			}
		})
	}
}

// A bound that cannot be exceeded does not turn into one that is never met.
func TestLargestDurations(t *testing.T) {
	long := qcloudhttp.Delay{Initial: math.MaxInt64, Max: math.MaxInt64, Jitter: 1e-9}
	longRetryAfter := func(r *http.Request) (*http.Response, error) {
		resp := answer(r, failBody)
		resp.Header.Set("Retry-After", "99999999999999999999")
		return resp, nil
	}
	for name, test := range map[string]struct {
		policy *qcloudhttp.Policy
		answer func(*http.Request) (*http.Response, error)
		reason qcloudhttp.Reason
	}{
		"Retry-After without a cap": {&qcloudhttp.Policy{MaxRetryAfter: math.MaxInt64}, longRetryAfter, qcloudhttp.ReasonContext},
		"delays without a cap": {&qcloudhttp.Policy{Delays: map[codes.Class]qcloudhttp.Delay{codes.ClassInternal: long}},
			apiFailure, qcloudhttp.ReasonElapsed},
	} {
		in(t, name, func(t *testing.T) {
			base := scriptedBy(func(r *http.Request) (*http.Response, error) {
				time.Sleep(time.Millisecond)
				return test.answer(r)
			})
			ctx, cancel := context.WithCancel(t.Context())
			// The wait itself would be too much for the bubble's clock.
			client := &qcloudhttp.Transport{Policy: test.policy, Observer: qcloudhttp.ObserverFunc(
				func(_ context.Context, e qcloudhttp.Event) {
					if e.Kind == qcloudhttp.EventWait {
						if test.reason != qcloudhttp.ReasonContext || e.Wait < math.MaxInt64 {
							t.Errorf("it waits %v", e.Wait)
						}
						cancel()
					}
				})}
			_, err := watched(t, client, base, func(r *http.Request) { *r = *r.WithContext(ctx) })
			giveUp := new(qcloudhttp.GiveUpError)
			if !errors.As(err, &giveUp) || giveUp.Reason != test.reason || base.attempts() != 1 {
				t.Errorf("%d attempts, err %v", base.attempts(), err)
			}
		})
	}
}

// A Classify or ReadOnly that is wrong.
func TestBadCallbacks(t *testing.T) {
	network := func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
	for name, f := range map[string]func(*http.Request) (*http.Response, error){"answer": apiFailure, "no answer": network} {
		in(t, "Classify that panics/"+name, func(t *testing.T) {
			panicked, err := watched(t, &qcloudhttp.Transport{Policy: &qcloudhttp.Policy{
				Classify: func(qcloudhttp.Failure) qcloudhttp.Verdict { panic("oh no") },
			}}, scriptedBy(f))
			if panicked != nil || !errors.Is(err, codes.ClassUnknown) || !strings.Contains(err.Error(), "oh no") {
				t.Errorf("panic %v, err %v", panicked, err)
			}
		})
		in(t, "Classify that knows nothing/"+name, func(t *testing.T) {
			panicked, _ := watched(t, &qcloudhttp.Transport{Policy: &qcloudhttp.Policy{
				Classify: func(qcloudhttp.Failure) qcloudhttp.Verdict { return qcloudhttp.Verdict{} },
			}}, scriptedBy(f))
			if panicked != nil {
				t.Errorf("panic %v", panicked)
			}
		})
		in(t, "Classify of a class that does not exist/"+name, func(t *testing.T) {
			base := scriptedBy(f)
			panicked, err := watched(t, &qcloudhttp.Transport{Policy: &qcloudhttp.Policy{
				Classify: func(qcloudhttp.Failure) qcloudhttp.Verdict { return qcloudhttp.Verdict{Class: 200, Retry: true} },
			}}, base)
			if panicked != nil || err == nil || base.attempts() != 5 {
				t.Errorf("panic %v, err %v, %d attempts", panicked, err, base.attempts())
			}
		})
		in(t, "ReadOnly that panics/"+name, func(t *testing.T) {
			client := &qcloudhttp.Transport{Policy: &qcloudhttp.Policy{ReadOnly: func(string) bool { panic("oh no") }}}
			watched(t, client, scriptedBy(f)) // whether it panics is left open
		})
	}
}

// An Observer that panics is not heard.
func TestPanickingObserver(t *testing.T) {
	for name, o := range map[string]qcloudhttp.Observer{
		"Observe": qcloudhttp.ObserverFunc(func(context.Context, qcloudhttp.Event) { panic("oh no") }),
		"nil":     qcloudhttp.ObserverFunc(nil),
	} {
		for kind, f := range map[string]func(*http.Request) (*http.Response, error){
			"success": answering(okBody), "failure": apiFailure, "throttled": apiBusy, "nothing to read": answering(`{"a":"` + strings.Repeat("x", 2<<20)),
		} {
			in(t, name+"/"+kind, func(t *testing.T) {
				panicked, _ := watched(t, &qcloudhttp.Transport{Observer: o}, scriptedBy(f))
				if panicked != nil {
					t.Errorf("panic %v", panicked)
				}
			})
		}
	}
}

// A Signer that fails or panics, at once or before a retry.
func TestBadSigner(t *testing.T) {
	errSign := errors.New("no key for AKIDsecretsecret")
	for after := range 3 {
		for _, mode := range []qcloudhttp.FailureMode{qcloudhttp.ReturnError, qcloudhttp.ReturnResponse} {
			for _, panics := range []bool{false, true} {
				in(t, map[bool]string{false: "fails", true: "panics"}[panics], func(t *testing.T) {
					n := 0
					signer := signFunc(func(*http.Request) error {
						if n++; n <= after {
							return nil
						}
						if panics {
							panic("oh no")
						}
						return errSign
					})
					base := scriptedBy(apiFailure)
					panicked, err := watched(t, &qcloudhttp.Transport{Signer: signer, OnFailure: mode}, base)
					if base.attempts() != after {
						t.Errorf("%d attempts", base.attempts())
					}
					if panics != (panicked != nil) {
						t.Errorf("panic %v", panicked)
					}
					if panics || mode == qcloudhttp.ReturnResponse && after > 0 {
						return
					}
					if !errors.Is(err, errSign) || strings.Contains(err.Error(), "AKIDsecret") {
						t.Errorf("err %v", err)
					}
					if after > 0 && !errors.Is(err, codes.InternalError) {
						t.Errorf("the API's error is not in it: %v", err)
					}
				})
			}
		}
	}
}
