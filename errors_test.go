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

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// A failure without a code of v2 says what it means and what to do as well.
func TestErrorTextWithoutCode(t *testing.T) {
	for _, test := range []struct {
		err      qcloudhttp.Error
		lang     string
		contains []string
	}{
		{qcloudhttp.Error{CodeDesc: "MissingParameter", Message: "no Domain", Class: qcloudhttp.Invalid, StatusCode: 200}, "en",
			[]string{"MissingParameter: no Domain; a required parameter is missing. Correct the request"}},
		{qcloudhttp.Error{CodeDesc: "MissingParameter.Nested", Message: "缺少 Domain", Class: qcloudhttp.Invalid, StatusCode: 200}, "zh_CN.UTF-8",
			[]string{"MissingParameter.Nested：缺少 Domain；缺少必需的参数；"}},
		{qcloudhttp.Error{CodeDesc: "UnsupportedProtocol", Class: qcloudhttp.Unsupported, StatusCode: 200}, "en", // as v2's 4600
			[]string{"UnsupportedProtocol", "Call over HTTPS"}},
		{qcloudhttp.Error{StatusCode: 502, Class: qcloudhttp.Unavailable}, "en", []string{"HTTP 502 Bad Gateway; the service is not available. Try again later."}},
		{qcloudhttp.Error{StatusCode: 502, Class: qcloudhttp.Unavailable}, "zh", []string{"HTTP 502 Bad Gateway；服务暂不可用；"}},
		{qcloudhttp.Error{Err: io.ErrUnexpectedEOF, Class: qcloudhttp.Network, Action: "GetDsaHostList"}, "en",
			[]string{"GetDsaHostList: no whole answer: unexpected EOF. Check the network"}},
		{qcloudhttp.Error{Err: io.ErrUnexpectedEOF, Class: qcloudhttp.Network, Action: "GetDsaHostList"}, "zh",
			[]string{"GetDsaHostList：没有收到完整的响应：unexpected EOF；检查网络"}},
		{qcloudhttp.Error{CodeDesc: "NobodyKnows", Message: "oh no", Class: qcloudhttp.Unknown, StatusCode: 200}, "en", []string{"qcloudhttp: NobodyKnows: oh no"}},
	} {
		for _, part := range test.contains {
			if got := test.err.Text(test.lang); !strings.Contains(got, part) {
				t.Errorf("%q is not in it: %s", part, got)
			}
		}
	}
}

func TestErrorText(t *testing.T) {
	e := &qcloudhttp.Error{
		Code: 4000, Module: 2002, CodeDesc: "InvalidParameter", Message: "(2002)请求的域名尚未备案",
		Action: "CreateDsaHost", Host: "dsa.api.qcloud.com", RequestID: "18642", OwnWork: true, Body: []byte("never printed"),
	}
	info, _ := codes.Lookup(codes.DomainNotFiled)
	for text, parts := range map[string][]string{
		e.Error():             {"CreateDsaHost", "4000 (2002) DomainNotFiled", e.Message, info.EN, info.RemedyEN, "18642", "earlier attempt"},
		e.Text("zh-CN"):       {"CreateDsaHost", "4000 (2002) DomainNotFiled", e.Message, info.ZH, info.RemedyZH, "18642", "此前的某次尝试"},
		fmt.Sprintf("%+v", e): {"CreateDsaHost"},
	} {
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Errorf("%q lacks %q", text, part)
			}
		}
		if strings.Contains(text, "never printed") {
			t.Errorf("%q has the body in it", text)
		}
	}
}

