package main

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	ecdn "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/ecdn/v20191012"
	"go.uber.org/goleak"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What `go run .` prints.
func TestStory(t *testing.T) {
	const want = `DescribeDomains, after two InternalErrors: 1 domain, www.example.com
AddEcdnDomain: the SDK's own error ResourceUnavailable.CdnHostNoIcp, of class Domain
`
	inMemory(t, func(t *testing.T, api *qcloudtest.API) {
		var told strings.Builder
		if err := tell(&told, api, api.Transport()); err != nil || told.String() != want {
			t.Errorf("told:\n%s%v", told.String(), err)
		}
	})
}

func TestOverSockets(t *testing.T) {
	api, base := startAPI()
	defer api.Close()
	defer base.CloseIdleConnections()
	resp, err := clientOf(t, recommended(base)).DescribeDomains(ecdn.NewDescribeDomainsRequest())
	if err != nil || *resp.Response.TotalCount != 1 {
		t.Fatalf("%+v, %v", resp, err)
	}
	if r := api.Requests()[0]; r.Host != "ecdn.tencentcloudapi.com" || r.Action != "DescribeDomains" {
		t.Errorf("got %+v", r)
	}
}

// This SDK writes its headers' names as the vendor does, X-TC-Action, which is
// not the form that net/http calls canonical. The action is found all the
// same: a read-only one is retried on a broken connection, others are not.
func TestActionOfTheSDKsHeaders(t *testing.T) {
	inMemory(t, func(t *testing.T, api *qcloudtest.API) {
		var seen []string
		rt := recommended(api.Transport())
		rt.Observer = qcloudhttp.ObserverFunc(func(_ context.Context, e qcloudhttp.Event) {
			if e.Kind == qcloudhttp.EventAttempt {
				seen = append(seen, e.Action)
			}
		})
		client := clientOf(t, rt)

		api.Next(1, qcloudtest.Drop())
		if _, err := client.DescribePurgeTasks(ecdn.NewDescribePurgeTasksRequest()); err != nil {
			t.Errorf("a read-only action was not sent again: %v", err)
		}
		api.Next(1, qcloudtest.Drop())
		if _, err := client.PurgeUrlsCache(purge()); err == nil {
			t.Error("a mutation was sent again")
		}
		if got := strings.Join(seen, " "); got != "DescribePurgeTasks DescribePurgeTasks PurgeUrlsCache" {
			t.Errorf("saw %s", got)
		}
	})
}

// The SDK's error is the one that it makes without the transport, and where
// there was no answer its text tells what the transport found.
func TestTheSDKsErrors(t *testing.T) {
	const body = `{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"no"},"RequestId":"ed93f3cb"}}`
	inMemory(t, func(t *testing.T, api *qcloudtest.API) {
		api.Next(2, qcloudtest.Body("application/json", body))
		plain := clientOf(t, &qcloudhttp.Transport{Base: api.Transport()})
		plain.WithHttpTransport(api.Transport())
		_, want := plain.PurgeUrlsCache(purge())
		_, got := clientOf(t, recommended(api.Transport())).PurgeUrlsCache(purge())
		if want == nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, the SDK alone %v", got, want)
		}

		api.Next(1, qcloudtest.Execute(), qcloudtest.Drop())
		_, err := clientOf(t, recommended(api.Transport())).PurgeUrlsCache(purge())
		sdkErr, ok := err.(*tcerr.TencentCloudSDKError)
		if !ok || sdkErr.Code != "ClientError.NetworkError" ||
			!strings.Contains(sdkErr.Message, "it is unknown whether the call was executed") {
			t.Errorf("got %v", err)
		}
	})
}

// A Signer signs over this SDK's headers too. What it replaces must not go out
// beside what it sets.
func TestSignerOverTheSDKsHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(qcloudtest.WithTemporaryCredentials(secretID, secretKey, "new token"))
		api.SetClockOffset(time.Hour)
		rt := recommended(api.Transport())
		rt.Signer = &sign.TC3{SecretID: secretID, SecretKey: secretKey, Token: "new token"}

		client := clientOf(t, rt)
		client.WithCredential(common.NewTokenCredential(secretID, secretKey, "old token"))
		if _, err := client.DescribePurgeTasks(ecdn.NewDescribePurgeTasksRequest()); err != nil {
			t.Error(err)
		}
	})
}

// A mutation that was rejected unseen by the module goes again.
func TestRejectedMutationGoesAgain(t *testing.T) {
	inMemory(t, func(t *testing.T, api *qcloudtest.API) {
		api.Next(1, qcloudtest.Code(codes.QuotaExceeded))
		api.Next(1, qcloudtest.Code(codes.OperationInProgress))
		resp, err := clientOf(t, recommended(api.Transport())).PurgeUrlsCache(purge())
		if err != nil || *resp.Response.TaskId == "" || api.Total() != 3 {
			t.Errorf("%v after %d requests", err, api.Total())
		}
	})
}

func purge() *ecdn.PurgeUrlsCacheRequest {
	r := ecdn.NewPurgeUrlsCacheRequest()
	r.Urls = common.StringPtrs([]string{"https://www.example.com/"})
	return r
}

func inMemory(t *testing.T, f func(t *testing.T, api *qcloudtest.API)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, qcloudtest.NewAPI(options...)) })
}

func clientOf(t *testing.T, rt *qcloudhttp.Transport) *ecdn.Client {
	t.Helper()
	client, err := newClient(rt)
	if err != nil {
		t.Fatal(err)
	}
	return client
}
