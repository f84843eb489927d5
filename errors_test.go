package qcloudhttp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"unicode"
	"unicode/utf8"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// Error is one line: action, codes, name, what was said, the request's ID.
func TestErrorText(t *testing.T) {
	for want, err := range map[string]*qcloudhttp.Error{
		"qcloudhttp: CreateDsaHost: 4000 (2002) DomainNotFiled: (2002)请求的域名尚未备案; " +
			"an earlier attempt of this call may have done it [request 18642]": {
			Code: 4000, Module: 2002, CodeDesc: "InvalidParameter", Message: "(2002)请求的域名尚未备案。",
			Action: "CreateDsaHost", RequestID: "18642", MaybeDone: true, Executed: qcloudhttp.NotExecuted,
			Body: []byte("never printed"),
		},
		"qcloudhttp: 1014 OperationInProgress: x": {Code: 1014, Module: 1014, Message: "x"},
		"qcloudhttp: MissingParameter: no Domain": {CodeDesc: "MissingParameter", Message: "no Domain"},
		"qcloudhttp: HTTP 502 Bad Gateway":        {StatusCode: 502, Class: codes.ClassUnavailable},
		"qcloudhttp: RunInstances: no complete response: unexpected EOF; it is unknown whether the call was executed": {
			Err: io.ErrUnexpectedEOF, Class: codes.ClassNetwork, Action: "RunInstances"},
		"qcloudhttp: the body broke":                         {Err: errors.New("the body broke"), Class: codes.ClassInvalid},
		"qcloudhttp: 777":                                    {Code: 777},
		"qcloudhttp: 2002 X":                                 {Code: 2002, CodeDesc: "X", Product: "cvm"},
		`qcloudhttp: X: a\nb\x1b[31m`:                        {CodeDesc: "X", Message: "a\nb\x1b[31m"},
		"qcloudhttp: X: SecretId=***；重试":                     {CodeDesc: "X", Message: "SecretId=AKIDxxxxxxxxxxxx；重试"},
		"qcloudhttp: UnauthorizedOperation.InvalidToken: no": {CodeDesc: "UnauthorizedOperation.InvalidToken", Message: "no"},
	} {
		if got := err.Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			if byValue := fmt.Sprintf(verb, *err); byValue != fmt.Sprintf(verb, want) {
				t.Errorf("%s by value: %s", verb, byValue)
			}
		}
	}
}

// What an answer says is bounded in our texts, and whole in Message.
func TestLongMessage(t *testing.T) {
	body := `{"code":4000,"codeDesc":"InvalidParameter","message":"` + strings.Repeat("域", 300_000) + `"}`
	_, err := get(t, &qcloudhttp.Transport{Base: answering(body)}, readAction)
	var apiErr *qcloudhttp.Error
	if !errors.As(err, &apiErr) || len(apiErr.Message) != 900_000 || len(err.Error()) > 1200 || !utf8.ValidString(err.Error()) {
		t.Errorf("message of %d bytes, text of %d bytes", len(apiErr.Message), len(err.Error()))
	}
}