// A call that gave up for an earlier failure tells of it in the reader's
// language, and in brief: the advice is the last failure's.
func TestGiveUpInOneLanguage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(qcloudtest.WithCredentials("id", "key"))
		api.Next(1, qcloudtest.Execute(), qcloudtest.Drop())
		client := &qcloudhttp.Transport{Base: api.Transport(), Signer: &sign.V1{SecretID: "id", SecretKey: "key"}}
		_, err := get(t, client, "http://dsa.api.qcloud.com/v2/index.php?Action=FlushCache&urlList=https://www.example.com/")
		var gaveUp *qcloudhttp.GiveUpError
		if !errors.As(err, &gaveUp) || gaveUp.Reason != qcloudhttp.ReasonArrived {
			t.Fatalf("got %v", err)
		}
		if want := "没有收到完整的响应：EOF：FlushCache：4500 ReplayAttack"; !strings.Contains(gaveUp.Text("zh"), want) {
			t.Errorf("%s is not in %s", want, gaveUp.Text("zh"))
		}
		if want := "no whole answer: EOF: FlushCache: 4500 ReplayAttack"; !strings.Contains(gaveUp.Error(), want) {
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
		"another product, said by the policy": {"http://127.0.0.1:80/", "", "cdn", "127.0.0.1:80", qcloudhttp.ErrInvalid, false},
		"another product, by Request.Host":    {"http://127.0.0.1:80/", "cdn.api.qcloud.com", "", "cdn.api.qcloud.com", qcloudhttp.ErrInvalid, false},
		"DSA, said by the policy":             {"http://cdn.api.qcloud.com/", "", "dsa", "cdn.api.qcloud.com", qcloudhttp.ErrInternal, true},
		"DSA, by Request.Host":                {"http://cdn.api.qcloud.com/", "dsa.api.qcloud.com", "", "dsa.api.qcloud.com", qcloudhttp.ErrInternal, true},
		"a proxy":                             {"http://127.0.0.1:80/", "", "", "127.0.0.1:80", qcloudhttp.ErrInternal, true},
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
				if text := apiErr.Text(lang); strings.Contains(text, meaning) != test.dsa || strings.Contains(text, ours.Name) != test.dsa {
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
	e := &qcloudhttp.Error{Code: 4000, Module: 2002, Class: qcloudhttp.Domain, Executed: qcloudhttp.NotExecuted}
	for _, target := range []error{
		codes.Code(0), codes.DomainExists, qcloudhttp.ErrAuth, qcloudhttp.ErrOutcomeUnknown, errors.New("other"),
	} {
		if errors.Is(e, target) {
			t.Errorf("%v is %v", e, target)
		}
	}
	network := &qcloudhttp.Error{Class: qcloudhttp.Network} // it has no code at all
	if errors.Is(network, codes.Code(0)) {
		t.Errorf("%v is code 0", network)
	}
}

func TestEveryClassHasAnError(t *testing.T) {
	all := map[qcloudhttp.Class]error{
		qcloudhttp.Unknown: qcloudhttp.ErrUnknown, qcloudhttp.Network: qcloudhttp.ErrNetwork,
		qcloudhttp.Throttled: qcloudhttp.ErrThrottled, qcloudhttp.Busy: qcloudhttp.ErrBusy,
		qcloudhttp.Unavailable: qcloudhttp.ErrUnavailable, qcloudhttp.Internal: qcloudhttp.ErrInternal,
		qcloudhttp.Failed: qcloudhttp.ErrFailed, qcloudhttp.Stale: qcloudhttp.ErrStale,
		qcloudhttp.Auth: qcloudhttp.ErrAuth, qcloudhttp.Denied: qcloudhttp.ErrDenied,
		qcloudhttp.Account: qcloudhttp.ErrAccount, qcloudhttp.Domain: qcloudhttp.ErrDomain,
		qcloudhttp.Conflict: qcloudhttp.ErrConflict, qcloudhttp.NotFound: qcloudhttp.ErrNotFound,
		qcloudhttp.Origin: qcloudhttp.ErrOrigin, qcloudhttp.Certificate: qcloudhttp.ErrCertificate,
		qcloudhttp.Invalid: qcloudhttp.ErrInvalid, qcloudhttp.Partial: qcloudhttp.ErrPartial,
		qcloudhttp.Unsupported: qcloudhttp.ErrUnsupported,
	}
	for _, class := range qcloudhttp.Classes() {
		if !errors.Is(&qcloudhttp.Error{Class: class}, all[class]) || !strings.Contains(all[class].Error(), class.String()) {
			t.Errorf("%v has the error %v", class, all[class])
		}
	}
	if len(all) != len(qcloudhttp.Classes()) {
		t.Errorf("%d classes, %d errors", len(qcloudhttp.Classes()), len(all))
	}
}

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
	cause := &qcloudhttp.Error{Code: 4100, Class: qcloudhttp.Auth}
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
		if !errors.Is(clean, codes.AuthFailure) || !errors.Is(clean, qcloudhttp.ErrAuth) {
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
		empty := (&qcloudhttp.GiveUpError{Reason: "no such reason"}).Text(lang)
		for _, reason := range all {
			text := (&qcloudhttp.GiveUpError{Reason: reason}).Text(lang)
			if other, used := seen[text]; used || len(text) <= len(empty) || !strings.HasPrefix(text, empty) {
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
