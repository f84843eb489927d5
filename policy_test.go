package qcloudhttp_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// never makes every call overlook pacing and budget, so that the policy's
// delays alone decide.
type never struct{}

func (never) Wait(context.Context) error { return nil }

// defaultDelays are the first and the longest delay of the classes that only
// time helps.
var defaultDelays = map[codes.Class][2]time.Duration{
	codes.ClassNetwork:     {100 * time.Millisecond, 10 * time.Second},
	codes.ClassThrottled:   {1050 * time.Millisecond, 10 * time.Second},
	codes.ClassBusy:        {5 * time.Second, time.Minute},
	codes.ClassUnavailable: {2 * time.Second, time.Minute},
	codes.ClassInternal:    {200 * time.Millisecond, 10 * time.Second},
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
	for body, class := range map[string]codes.Class{
		quota: codes.ClassThrottled, busy: codes.ClassBusy, outage: codes.ClassUnavailable, internal: codes.ClassInternal,
	} {
		first, longest := defaultDelays[class][0], defaultDelays[class][1]
		got := waits(t, body, &qcloudhttp.Policy{MaxElapsed: time.Hour, MaxAttempts: 9, RetryBudget: -1})
		if len(got) != 8 {
			t.Fatalf("%v: %d waits", class, len(got))
		}
		for i, wait := range got {
			mid, jitter := min(first.Seconds()*math.Pow(2, float64(i)), longest.Seconds()), 0.5
			if i == 0 && class == codes.ClassThrottled {
				jitter = 0.05
			}
			if off := math.Abs(wait.Seconds()/mid - 1); off > jitter+1e-6 {
				t.Errorf("%v: wait %d is %v, not within %v of %v s", class, i+1, wait, jitter, mid)
			}
		}
	}
}