// Explain shows what the API said, then the meaning and the remedy: by the code
// where the class is the code's own, else by the class.
func TestExplain(t *testing.T) {
	for _, test := range []struct {
		err      error
		lang     string
		contains []string
	}{
		{&qcloudhttp.Error{Code: 4000, Module: 2002, Message: "(2002)x", Class: codes.ClassDomainState, Product: "dsa",
			Executed: qcloudhttp.NotExecuted}, "zh-CN", []string{"4000 (2002) DomainNotFiled: (2002)x", "域名没有 ICP 备案"}},
		{&qcloudhttp.Error{CodeDesc: "MissingParameter", Message: "no Domain", Class: codes.ClassInvalid}, "en",
			[]string{"MissingParameter: no Domain: a required parameter is missing. Correct the request"}},
		{&qcloudhttp.Error{CodeDesc: "MissingParameter.Nested", Message: "缺少 Domain", Class: codes.ClassInvalid}, "zh_CN.UTF-8",
			[]string{"MissingParameter.Nested: 缺少 Domain", "缺少必需的参数"}},
		{&qcloudhttp.Error{CodeDesc: "UnsupportedProtocol", Class: codes.ClassUnsupported}, "en", []string{"Call over HTTPS"}},
		{&qcloudhttp.Error{CodeDesc: "FailedOperation.Odd", Class: codes.ClassBusy}, "en", // as a user's Classify says
			[]string{"Wait until it has finished"}},
		{&qcloudhttp.Error{StatusCode: 502, Class: codes.ClassUnavailable}, "zh", []string{"HTTP 502 Bad Gateway：服务暂不可用。"}},
		{&qcloudhttp.Error{Err: io.ErrUnexpectedEOF, Class: codes.ClassNetwork, Action: "RunInstances"}, "en",
			[]string{"unexpected EOF", "Check the network", "It is unknown whether the call was executed"}},
		{&qcloudhttp.GiveUpError{Reason: qcloudhttp.ReasonDeadline, Attempts: 2,
			Err: &qcloudhttp.Error{Code: 4400, Class: codes.ClassThrottled, Executed: qcloudhttp.NotExecuted}}, "en",
			[]string{"4400 QuotaExceeded", "Retrying ended: the next attempt would miss the context's deadline."}},
		{&url.Error{Op: "Get", URL: "http://h/?SecretId=AKIDxxxxxxxx", Err: &qcloudhttp.Error{Code: 4100, Class: codes.ClassAuth,
			Executed: qcloudhttp.NotExecuted}}, "en", []string{"4100 AuthFailure"}},
		{errors.New("other"), "en", []string{"other"}},
	} {
		got := qcloudhttp.Explain(test.err, test.lang)
		for _, part := range test.contains {
			if !strings.Contains(got, part) {
				t.Errorf("%q is not in %q", part, got)
			}
		}
		if strings.Contains(got, "AKID") || strings.Contains(got, "..") || strings.Contains(got, "。。") {
			t.Errorf("got %q", got)
		}
	}
	if got := qcloudhttp.Explain(nil, "en"); got != "" {
		t.Errorf("nil is %q", got)
	}
}

// A call that gave up for an earlier failure tells of it in brief.
func TestGiveUpText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(qcloudtest.WithCredentials("id", "key"))
		api.Next(1, qcloudtest.Execute(), qcloudtest.Drop())
		client := &qcloudhttp.Transport{Base: api.Transport(), Signer: &sign.V1{Credentials: sign.Static("id", "key", "")}}
		_, err := get(t, client, "http://dsa.api.qcloud.com/v2/index.php?Action=FlushCache&urlList=https://www.example.com/")
		var gaveUp *qcloudhttp.GiveUpError
		if !errors.As(err, &gaveUp) || gaveUp.Reason != qcloudhttp.ReasonArrived {
			t.Fatalf("got %v", err)
		}
		if want := "had arrived (no complete response: EOF); it is unknown whether the call was executed: FlushCache: 4500 ReplayAttack"; !strings.Contains(gaveUp.Error(), want) {
			t.Errorf("%s is not in %s", want, gaveUp)
		}
	})
}

// Another product's module codes are not explained by DSA's table.
func TestInfoOfAnotherProduct(t *testing.T) {
	e := &qcloudhttp.Error{Code: 4000, Module: 1001, Host: "cdn.api.qcloud.com"}
	if info, ok := e.Info(); !ok || info.Code != codes.InvalidParameter {
		t.Errorf("got %+v", info)
	}
}

