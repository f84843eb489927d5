package qcloudhttp_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// classes is the design's table, each code written out once more so that a
// slip in the library's own table shows.
var classes = map[qcloudhttp.Class][]codes.Code{
	qcloudhttp.Throttled:   {4400, 2010, 2011},
	qcloudhttp.Busy:        {1014},
	qcloudhttp.Unavailable: {6200},
	qcloudhttp.Internal:    {6000, 1000, 1001, 1013, 10000},
	qcloudhttp.Failed:      {5100},
	qcloudhttp.Stale:       {4200, 4500},
	qcloudhttp.Auth:        {4100, 4104, 4105, 4106},
	qcloudhttp.Denied:      {4101, 4102, 4103, 4110, 4300, 1104, 1112},
	qcloudhttp.Account:     {5300, 5500, 1100, 1102, 1103, 1110, 1120},
	qcloudhttp.Domain:      {2002, 2003, 2004, 2005, 2006, 2111, 2112, 2113, 10104, 10105},
	qcloudhttp.Conflict:    {2001, 1101},
	qcloudhttp.NotFound:    {5000, 2000, 10107},
	qcloudhttp.Origin:      {2121, 2122, 2123, 2124, 2125, 10109, 10112, 10113},
	qcloudhttp.Certificate: {3000, 3001, 3002, 3003, 3004, 3005, 3006},
	qcloudhttp.Invalid: {
		4000, 1010, 1011, 1012, 1015, 2100, 2114, 2130, 2140, 2150, 2160, 2170, 2171, 2180,
		9000, 9001, 9002, 10100, 10101, 10102, 10103, 10106, 10108,
	},
	qcloudhttp.Partial:     {5400},
	qcloudhttp.Unsupported: {4600, 5200, 6100},
}

func TestEveryCodeHasItsClass(t *testing.T) {
	seen := map[codes.Code]bool{}
	for class, list := range classes {
		for _, code := range list {
			seen[code] = true
			info, ok := codes.Lookup(code)
			if !ok {
				t.Fatalf("%d is not a code of the page", int(code))
			}
			f := qcloudhttp.Failure{StatusCode: 200, Code: code}
			if info.Product != "" {
				f = qcloudhttp.Failure{StatusCode: 200, Code: codes.InvalidParameter, Module: code}
			}
			checkVerdict(t, f, class)
		}
	}
	for _, info := range codes.All() {
		if !seen[info.Code] {
			t.Errorf("%d has no row in the test", int(info.Code))
		}
	}
}

// checkVerdict checks the class and what the design says that it implies.
func checkVerdict(t *testing.T, f qcloudhttp.Failure, class qcloudhttp.Class) {
	t.Helper()
	retry, executed := false, qcloudhttp.NotExecuted
	switch class {
	case qcloudhttp.Throttled, qcloudhttp.Busy, qcloudhttp.Unavailable, qcloudhttp.Stale:
		retry = true
	case qcloudhttp.Internal, qcloudhttp.Failed, qcloudhttp.Network:
		retry, executed = true, qcloudhttp.ExecutionUnknown
	case qcloudhttp.Partial:
		executed = qcloudhttp.PartlyExecuted
	case qcloudhttp.Unknown:
		executed = qcloudhttp.ExecutionUnknown
	}
	want := qcloudhttp.Verdict{Class: class, Retry: retry, Executed: executed}
	if got := qcloudhttp.Classify(f); got != want {
		t.Errorf("%+v: got %+v, want %+v", f, got, want)
	}
}

