package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

func classOf(t *testing.T, name string) qcloudhttp.Class {
	t.Helper()
	class, err := classNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	return class
}

// contains fails the test where one of the parts is missing.
func contains(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	// Lines are broken anywhere, so blanks do not count.
	blank := strings.NewReplacer(" ", "", "\n", "")
	for _, part := range parts {
		if !strings.Contains(blank.Replace(text), blank.Replace(part)) {
			t.Errorf("%s: %q is missing in\n%s", what, part, text)
		}
	}
}

func TestExplain(t *testing.T) {
	filed, _ := codes.Lookup(codes.DomainNotFiled)
	for _, tc := range []struct {
		args []string
		want []string
	}{
		{[]string{"2002"}, []string{
			"2002 DomainNotFiled: " + filed.EN + " (module code of DSA and ECDN)", filed.RemedyEN, "Class Domain",
			"Retried no: the domain's state has to change first", "Executed no: nothing was changed",
			"API 3.0 ResourceUnavailable.CdnHostNoIcp",
			"errors.Is(err, codes.DomainNotFiled)", "errors.Is(err, qcloudhttp.ErrDomain)"}},
		{[]string{"2002", "-lang", "zh"}, []string{
			"2002 DomainNotFiled：" + filed.ZH + "（DSA 和 ECDN 的模块错误码）", filed.RemedyZH, "类别 Domain",
			"是否重试 否：须先改变域名的状态", "是否已执行 否：没有任何改动"}},
		{[]string{"4400"}, []string{
			"(common code)", "Class Throttled", "Retried yes: ", "with the default limiter it waits for its turn in the line",
			"with a Limiter that does not learn a rate it waits about 1 s at first, longer each time up to about 1 min",
			"Twins 2010 TooFrequent", "2011 OperationLimitExceeded", "RequestLimitExceeded"}},
		{[]string{"4400", "-lang", "zh"}, []string{"是：", "使用默认限流器时按顺序排队", "不会自行调整频率时，首次等待约 1 s，逐次延长，最长约 1 min", "含义相近 2010 TooFrequent"}},
		{[]string{"5100"}, []string{"read-only actions only: ", "at most 2 times", "Executed unknown"}},
		{[]string{"4500"}, []string{"only with a Transport.Signer: "}},
		{[]string{"6000"}, []string{"yes: ", "Error.OwnWork", "Executed unknown"}},
		{[]string{"5400"}, []string{"no: ", "send only the failed parts", "Executed partly"}},
		{[]string{"ResourceUnavailable.CdnHostNoIcp"}, []string{"ResourceUnavailable.CdnHostNoIcp = 2002 DomainNotFiled: " + filed.EN}},
		{[]string{"RequestLimitExceeded.UinLimitExceeded"}, []string{"= 4400 QuotaExceeded", "Throttled"}},
		{[]string{"FailedOperation.Whatever"}, []string{
			"FailedOperation.Whatever: the operation could not be carried out (code of API 3.0)", "read-only actions only", "qcloudhttp.ErrFailed"}},
		{[]string{"AuthFailure.SignatureExpire"}, []string{"= 4200 RequestExpired", "only with a Transport.Signer"}},
		{[]string{"UnsupportedRegion", "-lang", "zh"}, []string{"UnsupportedRegion：接口不支持所请求的地域（API 3.0 错误码）"}},
		{[]string{"0"}, []string{"0 Success: the call succeeded"}},
		{[]string{"Success"}, []string{"0 Success: the call succeeded"}},
		{[]string{"ResourceOpFailed"}, []string{"5100 OperationFailed"}},
	} {
		got := qcerr(t, tc.args...)
		if got.status != exitOK || got.stderr != "" {
			t.Errorf("qcerr %q: exit %d, stderr %q", tc.args, got.status, got.stderr)
		}
		contains(t, strings.Join(tc.args, " "), got.stdout, tc.want...)
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
	{`{"code":4000,"message":"(12003)该负载均衡在执行其他操作","codeDesc":"IncorrectStatus.LBWrongStatus"}`, 4000},
	{`{"code":5100,"message":"(-1)服务内部错误，请稍后重试或联系客服人员解决。","codeDesc":"ResourceOpFailed"}`, 5100},
	{`{"code":5100,"message":"(100004)projectId不正确"}`, 5100},
	{`{"code":"5100","message":"(100004)projectId不正确"}`, 5100},
	{`{"code":"0","message":""}`, 0},
	{`{"code":0,"message":"","codeDesc":"Success","requestId":18642}`, 0},
	{`{"code":0,"message":"success","detail":{"qcvm6a45":{"code":0,"message":"","requestId":"1231231231231"}}}`, 0},
	{`{"codeDesc":"InvalidParameter","message":"(- 514) text","code":4000}`, 4000},
	{`{"code":5400,"message":"","detail":{"1001":{"code":4000,"message":"(2003)x"}}}`, 5400},
	{`{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"..."},"RequestId":"ed93f3cb-f35e-473f-b9f3-0d451b8b79c6"}}`, 4100},
	{`{"Response":{"Hosts":[],"RequestId":"ed93f3cb-f35e-473f-b9f3-0d451b8b79c6"}}`, 0},
}

// TestResponseOnStdin pipes each sample in every form that a response comes in.
func TestResponseOnStdin(t *testing.T) {
	forms := map[string]func(string) string{
		"body":      func(s string) string { return s },
		"BOM":       func(s string) string { return "\uFEFF" + s + "\r\n" },
		"curl -i":   func(s string) string { return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + s },
		"HTTP/2":    func(s string) string { return "HTTP/2 200 \ncontent-length: 1\n\n" + s },
		"after 100": func(s string) string { return "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" + s },
		"in a log":  func(s string) string { return "2024-05-01 ERROR call failed, body: " + s },
	}
	for name, form := range forms {
		for _, sample := range samples {
			for _, args := range [][]string{{"--json"}, {"-", "--json"}} {
				got := qcerrWith(t, form(sample.body), nil, args...)
				var e entry
				if err := json.Unmarshal([]byte(got.stdout), &e); err != nil || got.status != exitOK {
					t.Fatalf("%s of %s: exit %d, %v, stderr %q", name, sample.body, got.status, err, got.stderr)
				}
				if e.Code != sample.code {
					t.Errorf("%s of %s: explained as %d, want %d", name, sample.body, e.Code, sample.code)
				}
			}
		}
	}
}

func TestResponseShowsBothCodes(t *testing.T) {
	for _, tc := range []struct {
		body string
		want []string
	}{
		{samples[1].body, []string{"2000 DomainNotFound", "Message (2000)加速域名不存在", "Common 4000 InvalidParameter", "Module 2000 DomainNotFound: decides", "Class NotFound"}},
		{samples[7].body, []string{"4000 InvalidParameter", "Module 12003: not in the table", "Class Invalid"}},
		{samples[8].body, []string{"5100 OperationFailed", "Module -1: not in the table", "read-only actions only"}},
		{`{"code":4400,"message":"(2002)x"}`, []string{"4400 QuotaExceeded", "Module 2002 DomainNotFiled: does not count", "Class Throttled"}},
		{`{"code":5400,"message":"(2010)x"}`, []string{"2010 TooFrequent", "Retried no: sending the batch again would repeat", "Executed partly"}},
		{samples[16].body, []string{"AuthFailure.SignatureFailure = 4100 AuthFailure", "Request ed93f3cb-f35e-473f-b9f3-0d451b8b79c6"}},
	} {
		got := qcerrWith(t, tc.body, nil)
		contains(t, tc.body, got.stdout, tc.want...)
	}
	zh := qcerrWith(t, samples[1].body, nil, "-lang", "zh").stdout
	contains(t, "zh", zh, "公共错误码 4000 InvalidParameter：", "模块错误码 2000 DomainNotFound：更为具体，以它为准")
}

func TestHTTPFailureWithoutEnvelope(t *testing.T) {
	got := qcerrWith(t, "HTTP/1.1 502 Bad Gateway\r\nServer: x\r\n\r\n<html>502</html>", nil)
	contains(t, "502", got.stdout, "HTTP 502 Bad Gateway: the service is not available", "Class Unavailable",
		"mutations that cannot be executed twice", "Executed unknown")
	for _, stdin := range []string{"HTTP/1.1 200 OK\r\n\r\n<html></html>", "<html></html>", "HTTP/1.1", "HTTP/1.1 abc\r\n\r\n", " \n"} {
		if got := qcerrWith(t, stdin, nil); got.status != exitFail || got.stdout != "" || got.stderr == "" {
			t.Errorf("%q: exit %d, stdout %q, stderr %q", stdin, got.status, got.stdout, got.stderr)
		}
	}
}

func TestCodeInText(t *testing.T) {
	for text, want := range map[string]codes.Code{
		"(2002)请求的域名尚未备案":                  2002,
		"（2002）请求的域名尚未备案":                  2002,
		"( 2002 ) no filing":               2002,
		"(2002)":                           2002,
		"请求超过限额配置，请稍后重试。":                  4400,
		"鉴权失败，请参考文档中鉴权部分。":                 4100,
		"请求失败，参数[hostId]不能为空。":             4000,
		"错误码：2010":                         2010,
		"error code=4400, again":           4400,
		"got error 6200 twice":             6200,
		`{"code":4000,"message":"(2010)op`: 2010, // broken off
		"qcloudhttp: CreateDsaHost: 4000 (2002) DomainNotFiled: (2002)x; the domain": 2002,
		"gave up: GetDsaHostList: 4400 QuotaExceeded: x":                             4400,
		"[TencentCloudSDKError] Code=ResourceInUse.EcdnOpInProgress, Message=x":      1014,
		"failed with LimitExceeded.EcdnDomainOpTooOften, sorry":                      2010,
		"the domain has no ICP filing, they say":                                     2002,
	} {
		s, missing := find(text)
		if missing != nil {
			t.Errorf("%q: nothing found", text)
			continue
		}
		if got := s.entry().Code; got != want {
			t.Errorf("%q: explained as %d, want %d", text, got, want)
		}
	}
}

// TestPrintedNames takes what the command itself prints, and what a class and a
// status are called elsewhere.
func TestPrintedNames(t *testing.T) {
	for input, want := range map[string]string{
		"codes.DomainNotFiled":                   "2002 DomainNotFiled",
		"errors.Is(err, codes.DomainNotFiled)":   "2002 DomainNotFiled",
		"codes.Code(2002)":                       "2002 DomainNotFiled",
		"错误码2002":                                "2002 DomainNotFiled",
		"qcloudhttp.ErrDomain":                   "Domain: the domain's state does not allow the operation (class)",
		"errors.Is(err, qcloudhttp.ErrDomain)":   "2002 DomainNotFiled",
		"ErrThrottled":                           "Codes 2010 TooFrequent",
		"Throttled":                              "Codes 2010 TooFrequent",
		"throttled":                              "Codes 2010 TooFrequent",
		"Network":                                "no code has the class Network",
		"Stale":                                  "only with a Transport.Signer",
		"Partial":                                "Executed partly",
		"HTTP 502":                               "HTTP 502 Bad Gateway: the service is not available",
		"http 429":                               "Class Throttled",
		"HTTP 599":                               "HTTP 599: the server had an error",
		"HTTP 200":                               "HTTP 200 OK: no failure to HTTP",
		"HTTP 502 Bad Gateway":                   "Class Unavailable",
		`"GET / HTTP/1.1" 503 -`:                 "HTTP 503 Service Unavailable",
		"qcloudhttp: X: HTTP 404 Not Found":      "Class NotFound",
		"HTTP 502 with 4400 QuotaExceeded in it": "4400 QuotaExceeded",
		"qcloudhttp: X: HTTP 502: error code: 4400": "4400 QuotaExceeded",
	} {
		got := qcerr(t, input)
		if got.status != exitOK {
			t.Errorf("%q: exit %d, %s", input, got.status, got.stderr)
		}
		contains(t, input, got.stdout, want)
	}
	for input, want := range map[string]string{
		"502":                     "did you mean HTTP 502?",
		"Throtled":                "did you mean Throttled?",
		"codes.Nonsense":          "unknown code Nonsense",
		"codes.Code(777)":         "unknown code 777",
		"错误码777":                  "unknown code 777",
		`"GET / HTTP/1.1" 200 ok`: "no code of the API in this text",
	} {
		if got := qcerr(t, input); got.status != exitFail || !strings.Contains(got.stderr, want) {
			t.Errorf("%q: exit %d, stderr %q, want %q", input, got.status, got.stderr, want)
		}
	}
}

// TestEveryClass explains each class in both languages, with the codes of list
// --class.
func TestEveryClass(t *testing.T) {
	for _, class := range qcloudhttp.Classes() {
		got := qcerr(t, "--json", "Err"+class.String())
		var e entry
		if err := json.Unmarshal([]byte(got.stdout), &e); err != nil {
			t.Fatalf("%v: %v in %s%s", class, err, got.stdout, got.stderr)
		}
		if e.Scope != scopeClass || e.Class != class.String() || e.Name != e.Class || e.ZH == "" || e.RemedyZH == "" {
			t.Errorf("%v is explained as %s", class, got.stdout)
		}
		if listed := list(t, "--class", class.String()); len(listed) != len(e.Codes) || len(listed) > 0 && listed[0]["code"] != float64(e.Codes[0]) {
			t.Errorf("%v: codes %v, listed are %v", class, e.Codes, listed)
		}
		for _, w := range []*words{&english, &chinese} {
			if len(e.Codes) == 0 && w.noCodes[class] == "" {
				t.Errorf("%v: nothing in %s says why it has no codes", class, w.lang)
			}
			contains(t, e.Name, qcerr(t, e.Name, "-lang", w.lang).stdout, meaningOf(w, class), w.whys[class])
		}
	}
}

// TestHugeInput explains a response by its beginning where it is longer than
// what is read.
func TestHugeInput(t *testing.T) {
	huge := `{"code":4000,"message":"(2002)x","data":"` + strings.Repeat("y", inputLimit) + `"}`
	contains(t, "huge", qcerrWith(t, huge, nil).stdout, "2002 DomainNotFiled")
	if got := qcerrWith(t, strings.Repeat("DomainNotFiled", inputLimit/8), nil); got.status != exitFail || len(got.stderr) > 1000 {
		t.Errorf("exit %d, %d bytes of error", got.status, len(got.stderr))
	}
}

func TestUnknown(t *testing.T) {
	for _, tc := range []struct{ input, want string }{
		{"2007", "unknown code 2007"},
		{"(-1)服务内部错误", "unknown code -1"},
		{"code: 777", "unknown code 777"},
		{"DomainNotField", "did you mean DomainNotFiled?"},
		{"NotFiled", "did you mean DomainNotFiled?"},
		{"ResourceUnavailable_CdnHostNoIcp", "did you mean ResourceUnavailable.CdnHostNoIcp?"},
		{"(请求)失败", "no code of the API in this text"},
		{"5000 requests were sent at 2024-05-01", "no code of the API in this text"},
		{"AKIDz8krbsJ5yKBZQpn74WFkmLPx3", "no code of the API in this text"},
		{"Gu5t9xGARNpq86cd98joQYCN3", "no code of the API in this text"},
	} {
		got := qcerr(t, "--", tc.input)
		if got.status != exitFail || got.stdout != "" || !strings.Contains(got.stderr, tc.want) {
			t.Errorf("%q: exit %d, stdout %q, stderr %q, want %q", tc.input, got.status, got.stdout, got.stderr, tc.want)
		}
	}
}

// TestResponseOfUnknownCode shows what such a response says, and fails.
func TestResponseOfUnknownCode(t *testing.T) {
	v2 := `{"code":-16009,"message":"some text","requestId":"abc"}`
	v3 := `{"Response":{"Error":{"Code":"Foo.Bar","Message":"some text"},"RequestId":"abc"}}`
	for _, tc := range []struct {
		stdin, name, lang string
		want              []string
	}{
		{v2, "-16009", "en", []string{"-16009: its meaning is not known", "errors.Is(err, codes.Code(-16009))", "Message some text", "Request abc"}},
		{v2, "-16009", "zh", []string{"-16009：含义未知", "message some text", "请求 ID abc", "是否重试 否"}},
		{"HTTP/1.1 200 OK\r\n\r\n" + v3, "Foo.Bar", "en", []string{"Foo.Bar: its meaning is not known (code of API 3.0)", "Retried no: ", "Executed unknown", "ErrUnknown"}},
		{`{"code":777,"codeDesc":"X","message":"(8)"}`, "777", "en", []string{"777 X: its meaning is not known", "Module 8: not in the table"}},
	} {
		got := qcerrWith(t, tc.stdin, nil, "-lang", tc.lang)
		if got.status != exitFail || !strings.Contains(got.stderr, tc.name) {
			t.Errorf("%s: exit %d, stderr %q", tc.stdin, got.status, got.stderr)
		}
		contains(t, tc.stdin, got.stdout, tc.want...)
	}
}

func TestResponseOfUnknownCodeAsJSON(t *testing.T) {
	for _, tc := range []struct {
		stdin, code, name string
	}{
		{`{"code":-16009,"message":"some text","requestId":"abc"}`, "-16009", ""},
		{`{"Response":{"Error":{"Code":"Foo.Bar","Message":"some text"},"RequestId":"abc"}}`, "0", "Foo.Bar"},
	} {
		got := qcerrWith(t, tc.stdin, nil, "--json")
		var e entry
		if err := json.Unmarshal([]byte(got.stdout), &e); err != nil || got.status != exitFail || e.Response == nil {
			t.Fatalf("%s: exit %d, %v in %s", tc.stdin, got.status, err, got.stdout)
		}
		if mustJSON(t, e.Code) != tc.code || e.Name != tc.name || e.Class != "Unknown" || e.Retryable || e.Executed != "unknown" {
			t.Errorf("%s: %s", tc.stdin, got.stdout)
		}
		if e.Response.Message != "some text" || e.Response.RequestID != "abc" {
			t.Errorf("the response is %+v", e.Response)
		}
	}
}

// TestUnknownModuleCode leaves the advice out that sends the reader to it.
func TestUnknownModuleCode(t *testing.T) {
	info, _ := codes.Lookup(codes.InvalidParameter)
	plain := withoutBracket(info)
	for remedy, short := range map[string]string{info.RemedyEN: plain.RemedyEN, info.RemedyZH: plain.RemedyZH} {
		if len(short) >= len(remedy) || !strings.HasPrefix(remedy, short) {
			t.Errorf("%q became %q", remedy, short)
		}
	}
	for _, lang := range []string{"en", "zh"} {
		got := qcerrWith(t, samples[7].body, nil, "-lang", lang).stdout
		if strings.Contains(got, "brackets") || strings.Contains(got, "括号") {
			t.Errorf("the advice is still there:\n%s", got)
		}
		contains(t, "4000", qcerr(t, "4000", "-lang", lang).stdout, wordsFor(lang).remedyOf(info))
	}
}

// TestEveryV3Code explains each public code of API 3.0 in words of its own.
func TestEveryV3Code(t *testing.T) {
	const public = `ActionOffline AuthFailure.InvalidAuthorization AuthFailure.InvalidSecretId AuthFailure.MFAFailure
		AuthFailure.SecretIdNotFound AuthFailure.SignatureExpire AuthFailure.SignatureFailure AuthFailure.TokenFailure
		AuthFailure.UnauthorizedOperation DryRunOperation FailedOperation InternalError InvalidAction InvalidParameter
		InvalidParameterValue InvalidRequest IpInBlacklist IpNotInWhitelist LimitExceeded MissingParameter NoSuchProduct
		NoSuchVersion RequestLimitExceeded RequestLimitExceeded.GlobalRegionUinLimitExceeded RequestLimitExceeded.IPLimitExceeded
		RequestLimitExceeded.UinLimitExceeded RequestSizeLimitExceeded ResourceInUse ResourceInsufficient ResourceNotFound
		ResourceUnavailable ResponseSizeLimitExceeded ServiceUnavailable UnauthorizedOperation UnknownParameter
		UnsupportedOperation UnsupportedProtocol UnsupportedRegion`
	for _, name := range strings.Fields(public) {
		s, missing := find(`{"Response":{"Error":{"Code":"` + name + `","Message":"x"},"RequestId":"1"}}`)
		if missing != nil {
			t.Errorf("%s is unknown", name)
			continue
		}
		e := s.entry()
		if e.ZH == "" || e.EN == "" || e.RemedyZH == "" || e.RemedyEN == "" || e.Class == "Unknown" {
			t.Errorf("%s is not explained: %+v", name, e)
		}
		if class := e.verdict.Class; e.EN == meaningOf(&english, class) && e.ZH == meaningOf(&chinese, class) {
			t.Errorf("%s has no words of its own", name)
		}
		if again, missing := find(name); missing != nil || again.entry().Class != e.Class {
			t.Errorf("%s: the name and the response are explained differently", name)
		}
	}
}

func TestNoSecretIsRepeated(t *testing.T) {
	const secret = "Gu5t9xGARNpq86cd98joQYCN3"
	for _, input := range []string{
		`{"code":4100,"message":"wrong Signature=` + secret + `","requestId":"Token=` + secret + `"}`,
		"error 4100: https://x/?SecretId=AKID" + secret + "&Signature=" + secret,
		"code=4100&Token=" + secret,
		"SecretKey=" + secret,
		`{"Response":{"Error":{"Code":"Token=` + secret + `","Message":"x"}}}`,
		`{"Response":{"Error":{"Code":"AuthFailure.AKID` + secret + `","Message":"x"}}}`,
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

// meaningOf is what a class says in a language.
func meaningOf(w *words, class qcloudhttp.Class) string {
	meaning, _ := w.classWords(class)
	return meaning
}