// Whose table gives a module code its meaning is said by the policy, else by
// the host that the request is meant for, whoever it is sent to; the error's
// text, Info and Host agree with that.
func TestWhoseModuleCode(t *testing.T) {
	const code = `{"code":4000,"message":"(1001)x","codeDesc":"InvalidParameter"}`
	ours, _ := codes.Lookup(codes.Code(1001))
	for name, test := range map[string]struct {
		url, host, product string
		wantHost           string
		class              error
		dsa                bool
	}{
		"another product, said by the policy": {"http://127.0.0.1:80/", "", "cdn", "127.0.0.1:80", codes.ClassInvalid, false},
		"another product, by Request.Host":    {"http://127.0.0.1:80/", "cdn.api.qcloud.com", "", "cdn.api.qcloud.com", codes.ClassInvalid, false},
		"DSA, said by the policy":             {"http://cdn.api.qcloud.com/", "", "dsa", "cdn.api.qcloud.com", codes.ClassInternal, true},
		"DSA, by Request.Host":                {"http://cdn.api.qcloud.com/", "dsa.api.qcloud.com", "", "dsa.api.qcloud.com", codes.ClassInternal, true},
		"a proxy":                             {"http://127.0.0.1:80/", "", "", "127.0.0.1:80", codes.ClassInternal, true},
	} {
		t.Run(name, func(t *testing.T) {
			req, _ := http.NewRequest(http.MethodGet, test.url+"?Action=GetDsaHostList", nil)
			req.Host = test.host
			policy := &qcloudhttp.Policy{Product: test.product, MaxAttempts: 1}
			_, err := (&qcloudhttp.Transport{Base: answering(code), Policy: policy}).RoundTrip(req)
			var apiErr *qcloudhttp.Error
			if !errors.As(err, &apiErr) || !errors.Is(err, test.class) || apiErr.Host != test.wantHost {
				t.Fatalf("host %q, %v", apiErr.Host, err)
			}
			info, _ := apiErr.Info()
			if (info.Code == 1001) != test.dsa {
				t.Errorf("Info is %+v", info)
			}
			for lang, meaning := range map[string]string{"en": ours.EN, "zh": ours.ZH} {
				if text := qcloudhttp.Explain(apiErr, lang); strings.Contains(text, meaning) != test.dsa || strings.Contains(text, ours.Name) != test.dsa {
					t.Errorf("%s", text)
				}
			}
		})
	}
}

// A code that the gateway answers is not about the module, whatever stands in
// the message's bracket.
func TestInfoBesideAGatewayCode(t *testing.T) {
	e := &qcloudhttp.Error{Code: codes.QuotaExceeded, Module: 2000, Host: "dsa.api.qcloud.com"}
	if info, ok := e.Info(); !ok || info.Code != codes.QuotaExceeded {
		t.Errorf("got %+v", info)
	}
}

func TestIsMatchesNothingElse(t *testing.T) {
	e := &qcloudhttp.Error{Code: 4000, Module: 2002, Class: codes.ClassDomainState, Executed: qcloudhttp.NotExecuted}
	for _, target := range []error{
		codes.Code(0), codes.DomainExists, codes.ClassAuth, qcloudhttp.ErrOutcomeUnknown, errors.New("other"),
	} {
		if errors.Is(e, target) {
			t.Errorf("%v is %v", e, target)
		}
	}
	network := &qcloudhttp.Error{Class: codes.ClassNetwork} // it has no code at all
	if errors.Is(network, codes.Code(0)) {
		t.Errorf("%v is code 0", network)
	}
}

// errors.Is asks whose code a number is.
func TestIsAsksTheProduct(t *testing.T) {
	for product, want := range map[string]bool{"dsa": true, "ecdn": true, "cvm": false} {
		e := &qcloudhttp.Error{Code: 4000, Module: 2002, Product: product}
		if errors.Is(e, codes.DomainNotFiled) != want || !errors.Is(e, codes.InvalidParameter) || !errors.Is(e, codes.Code(4000)) {
			t.Errorf("%s: Is DomainNotFiled %v", product, !want)
		}
		if unknown := (&qcloudhttp.Error{Code: 4000, Module: 777, Product: product}); !errors.Is(unknown, codes.Code(777)) {
			t.Errorf("%s: 777 is not 777", product)
		}
	}
}

// A statement about effect is the outermost error's.
func TestOutcomeOfAnotherCall(t *testing.T) {
	sts := &qcloudhttp.Error{Class: codes.ClassNetwork, Err: io.EOF, Action: "AssumeRole"}
	client := &qcloudhttp.Transport{Base: answering(success), Signer: signerFunc(func(*http.Request) error {
		return &url.Error{Op: "Post", URL: "https://sts.tencentcloudapi.com/?Token=t", Err: sts}
	})}
	_, err := get(t, client, "http://cvm.tencentcloudapi.com/?Action=RunInstances&Version=1")
	var inner *qcloudhttp.Error
	if errors.Is(err, qcloudhttp.ErrOutcomeUnknown) || !errors.As(err, &inner) || !errors.Is(err, io.EOF) ||
		strings.Contains(err.Error(), "Token=t") {
		t.Errorf("err %v", err)
	}
}

type signerFunc func(*http.Request) error

func (f signerFunc) Sign(r *http.Request) error { return f(r) }

