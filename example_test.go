package qcloudhttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// One line: the API fails twice, and the caller does not notice.
func Example() {
	srv := qcloudtest.NewServer(qcloudtest.WithDomain("www.example.com"))
	defer srv.Close()
	srv.Next(2, qcloudtest.Code(codes.InternalError))

	client := &http.Client{Transport: &qcloudhttp.Transport{}}

	resp, err := client.Get(srv.URL + "/v2/index.php?Action=GetDsaHostList")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status, "after", srv.Total(), "attempts")
	// Output: 200 OK after 3 attempts
}

// A permanent failure is a typed error, in the reader's language.
func ExampleError() {
	srv := qcloudtest.NewServer(qcloudtest.WithUnfiled("*.example.cn"))
	defer srv.Close()
	client := &http.Client{Transport: &qcloudhttp.Transport{}}

	_, err := client.PostForm(srv.URL+"/v2/index.php", url.Values{
		"Action": {"CreateDsaHost"}, "host": {"www.example.cn"}, "origin": {"192.0.2.1"}, "projectId": {"0"},
	})

	var apiErr *qcloudhttp.Error
	if errors.As(err, &apiErr) {
		fmt.Println(int(apiErr.Code), int(apiErr.Module), apiErr.Class, apiErr.Action)
		info, _ := apiErr.Info()
		fmt.Println(info.ZH)
	}
	fmt.Println(errors.Is(err, codes.DomainNotFiled), errors.Is(err, codes.ClassDomainState))
	// Output:
	// 4000 2002 DomainState CreateDsaHost
	// 域名没有 ICP 备案
	// true true
}

// A call that gave up says why, and what the API said last.
func ExampleGiveUpError() {
	srv := qcloudtest.NewServer()
	defer srv.Close()
	srv.Maintenance(true)
	client := &http.Client{Transport: &qcloudhttp.Transport{}}

	// The first wait for an API in maintenance would be seconds, which this
	// caller does not have: the call fails at once, not when the time is up.
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/v2/index.php?Action=GetDsaHostList", nil)
	_, err := client.Do(req)

	var gaveUp *qcloudhttp.GiveUpError
	if errors.As(err, &gaveUp) {
		fmt.Println(gaveUp.Reason, gaveUp.Attempts)
	}
	fmt.Println(errors.Is(err, codes.ServiceUnavailable))
	// Output:
	// deadline 1
	// true
}

