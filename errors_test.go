package qcloudhttp_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A failure without a code of v2 says what it means and what to do as well.
func TestErrorTextWithoutCode(t *testing.T) {
	for _, test := range []struct {
		err      qcloudhttp.Error
		lang     string
		contains []string
	}{
		{qcloudhttp.Error{CodeDesc: "MissingParameter", Message: "no Domain", Class: qcloudhttp.Invalid, StatusCode: 200}, "en",
			[]string{"MissingParameter: no Domain; a required parameter is missing; Correct the request"}},
		{qcloudhttp.Error{CodeDesc: "MissingParameter.Nested", Message: "缺少 Domain", Class: qcloudhttp.Invalid, StatusCode: 200}, "zh_CN.UTF-8",
			[]string{"MissingParameter.Nested：缺少 Domain；缺少必需的参数；"}},
		{qcloudhttp.Error{CodeDesc: "UnsupportedProtocol", Class: qcloudhttp.Unsupported, StatusCode: 200}, "en", // as v2's 4600
			[]string{"UnsupportedProtocol", "Call over HTTPS"}},
		{qcloudhttp.Error{StatusCode: 502, Class: qcloudhttp.Unavailable}, "en", []string{"HTTP 502 Bad Gateway; the service is not available; Try again later."}},
		{qcloudhttp.Error{StatusCode: 502, Class: qcloudhttp.Unavailable}, "zh", []string{"HTTP 502 Bad Gateway；服务暂不可用；"}},
		{qcloudhttp.Error{Err: io.ErrUnexpectedEOF, Class: qcloudhttp.Network, Action: "GetDsaHostList"}, "en",
			[]string{"GetDsaHostList: no whole answer: unexpected EOF; Check the network"}},
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

// Another product's module codes are not explained by DSA's table.
func TestInfoOfAnotherProduct(t *testing.T) {
	e := &qcloudhttp.Error{Code: 4000, Module: 1001, Host: "cdn.api.qcloud.com"}
	if info, ok := e.Info(); !ok || info.Code != codes.InvalidParameter {
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
		for _, secret := range []string{"AKID", "=sig", "pass@", "Token", "?"} {
			if strings.Contains(clean.Error(), secret) {
				t.Errorf("%s: %q holds %q", name, clean, secret)
			}
		}
		if !errors.Is(clean, codes.AuthFailure) || !errors.Is(clean, qcloudhttp.ErrAuth) {
			t.Errorf("%s: %v has lost its cause", name, clean)
		}
		var leaky *url.Error
		if errors.As(clean, &leaky) && strings.Contains(leaky.URL, "AKID") {
			t.Errorf("%s: the URL is still inside: %v", name, leaky.URL)
		}
	}
	plain := errors.New("plain")
	if qcloudhttp.Redact(plain) != plain || qcloudhttp.Redact(nil) != nil {
		t.Error("an error without a secret was changed")
	}
}
