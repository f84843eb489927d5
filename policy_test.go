package qcloudhttp_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
)

// never makes every call overlook pacing and budget, so that the policy's
// delays alone decide.
type never struct{}

func (never) Wait(context.Context) error { return nil }

func TestDefaultDelays(t *testing.T) {
	for class, want := range map[qcloudhttp.Class][2]time.Duration{
		qcloudhttp.Network:     {100 * time.Millisecond, 10 * time.Second},
		qcloudhttp.Throttled:   {time.Second, 10 * time.Second},
		qcloudhttp.Busy:        {5 * time.Second, time.Minute},
		qcloudhttp.Unavailable: {2 * time.Second, time.Minute},
		qcloudhttp.Internal:    {200 * time.Millisecond, 10 * time.Second},
	} {
		d := qcloudhttp.DefaultDelay(class)
		if d.Initial != want[0] || d.Max != want[1] || d.Multiplier != 2 || d.Jitter != 0.5 {
			t.Errorf("%v: got %+v", class, d)
		}
	}
}

// waits returns the waits between a call's attempts, in virtual time.
func waits(t *testing.T, body string, p *qcloudhttp.Policy) (all []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := answering(body)
		_, err := get(t, &qcloudhttp.Transport{Base: a, Policy: p, Limiter: never{}}, readAction)
		if err == nil {
			t.Fatal("the call succeeded")
		}
		for i := 1; i < len(a.got); i++ {
			all = append(all, a.got[i].at.Sub(a.got[i-1].at))
		}
	})
	return all
}

// Each wait lies within the jitter around its class's exponential delay.
func TestWaitsGrow(t *testing.T) {
	for body, class := range map[string]qcloudhttp.Class{
		quota: qcloudhttp.Throttled, busy: qcloudhttp.Busy, outage: qcloudhttp.Unavailable, internal: qcloudhttp.Internal,
	} {
		d := qcloudhttp.DefaultDelay(class)
		got := waits(t, body, &qcloudhttp.Policy{MaxElapsed: time.Hour, MaxAttempts: 9, RetryBudget: -1})
		if len(got) != 8 {
			t.Fatalf("%v: %d waits", class, len(got))
		}
		for i, wait := range got {
			mid := min(time.Duration(float64(d.Initial)*math.Pow(2, float64(i))), d.Max)
			if wait < mid/2 || wait > mid*3/2 {
				t.Errorf("%v: wait %d is %v, not within half of %v", class, i+1, wait, mid)
			}
		}
	}
}

func TestDelaysOfAClass(t *testing.T) {
	got := waits(t, internal, &qcloudhttp.Policy{Delays: map[qcloudhttp.Class]qcloudhttp.Delay{
		qcloudhttp.Internal: {Initial: time.Minute / 4, Max: time.Minute / 4, Jitter: 0.01, MaxRetries: 2},
	}})
	if len(got) != 2 {
		t.Fatalf("got %v", got)
	}
	for _, wait := range got {
		if wait < 14*time.Second || wait > 16*time.Second {
			t.Errorf("waited %v", wait)
		}
	}
}

// Values that make no sense mean the default.
func TestSenselessPolicy(t *testing.T) {
	p := &qcloudhttp.Policy{
		MaxAttempts: -3, MaxElapsed: -1, MaxRetryAfter: -1, Window: -1,
		Delays: map[qcloudhttp.Class]qcloudhttp.Delay{
			qcloudhttp.Internal: {Initial: -1, Max: -1, Multiplier: math.NaN(), Jitter: math.Inf(1), MaxRetries: -1},
		},
	}
	got := waits(t, internal, p)
	if len(got) != 4 || got[0] < 100*time.Millisecond || got[0] > 300*time.Millisecond {
		t.Errorf("got %v", got)
	}
}

// A call of many short waits ends within MaxElapsed as one of few long ones.
func TestShortWaitsEndWithinMaxElapsed(t *testing.T) {
	const most = 10 * time.Second
	got := waits(t, internal, &qcloudhttp.Policy{
		MaxAttempts: 1000, MaxElapsed: most, RetryBudget: -1,
		Delays: map[qcloudhttp.Class]qcloudhttp.Delay{
			qcloudhttp.Internal: {Initial: 300 * time.Millisecond, Max: 300 * time.Millisecond},
		},
	})
	var sum time.Duration
	for _, wait := range got {
		sum += wait
	}
	if sum > most || sum < most-time.Second {
		t.Errorf("%d waits of %v together", len(got), sum)
	}
}

