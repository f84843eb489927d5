package faulttests

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// retrier is the client of a go-retryablehttp user, of four attempts.
func retrier(base http.RoundTripper, p *qcloudhttp.Policy) *retryablehttp.Client {
	four := *p
	four.MaxAttempts = 4
	return qcloudhttp.NewRetryableClient(base, &four)
}

// doers are the two ways to use the client.
var doers = map[string]func(*retryablehttp.Client, *http.Request) (*http.Response, error){
	"Do": func(c *retryablehttp.Client, r *http.Request) (*http.Response, error) {
		req, err := retryablehttp.FromRequest(r)
		if err != nil {
			return nil, err
		}
		return c.Do(req)
	},
	"StandardClient": func(c *retryablehttp.Client, r *http.Request) (*http.Response, error) {
		return c.StandardClient().Do(r)
	},
}

const form = "application/x-www-form-urlencoded"

// v2 is a call of API 2.0 by POST, v2Get the same by GET.
func v2(params string) *http.Request {
	return newRequest(http.MethodPost, "https://dsa.api.qcloud.com/v2/index.php", params, "Content-Type", form)
}

func v2Get(params string) *http.Request {
	return newRequest(http.MethodGet, "https://dsa.api.qcloud.com/v2/index.php?"+params, "")
}

func v3(action, body string) *http.Request {
	return newRequest(http.MethodPost, "https://ecdn.tencentcloudapi.com/", body,
		"Content-Type", "application/json", "X-TC-Action", action, "X-TC-Version", "2019-10-12")
}

func newRequest(method, url, body string, header ...string) *http.Request {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// fresh is r, to be sent.
func fresh(t *testing.T, r *http.Request) *http.Request {
	r = r.Clone(t.Context())
	r.Body, _ = r.GetBody()
	return r
}

type steps = []qcloudtest.Step

const purgeV3 = `{"Urls":["https://www.example.com/"]}`

// What a failure does to a user of go-retryablehttp: how many requests arrive,
// and what comes back.
func TestRetryablehttp(t *testing.T) {
	read, create := "Action=GetDsaHostList", "Action=RunInstances&zone=a"
	internal, drop, executed := qcloudtest.Code(codes.InternalError), qcloudtest.Drop(), qcloudtest.Execute()
	for name, tc := range map[string]struct {
		req    *http.Request
		steps  steps
		calls  int               // that meet the steps
		want   int               // requests
		reason qcloudhttp.Reason // of the GiveUpError; "": none
		is     error             // nil: success
	}{
		"6000 passes":             {v2(read), steps{internal}, 2, 3, "", nil},
		"6000 stays":              {v2(read), steps{internal}, 9, 4, qcloudhttp.ReasonAttempts, codes.InternalError},
		"2002 is permanent":       {v2(create), steps{qcloudtest.Code(2002)}, 9, 1, "", codes.DomainNotFiled},
		"4400 passes, a mutation": {v2("Action=OfflineDsaHost&host=www.example.com"), steps{qcloudtest.Code(4400)}, 2, 3, "", nil},
		"4500 spends the request": {v2(read), steps{qcloudtest.Code(4500)}, 9, 1, "", codes.ClassReplayed},
		"5100 reading":            {v2(read), steps{qcloudtest.Code(5100)}, 1, 2, "", nil},
		"5100 mutating":           {v2(create), steps{qcloudtest.Code(5100)}, 9, 1, "", codes.ClassFailed},
		"no answer, reading":      {v2Get(read), steps{drop}, 2, 3, "", nil},
		"no answer, mutating":     {v2(create), steps{executed, drop}, 9, 1, qcloudhttp.ReasonUnsafe, qcloudhttp.ErrOutcomeUnknown},
		"no answer, mutating GET": {v2Get(create), steps{executed, drop}, 9, 1, qcloudhttp.ReasonUnsafe, codes.ClassNetwork},
		"cut off, mutating":       {v2(create), steps{qcloudtest.Cut(9)}, 9, 1, qcloudhttp.ReasonUnsafe, qcloudhttp.ErrOutcomeUnknown},
		"502, mutating":           {v2(create), steps{qcloudtest.Status(502)}, 9, 1, qcloudhttp.ReasonUnsafe, codes.ClassUnavailable},
		"3.0 throttled":           {v3("DescribeDomains", "{}"), steps{qcloudtest.CodeText("RequestLimitExceeded.UinLimitExceeded")}, 2, 3, "", nil},
		"3.0 internal, reading":   {v3("DescribeDomains", "{}"), steps{internal}, 2, 3, "", nil},
		"3.0 internal, mutating":  {v3("RunInstances", purgeV3), steps{executed, internal}, 9, 1, qcloudhttp.ReasonUnsafe, qcloudhttp.ErrOutcomeUnknown},
		"Retry-After is too long": {v2(read), steps{qcloudtest.Header("Retry-After", "601"), qcloudtest.Code(4400)}, 9, 1, qcloudhttp.ReasonRetryAfter, codes.ClassThrottled},
	} {
		for way, do := range doers {
			t.Run(name+"/"+way, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					api := qcloudtest.NewAPI(qcloudtest.WithDomain("www.example.com"))
					api.Next(tc.calls, tc.steps...)
					resp, err := do(retrier(api.Transport(), &qcloudhttp.Policy{}), fresh(t, tc.req))
					if api.Total() != tc.want {
						t.Errorf("%d requests, want %d", api.Total(), tc.want)
					}
					if resp != nil {
						resp.Body.Close()
					}
					if tc.is == nil {
						if err != nil {
							t.Error(err)
						}
						return
					}
					wantFailure(t, err, tc.is, tc.reason, tc.want)
				})
			})
		}
	}
}