func TestDelaysOfAClass(t *testing.T) {
	got := waits(t, internal, &qcloudhttp.Policy{Delays: map[codes.Class]qcloudhttp.Delay{
		codes.ClassInternal: {Initial: time.Minute / 4, Max: time.Minute / 4, Jitter: 0.01, MaxRetries: 2},
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
		MaxRetryAfter: -1,
		Delays: map[codes.Class]qcloudhttp.Delay{
			codes.ClassInternal: {Initial: -1, Max: -1, Multiplier: math.NaN(), Jitter: math.Inf(1), MaxRetries: -1},
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
		Delays: map[codes.Class]qcloudhttp.Delay{
			codes.ClassInternal: {Initial: 300 * time.Millisecond, Max: 300 * time.Millisecond},
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
			if !errors.Is(err, codes.ClassInternal) {
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
		return qcloudhttp.Verdict{Class: codes.ClassBusy, Retry: true}
	}}
	ctx := qcloudhttp.WithoutRetries(qcloudhttp.WithPolicy(t.Context(), p))
	a := answering(internal)
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
	_, err := (&qcloudhttp.Transport{Base: a}).RoundTrip(req)
	if !errors.Is(err, codes.ClassBusy) || len(a.got) != 1 {
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
			return qcloudhttp.Verdict{Class: codes.ClassBusy, Retry: true}
		},
		ReadOnly: func(string) bool { return true },
		Delays:   map[codes.Class]qcloudhttp.Delay{codes.ClassBusy: {Initial: time.Hour / 2, Max: time.Hour / 2, Jitter: 1e-9}},
		Product:  "cdn",
	}
	for name, call := range map[string]*qcloudhttp.Policy{
		"of one field":  {MaxElapsed: time.Hour},
		"of the others": {MaxElapsed: time.Hour, RetryBudget: -1, MaxRetryAfter: time.Hour},
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
				if !errors.Is(err, codes.ClassBusy) || len(a.got) != 2 {
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

// A lone caller of a closed quota waits by the delay of the class, which the
// policy sets.
func TestDelayOfThrottled(t *testing.T) {
	for name, test := range map[string]struct {
		policy      qcloudhttp.Policy
		least, most time.Duration
	}{
		"the policy's": {qcloudhttp.Policy{Delays: map[codes.Class]qcloudhttp.Delay{
			codes.ClassThrottled: {Initial: 20 * time.Second, Jitter: -1},
		}}, 20 * time.Second, 20 * time.Second},
		"capped":          {qcloudhttp.Policy{MaxDelay: time.Millisecond}, 1, time.Millisecond},
		"another class's": {qcloudhttp.Policy{Delays: map[codes.Class]qcloudhttp.Delay{codes.ClassInternal: {Initial: 20 * time.Second}}}, time.Second / 2, 3 * time.Second / 2},
		"none":            {qcloudhttp.Policy{}, time.Second / 2, 3 * time.Second / 2},
	} {
		for _, body := range []string{quota, tooOften} {
			synctest.Test(t, func(t *testing.T) {
				a := answering(body, success)
				_, err := get(t, &qcloudhttp.Transport{Base: a, Policy: &test.policy}, readAction)
				if err != nil || len(a.got) != 2 {
					t.Fatalf("%s: %d attempts, %v", name, len(a.got), err)
				}
				if wait := a.got[1].at.Sub(a.got[0].at); wait < test.least || wait > test.most {
					t.Errorf("%s: waited %v", name, wait)
				}
			})
		}
	}
}

// The wait after a rejection is counted in rejections, not in attempts.
func TestDelayOfThrottledAfterOtherFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := answering(internal, internal, quota, success)
		if _, err := get(t, &qcloudhttp.Transport{Base: a}, readAction); err != nil {
			t.Fatal(err)
		}
		if wait := a.got[3].at.Sub(a.got[2].at); wait > 3*time.Second/2 {
			t.Errorf("waited %v", wait)
		}
	})
}

// closedFor answers with the body until a time has passed.
func closedFor(d time.Duration, body string) *api {
	a := &api{}
	until := time.Now().Add(d)
	a.answers = append(a.answers, func(r *http.Request) (*http.Response, error) {
		if time.Now().Before(until) {
			return a.reply(200, body, nil)(r)
		}
		return a.reply(200, success, nil)(r)
	})
	return a
}

// A deployment takes 5 to 10 minutes: Busy outlasts it by default, and a number
// that is set bounds it.
func TestBusyOutlastsADeployment(t *testing.T) {
	for _, body := range []string{busy, `{"code":1014,"message":"x"}`, `{"code":1014}`} {
		for range 10 { // the delays are random
			synctest.Test(t, func(t *testing.T) {
				if _, err := get(t, &qcloudhttp.Transport{Base: closedFor(5*time.Minute, body)}, readAction); err != nil {
					t.Error(err)
				}
			})
		}
	}
	for name, test := range map[string]struct {
		policy   qcloudhttp.Policy
		reason   qcloudhttp.Reason
		attempts int // 0: not checked
		most     time.Duration
	}{
		"attempts":    {qcloudhttp.Policy{MaxAttempts: 3}, qcloudhttp.ReasonAttempts, 3, time.Minute},
		"elapsed":     {qcloudhttp.Policy{MaxElapsed: time.Minute}, qcloudhttp.ReasonElapsed, 0, time.Minute},
		"retries":     {qcloudhttp.Policy{Delays: map[codes.Class]qcloudhttp.Delay{codes.ClassBusy: {MaxRetries: 1}}}, qcloudhttp.ReasonAttempts, 2, time.Minute},
		"the default": {qcloudhttp.Policy{}, qcloudhttp.ReasonElapsed, 0, 10 * time.Minute},
		"20 waits":    {qcloudhttp.Policy{MaxDelay: time.Second}, qcloudhttp.ReasonAttempts, 21, time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := answering(busy)
			began := time.Now()
			_, err := get(t, &qcloudhttp.Transport{Base: a, Policy: &test.policy}, readAction)
			var gaveUp *qcloudhttp.GiveUpError
			if !errors.As(err, &gaveUp) || gaveUp.Reason != test.reason || test.attempts != 0 && len(a.got) != test.attempts ||
				time.Since(began) > test.most || !errors.Is(err, codes.ClassBusy) {
				t.Errorf("%s: %d attempts in %v, err %v", name, len(a.got), time.Since(began), err)
			}
		})
	}
}

// Attempts that met Busy count to a default MaxElapsed as little as the waits
// after them: a failure of another class is still retried.
func TestSlowBusyAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := answering(busy, busy, busy, outage, success)
		for i, answer := range a.answers[:3] {
			a.answers[i] = func(r *http.Request) (*http.Response, error) {
				time.Sleep(time.Minute)
				return answer(r)
			}
		}
		if _, err := get(t, &qcloudhttp.Transport{Base: a}, readAction); err != nil || len(a.got) != 5 {
			t.Errorf("%v after %d attempts", err, len(a.got))
		}
	})
}