func TestCheckResponse(t *testing.T) {
	a := answering(notFiled)
	req, _ := http.NewRequest(http.MethodGet, readAction, nil)
	resp, _ := a.RoundTrip(req)
	defer resp.Body.Close()
	var apiErr *qcloudhttp.Error
	if err := qcloudhttp.CheckResponse(resp); !errors.As(err, &apiErr) || apiErr.Module != 2002 || apiErr.Action != "GetDsaHostList" {
		t.Fatalf("got %v", err)
	}
	body := make([]byte, len(notFiled)+1)
	if n, _ := resp.Body.Read(body); string(body[:n]) != notFiled {
		t.Errorf("the body is now %q", body[:n])
	}
	ok, _ := answering(success).RoundTrip(req)
	defer ok.Body.Close()
	if err := qcloudhttp.CheckResponse(ok); err != nil {
		t.Errorf("a success is %v", err)
	}
}

func TestRedact(t *testing.T) {
	cause := &qcloudhttp.Error{Code: 4100, Class: codes.ClassAuth}
	ue := &url.Error{Op: "Get", URL: "https://user:pass@h/p?SecretId=AKIDabcdefgh&Signature=sig#f", Err: cause}
	for name, err := range map[string]error{
		"url.Error": ue, "wrapped": fmt.Errorf("call: %w", ue), "twice": &url.Error{Op: "Post", URL: "https://h/?Token=t", Err: ue},
	} {
		clean := qcloudhttp.Redact(err)
		if name == "wrapped" && !strings.HasPrefix(clean.Error(), `call: Get "https://h/p": `) {
			t.Errorf("%s: what wraps it is lost: %v", name, clean)
		}
		for _, secret := range []string{"AKID", "=sig", "pass@", "Token", "?"} {
			if strings.Contains(clean.Error(), secret) {
				t.Errorf("%s: %q holds %q", name, clean, secret)
			}
		}
		if !errors.Is(clean, codes.AuthFailure) || !errors.Is(clean, codes.ClassAuth) {
			t.Errorf("%s: %v has lost its cause", name, clean)
		}
		var leaky *url.Error
		if !errors.As(clean, &leaky) || strings.Contains(leaky.URL, "?") {
			t.Errorf("%s: the URL inside is %v", name, leaky)
		}
	}
	plain := errors.New("plain")
	if qcloudhttp.Redact(plain) != plain || qcloudhttp.Redact(nil) != nil {
		t.Error("an error without a secret was changed")
	}
}

// reasons reads the constants of type Reason from the source, so that none is
// forgotten.
func reasons(t *testing.T) (all []qcloudhttp.Reason) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type == nil {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == "Reason" {
			value, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			all = append(all, qcloudhttp.Reason(value))
		}
		return true
	})
	return all
}

// Every reason is explained in both languages, each in its own words.
func TestEveryReasonHasAText(t *testing.T) {
	all := reasons(t)
	if len(all) < 13 {
		t.Fatalf("only %d reasons were found: %v", len(all), all)
	}
	seen := map[string]qcloudhttp.Reason{}
	for _, lang := range []string{"en", "zh"} {
		empty := qcloudhttp.Explain(&qcloudhttp.GiveUpError{}, lang)
		empty = strings.TrimRight(empty, "。.")
		for _, reason := range all {
			text := qcloudhttp.Explain(&qcloudhttp.GiveUpError{Reason: reason}, lang)
			if other, used := seen[text]; used || len(text) <= len(empty)+len(reason) || !strings.HasPrefix(text, empty) {
				t.Errorf("%s, %s: %q, as %q", reason, lang, text, other)
			}
			seen[text] = reason
			if chinese := strings.ContainsFunc(strings.TrimPrefix(text, empty), func(r rune) bool { return unicode.Is(unicode.Han, r) }); chinese != (lang == "zh") {
				t.Errorf("%s, %s: %q", reason, lang, text)
			}
		}
	}
}

// In JSON an error is its text: the fields may hold what no log should.
func TestMarshalText(t *testing.T) {
	fail := &qcloudhttp.Error{Code: 4100, Message: "x", Action: "GetDsaHostList", Body: []byte("never printed")}
	gaveUp := &qcloudhttp.GiveUpError{Reason: qcloudhttp.ReasonAttempts, Attempts: 5, Err: fail}
	for _, err := range []error{fail, gaveUp} {
		got, _ := json.Marshal(map[string]any{"error": err})
		want, _ := json.Marshal(map[string]string{"error": err.Error()})
		if string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
