package qcloudhttp_test

import (
	"errors"
	"net/http"
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
			if info.Scope == codes.ScopeModule {
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
		http.StatusForbidden:           {Class: qcloudhttp.Invalid, Executed: qcloudhttp.NotExecuted},
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
		"dsa.api.qcloud.com": "dsa", "ecdn.tencentcloudapi.com": "dsa", "dsa.example.com": "dsa",
		"cvm.api.qcloud.com": "cvm", "cdn.ap-guangzhou.tencentcloudapi.com:443": "cdn",
		"127.0.0.1:80": "dsa", "proxy.example.com": "dsa", "": "dsa", "CVM.API.QCLOUD.COM": "cvm",
		"api.qcloud.com.example.com": "dsa", "cvm.api.qcloud.com.": "cvm", "cvm.api.qcloud.com.:443": "cvm",
		"dsa.api.qcloud.com.:443": "dsa", "cvm.tencentcloudapi.com:8443": "cvm",
	} {
		if got := qcloudhttp.ProductOf(host); got != want {
			t.Errorf("%q: got %q, want %q", host, got, want)
		}
	}
}
