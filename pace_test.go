package qcloudhttp_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// patient is the default policy with a limit wide enough for a long job.
func patient() *qcloudhttp.Policy { return &qcloudhttp.Policy{MaxElapsed: time.Hour} }

// job makes n calls of an action from several goroutines and returns the
// errors.
func job(client *http.Client, callers, n int) (failed []error) {
	var mu sync.Mutex
	var workers sync.WaitGroup
	for w := range callers {
		workers.Go(func() {
			for i := w; i < n; i += callers {
				resp, err := client.Get(readAction)
				if err == nil {
					resp.Body.Close()
					continue
				}
				mu.Lock()
				failed = append(failed, err)
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	return failed
}

// A nightly job under the documented quota finishes by itself, at the pace that
// the quota allows.
func TestJobUnderAQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const calls = 1000
		api := qcloudtest.NewAPI(qcloudtest.WithQuota(100, time.Minute))
		client := &http.Client{Transport: &qcloudhttp.Transport{Base: api.Transport(), Policy: patient()}}
		began := time.Now()
		failed := job(client, 16, calls)
		took := time.Since(began)
		rejected := api.Total() - calls
		t.Logf("%d calls in %v, %d rejected, %d failed", calls, took, rejected, len(failed))
		if len(failed) > 0 {
			t.Errorf("%d calls failed, first %v", len(failed), failed[0])
		}
		// Learning the window costs some 60 rejections once, and some 8 a minute.
		if took > 10*time.Minute || rejected > 170 {
			t.Errorf("it took %v with %d rejections", took, rejected)
		}
	})
}

// An outage that ends before the calls' own limits fails none of them, and is
// not multiplied by their retries.
func TestJobThroughAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI()
		api.Maintenance(true)
		time.AfterFunc(time.Minute, func() { api.Maintenance(false) })
		client := &http.Client{Transport: &qcloudhttp.Transport{Base: api.Transport(), Policy: patient()}}
		const calls = 1000
		failed := job(client, calls, calls)
		t.Logf("%d requests for %d calls, %d failed", api.Total(), calls, len(failed))
		if len(failed) > 0 {
			t.Errorf("%d calls failed, first %v", len(failed), failed[0])
		}
		if most := 2*calls + calls/2; api.Total() > most {
			t.Errorf("%d requests", api.Total())
		}
	})
}

// A call whose own limits end while it waits in line says that the budget was
// the reason.
func TestBudgetIsTheReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI()
		api.Maintenance(true)
		client := &http.Client{Transport: &qcloudhttp.Transport{Base: api.Transport()}}
		failed := job(client, 200, 200)
		var byBudget int
		for _, err := range failed {
			var gaveUp *qcloudhttp.GiveUpError
			if errors.As(err, &gaveUp) && gaveUp.Reason == qcloudhttp.ReasonBudget {
				byBudget++
			}
		}
		if len(failed) != 200 || byBudget < 100 {
			t.Errorf("%d failed, %d by the budget", len(failed), byBudget)
		}
	})
}

// *rate.Limiter goes in as it is, and a call that cannot get its turn before
// its deadline is told at once.
func TestRateLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI()
		client := &http.Client{Transport: &qcloudhttp.Transport{
			Base: api.Transport(), Limiter: rate.NewLimiter(rate.Every(time.Minute), 1),
		}}
		if failed := job(client, 1, 2); len(failed) > 0 {
			t.Fatal(failed[0])
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
		began := time.Now()
		_, err := client.Do(req)
		var gaveUp *qcloudhttp.GiveUpError
		if !errors.As(err, &gaveUp) || gaveUp.Reason != qcloudhttp.ReasonDeadline || time.Since(began) != 0 {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
	})
}

// Quotas are counted for each action: one that is throttled does not hold the
// others back.
func TestActionsArePacedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI()
		api.NextFor("GetDsaHostList", 1, qcloudtest.Code(codes.QuotaExceeded))
		client := &http.Client{Transport: &qcloudhttp.Transport{Base: api.Transport()}}
		done := make(chan struct{})
		go func() {
			defer close(done)
			job(client, 1, 1)
		}()
		synctest.Wait()
		began := time.Now()
		resp, err := client.Get("http://dsa.api.qcloud.com/v2/index.php?Action=GetFlushLog")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if took := time.Since(began); took > 0 {
			t.Errorf("another action waited %v", took)
		}
		<-done
	})
}

// aSecondLater is an api that answers after a second.
type aSecondLater struct{ api *api }

func (s aSecondLater) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(time.Second)
	return s.api.RoundTrip(r)
}

// An attempt that waited for the limiter is not made where its answer would come
// after the deadline, as answers come of late; MaxElapsed bounds its start alone.
func TestAnswerAfterTheDeadline(t *testing.T) {
	for _, test := range []struct {
		deadline, elapsed time.Duration
		attempts          int
		reason            qcloudhttp.Reason
	}{
		{time.Minute, 0, 2, ""},
		{2500 * time.Millisecond, 0, 1, qcloudhttp.ReasonDeadline},
		{time.Minute, 2500 * time.Millisecond, 2, ""},
		{2900 * time.Millisecond, 2600 * time.Millisecond, 1, qcloudhttp.ReasonDeadline},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := answering(slices.Concat([]string{quota}, slices.Repeat([]string{success}, 30), []string{quota, success})...)
			client := &http.Client{Transport: &qcloudhttp.Transport{Base: aSecondLater{a}}}
			if failed := job(client, 1, 30); len(failed) > 0 {
				t.Fatal(failed[0])
			}
			before := len(a.got)
			ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
			defer cancel()
			ctx = qcloudhttp.WithPolicy(ctx, &qcloudhttp.Policy{MaxElapsed: test.elapsed})
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
			resp, err := client.Do(req)
			if err == nil {
				resp.Body.Close()
			}
			var gaveUp *qcloudhttp.GiveUpError
			var reason qcloudhttp.Reason
			if errors.As(err, &gaveUp) {
				reason = gaveUp.Reason
			}
			if made := len(a.got) - before; made != test.attempts || reason != test.reason {
				t.Errorf("%+v: %d attempts, %v", test, made, err)
			}
		})
	}
}

// Callers that are rejected together, and that nothing orders, do not come back
// together again and again.
func TestRejectedCallersSpread(t *testing.T) {
	for name, test := range map[string]struct {
		answer  string
		limiter qcloudhttp.Limiter
		failed  int // at most
	}{
		"a resource's own limit": {tooOften, nil, 0}, "a *rate.Limiter": {quota, rate.NewLimiter(1000, 1000), 12},
	} {
		synctest.Test(t, func(t *testing.T) {
			a, quota := answering(), rate.NewLimiter(5, 5)
			ok, no := a.reply(http.StatusOK, success, nil), a.reply(http.StatusOK, test.answer, nil)
			base := roundTripper(func(r *http.Request) (*http.Response, error) {
				time.Sleep(20 * time.Millisecond)
				if quota.Allow() {
					return ok(r)
				}
				return no(r)
			})
			client := &http.Client{Transport: &qcloudhttp.Transport{Base: base, Limiter: test.limiter}}
			began := time.Now()
			failed := job(client, 60, 60)
			if took := time.Since(began); len(failed) > test.failed || took > 30*time.Second {
				t.Errorf("%s: %d failed, %v", name, len(failed), took)
			}
		})
	}
}
