package request_test

import (
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/internal/request"
)

func TestOf(t *testing.T) {
	const form, json = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	for _, test := range []struct {
		name, method, url, contentType, body string
		header                               http.Header
		want                                 request.Info
	}{
		{name: "query", url: "http://h/?Action=GetDsaHostList&SecretId=AKID1",
			want: request.Info{Action: "GetDsaHostList", Account: "AKID1"}},
		{name: "escaped", url: "http://h/?a=b&Action=Get%44saHostList&ClientToken=a%20b",
			want: request.Info{Action: "GetDsaHostList"}},
		{name: "form", method: "POST", url: "http://h/", contentType: form, body: "SecretId=AKID1&Action=FlushCache",
			want: request.Info{Action: "FlushCache", Account: "AKID1"}},
		{name: "query and form", method: "POST", url: "http://h/?Action=A", contentType: form, body: "Action=B&Action=A",
			want: request.Info{Action: "A", Others: []string{"B"}}},
		{name: "long form", method: "POST", url: "http://h/", contentType: form,
			body: "x=" + strings.Repeat("x", 1<<19) + "&Action=A", want: request.Info{Action: "A"}},
		{name: "region", url: "http://h/?Region=ap-beijing", want: request.Info{Region: "ap-beijing"}},
		{name: "region of the host", url: "http://cvm.ap-guangzhou.tencentcloudapi.com/?Action=A",
			want: request.Info{Action: "A", Region: "ap-guangzhou"}},
		{name: "no form", method: "POST", url: "http://h/", contentType: "text/plain", body: "Action=B"},
		{name: "header", method: "POST", url: "http://h/", contentType: json, body: `{"ClientToken":"t","Limit":1}`,
			header: http.Header{"X-Tc-Action": {"RunInstances"}, "Authorization": {
				"TC3-HMAC-SHA256 Credential=AKID1/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, Signature=ff"}},
			want: request.Info{Action: "RunInstances", Account: "AKID1", V3: true}},
		{name: "bad JSON", method: "POST", url: "http://h/", contentType: json, body: `{"ClientToken":`,
			header: http.Header{"X-Tc-Action": {"RunInstances"}}, want: request.Info{Action: "RunInstances", V3: true}},
		{name: "another token", method: "POST", url: "http://h/", contentType: json, body: `{"clientToken":"t"}`,
			header: http.Header{"X-Tc-Action": {"RunInstances"}}, want: request.Info{Action: "RunInstances", V3: true}},
		{name: "header as the vendor spells it", method: "POST", url: "http://h/", contentType: json, body: `{"ClientToken":"t"}`,
			header: http.Header{"X-TC-Action": {"RunInstances"}}, want: request.Info{Action: "RunInstances", V3: true}},
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
		if got := request.Of(r); !reflect.DeepEqual(got, test.want) {
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
		if got := request.ReadOnly(name); got != want {
			t.Errorf("%q: got %v", name, got)
		}
	}
}

// An action whose name reads and that spends, sends, binds, makes or charges for
// something is not read-only; nor is one that computes and whose name does not
// say that it reads.
func TestReadOnlyByNameHasExceptions(t *testing.T) {
	for _, name := range []string{
		"CheckVcode", "CheckAcct", "CheckAmount", "GetVirtualNum", "DescribeCaptchaResult", "DescribeDeviceClientKey",
		"CheckBankCardInformation", "CheckVerifyCodeMatchFlowId", "GetFaceIdToken", "GetLiveCode",
		"TextToVoice", "GeneralBasicOCR", "RecognizeTableOCR", "DetectFace",
	} {
		if request.ReadOnly(name) {
			t.Errorf("%s is called read-only", name)
		}
	}
	for _, name := range []string{"CheckDomain", "DescribeCaptchaData", "GetFaceIdResult", "GetSessionToken", "DescribeTokenPlan"} {
		if !request.ReadOnly(name) {
			t.Errorf("%s is not called read-only", name)
		}
	}
}

func TestHead(t *testing.T) {
	for url, want := range map[string]struct {
		name   string
		others int
	}{
		"/?Action=GetX": {"GetX", 0}, "/?a=b&Action=Get%58": {"GetX", 0}, "/?x=1": {"", 0}, "/": {"", 0},
		"/?Action=GetX&Action=GetX": {"GetX", 0}, "/?Action=GetX&Action=RunY": {"GetX", 1},
	} {
		r, _ := http.NewRequest("GET", "http://h"+url, nil)
		if got := request.Head(r); got.Action != want.name || len(got.Others) != want.others {
			t.Errorf("%s: got %+v", url, got)
		}
	}
	r, _ := http.NewRequest("POST", "http://h/?Action=GetX", nil)
	r.Header["X-TC-Action"] = []string{"RunY"}
	if got := request.Head(r); len(got.Others) != 1 || got.Action == "" {
		t.Errorf("header and query: got %+v", got)
	}
}

// A call is read-only only where every action that it names is.
func TestReadOnlyOfSeveral(t *testing.T) {
	for want, info := range map[bool]request.Info{
		true:  {Action: "GetX", Others: []string{"DescribeY"}},
		false: {Action: "GetX", Others: []string{"DescribeY", "RunZ"}},
	} {
		if got := info.ReadOnly(request.ReadOnly); got != want {
			t.Errorf("%+v: got %v", info, got)
		}
	}
}

func TestClientToken(t *testing.T) {
	const form, json = "application/x-www-form-urlencoded", "application/json"
	large := `{"Data":["` + strings.Repeat("x", 2<<20) + `",{"ClientToken":"inner"}],"ClientToken":"t"}`
	for _, test := range []struct{ query, contentType, body, want string }{
		{query: "?ClientToken=a%20b", want: "a b"},
		{contentType: form, body: "Action=A&ClientToken=t", want: "t"},
		{query: "?ClientToken=&ClientToken=t"},
		{contentType: json, body: `{"Limit":1,"Tags":[{"a":{}}],"ClientToken":"t"}`, want: "t"},
		{contentType: json, body: large, want: "t"},
		{contentType: json, body: `{"clientToken":"t"}`},
		{contentType: json, body: `{"A":{"ClientToken":"t"}}`},
		{contentType: json, body: `{"ClientToken":1}`},
		{contentType: json, body: `{"ClientToken":null}`},
		{contentType: json, body: `{"Limit":`},
		{contentType: json, body: `{"ClientToken":"t","Data":` + "NaN", want: "t"}, // no more is read than to it
		{contentType: json, body: `[]`},
		{},
	} {
		r, _ := http.NewRequest("POST", "http://h/"+test.query, strings.NewReader(test.body))
		r.Header.Set("Content-Type", test.contentType)
		if got := request.ClientToken(r); got != test.want {
			t.Errorf("%s%.60s: got %q", test.query, test.body, got)
		}
	}
}

func TestSessionToken(t *testing.T) {
	r, _ := http.NewRequest("GET", "http://h/?Token=a%2Bb", nil)
	if got := request.SessionToken(r); got != "a+b" {
		t.Errorf("query: %q", got)
	}
	r, _ = http.NewRequest("POST", "http://h/", strings.NewReader("Token=t"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if got := request.SessionToken(r); got != "t" {
		t.Errorf("form: %q", got)
	}
	r.Header.Set("X-TC-Token", "h")
	if got := request.SessionToken(r); got != "h" {
		t.Errorf("header: %q", got)
	}
}
