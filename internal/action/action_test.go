package action_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/action"
)

func TestOf(t *testing.T) {
	const form, json = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	for _, test := range []struct {
		name, method, url, contentType, body string
		header                               http.Header
		want                                 action.Info
	}{
		{name: "query", url: "http://h/?Action=GetDsaHostList&SecretId=AKID1",
			want: action.Info{Action: "GetDsaHostList", Account: "AKID1"}},
		{name: "escaped", url: "http://h/?a=b&Action=Get%44saHostList&ClientToken=a%20b",
			want: action.Info{Action: "GetDsaHostList", Token: "a b"}},
		{name: "form", method: "POST", url: "http://h/", contentType: form, body: "SecretId=AKID1&Action=FlushCache",
			want: action.Info{Action: "FlushCache", Account: "AKID1"}},
		{name: "query before form", method: "POST", url: "http://h/?Action=A", contentType: form, body: "Action=B",
			want: action.Info{Action: "A"}},
		{name: "no form", method: "POST", url: "http://h/", contentType: "text/plain", body: "Action=B"},
		{name: "header", method: "POST", url: "http://h/", contentType: json, body: `{"ClientToken":"t","Limit":1}`,
			header: http.Header{"X-Tc-Action": {"RunInstances"}, "Authorization": {
				"TC3-HMAC-SHA256 Credential=AKID1/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, Signature=ff"}},
			want: action.Info{Action: "RunInstances", Account: "AKID1", Token: "t", V3: true}},
		{name: "bad JSON", method: "POST", url: "http://h/", contentType: json, body: `{"ClientToken":`,
			header: http.Header{"X-Tc-Action": {"RunInstances"}}, want: action.Info{Action: "RunInstances", V3: true}},
		{name: "another token", method: "POST", url: "http://h/", contentType: json, body: `{"clientToken":"t"}`,
			header: http.Header{"X-Tc-Action": {"RunInstances"}}, want: action.Info{Action: "RunInstances", V3: true}},
		{name: "header as the vendor spells it", method: "POST", url: "http://h/", contentType: json, body: `{"ClientToken":"t"}`,
			header: http.Header{"X-TC-Action": {"RunInstances"}}, want: action.Info{Action: "RunInstances", Token: "t", V3: true}},
		{name: "nothing", url: "http://h/path"},
	} {
		r, err := http.NewRequest(test.method, test.url, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		if test.header != nil {
			r.Header = test.header
		}
		r.Header.Set("Content-Type", test.contentType)
		if got := action.Of(r); got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
		if body, _ := io.ReadAll(r.Body); string(body) != test.body {
			t.Errorf("%s: the body was touched: %q is left", test.name, body)
		}
	}
}

func TestReadOnly(t *testing.T) {
	for name, want := range map[string]bool{
		"GetDsaHostList": true, "GetDsaHostInfo": true, "GetDsaHttpsHostList": true, "GetDsaStatistics": true,
		"GetDsaHostStatistics": true, "GetDsaHostLogs": true, "GetFlushLog": true, "GetDsaUserInfo": true,
		"DescribeInstances": true, "ListBuckets": true, "QueryBill": true, "CheckDomain": true, "InquiryPriceRunInstances": true,
		"Get":           true,
		"CreateDsaHost": false, "OnlineDsaHost": false, "OfflineDsaHost": false, "DeleteDsaHost": false,
		"UpdateDsaHostInfo": false, "FlushCache": false, "RegisterDsaUser": false, "UpdateDsaUserInfo": false,
		"CheckoutOrder": false, "ListenPort": false, "Getaway": false, "": false, "getDsaHostList": false,
	} {
		if got := action.ReadOnly(name); got != want {
			t.Errorf("%q: got %v", name, got)
		}
	}
}

func TestFindsOwnWork(t *testing.T) {
	for _, test := range []struct {
		name string
		code int
		want bool
	}{
		{"CreateDsaHost", 2001, true}, {"AddEcdnDomain", 2001, true}, {"RegisterDsaUser", 1101, true},
		{"DeleteDsaHost", 2000, true}, {"DeleteDsaHost", 2005, true}, {"OfflineDsaHost", 2005, true},
		{"OnlineDsaHost", 10105, true},
		{"CreateDsaHost", 2000, false}, {"DeleteDsaHost", 2001, false}, {"FlushCache", 2001, false}, {"", 2001, false},
	} {
		if got := action.FindsOwnWork(test.name, codes.Code(test.code)); got != test.want {
			t.Errorf("%s %d: got %v", test.name, test.code, got)
		}
	}
}