func TestOverridesThroughTheContext(t *testing.T) {
	attempts := func(ctx context.Context) (n int) {
		synctest.Test(t, func(t *testing.T) {
			a := answering(internal)
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
			_, err := (&qcloudhttp.Transport{Base: a}).RoundTrip(req)
			if !errors.Is(err, qcloudhttp.ErrInternal) {
				t.Fatalf("got %v", err)
			}
			n = len(a.got)
		})
		return n
	}
	two := &qcloudhttp.Policy{MaxAttempts: 2}
	ctx := context.Background()
	for _, test := range []struct {
		name string
		ctx  context.Context
		want int
	}{
		{"none", ctx, 5},
		{"policy", qcloudhttp.WithPolicy(ctx, two), 2},
		{"no retries", qcloudhttp.WithoutRetries(ctx), 1},
		{"both", qcloudhttp.WithPolicy(qcloudhttp.WithoutRetries(ctx), two), 1},
		{"taken back", qcloudhttp.WithPolicy(qcloudhttp.WithPolicy(ctx, two), nil), 5},
	} {
		if got := attempts(test.ctx); got != test.want {
			t.Errorf("%s: %d attempts, want %d", test.name, got, test.want)
		}
	}
}

// WithoutRetries keeps the rest of the policy that the context has already.
func TestWithoutRetriesKeepsThePolicy(t *testing.T) {
	p := &qcloudhttp.Policy{Classify: func(qcloudhttp.Failure) qcloudhttp.Verdict {
		return qcloudhttp.Verdict{Class: qcloudhttp.Busy, Retry: true}
	}}
	ctx := qcloudhttp.WithoutRetries(qcloudhttp.WithPolicy(t.Context(), p))
	a := answering(internal)
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
	_, err := (&qcloudhttp.Transport{Base: a}).RoundTrip(req)
	if !errors.Is(err, qcloudhttp.ErrBusy) || len(a.got) != 1 {
		t.Errorf("%d attempts, %v", len(a.got), err)
	}
}

// What a call's policy leaves open is as the Transport's policy has it, not as
// the default has.
func TestWithPolicyLeavesTheRest(t *testing.T) {
	const purge = "http://dsa.api.qcloud.com/v2/index.php?Action=PurgePreview"
	whole := qcloudhttp.Policy{
		MaxAttempts: 2,
		Classify: func(f qcloudhttp.Failure) qcloudhttp.Verdict {
			if f.Code == 0 {
				return qcloudhttp.Classify(f)
			}
			return qcloudhttp.Verdict{Class: qcloudhttp.Busy, Retry: true}
		},
		ReadOnly: func(string) bool { return true },
		Delays:   map[qcloudhttp.Class]qcloudhttp.Delay{qcloudhttp.Busy: {Initial: time.Hour / 2, Max: time.Hour / 2, Jitter: 1e-9}},
		Product:  "cdn",
	}
	for name, call := range map[string]*qcloudhttp.Policy{
		"of one field":  {MaxElapsed: time.Hour},
		"of the others": {MaxElapsed: time.Hour, RetryBudget: -1, Window: 1 << 10, ReplayLimit: 1 << 10, MaxRetryAfter: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := answering(internal)
				send := func() error {
					req, _ := http.NewRequestWithContext(qcloudhttp.WithPolicy(t.Context(), call), http.MethodGet, purge, nil)
					_, err := (&qcloudhttp.Transport{Base: a, Policy: &whole, Limiter: never{}}).RoundTrip(req)
					return err
				}
				err := send()
				if !errors.Is(err, qcloudhttp.ErrBusy) || len(a.got) != 2 {
					t.Fatalf("Classify or MaxAttempts: %d attempts, %v", len(a.got), err)
				}
				if wait := a.got[1].at.Sub(a.got[0].at).Round(time.Second); wait != time.Hour/2 {
					t.Errorf("Delays: waited %v", wait)
				}
				var apiErr *qcloudhttp.Error
				if errors.As(err, &apiErr); apiErr.Product != "cdn" {
					t.Errorf("Product: %q", apiErr.Product)
				}
				a.answers = append(a.answers[:0], fails(errors.New("connection reset")))
				if a.got = nil; errors.Is(send(), qcloudhttp.ErrOutcomeUnknown) || len(a.got) != 2 {
					t.Errorf("ReadOnly: %d attempts", len(a.got))
				}
			})
		})
	}
}