// wantFailure checks that err is typed, tells of target, and gave up for reason.
func wantFailure(t *testing.T, err, target error, reason qcloudhttp.Reason, attempts int) {
	t.Helper()
	var fail *qcloudhttp.Error
	if !errors.As(err, &fail) || !errors.Is(err, target) {
		t.Fatalf("got %v, want %v", err, target)
	}
	if fail.Attempt != attempts {
		t.Errorf("attempt %d, want %d", fail.Attempt, attempts)
	}
	var gaveUp *qcloudhttp.GiveUpError
	switch {
	case errors.As(err, &gaveUp) != (reason != ""):
		t.Errorf("got %v, want reason %q", err, reason)
	case gaveUp != nil && (gaveUp.Reason != reason || gaveUp.Attempts != attempts):
		t.Errorf("gave up for %q after %d attempts, want %q after %d", gaveUp.Reason, gaveUp.Attempts, reason, attempts)
	}
}

// A call that changes nothing has a known outcome, however it fails.
func TestRetryablehttpReadingHasNoUnknownOutcome(t *testing.T) {
	for name, step := range map[string]qcloudtest.Step{
		"internal": qcloudtest.Code(codes.InternalError), "no answer": qcloudtest.Drop(), "502": qcloudtest.Status(502),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := qcloudtest.NewAPI()
				api.Next(9, step)
				_, err := retrier(api.Transport(), &qcloudhttp.Policy{}).StandardClient().Do(v2Get("Action=GetDsaHostList"))
				if errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
					t.Errorf("it is unknown whether a reading call was executed: %v", err)
				}
			})
		})
	}
}

// The waits are the policy's, or the API's own wish.
func TestRetryablehttpWaits(t *testing.T) {
	p := &qcloudhttp.Policy{Delays: map[codes.Class]qcloudhttp.Delay{
		codes.ClassInternal: {Initial: time.Second, Max: 4 * time.Second, Jitter: 1e-9},
	}}
	for name, tc := range map[string]struct {
		steps steps
		want  time.Duration // before the three retries together
	}{
		"the policy's":    {steps{qcloudtest.Code(codes.InternalError)}, 1*time.Second + 2*time.Second + 4*time.Second},
		"the API's":       {steps{qcloudtest.Header("Retry-After", "30"), qcloudtest.Code(codes.InternalError)}, 90 * time.Second},
		"the API's, HTTP": {steps{qcloudtest.Header("Retry-After", "20"), qcloudtest.Status(503)}, 60 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := qcloudtest.NewAPI()
				api.Next(3, tc.steps...)
				start := time.Now()
				resp, err := retrier(api.Transport(), p).StandardClient().Do(v2("Action=GetDsaHostList"))
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				// A wish is spread by a twentieth, upwards.
				if waited := time.Since(start).Round(time.Millisecond); waited < tc.want || waited > tc.want*21/20 {
					t.Errorf("waited %v, want %v", waited, tc.want)
				}
			})
		})
	}
}

// The end of the context ends the call, and is the reason given where the
// policy is asked.
func TestRetryablehttpContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI()
		api.Next(9, qcloudtest.Delay(time.Minute))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := retrier(api.Transport(), &qcloudhttp.Policy{}).StandardClient().Do(v2("Action=GetDsaHostList").WithContext(ctx))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		var gaveUp *qcloudhttp.GiveUpError
		if !errors.As(err, &gaveUp) || gaveUp.Reason != qcloudhttp.ReasonContext {
			t.Errorf("got %v", err)
		}
	})
}
