package qcloudtest

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// The vendor's public codes of API 3.0.
const publicTexts = `ActionOffline AuthFailure.InvalidAuthorization AuthFailure.InvalidSecretId
	AuthFailure.MFAFailure AuthFailure.SecretIdNotFound AuthFailure.SignatureExpire AuthFailure.SignatureFailure
	AuthFailure.TokenFailure AuthFailure.UnauthorizedOperation DryRunOperation FailedOperation InternalError
	InvalidAction InvalidParameter InvalidParameterValue InvalidRequest IpInBlacklist IpNotInWhitelist
	LimitExceeded MissingParameter NoSuchProduct NoSuchVersion RequestLimitExceeded
	RequestLimitExceeded.GlobalRegionUinLimitExceeded RequestLimitExceeded.IPLimitExceeded
	RequestLimitExceeded.UinLimitExceeded RequestSizeLimitExceeded ResourceInUse ResourceInsufficient
	ResourceNotFound ResourceUnavailable ResponseSizeLimitExceeded ServiceUnavailable UnauthorizedOperation
	UnknownParameter UnsupportedOperation UnsupportedProtocol UnsupportedRegion`

// message3 calls an API 3.0 and returns the code and the message.
func (c client3) message3() (code, message string) {
	c.t.Helper()
	resp, code := c.send(c.request("DescribeDomains", ""))
	return code, decode[struct{ Message string }](c.t, resp["Error"]).Message
}

// Every public code has a message of its own meaning, in both languages.
func TestCodeTextSaysWhatItMeans(t *testing.T) {
	general := failureOf(codes.OperationFailed)
	for _, text := range strings.Fields(publicTexts) {
		zh, en := NewAPI(), NewAPI(WithEnglish())
		for _, api := range []*API{zh, en} {
			api.Next(1, CodeText(text))
			code, message := inMemory3(t, api).message3()
			if code != text || message == "" || message == text {
				t.Errorf("%s: answer %s %q", text, code, message)
			}
			if (message == general.zh || message == general.en) && text != "FailedOperation" {
				t.Errorf("%s says %q", text, message)
			}
			if han := regexp.MustCompile(`\p{Han}`).MatchString(message); han != (api == zh) {
				t.Errorf("%s: message %q in the wrong language", text, message)
			}
		}
	}
}

func TestCodeTextIsRecorded(t *testing.T) {
	for _, tt := range []struct {
		text         string
		code, module codes.Code
		message      string
	}{
		{"RequestLimitExceeded.UinLimitExceeded", codes.QuotaExceeded, 0, "the quota of calls is used up"},
		{"ResourceNotFound.EcdnDomainNotExists", codes.InvalidParameter, codes.DomainNotFound, "the accelerated domain does not exist"},
		{"AuthFailure.Other", codes.OperationFailed, 0, "the caller's identity could not be verified"},
		{"LimitExceeded.Other", codes.OperationFailed, 0, "a limit of the account is exceeded"},
		{"FailedOperation.EcdnConfigError", codes.OperationFailed, 0, "the operation could not be carried out"},
		{"Odd.Thing", codes.OperationFailed, 0, "Odd.Thing"},
		{".", codes.OperationFailed, 0, "."},
	} {
		api := NewAPI(WithEnglish())
		api.Next(2, CodeText(tt.text))
		text, message := inMemory3(t, api).message3()
		r := api.Requests()[0]
		if text != tt.text || message != tt.message || r.Code != tt.code || r.Module != tt.module || r.CodeDesc != tt.text {
			t.Errorf("%s: answer %s %q, recorded as %+v", tt.text, text, message, r)
		}
		a := inMemory(t, api).want(int(tt.code), int(tt.module), "GetDsaHostList")
		if a.CodeDesc != tt.text || !strings.HasSuffix(a.Message, tt.message) {
			t.Errorf("%s in API 2.0: %+v", tt.text, a)
		}
	}
}

func TestAnswer(t *testing.T) {
	for _, tt := range []struct {
		step         Step
		body         string // API 2.0's answer
		code, module codes.Code
		error3       string // API 3.0's
	}{
		{Code(4000, "(12003)该负载均衡在执行其他操作"),
			`{"code":4000,"message":"(12003)该负载均衡在执行其他操作","codeDesc":"InvalidParameter"}`,
			4000, 12003, `{"Code":"InvalidParameter","Message":"(12003)该负载均衡在执行其他操作"}`},
		{Code(5100, "（- 514） text"),
			`{"code":5100,"message":"（- 514） text","codeDesc":"ResourceOpFailed"}`,
			5100, -514, `{"Code":"FailedOperation","Message":"（- 514） text"}`},
		{Code(codes.OperationInProgress, "busy"),
			`{"code":4000,"message":"(1014)busy","codeDesc":"InvalidParameter"}`,
			4000, 1014, `{"Code":"ResourceInUse.EcdnOpInProgress","Message":"busy"}`},
		{Code(codes.OperationInProgress, "(1014) busy"),
			`{"code":4000,"message":"(1014) busy","codeDesc":"InvalidParameter"}`,
			4000, 1014, `{"Code":"ResourceInUse.EcdnOpInProgress","Message":"(1014) busy"}`},
		{Code(codes.QuotaExceeded, ""),
			`{"code":4400,"message":"","codeDesc":"RequestLimitExceeded"}`,
			4400, 0, `{"Code":"RequestLimitExceeded","Message":""}`},
		{Code(777, "<b> & more"),
			`{"code":777,"message":"\u003cb\u003e \u0026 more","codeDesc":""}`,
			777, 0, `{"Code":"FailedOperation","Message":"\u003cb\u003e \u0026 more"}`},
		{Code(0, "success"), `{"code":0,"message":"success","codeDesc":"Success"}`, 0, 0, ``},
		{CodeText("LimitExceeded", "nine is enough"),
			`{"code":5100,"message":"nine is enough","codeDesc":"LimitExceeded"}`,
			5100, 0, `{"Code":"LimitExceeded","Message":"nine is enough"}`},
	} {
		api := NewAPI()
		api.Next(2, tt.step)
		if body := body2(t, api); body != tt.body {
			t.Errorf("answer %s, want %s", body, tt.body)
		}
		if r := api.Requests()[0]; r.Code != tt.code || r.Module != tt.module {
			t.Errorf("recorded as %+v, want %d and %d", r, int(tt.code), int(tt.module))
		}
		c3 := inMemory3(t, api)
		resp, _ := c3.send(c3.request("DescribeDomains", ""))
		if string(resp["Error"]) != tt.error3 {
			t.Errorf("API 3.0: %s, want %s", resp["Error"], tt.error3)
		}
	}
}

// body2 calls an API 2.0 and returns the answer as it comes.
func body2(t *testing.T, api *API) string {
	t.Helper()
	resp, err := api.Client().Get(endpoint + "?Action=GetDsaHostList")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var raw json.RawMessage
	if err := json.NewDecoder(resp.Body).Decode(&raw); err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Whether an answer spends the Nonce depends on who gives it.
func TestAnswerAndTheNonce(t *testing.T) {
	for _, tt := range []struct {
		step Step
		then int
	}{
		{Code(codes.QuotaExceeded, "slowly"), 0},
		{Code(4000, "(12003)"), 4500},
		{CodeText("LimitExceeded", "slowly"), 4500},
	} {
		api := NewAPI(WithCredentials(testID, testKey))
		c := signed(inMemory(t, api))
		api.Next(1, tt.step)
		c.call("GetDsaHostList", "Nonce", "7")
		c.want(tt.then, 0, "GetDsaHostList", "Nonce", "7")
	}
}
