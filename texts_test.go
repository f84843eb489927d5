package qcloudhttp_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

const runInstances = "https://cvm.tencentcloudapi.com/?Action=RunInstances&Version=2017-03-12"

func failV3(code, message string) string {
	body, _ := json.Marshal(map[string]any{"Response": map[string]any{
		"Error": map[string]string{"Code": code, "Message": message}, "RequestId": "r",
	}})
	return string(body)
}

// What the API says comes through as it says it, where that names a credential
// but quotes none: a full stop at its end apart.
func TestWordsThatNameCredentials(t *testing.T) {
	for _, said := range []struct{ code, message string }{
		{"AuthFailure.InvalidSecretId", "The SecretId is not found, please ensure that your SecretId is correct"},
		{"InvalidParameter.Token", "Token 无效"},
		{"UnauthorizedOperation.InvalidToken", "无效token"},
		{"UnauthorizedOperation.InvalidToken", "token：已过期"},
		{"InvalidParameter", "parameter Token: must not be empty"},
		{"InvalidParameter", "Token: Missing, SecretId: required; Signature: wrong"},
		{"InvalidParameterValue", "The parameter `ClientToken` is duplicated: token=abc"},
		{"InvalidParameter.Signature", "is 1 > 0?"},
	} {
		_, err := get(t, &qcloudhttp.Transport{Base: answering(failV3(said.code, said.message+"。"))}, runInstances)
		for _, text := range []string{err.Error(), qcloudhttp.Redact(err).Error(), qcloudhttp.Explain(err, "zh")} {
			if !strings.Contains(text, said.code+": "+said.message) {
				t.Errorf("%s: %s does not stand in %s", said.code, said.message, text)
			}
		}
	}
}

// Credentials that an answer quotes do not show, whoever's they are.
func TestQuotedCredentials(t *testing.T) {
	const id = "z8krbsJ5yKBZQpn74"
	for _, message := range []string{
		"AKID" + id, "SecretId=" + id, "secretkey = " + id, "Token: " + id + "。", `{"token":"` + id + `"}`,
		"Signature%3D" + id,
		"Authorization: TC3 " + id, "GET http://h/?Token=" + id, "GET /v2/index.php?Nonce=1&Signature=" + id,
	} {
		fail := &qcloudhttp.Error{CodeDesc: "X", Message: message + "；请重试"}
		if text := fail.Error(); strings.Contains(text, id) {
			t.Errorf("%s became %s", message, text)
		}
	}
	chinese := &qcloudhttp.Error{CodeDesc: "X", Message: "Signature=" + id + "；请重试"}
	if text := chinese.Error(); !strings.HasSuffix(text, "Signature=***；请重试") {
		t.Errorf("what comes behind is lost: %s", text)
	}
}

// One text is at most a few KiB in one line, whatever the API sent; Message
// keeps it all.
func TestHostileMessages(t *testing.T) {
	for _, unit := range []string{
		"long text ", "参数错误，", "?", "http://x/ ", "Token=abcdefgh&", "Authorization", "SELECT a FROM b WHERE c=d; ",
		"QUJDREVGR0g", `"a":1,`, "\n", "\x1b[31m", "\u2028", "\x07\x08", "\u202e", "\u0085",
	} {
		long := strings.Repeat(unit, 1_000_000/len(unit))
		fail := &qcloudhttp.Error{CodeDesc: long, Message: long, Action: long, RequestID: long, Class: codes.ClassInternal}
		gaveUp := &qcloudhttp.GiveUpError{Reason: qcloudhttp.ReasonLimiter, Attempts: 1, Err: fail}
		var logged bytes.Buffer
		slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "err", gaveUp)
		foreign := &qcloudhttp.GiveUpError{Reason: qcloudhttp.ReasonLimiter, Err: errors.New(long)}
		for name, text := range map[string]string{
			"Error": fail.Error(), "GiveUpError": gaveUp.Error(), "another's": foreign.Error(),
			"Explain": qcloudhttp.Explain(gaveUp, "zh"),
			"logged":  strings.TrimSuffix(logged.String(), "\n"),
		} {
			if len(text) > 30_000 || strings.ContainsAny(text, "\n\x1b\x07\x08\u2028\u202e\u0085") {
				t.Errorf("%.10q: %s has %d bytes, %.100q", unit, name, len(text), text)
			}
		}
	}
}

// An error by value, or one in JSON, shows no more than its text.
func TestErrorsByValue(t *testing.T) {
	const secret = "z8krbsJ5yKBZQpn74"
	fail := qcloudhttp.Error{CodeDesc: "X", Message: "SecretId=" + secret, Body: []byte(secret),
		Err: errors.New("Token=" + secret)}
	leaky := &url.Error{Op: "Get", URL: "http://h/?Token=" + secret, Err: io.EOF}
	gaveUp := qcloudhttp.GiveUpError{Reason: qcloudhttp.ReasonLimiter, Err: leaky}
	byValue := qcloudhttp.GiveUpError{Reason: qcloudhttp.ReasonLimiter, Err: valueError{"Token=" + secret}}
	for _, value := range []any{fail, &fail, gaveUp, &gaveUp, byValue, []any{fail, gaveUp},
		qcloudhttp.Event{Err: &gaveUp}} {
		encoded, _ := json.Marshal(value)
		var logged bytes.Buffer
		slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "err", value)
		for _, text := range []string{
			fmt.Sprintf("%v", value), fmt.Sprintf("%+v", value), fmt.Sprintf("%#v", value), string(encoded), logged.String(),
		} {
			if strings.Contains(text, secret) {
				t.Errorf("%T shows %s", value, text)
			}
		}
	}
}