// A lone rejected call waits by the policy's delay for Throttled, or its
// default.
func TestDelayOfThrottled(t *testing.T) {
	for name, test := range map[string]struct {
		delays      map[qcloudhttp.Class]qcloudhttp.Delay
		least, most time.Duration
	}{
		"the policy's": {map[qcloudhttp.Class]qcloudhttp.Delay{
			qcloudhttp.Throttled: {Initial: 20 * time.Second, Max: 20 * time.Second, Jitter: 1e-9},
		}, 19 * time.Second, 21 * time.Second},
		"another class's": {map[qcloudhttp.Class]qcloudhttp.Delay{
			qcloudhttp.Internal: {Initial: 20 * time.Second},
		}, 500 * time.Millisecond, 1500 * time.Millisecond},
		"none": {nil, 500 * time.Millisecond, 1500 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := answering(quota, success)
			_, err := get(t, &qcloudhttp.Transport{Base: a, Policy: &qcloudhttp.Policy{Delays: test.delays}}, readAction)
			if err != nil || len(a.got) != 2 {
				t.Fatalf("%s: %d attempts, %v", name, len(a.got), err)
			}
			if wait := a.got[1].at.Sub(a.got[0].at); wait < test.least || wait > test.most {
				t.Errorf("%s: waited %v", name, wait)
			}
		})
	}
}

// Delays for single calls are laid over the Transport's, class by class.
func TestDelaysForSingleCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fixed := func(d time.Duration) qcloudhttp.Delay {
			return qcloudhttp.Delay{Initial: d, Max: d, Jitter: 1e-9}
		}
		client := &qcloudhttp.Transport{
			Base: answering(internal, success),
			Policy: &qcloudhttp.Policy{Delays: map[qcloudhttp.Class]qcloudhttp.Delay{
				qcloudhttp.Internal: fixed(20 * time.Second), qcloudhttp.Busy: fixed(time.Hour),
			}},
		}
		ctx := qcloudhttp.WithPolicy(t.Context(), &qcloudhttp.Policy{Delays: map[qcloudhttp.Class]qcloudhttp.Delay{
			qcloudhttp.Busy: fixed(time.Second),
		}})
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
		began := time.Now()
		if _, err := client.RoundTrip(req); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began).Round(time.Second); took != 20*time.Second {
			t.Errorf("it waited %v", took)
		}
	})
}

func TestReadOnlyByPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := answering("", success)
		a.answers[0] = fails(errors.New("connection reset"))
		policy := &qcloudhttp.Policy{ReadOnly: func(name string) bool { return name == "PurgePreview" }}
		_, err := get(t, &qcloudhttp.Transport{Base: a, Policy: policy}, "http://dsa.api.qcloud.com/?Action=PurgePreview")
		if err != nil || len(a.got) != 2 {
			t.Errorf("%v after %d attempts", err, len(a.got))
		}
	})
}

// 5100 is repeated for read-only actions, twice at most, and never else.
func TestFailedOperations(t *testing.T) {
	const failed = `{"code":5100,"message":"(-1)服务内部错误","codeDesc":"ResourceOpFailed"}`
	for url, want := range map[string]int{
		readAction: 3, "http://dsa.api.qcloud.com/v2/index.php?Action=DeleteDsaHost": 1,
	} {
		synctest.Test(t, func(t *testing.T) {
			a := answering(failed)
			_, err := get(t, &qcloudhttp.Transport{Base: a}, url)
			if !errors.Is(err, qcloudhttp.ErrFailed) || len(a.got) != want {
				t.Errorf("%s: %d attempts, %v", url, len(a.got), err)
			}
		})
	}
}
