package qcloudtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// signed is a call as an SDK would make it.
func signed(t *testing.T, key, action string, pairs ...string) *http.Request {
	t.Helper()
	query := url.Values{"Action": {action}}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequest("GET", "https://dsa.api.qcloud.com/v2/index.php?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&sign.V1{Credentials: sign.Static("id", key, "")}).Sign(req); err != nil {
		t.Fatal(err)
	}
	return req
}

// All that a client's author wants to see it meet, on a virtual clock.
func TestOfASmallClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(
			qcloudtest.WithDomain("www.example.com"),
			qcloudtest.WithCredentials("id", "key"),
			qcloudtest.WithQuota(2, time.Minute),
		)
		client := api.Client()
		client.Timeout = 10 * time.Second
		want := func(want error, req *http.Request) {
			t.Helper()
			resp, err := client.Do(req)
			if err == nil {
				err = qcloudhttp.CheckResponse(resp)
				resp.Body.Close()
			}
			if !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		list := func() *http.Request { return signed(t, "key", "GetDsaHostList") }
		offline := func() *http.Request { return signed(t, "key", "OfflineDsaHost", "host", "www.example.com") }

		once := list()
		want(nil, once)
		want(codes.ReplayAttack, once)
		want(codes.QuotaExceeded, list())
		want(nil, offline())
		want(codes.OperationInProgress, offline())
		time.Sleep(5 * time.Minute) // the deployment, and the quota's window
		want(codes.DomainOffline, offline())
		want(codes.AuthFailure, signed(t, "wrong", "GetDsaHostList"))

		api.Next(1, qcloudtest.Code(codes.InternalError))
		api.Next(1, qcloudtest.Drop())
		api.Next(1, qcloudtest.Delay(time.Minute))
		api.Next(1, qcloudtest.Code(4000, "(12003)busy"))
		want(codes.InternalError, list())
		want(io.EOF, list())
		start := time.Now()
		want(context.DeadlineExceeded, list())
		if waited := time.Since(start); waited != client.Timeout {
			t.Errorf("gave up after %v", waited)
		}
		want(codes.Code(12003), list())
		api.Maintenance(true)
		want(codes.ServiceUnavailable, list())

		if n := api.ClearScript(); n != 0 {
			t.Errorf("%d scripted answers were not taken", n)
		}
		if n := api.Executed("OfflineDsaHost"); n != 1 || len(api.Requests()) != 12 {
			t.Errorf("executed %d times in %d requests", n, len(api.Requests()))
		}
	})
}