func TestOrderOfDecision(t *testing.T) {
	const dsa, cvm = "dsa.api.qcloud.com", "cvm.api.qcloud.com"
	for _, test := range []struct {
		name  string
		f     qcloudhttp.Failure
		class qcloudhttp.Class
	}{
		{"no response", qcloudhttp.Failure{}, qcloudhttp.Network},
		{"broken off", qcloudhttp.Failure{StatusCode: 200, Err: errors.New("EOF")}, qcloudhttp.Network},
		{"a gateway code beside a module code", qcloudhttp.Failure{Code: 4400, Module: 2000, Host: dsa}, qcloudhttp.Throttled},
		{"a module code before the common one", qcloudhttp.Failure{Code: 5100, Module: 2001, Host: dsa}, qcloudhttp.Conflict},
		{"a module code before 6000", qcloudhttp.Failure{Code: 6000, Module: 2002, Host: dsa}, qcloudhttp.Domain},
		{"an unknown module code", qcloudhttp.Failure{Code: 5100, Module: 100004, Host: dsa}, qcloudhttp.Failed},
		{"a negative module code", qcloudhttp.Failure{Code: 5100, Module: -1, Host: dsa}, qcloudhttp.Failed},
		{"another product's module code", qcloudhttp.Failure{Code: 4000, Module: 1001, Host: cvm}, qcloudhttp.Invalid},
		{"another product, said by the user", qcloudhttp.Failure{Code: 4000, Module: 1001, Host: "127.0.0.1", Product: "cdn"}, qcloudhttp.Invalid},
		{"DSA behind another host, said by the user", qcloudhttp.Failure{Code: 4000, Module: 1001, Host: cvm, Product: "dsa"}, qcloudhttp.Internal},
		{"a test server", qcloudhttp.Failure{Code: 4000, Module: 1001, Host: "127.0.0.1:8080"}, qcloudhttp.Internal},
		{"an unknown code", qcloudhttp.Failure{Code: -16009, Host: dsa}, qcloudhttp.Unknown},
		{"the HTTP status before an unknown code", qcloudhttp.Failure{StatusCode: 503, Code: 777}, qcloudhttp.Unavailable},
		{"an unknown code", qcloudhttp.Failure{StatusCode: 500, Code: 777}, qcloudhttp.Unknown},
		{"the code before the HTTP status", qcloudhttp.Failure{StatusCode: 502, Code: 4100}, qcloudhttp.Auth},
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

func TestClassifyV3(t *testing.T) {
	for text, class := range map[string]qcloudhttp.Class{
		"ActionOffline":                                     qcloudhttp.Unsupported,
		"AuthFailure":                                       qcloudhttp.Auth,
		"AuthFailure.InvalidAuthorization":                  qcloudhttp.Auth,
		"AuthFailure.InvalidSecretId":                       qcloudhttp.Auth,
		"AuthFailure.MFAFailure":                            qcloudhttp.Auth,
		"AuthFailure.SecretIdNotFound":                      qcloudhttp.Auth,
		"AuthFailure.SignatureExpire":                       qcloudhttp.Stale,
		"AuthFailure.SignatureFailure":                      qcloudhttp.Auth,
		"AuthFailure.TokenFailure":                          qcloudhttp.Auth,
		"AuthFailure.UnauthorizedOperation":                 qcloudhttp.Denied,
		"DryRunOperation":                                   qcloudhttp.Invalid,
		"FailedOperation":                                   qcloudhttp.Failed,
		"FailedOperation.X":                                 qcloudhttp.Failed,
		"InternalError":                                     qcloudhttp.Internal,
		"InternalError.EcdnDbError":                         qcloudhttp.Internal,
		"InvalidAction":                                     qcloudhttp.Invalid,
		"InvalidParameter":                                  qcloudhttp.Invalid,
		"InvalidParameter.EcdnCertNoCertInfo":               qcloudhttp.Certificate,
		"InvalidParameterValue":                             qcloudhttp.Invalid,
		"InvalidRequest":                                    qcloudhttp.Invalid,
		"IpInBlacklist":                                     qcloudhttp.Denied,
		"IpNotInWhitelist":                                  qcloudhttp.Denied,
		"LimitExceeded":                                     qcloudhttp.Account,
		"LimitExceeded.EcdnDomainOpTooOften":                qcloudhttp.Throttled,
		"LimitExceeded.EcdnUserTooManyDomains":              qcloudhttp.Account,
		"MissingParameter":                                  qcloudhttp.Invalid,
		"NoSuchProduct":                                     qcloudhttp.Unsupported,
		"NoSuchVersion":                                     qcloudhttp.Unsupported,
		"RequestLimitExceeded":                              qcloudhttp.Throttled,
		"RequestLimitExceeded.GlobalRegionUinLimitExceeded": qcloudhttp.Throttled,
		"RequestLimitExceeded.IPLimitExceeded":              qcloudhttp.Throttled,
		"RequestLimitExceeded.UinLimitExceeded":             qcloudhttp.Throttled,
		"RequestSizeLimitExceeded":                          qcloudhttp.Invalid,
		"ResourceInUse":                                     qcloudhttp.Conflict,
		"ResourceInUse.EcdnDomainExists":                    qcloudhttp.Conflict,
		"ResourceInUse.EcdnOpInProgress":                    qcloudhttp.Busy,
		"ResourceInsufficient":                              qcloudhttp.Unsupported,
		"ResourceNotFound":                                  qcloudhttp.NotFound,
		"ResourceNotFound.CdnHostNotExists":                 qcloudhttp.NotFound,
		"ResourceUnavailable":                               qcloudhttp.Conflict,
		"ResourceUnavailable.CdnHostNoIcp":                  qcloudhttp.Domain,
		"ResponseSizeLimitExceeded":                         qcloudhttp.Invalid,
		"ServiceUnavailable":                                qcloudhttp.Unavailable,
		"UnauthorizedOperation":                             qcloudhttp.Denied,
		"UnauthorizedOperation.EcdnUserIsSuspended":         qcloudhttp.Account,
		"UnauthorizedOperation.Other":                       qcloudhttp.Denied,
		"UnknownParameter":                                  qcloudhttp.Invalid,
		"UnsupportedOperation":                              qcloudhttp.Unsupported,
		"UnsupportedProtocol":                               qcloudhttp.Unsupported,
		"UnsupportedRegion":                                 qcloudhttp.Unsupported,
		"NeverHeardOf.It":                                   qcloudhttp.Unknown,
	} {
		checkVerdict(t, qcloudhttp.Failure{StatusCode: 200, CodeDesc: text}, class)
	}
}

func TestClassifyStatus(t *testing.T) {
	for status, want := range map[int]qcloudhttp.Verdict{
		http.StatusOK:                  {},
		http.StatusFound:               {},
		http.StatusForbidden:           {Class: qcloudhttp.Denied, Executed: qcloudhttp.NotExecuted},
		http.StatusNotFound:            {Class: qcloudhttp.NotFound, Executed: qcloudhttp.NotExecuted},
		514:                            {Class: qcloudhttp.Throttled, Retry: true, Executed: qcloudhttp.NotExecuted},
		520:                            {Class: qcloudhttp.Internal, Retry: true},
		http.StatusRequestTimeout:      {Class: qcloudhttp.Network, Retry: true},
		http.StatusTooManyRequests:     {Class: qcloudhttp.Throttled, Retry: true, Executed: qcloudhttp.NotExecuted},
		http.StatusInternalServerError: {Class: qcloudhttp.Internal, Retry: true},
		http.StatusNotImplemented:      {Class: qcloudhttp.Unsupported, Executed: qcloudhttp.NotExecuted},
		http.StatusBadGateway:          {Class: qcloudhttp.Unavailable, Retry: true},
		http.StatusServiceUnavailable:  {Class: qcloudhttp.Unavailable, Retry: true},
		http.StatusGatewayTimeout:      {Class: qcloudhttp.Unavailable, Retry: true},
	} {
		if got := qcloudhttp.Classify(qcloudhttp.Failure{StatusCode: status}); got != want {
			t.Errorf("%d: got %+v, want %+v", status, got, want)
		}
	}
}

func TestProductOf(t *testing.T) {
	for host, want := range map[string]string{
		"dsa.api.qcloud.com": "dsa", "ecdn.tencentcloudapi.com": "ecdn", "dsa.example.com": "",
		"cvm.api.qcloud.com": "cvm", "cdn.ap-guangzhou.tencentcloudapi.com:443": "cdn",
		"127.0.0.1:80": "", "proxy.example.com": "", "": "", "CVM.API.QCLOUD.COM": "cvm",
		"api.qcloud.com.example.com": "", "cvm.api.qcloud.com.": "cvm", "cvm.api.qcloud.com.:443": "cvm",
		"dsa.api.qcloud.com.:443": "dsa", "cvm.tencentcloudapi.com:8443": "cvm",
		"cvm.internal.tencentcloudapi.com": "cvm", "cvm.intl.tencentcloudapi.com": "cvm",
		"cvm.tencentcloudapi.cn": "cvm", "cvm.ap-guangzhou.tencentcloudapi.com.cn": "cvm",
		"cmq-queue-gz.api.tencentyun.com": "cmq-queue-gz", "vod2.qcloud.com": "vod",
		"tencentcloudapi.com": "", "eviltencentcloudapi.com": "",
	} {
		if got := qcloudhttp.ProductOf(host); got != want {
			t.Errorf("%q: got %q, want %q", host, got, want)
		}
	}
}

// A module code means what the page says where it is the top-level code, too;
// it yields to the code in the bracket, and belongs to its product alone.
func TestModuleCodeAtTopLevel(t *testing.T) {
	for name, test := range map[string]struct {
		failure qcloudhttp.Failure
		want    qcloudhttp.Class
	}{
		"busy":            {qcloudhttp.Failure{Code: 1014}, qcloudhttp.Busy},
		"throttled":       {qcloudhttp.Failure{Code: 2010}, qcloudhttp.Throttled},
		"not filed":       {qcloudhttp.Failure{Code: 2002}, qcloudhttp.Domain},
		"bracket":         {qcloudhttp.Failure{Code: 2002, Module: 2010}, qcloudhttp.Throttled},
		"unknown bracket": {qcloudhttp.Failure{Code: 2002, Module: -1}, qcloudhttp.Domain},
		"common code":     {qcloudhttp.Failure{Code: 4000, Module: 6000}, qcloudhttp.Invalid},
		"another product": {qcloudhttp.Failure{Code: 1014, Host: "cdn.api.qcloud.com"}, qcloudhttp.Unknown},
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
			if !errors.As(err, &apiErr) || apiErr.Module != 2002 || apiErr.Class != qcloudhttp.Domain ||
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