// With a Signer each attempt is signed anew, and a mutation whose connection
// broke is resent with the same Nonce: executed exactly once.
func ExampleTransport_signer() {
	srv := qcloudtest.NewServer(
		qcloudtest.WithCredentials("AKIDexample", "secret"), qcloudtest.WithDomain("www.example.com"))
	defer srv.Close()
	srv.Next(1, qcloudtest.Drop()) // the first request is lost on its way

	client := &http.Client{Transport: &qcloudhttp.Transport{
		Signer: &sign.V1{Credentials: sign.Static("AKIDexample", "secret", "")},
	}}
	resp, err := client.PostForm(srv.URL+"/v2/index.php", url.Values{
		"Action": {"FlushCache"}, "urlList": {`["http://www.example.com/"]`},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
	fmt.Println("executed", srv.Executed("FlushCache"), "time in", srv.Total(), "requests")
	// Output: executed 1 time in 2 requests
}

// A limiter for a quota that is known: *rate.Limiter goes in as it is, and
// limit.Documented keeps each action under the documented 100 calls a minute.
func ExampleTransport_limiter() {
	mine := &qcloudhttp.Transport{Limiter: rate.NewLimiter(10, 1)}
	documented := &qcloudhttp.Transport{Limiter: limit.Documented()}
	fmt.Println(mine.Limiter != nil, documented.Limiter != nil)
	// Output: true true
}

// A policy for all calls of a client.
func ExamplePolicy() {
	policy := &qcloudhttp.Policy{}
	policy.MaxAttempts = 8
	policy.MaxElapsed = 10 * time.Minute
	policy.Delays = map[codes.Class]qcloudhttp.Delay{
		codes.ClassBusy: {Initial: 30 * time.Second, Max: 5 * time.Minute}, // deployments take minutes
	}
	client := &http.Client{Transport: &qcloudhttp.Transport{Policy: policy}}
	_ = client
}

// A program's own test of a retry does not wait: MaxDelay caps every backoff.
func ExamplePolicy_withoutWaits() {
	srv := qcloudtest.NewServer()
	defer srv.Close()
	srv.Next(1, qcloudtest.Code(codes.InternalError))
	srv.Next(1, qcloudtest.Code(codes.OperationInProgress)) // minutes, with the default delays
	srv.Next(1, qcloudtest.Code(codes.QuotaExceeded))
	client := &http.Client{Transport: &qcloudhttp.Transport{
		Policy: &qcloudhttp.Policy{MaxDelay: time.Millisecond},
	}}

	resp, err := client.Get(srv.Endpoint() + "?Action=GetDsaHostList")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status, "after", srv.Total(), "attempts")
	// Output: 200 OK after 4 attempts
}

// A user of another product makes one of its codes retried, or permanent, by
// wrapping Classify: here a CVM type that is sold out is asked for again, and an
// instance with a running task is left to its owner.
func ExamplePolicy_classify() {
	policy := &qcloudhttp.Policy{Classify: func(f qcloudhttp.Failure) qcloudhttp.Verdict {
		v := qcloudhttp.Classify(f)
		switch f.CodeDesc {
		case "ResourcesSoldOut.SpecifiedInstanceType":
			v = qcloudhttp.Verdict{Class: codes.ClassBusy, Retry: true, Executed: qcloudhttp.NotExecuted}
		case "OperationDenied.InstanceOperationInProgress":
			v.Retry = false
		}
		return v
	}}
	for _, code := range []string{"ResourcesSoldOut.SpecifiedInstanceType", "OperationDenied.InstanceOperationInProgress"} {
		v := policy.Classify(qcloudhttp.Failure{CodeDesc: code, Product: "cvm"})
		fmt.Println(v.Class, v.Retry)
	}
	// Output:
	// Busy true
	// Busy false
}

// Overrides for single calls go through the context.
func ExampleWithPolicy() {
	srv := qcloudtest.NewServer()
	defer srv.Close()
	srv.Next(1, qcloudtest.Code(codes.InternalError))
	client := &http.Client{Transport: &qcloudhttp.Transport{}}

	ctx := qcloudhttp.WithPolicy(context.Background(), &qcloudhttp.Policy{MaxAttempts: 2})
	ctx = qcloudhttp.WithoutRetries(ctx) // or no retry at all

	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/v2/index.php?Action=GetDsaHostList", nil)
	_, err := client.Do(req)
	fmt.Println(errors.Is(err, codes.ClassInternal), srv.Total())
	// Output: true 1
}

// ReturnResponse retries inside and hands the last response on as it was, for
// clients that read the API's errors themselves.
func ExampleReturnResponse() {
	srv := qcloudtest.NewServer()
	defer srv.Close()
	client := &http.Client{Transport: &qcloudhttp.Transport{OnFailure: qcloudhttp.ReturnResponse}}

	resp, err := client.Get(srv.URL + "/v2/index.php?Action=GetDsaHostInfo&hostId=7")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(len(body) > 0, qcloudhttp.Classify(qcloudhttp.Failure{Code: 4000, Module: 2000}).Class)
	// Output: true NotFound
}

// Without the transport: CheckResponse judges a response that one already has.
func ExampleCheckResponse() {
	srv := qcloudtest.NewServer(qcloudtest.WithQuota(0, time.Minute))
	defer srv.Close()

	resp, err := srv.Client().Get(srv.URL + "/v2/index.php?Action=GetDsaHostList")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	err = qcloudhttp.CheckResponse(resp)
	fmt.Println(errors.Is(err, codes.QuotaExceeded), errors.Is(err, codes.ClassThrottled))
	// Output: true true
}

// Redact takes the query, and with it the credentials, out of the *url.Error
// that net/http wraps around a transport's error.
func ExampleRedact() {
	srv := qcloudtest.NewServer(qcloudtest.WithCredentials("AKIDexample", "secret"))
	defer srv.Close()
	client := &http.Client{Transport: &qcloudhttp.Transport{}}

	_, err := client.Get(srv.URL + "/v2/index.php?Action=GetDsaHostList&SecretId=AKIDexample&Signature=bad")
	var clean *url.Error
	if errors.As(qcloudhttp.Redact(err), &clean) {
		fmt.Println(clean.URL == srv.URL+"/v2/index.php", errors.Is(clean, codes.AuthFailure))
	}
	// Output: true true
}

// One domain without ICP filing, asked for by both APIs.
func ExampleError_bothAPIs() {
	api := qcloudtest.NewAPI(qcloudtest.WithUnfiled("*.unfiled.example"))
	client := &http.Client{Transport: &qcloudhttp.Transport{Base: api.Transport()}}

	v2, _ := http.NewRequest(http.MethodGet, "https://dsa.api.qcloud.com/v2/index.php?"+
		"Action=CreateDsaHost&host=www.unfiled.example&origin=origin.example.com", nil)
	v3, _ := http.NewRequest(http.MethodPost, "https://ecdn.tencentcloudapi.com/", strings.NewReader(
		`{"Domain":"www.unfiled.example","Origin":{"Origins":["origin.example.com"]}}`))
	v3.Header.Set("X-TC-Action", "AddEcdnDomain")
	v3.Header.Set("X-TC-Version", "2019-10-12")

	for _, req := range []*http.Request{v2, v3} {
		_, err := client.Do(req)
		var fail *qcloudhttp.Error
		errors.As(err, &fail)
		fmt.Println(fail.CodeDesc, errors.Is(err, codes.DomainNotFiled))
	}
	// Output:
	// InvalidParameter true
	// ResourceUnavailable.CdnHostNoIcp true
}

// A program that is built on go-retryablehttp gets a ready client.
func ExampleNewRetryableClient() {
	srv := qcloudtest.NewServer(qcloudtest.WithUnfiled("*.unfiled.example"))
	defer srv.Close()
	srv.Next(2, qcloudtest.Code(codes.InternalError))

	client := qcloudhttp.NewRetryableClient(nil, &qcloudhttp.Policy{MaxDelay: time.Millisecond})
	resp, err := client.Get(srv.URL + "/v2/index.php?Action=GetDsaHostList")
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()
	fmt.Println(resp.Status, "after", srv.Total(), "attempts")

	// StandardClient makes an *http.Client of it, for libraries that take one.
	_, err = client.StandardClient().PostForm(srv.URL+"/v2/index.php", url.Values{
		"Action": {"CreateDsaHost"}, "host": {"www.unfiled.example"}, "origin": {"origin.example.com"},
	})
	fmt.Println("not filed:", errors.Is(err, codes.DomainNotFiled))
	// Output:
	// 200 OK after 3 attempts
	// not filed: true
}

// A retrier above repeats every error that it does not know: a lost create is
// sent four times by go-retryablehttp's own policy with three retries. Errors of this package are
// final, so its CheckRetry has to say so.
func ExampleGiveUpError_retrierAbove() {
	srv := qcloudtest.NewServer()
	defer srv.Close()
	srv.Handle("RunInstances", func(qcloudtest.Request) []qcloudtest.Step {
		return []qcloudtest.Step{qcloudtest.Data(nil), qcloudtest.Drop()} // it is executed, and the answer is lost
	})
	launch := func(client *retryablehttp.Client) {
		before := srv.Executed("RunInstances")
		_, err := client.PostForm(srv.URL+"/v2/index.php", url.Values{"Action": {"RunInstances"}})
		fmt.Println("executed:", srv.Executed("RunInstances")-before, "known:", !errors.Is(err, qcloudhttp.ErrOutcomeUnknown))
	}

	client := retryablehttp.NewClient() // or resty with SetRetryCount
	client.HTTPClient = &http.Client{Transport: &qcloudhttp.Transport{}}
	client.Logger, client.RetryMax, client.RetryWaitMin, client.RetryWaitMax = nil, 3, time.Millisecond, time.Millisecond
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	launch(client)

	client.CheckRetry = func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		if fail := new(qcloudhttp.Error); errors.As(err, &fail) {
			return false, err // all that could be done has been done
		}
		return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	}
	launch(client)
	// Output:
	// executed: 4 known: false
	// executed: 1 known: false
}

