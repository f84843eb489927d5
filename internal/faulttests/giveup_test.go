package faulttests

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A context that ends in an attempt leaves the API's last word in the error,
// however many attempts without an answer came between.
func TestLastWordOfTheAPI(t *testing.T) {
	for name, answers := range map[string][]func(*http.Request) (*http.Response, error){
		"at once":                 {apiFailure, hanging},
		"after a network failure": {apiFailure, reset, hanging},
		"after two":               {apiFailure, reset, reset, hanging},
		"of two the last":         {apiBusy, apiFailure, hanging},
		"the answer breaks off":   {apiFailure, reset, func(r *http.Request) (*http.Response, error) { return stallingAnswer(r, `{"co`), nil }},
	} {
		in(t, name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			base := scriptedBy(answers...)
			client := &qcloudhttp.Transport{Limiter: endless(len(answers))} // which paces no retry
			time.AfterFunc(time.Minute, cancel)
			_, err := watched(t, client, base, func(r *http.Request) { *r = *r.WithContext(ctx) })
			gaveUp(t, err, qcloudhttp.ReasonContext, len(answers))
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the context's error is not in it: %v", err)
			}
			if !errors.Is(err, codes.InternalError) {
				t.Errorf("the API's last word is not in it: %v", err)
			}
		})
	}
}

// Where the context ends a call whose last attempts met the network's failures,
// the error is what the API said before, and the network's failure is in it too.
func TestCancelledAfterNetworkFailures(t *testing.T) {
	in(t, "", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		base := scriptedBy(apiFailure, reset, reset)
		client := &qcloudhttp.Transport{Limiter: endless(3)} // which holds the fourth attempt
		time.AfterFunc(time.Minute, cancel)
		_, err := watched(t, client, base, func(r *http.Request) {
			*r = *r.WithContext(ctx)
		})
		giveUp := gaveUp(t, err, qcloudhttp.ReasonContext, 3)
		if !errors.Is(giveUp.Err, codes.InternalError) {
			t.Errorf("the last word of the API is %v", giveUp.Err)
		}
		for _, want := range []error{context.Canceled, codes.ClassNetwork, syscall.ECONNRESET} {
			if !errors.Is(err, want) {
				t.Errorf("%v is not in it: %v", want, err)
			}
		}
	})
}

// What ends a wait in the budget's line is told by its name.
func TestReasonsInTheBudgetsLine(t *testing.T) {
	for name, test := range map[string]struct {
		end    func(context.Context) (context.Context, context.CancelFunc)
		reason qcloudhttp.Reason
	}{
		"cancelled": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Millisecond, cancel)
			return ctx, cancel
		}, qcloudhttp.ReasonContext},
		"out of time": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 10*time.Millisecond)
		}, qcloudhttp.ReasonBudget},
	} {
		in(t, name, func(t *testing.T) {
			client := &qcloudhttp.Transport{Base: scriptedBy(reset)}
			for range 30 {
				client.RoundTrip(post(qcloudhttp.WithoutRetries(t.Context()), nil))
			}
			ctx, cancel := test.end(t.Context())
			defer cancel()
			_, err := client.RoundTrip(post(ctx, nil))
			gaveUp(t, err, test.reason, 0)
		})
	}
}

// A wait as long as the policy leaves is not begun, and not put down to a line.
func TestWaitAsLongAsThePolicyLeaves(t *testing.T) {
	in(t, "", func(t *testing.T) {
		base := scriptedBy(func(r *http.Request) (*http.Response, error) {
			resp := answer(r, `{"code":6200,"message":"","codeDesc":"ServiceUnavailable"}`)
			resp.Header.Set("Retry-After", "1")
			return resp, nil
		})
		began := time.Now()
		_, err := watched(t, &qcloudhttp.Transport{Policy: &qcloudhttp.Policy{MaxElapsed: time.Second}}, base)
		gaveUp(t, err, qcloudhttp.ReasonElapsed, 1)
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v", took)
		}
	})
}

// A mutation that is cancelled in flight may have been executed, whatever
// became of it before.
func TestCancelledMutation(t *testing.T) {
	for name, answers := range map[string][]func(*http.Request) (*http.Response, error){
		"first attempt":   {hanging},
		"after rejection": {apiBusy, hanging},
		"after 6000":      {apiFailure, hanging},
	} {
		in(t, name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(time.Minute, cancel)
			_, err := watched(t, &qcloudhttp.Transport{}, scriptedBy(answers...), func(r *http.Request) {
				*r = *r.WithContext(ctx)
				r.Header.Set("Content-Type", "text/plain") // else the form names an action too
				r.URL.RawQuery = "Action=CreateDsaHost"    // which goes again after 6000
			})
			gaveUp(t, err, qcloudhttp.ReasonContext, len(answers))
			apiErr := new(qcloudhttp.Error)
			if !errors.As(err, &apiErr) || apiErr.Executed != qcloudhttp.ExecutionUnknown ||
				!errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
				t.Errorf("executed: %v, err %v", apiErr.Executed, err)
			}
		})
	}
}

// An *Error that an Observer has been given stays as it was: it may be read in
// another goroutine while the call goes on, which the race detector would tell.
func TestObservedErrorsStay(t *testing.T) {
	for name, answers := range map[string][]func(*http.Request) (*http.Response, error){
		"cancelled in flight": {apiBusy, hanging},
		"given up":            {apiFailure, apiFailure, apiBusy, apiFailure},
		"presigned":           {apiFailure, answering(`{"code":4500}`)},
		"own work":            {apiFailure, answering(`{"code":4000,"message":"(2001)x"}`)},
	} {
		in(t, name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(time.Minute, cancel)
			var kept []*qcloudhttp.Error
			var copies []qcloudhttp.Error
			client := &qcloudhttp.Transport{Observer: qcloudhttp.ObserverFunc(func(_ context.Context, e qcloudhttp.Event) {
				apiErr := new(qcloudhttp.Error)
				if errors.As(e.Err, &apiErr) {
					kept, copies = append(kept, apiErr), append(copies, *apiErr)
					go func() {
						_ = apiErr.Error()
						_ = *apiErr
					}()
				}
			})}
			_, err := watched(t, client, scriptedBy(answers...), func(r *http.Request) {
				*r = *r.WithContext(ctx)
				r.URL.RawQuery = "Action=RunInstances&SecretId=AKIDxxxxxxxx&Nonce=1&Timestamp=946684800&Signature=xxxxxxxx"
			})
			synctest.Wait()
			if err == nil || len(kept) < 2 {
				t.Errorf("%d errors were observed, err %v", len(kept), err)
			}
			for i := range kept {
				if !reflect.DeepEqual(*kept[i], copies[i]) {
					t.Errorf("error %d was\n%+v\nand is\n%+v", i, copies[i], *kept[i])
				}
			}
		})
	}
}
