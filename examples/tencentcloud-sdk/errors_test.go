package main

import (
	"errors"
	"net/http"
	"reflect"
	"testing"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// answers of both APIs that the SDK makes an error of.
var failures = map[string]string{
	"permanent": `{"Response":{"Error":{"Code":"ResourceUnavailable.CdnHostNoIcp","Message":"no"},"RequestId":"ed93f3c"}}`,
	"auth":      `{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"no"},"RequestId":"ed93f3c"}}`,
	"internal":  `{"Response":{"Error":{"Code":"InternalError","Message":"oops"},"RequestId":"ed93f3c"}}`,
	"throttled": `{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":"slow"},"RequestId":"ed93f3c"}}`,
	"API 2.0":   `{"code":4000,"message":"(2002)no ICP","codeDesc":"InvalidParameter"}`,
	"a string":  `{"code":"5100","message":"(100004)projectId"}`, // which the SDK cannot read
	"no answer": `<html>502</html>`,
}

// With ReturnResponse the SDK's error is the one that it makes without us, where
// the attempts are bounded: the default policy ends an everlasting rejection by
// a quota in the limiter's queue, where there is no response to return.
func TestReturnResponseLeavesTheSDKsError(t *testing.T) {
	for name, body := range failures {
		t.Run(name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, api *qcloudtest.API) {
				always(api, qcloudtest.Body("application/json", body))
				plain := common.NewCommonClient(credential, "", newProfile()).WithHttpTransport(api.Transport())
				want := call(plain, "DescribeDomains", none)
				bounded := recommended(api.Transport())
				bounded.Policy = quick
				got := call(newClient(credential, newProfile(), bounded), "DescribeDomains", none)
				if want == nil || !reflect.DeepEqual(got, want) {
					t.Errorf("got %v, the SDK alone %v", got, want)
				}
			})
		})
	}
}

// With ReturnError the typed error is reached through the SDK's wrapping,
// whether it is permanent, given up, or there was no API at all.
func TestReturnErrorIsReachedThroughTheSDK(t *testing.T) {
	for name, tc := range map[string]struct {
		step   qcloudtest.Step
		class  error
		gaveUp bool
	}{
		"permanent":    {qcloudtest.Code(codes.DomainNotFiled), codes.ClassDomainState, false},
		"auth":         {qcloudtest.Code(codes.AuthFailure), codes.ClassAuth, false},
		"given up":     {qcloudtest.Code(codes.InternalError), codes.ClassInternal, true},
		"throttled":    {qcloudtest.Code(codes.QuotaExceeded), codes.ClassThrottled, true},
		"proxy":        {qcloudtest.Status(http.StatusBadGateway), codes.ClassUnavailable, true},
		"no answer":    {qcloudtest.Drop(), codes.ClassNetwork, true},
		"broken off":   {qcloudtest.Cut(20), codes.ClassNetwork, true},
		"of API 2.0's": {qcloudtest.Body("", failures["a string"]), codes.ClassFailed, true},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, api *qcloudtest.API) {
				always(api, tc.step)
				err := call(clientOf(api, qcloudhttp.ReturnError), "DescribeDomains", none)

				var sdkErr *tcerr.TencentCloudSDKError
				var failure *qcloudhttp.Error
				var gaveUp *qcloudhttp.GiveUpError
				if !errors.As(err, &sdkErr) || sdkErr.Code != "ClientError.NetworkError" {
					t.Errorf("the SDK's error is %v", err)
				}
				if !errors.As(err, &failure) || failure.Action != "DescribeDomains" || !errors.Is(err, tc.class) {
					t.Errorf("got %#v", failure)
				}
				if errors.As(err, &gaveUp) != tc.gaveUp {
					t.Errorf("given up: %v", gaveUp)
				}
				if got := classOf(err); got != failure.Class {
					t.Errorf("classOf = %s", got)
				}
			})
		})
	}
}

// Where there is no response, or one that broke off, ReturnResponse has none to
// return: then the SDK's error wraps ours in this mode too.
func TestNoResponseIsATypedErrorInBothModes(t *testing.T) {
	for name, step := range map[string]qcloudtest.Step{"no answer": qcloudtest.Drop(), "broken off": qcloudtest.Cut(20)} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, api *qcloudtest.API) {
				always(api, step)
				err := call(clientOf(api, qcloudhttp.ReturnResponse), "DescribeDomains", none)
				var gaveUp *qcloudhttp.GiveUpError
				if !errors.As(err, &gaveUp) || gaveUp.Attempts != 5 || classOf(err) != codes.ClassNetwork {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func TestClassOf(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want codes.Class
	}{
		{nil, codes.ClassOK},
		{errors.New("another"), codes.ClassUnknown},
		{&tcerr.TencentCloudSDKError{Code: "RequestLimitExceeded.UinLimitExceeded"}, codes.ClassThrottled},
		{&tcerr.TencentCloudSDKError{Code: "ClientError.ParseJsonError"}, codes.ClassUnknown},
		{tcerr.NewTencentCloudSDKErrorWithCause("ClientError.NetworkError", "", "",
			&qcloudhttp.Error{Class: codes.ClassOriginConfig}), codes.ClassOriginConfig},
	} {
		if got := classOf(tc.err); got != tc.want {
			t.Errorf("classOf(%v) = %s", tc.err, got)
		}
	}
}

var none = map[string]any{}