// Under ReturnResponse an SDK makes its own error of the last response. Its code
// tells whether the call may have been executed; an action that only reads
// changes nothing whatever the code is.
func ExampleClassify() {
	executed := func(action, sdkCode string) qcloudhttp.Execution {
		if qcloudhttp.IsReadOnly(action) {
			return qcloudhttp.NotExecuted
		}
		return qcloudhttp.Classify(qcloudhttp.Failure{CodeDesc: sdkCode, Action: action}).Executed
	}
	fmt.Println("RunInstances, InternalError:", executed("RunInstances", "InternalError"))
	fmt.Println("RunInstances, RequestLimitExceeded:", executed("RunInstances", "RequestLimitExceeded"))
	fmt.Println("DescribeInstances, InternalError:", executed("DescribeInstances", "InternalError"))
	// Output:
	// RunInstances, InternalError: unknown
	// RunInstances, RequestLimitExceeded: no
	// DescribeInstances, InternalError: no
}

// Other RoundTrippers go above the Transport or below it. Above, one sees
// calls, and whether they succeeded; below, attempts, of which the API's
// failures are HTTP 200.
func ExampleTransport_roundTrippers() {
	srv := qcloudtest.NewServer()
	defer srv.Close()
	srv.Next(2, qcloudtest.Code(codes.InternalError))

	var attempts, answered, calls, succeeded int
	below := counting(http.DefaultTransport, &attempts, &answered)
	client := &http.Client{
		Transport: counting(&qcloudhttp.Transport{Base: below}, &calls, &succeeded),
	}
	for range 2 {
		resp, err := client.Get(srv.URL + "/v2/index.php?Action=GetDsaHostList")
		if err == nil {
			resp.Body.Close()
		}
		srv.Next(1, qcloudtest.Code(codes.AuthFailure)) // the second call's fate
	}
	fmt.Printf("below: %d attempts, %d answered with HTTP 200\n", attempts, answered)
	fmt.Printf("above: %d calls, %d succeeded\n", calls, succeeded)
	// Output:
	// below: 4 attempts, 4 answered with HTTP 200
	// above: 2 calls, 1 succeeded
}

// roundTripper is a function that is one.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// counting counts what passes, and how much of it looks like a success there.
func counting(next http.RoundTripper, passed, succeeded *int) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		*passed++
		resp, err := next.RoundTrip(r)
		if err == nil && resp.StatusCode == http.StatusOK {
			*succeeded++
		}
		return resp, err
	})
}
