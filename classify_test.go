package qcloudhttp_test

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

func TestOrderOfDecision(t *testing.T) {
	const dsa, cvm = "dsa.api.qcloud.com", "cvm.api.qcloud.com"
	for _, test := range []struct {
		name  string
		f     qcloudhttp.Failure
		class codes.Class
	}{
		{"no response", qcloudhttp.Failure{}, codes.ClassNetwork},
		{"broken off", qcloudhttp.Failure{StatusCode: 200, Err: errors.New("EOF")}, codes.ClassNetwork},
		{"a gateway code beside a module code", qcloudhttp.Failure{Code: 4400, Module: 2000, Host: dsa}, codes.ClassThrottled},
		{"a module code before the common one", qcloudhttp.Failure{Code: 5100, Module: 2001, Host: dsa}, codes.ClassConflict},
		{"a module code before 6000", qcloudhttp.Failure{Code: 6000, Module: 2002, Host: dsa}, codes.ClassDomainState},
		{"an unknown module code", qcloudhttp.Failure{Code: 5100, Module: 100004, Host: dsa}, codes.ClassFailed},
		{"a negative module code", qcloudhttp.Failure{Code: 5100, Module: -1, Host: dsa}, codes.ClassFailed},
		{"another product's module code", qcloudhttp.Failure{Code: 4000, Module: 1001, Host: cvm}, codes.ClassInvalid},
		{"another product, said by the user", qcloudhttp.Failure{Code: 4000, Module: 1001, Host: "127.0.0.1", Product: "cdn"}, codes.ClassInvalid},
		{"DSA behind another host, said by the user", qcloudhttp.Failure{Code: 4000, Module: 1001, Host: cvm, Product: "dsa"}, codes.ClassInternal},
		{"a test server", qcloudhttp.Failure{Code: 4000, Module: 1001, Host: "127.0.0.1:8080"}, codes.ClassInternal},
		{"an unknown code", qcloudhttp.Failure{Code: -16009, Host: dsa}, codes.ClassUnknown},
		{"the HTTP status before an unknown code", qcloudhttp.Failure{StatusCode: 503, Code: 777}, codes.ClassUnavailable},
		{"an unknown code", qcloudhttp.Failure{StatusCode: 500, Code: 777}, codes.ClassUnknown},
		{"the code before the HTTP status", qcloudhttp.Failure{StatusCode: 502, Code: 4100}, codes.ClassAuth},
	} {
		if got := qcloudhttp.Classify(test.f).Class; got != test.class {
			t.Errorf("%s: got %v, want %v", test.name, got, test.class)
		}
	}
}

func TestPartialIsNeverRepeated(t *testing.T) {
	got := qcloudhttp.Classify(qcloudhttp.Failure{Code: 5400, Module: 1014})
	if got.Retry || got.Executed != qcloudhttp.PartlyExecuted {
		t.Errorf("got %+v", got)
	}
}

// A code of API 3.0 has the class that package codes gives it, and of its effect
// what its words prove.
func TestClassifyV3(t *testing.T) {
	for _, test := range []struct {
		code, message, action string
		status                int
		want                  qcloudhttp.Verdict
	}{
		{code: "RequestLimitExceeded", want: verdict(codes.ClassThrottled, true, qcloudhttp.NotExecuted)},
		{code: "ResourceInUse.EcdnOpInProgress", want: verdict(codes.ClassBusy, true, qcloudhttp.NotExecuted)},
		{code: "InternalError", want: verdict(codes.ClassInternal, true, qcloudhttp.ExecutionUnknown)},
		{code: "ServiceUnavailable", want: verdict(codes.ClassUnavailable, true, qcloudhttp.ExecutionUnknown)},
		{code: "AuthFailure.SignatureExpire", want: verdict(codes.ClassSignatureExpired, true, qcloudhttp.NotExecuted)},
		{code: "ResourceUnavailable.CdnHostNoIcp", want: verdict(codes.ClassDomainState, false, qcloudhttp.NotExecuted)},
		{code: "FailedOperation.ClusterNotFound", want: verdict(codes.ClassNotFound, false, qcloudhttp.NotExecuted)},
		{code: "InternalError.ClusterNotFound", want: verdict(codes.ClassNotFound, false, qcloudhttp.ExecutionUnknown)},
		{code: "InternalError.ClusterNotFound", action: "DeleteCluster",
			want: verdict(codes.ClassNotFound, false, qcloudhttp.NotExecuted)},
		{code: "LimitExceeded", want: verdict(codes.ClassAccountState, false, qcloudhttp.NotExecuted)},
		{code: "InvalidParameter", message: "您当前每秒请求 `6` 次，超过了每秒频率上限 `5`，请稍后重试。",
			want: verdict(codes.ClassInvalid, false, qcloudhttp.NotExecuted)},
		{code: "LimitExceeded", message: "您当前每秒请求 `6` 次，超过了每秒频率上限 `5`，请稍后重试。",
			want: verdict(codes.ClassThrottled, true, qcloudhttp.NotExecuted)},
		{code: "NeverHeardOf", want: verdict(codes.ClassUnknown, false, qcloudhttp.ExecutionUnknown)},
		{code: "NeverHeardOf", status: 429, want: verdict(codes.ClassThrottled, true, qcloudhttp.NotExecuted)},
	} {
		f := qcloudhttp.Failure{StatusCode: cmp.Or(test.status, 200), CodeDesc: test.code, Message: test.message, Action: test.action}
		if got := qcloudhttp.Classify(f); got != test.want {
			t.Errorf("%s %s: got %+v, want %+v", test.code, test.action, got, test.want)
		}
	}
}