type valueError struct{ Text string }

func (e valueError) Error() string { return e.Text }

// The advice fits the class and the product, and what came at all.
func TestAdvice(t *testing.T) {
	busyAll := &qcloudhttp.Policy{MaxAttempts: 2, Classify: func(qcloudhttp.Failure) qcloudhttp.Verdict {
		return qcloudhttp.Verdict{Class: codes.ClassBusy, Retry: true, Executed: qcloudhttp.NotExecuted}
	}}
	lost := func(err error) *api {
		return &api{answers: []func(*http.Request) (*http.Response, error){fails(err)}}
	}
	for name, test := range map[string]struct {
		api      *api
		url      string
		policy   *qcloudhttp.Policy
		has, not string // expressions
	}{
		"a user's Classify": {answering(notFiled), readAction, busyAll, "Wait until it has finished", "ICP"},
		"no bracket": {answering(failV3("InvalidParameter", "bad")), runInstances, nil, "Find the parameter",
			"bracket"},
		"4400 of cvm": {answering(quota), "https://cvm.api.qcloud.com/?Action=DescribeInstances",
			&qcloudhttp.Policy{MaxAttempts: 1}, "rate limiter", "DSA|100"},
		"404":      {once(404, "", nil), runInstances, nil, "URL's host and path", "account"},
		"408":      {once(408, "", nil), runInstances, nil, "HTTP 408", "no response|broke off"},
		"503":      {once(503, "", nil), runInstances, nil, "Try again later", "URL"},
		"a scheme": {lost(errors.New(`unsupported protocol scheme "htps"`)), readAction, nil, "URL", "network"},
		"a header": {lost(errors.New(`net/http: invalid header field value for "X"`)), readAction, nil,
			"the request", "network"},
		"a certificate": {lost(x509.UnknownAuthorityError{}), readAction, nil, "a certificate", "network"},
		"a proxy": {lost(errors.New("Forbidden")), readAction, nil, "proxy refused.*proxy's settings",
			"network|API said"},
		"a host": {lost(&net.DNSError{Err: "no such host", Name: "h", IsNotFound: true}), readAction, nil,
			"URL", "network"},
		"a lost answer": {lost(io.ErrUnexpectedEOF), runInstances, nil,
			"Check the network.*ClientToken.*unknown whether", "DSA"},
		"no retries": {once(503, "", nil), readAction, &qcloudhttp.Policy{MaxAttempts: 1}, "retries are off",
			"attempts are left"},
		"some retries": {once(503, "", nil), readAction, &qcloudhttp.Policy{MaxAttempts: 2}, "no attempts are left",
			"off"},
		"another product": {answering(failV3("ResourceNotFound.CdnHostNotExists", "m")),
			"https://cdn.tencentcloudapi.com/?Action=StopCdnDomain&Version=1", nil, "domain does not exist", "Dsa"},
		"a state of cdn": {answering(failV3("ResourceInUse.CdnOpInProgress", "m")),
			"https://cdn.tencentcloudapi.com/?Action=StopCdnDomain&Version=1", &qcloudhttp.Policy{MaxAttempts: 1},
			"still running", "Dsa|progress is"},
		"unknown, of a lost": {answering(`{"code":77777,"message":"what"}`), runInstances, nil, "unknown whether",
			"network"},
		"a code of a product": {answering(busy), readAction, &qcloudhttp.Policy{MaxAttempts: 1}, "GetDsaHostInfo", "network"},
	} {
		synctest.Test(t, func(t *testing.T) {
			_, err := get(t, &qcloudhttp.Transport{Base: test.api, Policy: test.policy}, test.url)
			text := qcloudhttp.Explain(err, "en")
			if !regexp.MustCompile(test.has).MatchString(text) || regexp.MustCompile(test.not).MatchString(text) {
				t.Errorf("%s: %s", name, text)
			}
			for _, text := range []string{text, qcloudhttp.Explain(err, "zh"), err.Error()} {
				if regexp.MustCompile(`in 0s|\.\.|\.:|。。|\. *。|:$|： *$`).MatchString(text) {
					t.Errorf("%s: %s", name, text)
				}
			}
		})
	}
}

