package main

import (
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// quick fails within the breaker's window of a minute. With the default policy
// an outage is waited out for longer than that, and the breaker counts anew. A
// bound of the attempts also has the last rejection by a quota go back as it
// came: a call that ends in the limiter's queue has no response to return.
var quick = &qcloudhttp.Policy{MaxAttempts: 3, MaxDelay: time.Second}

func breakerClient(api *qcloudtest.API, t *qcloudhttp.Transport) *common.Client {
	prof := newProfile()
	prof.DisableRegionBreaker = false
	prof.BackupEndpoint = "ap-shanghai.tencentcloudapi.com"
	t.Base = api.Transport()
	return newClient(credential, prof, t)
}

// The SDK's region breaker opens after five calls in a row whose error has no
// RequestId, or is InternalError. ReturnError's errors never have one, so that
// every failure counts, the caller's own mistakes as well. ReturnResponse
// keeps the count right: only what is the region's fault opens the breaker.
func TestRegionBreaker(t *testing.T) {
	const home, backup = "ecdn.tencentcloudapi.com", "ecdn.ap-shanghai.tencentcloudapi.com"
	for name, tc := range map[string]struct {
		step               qcloudtest.Step
		response, asErrors string // where the sixth call goes
	}{
		"AuthFailure":   {qcloudtest.Code(codes.AuthFailure), home, backup},
		"no ICP filing": {qcloudtest.Code(codes.DomainNotFiled), home, backup},
		"over quota":    {qcloudtest.Code(codes.QuotaExceeded), home, backup},
		"maintenance":   {qcloudtest.Code(codes.ServiceUnavailable), home, backup},
		"InternalError": {qcloudtest.Code(codes.InternalError), backup, backup},
		"no answer":     {qcloudtest.Drop(), backup, backup},
		"a proxy's 502": {qcloudtest.Status(502), backup, backup},
		"success":       {qcloudtest.Step{}, home, home},
	} {
		for mode, want := range map[qcloudhttp.FailureMode]string{
			qcloudhttp.ReturnResponse: tc.response,
			qcloudhttp.ReturnError:    tc.asErrors,
		} {
			t.Run(name, func(t *testing.T) {
				inMemory(t, func(t *testing.T, api *qcloudtest.API) {
					always(api, tc.step)
					client := breakerClient(api, &qcloudhttp.Transport{OnFailure: mode, Policy: quick})
					for range 5 {
						call(client, "DescribeDomains", none)
					}
					before := api.Total()
					call(client, "DescribeDomains", none)
					if got := api.Requests()[before].Host; got != want {
						t.Errorf("ReturnResponse %t: the sixth call went to %s, want %s",
							mode == qcloudhttp.ReturnResponse, got, want)
					}
				})
			})
		}
	}
}