func verdict(class codes.Class, retry bool, executed qcloudhttp.Execution) qcloudhttp.Verdict {
	return qcloudhttp.Verdict{Class: class, Retry: retry, Executed: executed}
}

// A Nonce that was used before says that its request had arrived, unless the
// Timestamp is what was refused.
func TestClassifyReplay(t *testing.T) {
	for off, want := range map[time.Duration]qcloudhttp.Verdict{
		0:                         verdict(codes.ClassReplayed, true, qcloudhttp.ExecutionUnknown),
		2 * time.Hour:             verdict(codes.ClassReplayed, true, qcloudhttp.ExecutionUnknown),
		2*time.Hour + time.Second: verdict(codes.ClassSignatureExpired, true, qcloudhttp.NotExecuted),
		-3 * time.Hour:            verdict(codes.ClassSignatureExpired, true, qcloudhttp.NotExecuted),
	} {
		if got := qcloudhttp.Classify(qcloudhttp.Failure{Code: codes.ReplayAttack, ClockOff: off}); got != want {
			t.Errorf("%v: got %+v", off, got)
		}
	}
}

func TestClassifyStatus(t *testing.T) {
	for status, want := range map[int]qcloudhttp.Verdict{
		http.StatusOK:                  {Class: codes.ClassOK},
		http.StatusFound:               {Class: codes.ClassOK},
		http.StatusForbidden:           {Class: codes.ClassDenied, Executed: qcloudhttp.NotExecuted},
		http.StatusNotFound:            {Class: codes.ClassNotFound, Executed: qcloudhttp.NotExecuted},
		514:                            {Class: codes.ClassThrottled, Retry: true, Executed: qcloudhttp.NotExecuted},
		520:                            {Class: codes.ClassInternal, Retry: true},
		http.StatusRequestTimeout:      {Class: codes.ClassNetwork, Retry: true},
		http.StatusTooManyRequests:     {Class: codes.ClassThrottled, Retry: true, Executed: qcloudhttp.NotExecuted},
		http.StatusInternalServerError: {Class: codes.ClassInternal, Retry: true},
		http.StatusNotImplemented:      {Class: codes.ClassUnsupported, Executed: qcloudhttp.NotExecuted},
		http.StatusBadGateway:          {Class: codes.ClassUnavailable, Retry: true},
		http.StatusServiceUnavailable:  {Class: codes.ClassUnavailable, Retry: true},
		http.StatusGatewayTimeout:      {Class: codes.ClassUnavailable, Retry: true},
	} {
		if got := qcloudhttp.Classify(qcloudhttp.Failure{StatusCode: status}); got != want {
			t.Errorf("%d: got %+v, want %+v", status, got, want)
		}
	}
}