// A quota that stays closed ends a default call after 2 minutes; numbers that
// are set, and small delays, end it sooner.
func TestQuotaThatStaysClosed(t *testing.T) {
	for name, test := range map[string]struct {
		policy                  qcloudhttp.Policy
		leastTime, mostTime     time.Duration
		leastCalled, mostCalled int
	}{
		"the default":  {qcloudhttp.Policy{}, time.Minute, 2 * time.Minute, 12, 22},
		"attempts":     {qcloudhttp.Policy{MaxAttempts: 3}, 0, 10 * time.Second, 3, 3},
		"elapsed":      {qcloudhttp.Policy{MaxElapsed: 5 * time.Second}, 0, 5 * time.Second, 2, 4},
		"small delays": {qcloudhttp.Policy{MaxDelay: time.Millisecond}, 0, time.Second, 15, 25},
	} {
		for _, body := range []string{quota, tooOften, `{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":"m"}}}`} {
			synctest.Test(t, func(t *testing.T) {
				a := answering(body)
				began := time.Now()
				_, err := get(t, &qcloudhttp.Transport{Base: a, Policy: &test.policy}, readAction)
				took := time.Since(began)
				var gaveUp *qcloudhttp.GiveUpError
				if !errors.As(err, &gaveUp) || !errors.Is(err, codes.ClassThrottled) {
					t.Fatalf("%s: %v", name, err)
				}
				if took < test.leastTime || took > test.mostTime || len(a.got) < test.leastCalled || len(a.got) > test.mostCalled {
					t.Errorf("%s, %.30s: %d attempts in %v, %s", name, body, len(a.got), took, gaveUp.Reason)
				}
			})
		}
	}
}

// A wait that the deadline forbids is not begun.
func TestClosedQuotaUnderADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		a := answering(quota)
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
		_, err := (&qcloudhttp.Transport{Base: a}).RoundTrip(req)
		var gaveUp *qcloudhttp.GiveUpError
		if !errors.As(err, &gaveUp) || gaveUp.Reason != qcloudhttp.ReasonDeadline || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if idle := time.Since(a.got[len(a.got)-1].at); idle != 0 {
			t.Errorf("it waited %v before it gave up", idle)
		}
	})
}

// A quota that is closed for 9 s is found open soon after.
func TestLoneCallerFindsTheQuotaOpen(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			if _, err := get(t, &qcloudhttp.Transport{Base: closedFor(9*time.Second, quota)}, readAction); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 23*time.Second {
				t.Errorf("it took %v", took)
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
			Policy: &qcloudhttp.Policy{Delays: map[codes.Class]qcloudhttp.Delay{
				codes.ClassInternal: fixed(20 * time.Second), codes.ClassBusy: fixed(time.Hour),
			}},
		}
		ctx := qcloudhttp.WithPolicy(t.Context(), &qcloudhttp.Policy{Delays: map[codes.Class]qcloudhttp.Delay{
			codes.ClassBusy: fixed(time.Second),
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
			if !errors.Is(err, codes.ClassFailed) || len(a.got) != want {
				t.Errorf("%s: %d attempts, %v", url, len(a.got), err)
			}
		})
	}
}

