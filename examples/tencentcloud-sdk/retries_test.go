package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// newRun is a call that must not run twice: it creates a machine. The token, if
// there is one, makes it safe to send again.
func newRun(token *string) *cvm.RunInstancesRequest {
	req := cvm.NewRunInstancesRequest()
	req.ImageId = common.StringPtr("img-example")
	req.ClientToken = token
	return req
}

// loseAnswer lets the next RunInstances go without an answer; one after it is
// answered with a machine.
func loseAnswer(api *qcloudtest.API) {
	const created = `{"Response":{"InstanceIdSet":["ins-example"],"RequestId":"6b1e2c52"}}`
	api.ClearScript()
	api.NextFor("RunInstances", 1, qcloudtest.Drop())
	api.NextFor("RunInstances", 1, qcloudtest.Body("application/json", created))
}

// sent counts the requests of an action.
func sent(api *qcloudtest.API, action string) int {
	n := 0
	for _, r := range api.Requests() {
		if r.Action == action {
			n++
		}
	}
	return n
}

func always(api *qcloudtest.API, step qcloudtest.Step) {
	api.OnRequest(func(qcloudtest.Request) []qcloudtest.Step { return []qcloudtest.Step{step} })
}

// The SDK retries a network failure of a request that has a ClientToken where
// the error's Timeout or Temporary is true. Ours are false, so it does not
// multiply our attempts even when its retries are on.
func TestTheSDKDoesNotRetryOnTopOfUs(t *testing.T) {
	for _, mode := range []qcloudhttp.FailureMode{qcloudhttp.ReturnResponse, qcloudhttp.ReturnError} {
		for _, retries := range []int{0, 3} {
			inMemory(t, func(t *testing.T, api *qcloudtest.API) {
				always(api, qcloudtest.Reset())
				client := clientOf(api, mode, func(p *profile.ClientProfile) { p.NetworkFailureMaxRetries = retries })
				err := client.Send(newRun(common.StringPtr("run-6b1e2c52")), tchttp.NewCommonResponse())
				var gaveUp *qcloudhttp.GiveUpError
				if !errors.As(err, &gaveUp) || gaveUp.Attempts != 5 || api.Total() != 5 {
					t.Errorf("mode %d, %d retries: %d requests, %v", mode, retries, api.Total(), err)
				}
			})
		}
	}
}

// The SDK's rate limit retry reads the code, whatever our error says of
// itself: with ReturnResponse it does multiply, where the last rejection goes
// back. Hence 0 in newProfile.
func TestRateLimitRetriesMultiply(t *testing.T) {
	for retries, want := range map[int]int{0: 3, 1: 6} {
		inMemory(t, func(t *testing.T, api *qcloudtest.API) {
			always(api, qcloudtest.Code(codes.QuotaExceeded))
			prof := newProfile()
			prof.RateLimitExceededMaxRetries = retries
			bounded := recommended(api.Transport())
			bounded.Policy = quick
			client := newClient(credential, prof, bounded)
			err := call(client, "DescribeDomains", none)
			if classOf(err) != codes.ClassThrottled || api.Total() != want {
				t.Errorf("%d retries of the SDK: %d requests, want %d; %v", retries, api.Total(), want, err)
			}
		})
	}
}

// A mutation with a ClientToken is resent on a cut connection. Without one it
// is not sent again, and the error says that the outcome is unknown, through
// the SDK.
func TestMutationOnACutConnection(t *testing.T) {
	for _, token := range []*string{nil, common.StringPtr("run-6b1e2c52")} {
		inMemory(t, func(t *testing.T, api *qcloudtest.API) {
			loseAnswer(api)
			err := clientOf(api, qcloudhttp.ReturnResponse).Send(newRun(token), tchttp.NewCommonResponse())
			if token != nil && (err != nil || api.Total() != 2) {
				t.Errorf("with a token: %v, %d requests", err, api.Total())
			}
			if token == nil && (!errors.Is(err, qcloudhttp.ErrOutcomeUnknown) || api.Total() != 1) {
				t.Errorf("without: %v, %d requests", err, api.Total())
			}
		})
	}
}

// The SDK fills in a ClientToken that is not set only where its own retries
// are on.
func TestTheSDKsClientToken(t *testing.T) {
	for retries, want := range map[int]bool{0: false, 1: true} {
		inMemory(t, func(t *testing.T, api *qcloudtest.API) {
			always(api, qcloudtest.Body("application/json", `{"Response":{"RequestId":"6b1e2c52"}}`))
			client := clientOf(api, qcloudhttp.ReturnResponse, func(p *profile.ClientProfile) {
				p.NetworkFailureMaxRetries = retries
			})
			if err := client.Send(newRun(nil), tchttp.NewCommonResponse()); err != nil {
				t.Fatal(err)
			}
			if got := api.Requests()[0].Params["ClientToken"] != ""; got != want {
				t.Errorf("%d retries: a token was sent: %t", retries, got)
			}
		})
	}
}

// A call ends by its deadline, and says so: at once where the next wait would
// exceed it, else when it passes.
func TestTheCallsDeadline(t *testing.T) {
	for name, tc := range map[string]struct {
		step   qcloudtest.Step
		reason qcloudhttp.Reason
		took   time.Duration
	}{
		"while waiting":    {qcloudtest.Code(codes.ServiceUnavailable), qcloudhttp.ReasonDeadline, 0},
		"while in attempt": {qcloudtest.Delay(time.Hour), qcloudhttp.ReasonContext, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, api *qcloudtest.API) {
				always(api, tc.step)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				req := tchttp.NewCommonRequest("ecdn", "2019-10-12", "DescribeDomains")
				req.SetContext(ctx)

				start := time.Now()
				err := clientOf(api, qcloudhttp.ReturnError).Send(req, tchttp.NewCommonResponse())
				wantReason(t, err, tc.reason)
				if took := time.Since(start); took != tc.took {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// ReqTimeout is a deadline like any other, as long as it does not strike in the
// middle of an attempt.
func TestReqTimeout(t *testing.T) {
	inMemory(t, func(t *testing.T, api *qcloudtest.API) {
		api.Maintenance(true)
		client := clientOf(api, qcloudhttp.ReturnError, func(p *profile.ClientProfile) { p.HttpProfile.ReqTimeout = 1 })
		wantReason(t, call(client, "DescribeDomains", none), qcloudhttp.ReasonDeadline)
	})
}

func wantReason(t *testing.T, err error, want qcloudhttp.Reason) {
	t.Helper()
	var gaveUp *qcloudhttp.GiveUpError
	if !errors.As(err, &gaveUp) || gaveUp.Reason != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