// A module code means what the page says where it is the top-level code, too;
// it yields to the code in the bracket, and belongs to its product alone.
func TestModuleCodeAtTopLevel(t *testing.T) {
	for name, test := range map[string]struct {
		failure qcloudhttp.Failure
		want    codes.Class
	}{
		"busy":            {qcloudhttp.Failure{Code: 1014}, codes.ClassBusy},
		"throttled":       {qcloudhttp.Failure{Code: 2010}, codes.ClassThrottled},
		"not filed":       {qcloudhttp.Failure{Code: 2002}, codes.ClassDomainState},
		"bracket":         {qcloudhttp.Failure{Code: 2002, Module: 2010}, codes.ClassThrottled},
		"unknown bracket": {qcloudhttp.Failure{Code: 2002, Module: -1}, codes.ClassDomainState},
		"common code":     {qcloudhttp.Failure{Code: 4000, Module: 6000}, codes.ClassInvalid},
		"another product": {qcloudhttp.Failure{Code: 1014, Host: "cdn.api.qcloud.com"}, codes.ClassUnknown},
	} {
		if got := qcloudhttp.Classify(test.failure); got.Class != test.want {
			t.Errorf("%s: got %v, want %v", name, got.Class, test.want)
		}
	}
}

func TestTopLevelModuleCode(t *testing.T) {
	for _, body := range []string{`{"code":2002,"message":"x"}`, `{"code":2002}`} {
		for _, host := range []string{"dsa.api.qcloud.com", "127.0.0.1"} {
			base := answering(body)
			_, err := get(t, &qcloudhttp.Transport{Base: base}, "http://"+host+"/?Action=GetDsaHostList")
			var apiErr *qcloudhttp.Error
			if !errors.As(err, &apiErr) || apiErr.Module != 2002 || apiErr.Class != codes.ClassDomainState ||
				!errors.Is(err, codes.DomainNotFiled) || len(base.got) != 1 {
				t.Errorf("%s of %s: %d requests, err %v", body, host, len(base.got), err)
			}
			resp := &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(body))}
			if err := qcloudhttp.CheckResponse(resp); !errors.Is(err, codes.DomainNotFiled) {
				t.Errorf("CheckResponse of %s: %v", body, err)
			}
		}
	}
}

// What is an envelope is a question of whose it is.
func TestWhoseEnvelope(t *testing.T) {
	const foreign, vendors = "http://api.example.com/x", "https://cvm.api.qcloud.com/v2/index.php"
	const signed = foreign + "?SecretId=AKIDxxxxxxxx&Signature=x&Nonce=1"
	for _, test := range []struct {
		body          string
		foreign, ours bool // whether it is a failure
	}{
		{`{"code":200,"msg":"success"}`, false, true},
		{`{"code":1,"message":"ok"}`, false, true},
		{`{"code":4400}`, true, true},
		{`{"code":2002}`, true, true},
		{`{"code":2002,"message":"x"}`, true, true},
		{`{"code":2002,"data":[]}`, false, true},
		{`{"code":7,"codeDesc":"X"}`, true, true},
		{`{"code":0,"codeDesc":"Success"}`, false, false},
		{`{"Response":{"Error":{"Code":"X.Y","Message":"m"}}}`, true, true},
	} {
		for url, want := range map[string]bool{foreign: test.foreign, signed: test.ours, vendors: test.ours} {
			_, err := get(t, &qcloudhttp.Transport{Base: answering(test.body), Policy: &qcloudhttp.Policy{MaxAttempts: 1}}, url)
			if failed := err != nil; failed != want {
				t.Errorf("%s of %s: err %v", test.body, url, err)
			}
			req, _ := http.NewRequest(http.MethodGet, url, nil)
			resp := &http.Response{StatusCode: 200, Request: req, Body: io.NopCloser(strings.NewReader(test.body))}
			if failed := qcloudhttp.CheckResponse(resp) != nil; failed != want {
				t.Errorf("CheckResponse of %s of %s: failed %v", test.body, url, failed)
			}
		}
	}
}

// A 404 of a host that is not the vendor's is the caller's to look at.
func TestWhoseStatus(t *testing.T) {
	for status, foreign := range map[int]bool{400: false, 404: false, 408: true, 429: true, 500: true, 503: true} {
		for host, want := range map[string]bool{"api.example.com": foreign, "cvm.tencentcloudapi.com": true} {
			base := &api{}
			base.answers = append(base.answers, base.reply(status, "<html>", nil))
			ctx := qcloudhttp.WithoutRetries(t.Context())
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+"/", nil)
			resp, err := (&qcloudhttp.Transport{Base: base}).RoundTrip(req)
			if resp != nil {
				resp.Body.Close()
			}
			if (err != nil) != want {
				t.Errorf("%d of %s: err %v", status, host, err)
			}
		}
	}
}