// After an answer of unknown outcome the call goes again where a second run
// does no harm, and else not.
func TestUnknownOutcome(t *testing.T) {
	named := &qcloudhttp.Policy{Repeatable: func(action string) bool { return action == "RunInstances" }}
	for name, test := range map[string]struct {
		method, query string
		policy        *qcloudhttp.Policy
		want          int
	}{
		"read-only":             {http.MethodPost, "?Action=DescribeInstances", nil, 3},
		"repeatable":            {http.MethodPost, "?Action=FlushCache", nil, 3},
		"of CDN":                {http.MethodPost, "?Action=PurgeUrlsCache", nil, 3},
		"another mutation":      {http.MethodPost, "?Action=RunInstances", nil, 1},
		"one that makes a task": {http.MethodGet, "?Action=CreateEdgePackTask", nil, 1},
		"named by the policy":   {http.MethodPost, "?Action=RunInstances", named, 3},
		"replaced by it":        {http.MethodPost, "?Action=FlushCache", named, 1},
		"POST without action":   {http.MethodPost, "", nil, 3},
		"PUT without action":    {http.MethodPut, "", nil, 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			base := answering(internal, internal, success)
			req, _ := http.NewRequest(test.method, "https://dsa.api.qcloud.com/"+test.query, strings.NewReader("a"))
			resp, err := (&qcloudhttp.Transport{Base: base, Policy: test.policy}).RoundTrip(req)
			if resp != nil {
				resp.Body.Close()
			}
			if len(base.got) != test.want || (err == nil) != (test.want == 3) {
				t.Errorf("%s: %d requests, err %v", name, len(base.got), err)
			}
			if err != nil && !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// A lost answer to a POST without an action is not repeated: its server is none
// of the API's, and RFC 9110 gives POST no second run.
func TestPostWithoutActionAfterLostAnswer(t *testing.T) {
	base := &api{}
	base.answers = append(base.answers, fails(io.ErrUnexpectedEOF))
	req, _ := http.NewRequest(http.MethodPost, "https://dsa.api.qcloud.com/", strings.NewReader("a"))
	_, err := (&qcloudhttp.Transport{Base: base}).RoundTrip(req)
	if len(base.got) != 1 || !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
		t.Errorf("%d requests, err %v", len(base.got), err)
	}
}

// AttemptTimeout bounds an attempt until its code has come, not the body that
// streams on; and an attempt that it ends is a failure of the network.
func TestAttemptTimeout(t *testing.T) {
	policy := &qcloudhttp.Policy{AttemptTimeout: time.Second, MaxDelay: time.Millisecond}
	hangs := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	}
	t.Run("an attempt that hangs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := answering(success, success)
			a.answers[0] = hangs
			began := time.Now()
			if _, err := get(t, &qcloudhttp.Transport{Base: a, Policy: policy}, readAction); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); len(a.got) != 2 || took < time.Second || took > 1100*time.Millisecond {
				t.Errorf("%d attempts in %v", len(a.got), took)
			}
		})
	})
	t.Run("every attempt hangs", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := answering(success)
			a.answers[0] = func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err() // as over HTTP/2, without the cause
			}
			_, err := get(t, &qcloudhttp.Transport{Base: a, Policy: policy}, readAction)
			if !errors.Is(err, codes.ClassNetwork) || errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "AttemptTimeout (1s)") {
				t.Errorf("err %v", err)
			}
		})
	})
	t.Run("a body that streams", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			reader, writer := io.Pipe()
			var attempt context.Context
			base := roundTripper(func(r *http.Request) (*http.Response, error) {
				attempt = r.Context()
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: reader, ContentLength: -1, Request: r}, nil
			})
			go func() {
				io.WriteString(writer, `{"code":0,"data":"`)
				time.Sleep(time.Minute)
				io.WriteString(writer, `x"}`)
				writer.Close()
			}()
			req, _ := http.NewRequest(http.MethodGet, readAction, nil)
			resp, err := (&qcloudhttp.Transport{Base: base, Policy: policy}).RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil || string(body) != `{"code":0,"data":"x"}` || attempt.Err() != nil {
				t.Errorf("%q, %v, the attempt's context: %v", body, err, attempt.Err())
			}
			if resp.Body.Close(); attempt.Err() == nil {
				t.Error("Close does not release the attempt's context")
			}
		})
	})
	t.Run("another protocol", func(t *testing.T) {
		var attempt context.Context
		client, server := net.Pipe()
		defer server.Close()
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			attempt = r.Context()
			return &http.Response{StatusCode: http.StatusSwitchingProtocols, Header: http.Header{}, Body: client, Request: r}, nil
		})
		req, _ := http.NewRequest(http.MethodGet, readAction, nil)
		resp, err := (&qcloudhttp.Transport{Base: base, Policy: policy}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		go io.WriteString(resp.Body.(io.Writer), "ping")
		if got := make([]byte, 4); attempt.Err() != nil {
			t.Errorf("the attempt's context: %v", attempt.Err())
		} else if _, err := io.ReadFull(server, got); err != nil || string(got) != "ping" {
			t.Errorf("%q, %v", got, err)
		}
		if resp.Body.Close(); attempt.Err() == nil {
			t.Error("Close does not release the attempt's context")
		}
	})
}