// A text of unknown outcome says so, of an *Error as of a GiveUpError; one that
// is known does not.
func TestTextsOfOutcome(t *testing.T) {
	for body, unknown := range map[string]bool{
		`{"code":77777,"message":"m"}`: true, failV3("FailedOperation", "m"): true, internal: true, failV3("InternalError",
			"m"): true,
		badAuth: false, failV3("InvalidParameter", "m"): false, failV3("ResourcesSoldOut", "m"): false,
	} {
		_, err := get(t, &qcloudhttp.Transport{Base: answering(body)}, runInstances)
		says := strings.Contains(err.Error(), "it is unknown whether the call was executed")
		if says != unknown || errors.Is(err, qcloudhttp.ErrOutcomeUnknown) != unknown {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// A change that was repeated after an unknown outcome may have found its own
// work: by the class, whoever gave it.
func TestMaybeDoneByClass(t *testing.T) {
	exists := func(f qcloudhttp.Failure) qcloudhttp.Verdict {
		if f.CodeDesc == "Odd.Thing" {
			return qcloudhttp.Verdict{Class: codes.ClassConflict, Executed: qcloudhttp.NotExecuted}
		}
		return qcloudhttp.Classify(f)
	}
	for _, test := range []struct {
		action, first, then string
		want                bool
	}{
		{"CreateLoadBalancer", failV3("InternalError", "m"), failV3("ResourceInUse", "m"), true},
		{"AddUser", failV3("InternalError", "m"), failV3("FailedOperation.UserAlreadyExists", "m"), true},
		{"RegisterTargets", failV3("InternalError", "m"), failV3("Odd.Thing", "m"), true},
		{"DeleteVpc", failV3("InternalError", "m"), failV3("ResourceNotFound", "m"), true},
		{"RemoveUser", failV3("InternalError", "m"), failV3("InvalidParameter.UserNotFound", "m"), true},
		{"TerminateInstances", failV3("InternalError", "m"), failV3("InvalidInstanceId.NotFound", "m"), true},
		{"DeleteVpc", failV3("InternalError", "m"), failV3("ResourceInUse", "m"), false},
		{"CreateLoadBalancer", failV3("InternalError", "m"), failV3("ResourceNotFound", "m"), false},
		{"CreateLoadBalancer", failV3("RequestLimitExceeded", "m"), failV3("ResourceInUse", "m"), false},
		// it was not executed
		{"CreateDsaHost", internal, `{"code":4000,"message":"(2001)m"}`, true},
		{"OfflineDsaHost", internal, `{"code":4000,"message":"(2005)m"}`, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			policy := &qcloudhttp.Policy{Classify: exists, Repeatable: func(string) bool { return true }}
			address := "https://clb.tencentcloudapi.com/?Version=1&Action="
			if strings.Contains(test.action, "Dsa") {
				address = "https://dsa.api.qcloud.com/v2/index.php?Action="
			}
			_, err := get(t, &qcloudhttp.Transport{Base: answering(test.first, test.then), Policy: policy}, address+test.action)
			var fail *qcloudhttp.Error
			if !errors.As(err, &fail) || fail.MaybeDone != test.want {
				t.Errorf("%s, %s: %v", test.action, test.then, err)
			}
		})
	}
}

// Elapsed times that are nothing are not told.
func TestNoTimeIsTold(t *testing.T) {
	for took, want := range map[time.Duration]bool{0: false, 400 * time.Microsecond: false, 600 * time.Microsecond: true} {
		e := &qcloudhttp.GiveUpError{Reason: qcloudhttp.ReasonAttempts, Attempts: 2, Elapsed: took}
		if strings.Contains(e.Error(), " in ") != want {
			t.Errorf("%v: %v", took, e)
		}
	}
}

// A group keeps the keys of LogTo apart from those that a log store reserves.
func TestLogToInAGroup(t *testing.T) {
	var logged bytes.Buffer
	client := &qcloudhttp.Transport{
		Base: answering(badAuth), Observer: qcloudhttp.LogTo(slog.New(slog.NewJSONHandler(&logged, nil)).WithGroup("qcloud")),
	}
	get(t, client, readAction)
	var line map[string]any
	if err := json.Unmarshal(logged.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	group, _ := line["qcloud"].(map[string]any)
	if len(line) != 4 || group["host"] != "dsa.api.qcloud.com" || group["error"] == nil || group["class"] != "Auth" {
		t.Errorf("got %s", &logged)
	}
}

// What docs/errors.md has a controller write into a status does not change from
// one call to the next, as the text of the error does.
func TestStatusOfAController(t *testing.T) {
	texts, conditions := map[string]bool{}, map[string]bool{}
	for _, id := range []string{"1", "2"} {
		body := strings.ReplaceAll(failV3("ResourceInUse", "m"), `"r"`, `"`+id+`"`)
		_, err := get(t, &qcloudhttp.Transport{Base: answering(body)}, runInstances)
		var fail *qcloudhttp.Error
		if !errors.As(err, &fail) {
			t.Fatal(err)
		}
		texts[err.Error()], conditions[fail.Class.String()+" "+fail.CodeDesc+": "+fail.Message] = true, true
	}
	if len(texts) != 2 || len(conditions) != 1 || !conditions["Conflict ResourceInUse: m"] {
		t.Errorf("%v, %v", texts, conditions)
	}
}
