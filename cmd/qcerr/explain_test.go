package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// TestExplanation is the whole output of one code in each language. The texts
// are the library's.
func TestExplanation(t *testing.T) {
	info, _ := codes.Lookup(codes.ReplayAttack)
	class := info.Class.Text()
	want := "4500 ReplayAttack: " + info.EN + `
  What to do: ` + info.RemedyEN + `
  Class: ` + explainCode(info).Class + ": " + class.EN + `
  Retried: actions that change nothing, where Transport.Signer is set
  Executed: ` + executedTexts[explainCode(info).Executed].en + "\n"
	if got := qcerr(t, "4500").stdout; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want = "4500 ReplayAttack：" + info.ZH + `
  处理办法：` + info.RemedyZH + `
  类别：` + explainCode(info).Class + "：" + class.ZH + `
  是否重试：仅只读接口，须设置 Transport.Signer
  是否已执行：` + executedTexts[explainCode(info).Executed].zh + "\n"
	if got := qcerr(t, "4500", "--lang", "zh").stdout; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestLookUp takes what stands for a code in an argument.
func TestLookUp(t *testing.T) {
	for _, tc := range []struct {
		args string
		want []string
	}{
		{"4400", []string{
			"4400 QuotaExceeded: ", "Class: Throttled: ", "Retried: yes",
			"Similar: 2010 TooFrequent: ", "Similar: 2011 ", "API 3.0: RequestLimitExceeded",
		}},
		{"5100", []string{"5100 OperationFailed", "Retried: actions that change nothing\n", "Executed: unknown"}},
		{"4200", []string{"Retried: where Transport.Signer is set\n"}},
		{"6000", []string{"Retried: where a second run does no harm", "Executed: unknown"}},
		{"5400", []string{"Retried: no", "Executed: in part"}},
		{"(2002)", []string{"2002 DomainNotFiled: "}},
		{"codes.DomainNotFiled", []string{"2002 DomainNotFiled: "}},
		{"domainnotfiled", []string{"2002 DomainNotFiled: "}},
		{"ResourceOpFailed", []string{"5100 OperationFailed: "}},
		{"ResourceUnavailable.CdnHostNoIcp", []string{"ResourceUnavailable.CdnHostNoIcp = 2002 DomainNotFiled: "}},
		{"RequestLimitExceeded.UinLimitExceeded", []string{
			"RequestLimitExceeded.UinLimitExceeded = 4400 QuotaExceeded",
		}},
		{"OperationDenied.GatewayOperationInProgress", []string{"Class: Busy", "Judged by: the words \"in progress\"\n"}},
		{"ResourceInUse.Midas", []string{"Class: Busy", "Judged by: the name ResourceInUse.Midas\n"}},
		{"FailedOperation.Whatever", []string{
			"FailedOperation.Whatever: the operation could not be carried out\n", "actions that change nothing",
			"Judged by: the name FailedOperation\n",
		}},
		{"AuthFailure.SignatureExpire", []string{"= 4200 RequestExpired"}},
		{"0", []string{"0 Success: the call succeeded\n"}},
		{"Success", []string{"0 Success: the call succeeded\n"}},
		{"502", []string{
			"HTTP 502 Bad Gateway: ", "Class: Unavailable", "where a second run does no harm", "Executed: unknown",
		}},
		{"HTTP 502", []string{"HTTP 502 Bad Gateway: "}},
		{"http 429", []string{"HTTP 429 Too Many Requests: ", "Class: Throttled"}},
		{"HTTP 502 Bad Gateway", []string{"HTTP 502 Bad Gateway: "}},
		{"HTTP/1.1 504", []string{"HTTP 504 Gateway Timeout: "}},
		{"HTTP 200", []string{"HTTP 200 OK: no failure of HTTP"}},
		{"ClassThrottled", []string{"Throttled: ", "Codes: 2010 TooFrequent: ", "Codes: 2011 ", "Codes: 4400 "}},
		{"throttled", []string{"Throttled: "}},
		{"codes.ClassThrottled", []string{"Throttled: "}},
		{"Network", []string{"Network: ", "where a second run does no harm"}},
		{"Partial", []string{"Executed: in part"}},
		{"ErrOutcomeUnknown", []string{"ErrOutcomeUnknown: "}},
		{"qcloudhttp.ErrOutcomeUnknown", []string{"ErrOutcomeUnknown: "}},
		{"nonce-age", []string{"nonce-age: the request's Nonce"}},
		{"2002 4400", []string{"2002 DomainNotFiled: ", "\n\n4400 QuotaExceeded: "}},
		{"2002 Throttled nonce-age 502", []string{"2002 ", "\n\nThrottled: ", "\n\nnonce-age: ", "\n\nHTTP 502 "}},
	} {
		got := qcerr(t, strings.Fields(tc.args)...)
		if got.status != exitOK {
			t.Errorf("qcerr %s: exit %d, stderr %q", tc.args, got.status, got.stderr)
		}
		contains(t, tc.args, got.stdout, tc.want...)
		if quoted := qcerr(t, tc.args); !strings.Contains(tc.want[len(tc.want)-1], "\n\n") && quoted != got {
			t.Errorf("qcerr '%s' prints %q", tc.args, quoted.stdout+quoted.stderr)
		}
	}
}

// samples are the responses of the vendor's documents and what real clients
// saw, with the code that explains each.
var samples = []struct {
	body string
	code codes.Code // the most telling one
}{
	{`{"code":0,"message":"","codeDesc":"Success","data":[]}`, 0},
	{`{"code":4000,"message":"(2000)加速域名不存在","codeDesc":"InvalidParameter"}`, 2000},
	{`{"code":4000,"message":"(2000) Accelerated domain name does not exist","codeDesc":"InvalidParameter"}`, 2000},
	{`{"code":4000,"message":"(3003)证书与私钥不匹配","codeDesc":"InvalidParameter"}`, 3003},
	{`{"code":4000,"message":"请求失败，参数[hostId]不能为空。","codeDesc":"InvalidParameter"}`, 4000},
	{`{"code":4100,"message":"鉴权失败，请参考文档中鉴权部分。","codeDesc":"AuthFailure"}`, 4100},
	{`{"code":4400,"message":"请求超过限额配置，请稍后重试。","codeDesc":"RequestLimitExceeded"}`, 4400},
	{`{"code":4400,"message":"(2002)x"}`, 4400},
	{`{"code":4000,"message":"(12003)该负载均衡在执行其他操作","codeDesc":"IncorrectStatus.LBWrongStatus"}`, 4000},
	{`{"code":5100,"message":"(-1)服务内部错误，请稍后重试或联系客服人员解决。","codeDesc":"ResourceOpFailed"}`, 5100},
	{`{"code":5100,"message":"(100004)projectId不正确"}`, 5100},
	{`{"code":"5100","message":"(100004)projectId不正确"}`, 5100},
	{`{"code":"0","message":""}`, 0},
	{`{"code":0,"message":"success","detail":{"qcvm6a45":{"code":0,"message":"","requestId":"1231231231231"}}}`, 0},
	{`{"codeDesc":"InvalidParameter","message":"(- 514) text","code":4000}`, 4000},
	{`{"code":4000,"message":"(2002)x","data":{"module":2010,"class":"first"}}`, 2002},
	{`{"code":5400,"message":"","detail":{"1001":{"code":4000,"message":"(2003)x"}}}`, 5400},
	{`{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"..."},"RequestId":"ed93f3cb"}}`, 4100},
	{`{"Response":{"Hosts":[],"RequestId":"ed93f3cb-f35e-473f-b9f3-0d451b8b79c6"}}`, 0},
}

// TestResponse pipes each sample in every form that a response comes in.
func TestResponse(t *testing.T) {
	indent := func(s string) string {
		var v any
		if err := json.Unmarshal([]byte(s), &v); err != nil {
			t.Fatal(err)
		}
		b, _ := json.MarshalIndent(v, "", "  ")
		return string(b)
	}
	forms := map[string]func(string) string{
		"body":      func(s string) string { return s },
		"BOM":       func(s string) string { return "\uFEFF" + s + "\r\n" },
		"indented":  indent,
		"curl -i":   func(s string) string { return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + s },
		"both":      func(s string) string { return "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n" + indent(s) + "\n" },
		"HTTP/2":    func(s string) string { return "HTTP/2 200 \ncontent-length: 1\n\n" + s },
		"after 100": func(s string) string { return "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" + s },
		"in a line": func(s string) string { return "2024-05-01 ERROR call failed, body: " + s },
	}
	for name, form := range forms {
		for _, sample := range samples {
			got := qcerrWith(t, form(sample.body), nil, "--json")
			var e entry
			if err := json.Unmarshal([]byte(got.stdout), &e); err != nil || got.status != exitOK {
				t.Fatalf("%s of %s: exit %d, %v, stderr %q", name, sample.body, got.status, err, got.stderr)
			}
			if e.Code != sample.code || e.Response == nil {
				t.Errorf("%s of %s: explained as %d, want %d", name, sample.body, e.Code, sample.code)
			}
		}
	}
}

func TestWhatAResponseSays(t *testing.T) {
	const body = `{"code":4000,"message":"(2000)gone","codeDesc":"InvalidParameter","requestId":"abc"}`
	contains(t, "text", qcerrWith(t, body, nil).stdout,
		"2000 DomainNotFound: ", "Message: (2000)gone", "Request ID: abc")
	var e entry
	got := qcerrWith(t, "HTTP/1.1 200 OK\r\n\r\n"+body, nil, "--json").stdout
	if err := json.Unmarshal([]byte(got), &e); err != nil {
		t.Fatal(err)
	}
	want := response{200, 4000, 2000, "InvalidParameter", "(2000)gone", "abc"}
	if e.Response == nil || *e.Response != want {
		t.Errorf("the response is %+v, want %+v", e.Response, want)
	}
	page := qcerrWith(t, "HTTP/1.1 502 Bad Gateway\r\nServer: x\r\n\r\n<html>502</html>", nil)
	contains(t, "502", page.stdout, "HTTP 502 Bad Gateway: ")
	if strings.Contains(page.stdout, "Seen") {
		t.Errorf("a response is explained as a log: %s", page.stdout)
	}
	zipped := func(body string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write([]byte(body)); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, header := range []string{"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", "HTTP/2 200 \n\n"} {
		got := qcerrWith(t, header+zipped(body), nil)
		contains(t, "gzip", got.stdout, "2000 DomainNotFound: ", "Message: (2000)gone")
		contains(t, "gzip", qcerrWith(t, header+zipped(samples[0].body), nil).stdout, "0 Success: ")
	}
	brotli := qcerrWith(t, "HTTP/1.1 502 Bad Gateway\r\n\r\n\x0b\x80", nil)
	contains(t, "502", brotli.stdout, "HTTP 502 Bad Gateway: ")
	for _, stdin := range []string{
		"HTTP/1.1 200 OK\r\n\r\n<html></html>", "<html></html>", "HTTP/1.1", "HTTP/1.1 abc\r\n\r\n", " \n",
		"{}", `{"code":null}`,
	} {
		if got := qcerrWith(t, stdin, nil); got.status != exitFail || got.stdout != "" || got.stderr == "" {
			t.Errorf("%q: exit %d, stdout %q, stderr %q", stdin, got.status, got.stdout, got.stderr)
		}
	}
}

// TestResponseOfUnknownCode shows what such a response says, and fails.
func TestResponseOfUnknownCode(t *testing.T) {
	for _, tc := range []struct{ stdin, name string }{
		{`{"code":-16009,"message":"some text","requestId":"abc"}`, "-16009"},
		{`{"Response":{"Error":{"Code":"Foo.Bar","Message":"some text"},"RequestId":"abc"}}`, "Foo.Bar"},
	} {
		got := qcerrWith(t, tc.stdin, nil)
		if got.status != exitFail || !strings.Contains(got.stderr, "unknown code "+tc.name) {
			t.Errorf("%s: exit %d, stderr %q", tc.stdin, got.status, got.stderr)
		}
		contains(t, tc.stdin, got.stdout, tc.name+": ", "Message: some text", "Request ID: abc", "Retried: no",
			"Executed: unknown")
		got = qcerrWith(t, tc.stdin, nil, "--json")
		contains(t, tc.stdin, got.stdout, `"class": "Unknown"`, `"message": "some text"`)
	}
}

func TestCodeInText(t *testing.T) {
	for text, want := range map[string]string{
		"(2002)请求的域名尚未备案":                  "2002 DomainNotFiled",
		"（2002）请求的域名尚未备案":                  "2002 DomainNotFiled",
		"( 2002 ) no filing":               "2002 DomainNotFiled",
		"错误码：2010":                         "2010 TooFrequent",
		"错误码2010":                          "2010 TooFrequent",
		"error code=4400, again":           "4400 QuotaExceeded",
		"got error 6200 twice":             "6200 ServiceUnavailable",
		"code=4000 message=(2010)x":        "2010 TooFrequent",
		"code=4400 message=(2010)x":        "4400 QuotaExceeded",
		`{"code":4000,"message":"(2010)op`: "2010 TooFrequent", // broken off
		"qcloudhttp: CreateDsaHost: 4000 (2002) DomainNotFiled: (2002)x; the domain": "2002 DomainNotFiled",
		"gave up: GetDsaHostList: 4400 QuotaExceeded: x":                             "4400 QuotaExceeded",
		"code=4000 (4100)(2010)x":                                                    "2010 TooFrequent",
		"4400 (2002) QuotaExceeded: x":                                               "4400 QuotaExceeded",
		"[TencentCloudSDKError] Code=ResourceNotFound.CdnHostNotExists, Message=x":   "2000 DomainNotFound",
		"failed with LimitExceeded.EcdnDomainOpTooOften, sorry":                      "2010 TooFrequent",
		`"GET / HTTP/1.1" 503 -`:                                                     "HTTP 503 Service Unavailable",
		"HTTP 502 with 4400 QuotaExceeded in it":                                     "4400 QuotaExceeded",
	} {
		if e, ok := find(text); !ok || !strings.HasSuffix(e.title, want) || e.guessed {
			t.Errorf("%q: explained as %q, %t, want %q", text, e.title, ok, want)
		}
	}
	for _, text := range []string{
		"(请求)失败", "5000 requests were sent at 2024-05-01", "AKIDz8krbsJ5yKBZQpn74WFkmLPx3", "Gu5t9xGARNpq86cd98joQYCN3",
		`"GET / HTTP/1.1" 200 ok`, "error code: 0", "code 0", "error context", "exit code: 3", "the api says no",
		"InternalError after 4400 Requests", "(502) bytes",
	} {
		if e, ok := find(text); ok {
			t.Errorf("%q: explained as %q", text, e.title)
		}
	}
}

// TestPhrases takes messages that have lost their code, as people paste them.
func TestPhrases(t *testing.T) {
	for text, want := range map[string]codes.Code{
		"域名操作过于频繁": codes.TooFrequent,
		"签名错误":     codes.AuthFailure,
		"您当前每秒请求 `6` 次，超过了每秒频率上限 `5`":                   codes.QuotaExceeded,
		"exceeds the frequency limit `20` for a second": codes.QuotaExceeded,
		"请求超过限额配置，请稍后重试。":                               codes.QuotaExceeded,
		"鉴权失败，请参考文档中鉴权部分。":                              codes.AuthFailure,
		"请求失败，参数[hostId]不能为空。":                          codes.InvalidParameter,
		"请求已经过期":     codes.RequestExpired,
		"操作正在执行中":    codes.OperationInProgress,
		"请求的域名尚未备案":  codes.DomainNotFiled,
		"加速域名不存在":    codes.DomainNotFound,
		"您提交的域名已经存在": codes.DomainExists,
		"请求的域名尚未上线":  codes.DomainNotOnline,
		"请求的域名已下线":   codes.DomainOffline,
		"证书已过期":      codes.CertificateExpired,
		"服务器内部错误":    codes.InternalError,
	} {
		got := qcerr(t, text, "--lang", "zh")
		info, _ := codes.Lookup(want)
		contains(t, text, got.stdout, info.Name, "根据用词推断")
	}
	if got := qcerr(t, "今天天气很好"); got.status != exitFail {
		t.Errorf("a text about the weather is explained as %s", got.stdout)
	}
	if e, ok := find("签名" + strings.Repeat("，", phraseLimit)); ok {
		t.Errorf("a long text is judged by its words as %s", e.title)
	}
}

// TestEveryClass explains each class with the codes of list --class, which takes
// every name that look-up takes.
func TestEveryClass(t *testing.T) {
	for class := range codes.ClassOK {
		name := class.String()
		var e entry
		if err := json.Unmarshal([]byte(qcerr(t, "--json", "Class"+name).stdout), &e); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e.Scope != "class" || e.Class != name || e.Name != name || e.ZH == "" || e.RemedyZH == "" || e.EN == "" {
			t.Errorf("%s is explained as %+v", name, e)
		}
		if text := qcerr(t, name).stdout; strings.Contains(text, "  Class: ") {
			t.Errorf("the class is told twice: %s", text)
		}
		for _, spelling := range []string{name, strings.ToLower(name), "Class" + name, "codes.Class" + name} {
			var listed []codes.Code
			for _, code := range list(t, "--class", spelling) {
				listed = append(listed, code.Code)
			}
			if !slices.Equal(listed, e.Codes) {
				t.Errorf("%s: codes %v, listed by %s are %v", name, e.Codes, spelling, listed)
			}
		}
	}
}

// TestEveryReason explains each in both languages.
func TestEveryReason(t *testing.T) {
	for _, reason := range []qcloudhttp.Reason{
		qcloudhttp.ReasonAttempts, qcloudhttp.ReasonElapsed, qcloudhttp.ReasonDeadline, qcloudhttp.ReasonContext,
		qcloudhttp.ReasonBudget, qcloudhttp.ReasonRetryAfter, qcloudhttp.ReasonUnsafe, qcloudhttp.ReasonArrived,
		qcloudhttp.ReasonNonceAge, qcloudhttp.ReasonBody, qcloudhttp.ReasonLimiter,
		qcloudhttp.ReasonSigner, "ErrOutcomeUnknown",
	} {
		e, ok := lookUp(string(reason))
		if !ok || e.Scope != "reason" || e.EN == "" || e.ZH == "" || e.EN == e.ZH {
			t.Errorf("%s is explained as %+v", reason, e)
		}
	}
}

// TestEveryV3Code explains each public code of API 3.0 in words of its own.
func TestEveryV3Code(t *testing.T) {
	const public = `ActionOffline AuthFailure.InvalidAuthorization AuthFailure.InvalidSecretId AuthFailure.MFAFailure
		AuthFailure.SecretIdNotFound AuthFailure.SignatureExpire AuthFailure.SignatureFailure AuthFailure.TokenFailure
		AuthFailure.UnauthorizedOperation DryRunOperation FailedOperation InternalError InvalidAction InvalidParameter
		InvalidParameterValue InvalidRequest IpInBlacklist IpNotInWhitelist LimitExceeded MissingParameter NoSuchProduct
		NoSuchVersion RequestLimitExceeded RequestLimitExceeded.GlobalRegionUinLimitExceeded
		RequestLimitExceeded.IPLimitExceeded RequestLimitExceeded.UinLimitExceeded
		RequestSizeLimitExceeded ResourceInUse ResourceInsufficient ResourceNotFound
		ResourceUnavailable ResponseSizeLimitExceeded ServiceUnavailable UnauthorizedOperation UnknownParameter
		UnsupportedOperation UnsupportedProtocol UnsupportedRegion`
	for _, name := range strings.Fields(public) {
		e, ok := find(`{"Response":{"Error":{"Code":"` + name + `","Message":"x"},"RequestId":"1"}}`)
		if !ok || e.RemedyZH == "" || e.RemedyEN == "" || e.unknown() {
			t.Errorf("%s is not explained: %+v", name, e)
		}
		if class, _ := classNamed(e.Class); e.EN == class.Text().EN || e.ZH == class.Text().ZH {
			t.Errorf("%s has no words of its own", name)
		}
		if again, ok := find(name); !ok || again.Class != e.Class {
			t.Errorf("%s: the name and the response are explained differently", name)
		}
	}
}

func TestNoSecretIsRepeated(t *testing.T) {
	const secret = "Gu5t9xGARNpq86cd98joQYCN3"
	for _, input := range []string{
		`{"code":4100,"message":"wrong Signature=` + secret + `","requestId":"Token=` + secret + `"}`,
		"error 4100: https://x/?SecretId=AKID" + secret + "&Signature=" + secret,
		"code=4100&Token=" + secret, "SecretKey=" + secret, secret,
		`{"Response":{"Error":{"Code":"Token=` + secret + `","Message":"x"}}}`,
		`{"Response":{"Error":{"Code":"AuthFailure.AKID` + secret + `","Message":"x"}}}`,
		"code=4000 class=Invalid code_desc=AKID" + secret + "\nx",
	} {
		for _, args := range [][]string{nil, {"--json"}} {
			got := qcerrWith(t, input, nil, args...)
			if strings.Contains(got.stdout+got.stderr, secret) {
				t.Errorf("%q is repeated: %s%s", input, got.stdout, got.stderr)
			}
		}
	}
}

func TestForeignTextCannotControlTheTerminal(t *testing.T) {
	got := qcerrWith(t, "{\"code\":4100,\"message\":\"\\u001b[2Jgone\\nsecond\\u202eline\"}", nil)
	if strings.ContainsAny(got.stdout, "\x1b\u202e") || !strings.Contains(got.stdout, "[2Jgone secondline") {
		t.Errorf("the message is printed as %q", got.stdout)
	}
}

// contract are the fields that programs rely on.
var contract = []string{"code", "scope", "name", "class", "retryable", "executed", "zh", "en", "remedy_zh", "remedy_en"}

func list(t *testing.T, args ...string) (all []entry) {
	t.Helper()
	got := qcerr(t, append([]string{"list", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(got.stdout), &all); err != nil || all == nil {
		t.Fatalf("list %v: %v in %s%s", args, err, got.stdout, got.stderr)
	}
	return all
}

func TestList(t *testing.T) {
	var all []map[string]any
	err := json.Unmarshal([]byte(qcerr(t, "list", "--json").stdout), &all)
	if err != nil || len(all) != len(codes.All()) {
		t.Fatalf("%d entries, want %d; %v", len(all), len(codes.All()), err)
	}
	for i, info := range codes.All() {
		for _, field := range contract {
			if all[i][field] == nil || all[i][field] == "" {
				t.Errorf("%d: field %q is missing", info.Code, field)
			}
		}
		f := qcloudhttp.Failure{Code: info.Code}
		if info.Product != "" {
			f = qcloudhttp.Failure{Code: 4000, Module: info.Code}
		}
		v := qcloudhttp.Classify(f)
		want := map[string]any{
			"code": float64(info.Code), "scope": scopeOf(info), "name": info.Name,
			"class": v.Class.String(), "retryable": v.Retry, "executed": v.Executed.String(),
			"zh": info.ZH, "en": info.EN, "remedy_zh": info.RemedyZH, "remedy_en": info.RemedyEN,
		}
		for field, value := range want {
			if all[i][field] != value {
				t.Errorf("%d: %s is %v, want %v", info.Code, field, all[i][field], value)
			}
		}
		var one map[string]any
		err := json.Unmarshal([]byte(qcerr(t, "--json", info.Name).stdout), &one)
		if err != nil || len(one) != len(all[i]) {
			t.Errorf("%d: %v; %v alone and %v in the list", info.Code, err, one, all[i])
		}
		if c := all[i]["condition"]; (c == nil) == v.Retry || c != nil && conditionTexts[c.(string)].zh == "" {
			t.Errorf("%d: the condition is %v", info.Code, c)
		}
	}
}

func TestListFilters(t *testing.T) {
	for _, tc := range []struct {
		args string
		want []codes.Code
	}{
		{"--class Throttled", []codes.Code{2010, 2011, 4400}},
		{"--class=busy", []codes.Code{1014}},
		{"--class SignatureExpired --retryable", []codes.Code{4200}},
		{"--class DomainState --retryable", nil},
		{"--class Network", nil},
		{"--retryable", []codes.Code{1000, 1001, 1013, 1014, 2010, 2011, 4200, 4400, 4500, 5100, 6000, 6200, 10000}},
	} {
		var got []codes.Code
		for _, e := range list(t, strings.Fields(tc.args)...) {
			got = append(got, e.Code)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("list %s: %v, want %v", tc.args, got, tc.want)
		}
	}
}

// TestListColumns finds the meanings in one column, in both languages.
func TestListColumns(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		lines := strings.Split(strings.TrimSuffix(qcerr(t, "list", "--lang", lang).stdout, "\n"), "\n")
		if len(lines) != 1+len(codes.All()) {
			t.Fatalf("%s: %d lines", lang, len(lines))
		}
		begin := strings.Index(lines[0], "MEANING")
		for i, info := range codes.All() {
			if meaning := (text{info.EN, info.ZH}).in(lang); lines[i+1][begin:] != meaning {
				t.Errorf("%s: line %d: the meaning is not in column %d: %s", lang, i, begin, lines[i+1])
			}
		}
	}
}