// What an inner WithPolicy leaves zero stays as the outer one has it.
func TestWithPolicyComposes(t *testing.T) {
	ctx := qcloudhttp.WithPolicy(t.Context(), &qcloudhttp.Policy{MaxAttempts: 2, MaxDelay: time.Hour})
	ctx = qcloudhttp.WithPolicy(ctx, &qcloudhttp.Policy{MaxDelay: time.Millisecond})
	a := answering(internal)
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
	_, err := (&qcloudhttp.Transport{Base: a, Policy: &qcloudhttp.Policy{MaxAttempts: 9}}).RoundTrip(req)
	if len(a.got) != 2 || a.got[1].at.Sub(a.got[0].at) > time.Second {
		t.Errorf("%d attempts, %v", len(a.got), err)
	}
}

// A Max left zero is no less than Initial, and a negative number is no bound.
func TestOddDelays(t *testing.T) {
	got := waits(t, internal, &qcloudhttp.Policy{
		MaxAttempts: -1, MaxElapsed: -1, RetryBudget: -1,
		Delays: map[codes.Class]qcloudhttp.Delay{
			codes.ClassInternal: {Initial: 3 * time.Minute, Jitter: -1, MaxRetries: 8},
		},
	})
	if len(got) != 8 || got[0] != 3*time.Minute || got[7] != 3*time.Minute {
		t.Errorf("got %v", got)
	}
}

// Beside a code that says nothing, a message that names a running task lets a
// call that only reads go twice more, and nothing else.
func TestRunningTaskInAMessage(t *testing.T) {
	for query, want := range map[string]int{"DescribeInstances": 3, "RunInstances": 1} {
		for code, want := range map[string]int{"ResourceUnavailable": want, "OperationDenied": want, "InvalidParameter": 1} {
			synctest.Test(t, func(t *testing.T) {
				body := `{"Response":{"Error":{"Code":"` + code + `","Message":"another task is running"},"RequestId":"r"}}`
				a := answering(body)
				_, err := get(t, &qcloudhttp.Transport{Base: a}, "https://cvm.tencentcloudapi.com/?Version=1&Action="+query)
				if len(a.got) != want || err == nil {
					t.Errorf("%s of %s: %d attempts, %v", code, query, len(a.got), err)
				}
			})
		}
	}
}

// A Transport in a Transport says what to set.
func TestNestedTransport(t *testing.T) {
	a := answering(success)
	_, err := get(t, &qcloudhttp.Transport{Base: &qcloudhttp.Transport{Base: a}}, readAction)
	if err == nil || !strings.Contains(err.Error(), "Transport.Base") || len(a.got) != 0 {
		t.Errorf("%d attempts, %v", len(a.got), err)
	}
}

// The example in a bubble has no output to compare, so it is run here.
func TestExampleInABubble(t *testing.T) { outlastsADeployment(t) }
