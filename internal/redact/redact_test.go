package redact_test

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/internal/redact"
)

func TestScrub(t *testing.T) {
	const id = "z8krbsJ5yKBZQpn74"
	for text, want := range map[string]string{
		"":                              "",
		"nothing to hide here":          "nothing to hide here",
		"SecretId=" + id:                "SecretId=***",
		"secretKey = '" + id + "', and": "secretKey=***', and",
		`{"token":"` + id + `"}`:        `{"token=***"}`,
		"Token: " + id + " expired":     "Token=*** expired",
		"Signature%3D" + id + "%26":     "Signature=***",
		"Signature=" + id + "；重试":       "Signature=***；重试",
		"Signature=" + id + "。重试":       "Signature=***。重试",
		"Credential=abcdef/2019, x":     "Credential=***, x",
		"no AKID" + id + "!":            "no ***!",
		"Authorization: " + id + "\nx":  "Authorization: ***\nx",
		"TC3-HMAC-SHA256 " + id:         "***",
		"http://u:p@h/p?a=b#c d":        "http://h/p d",
		"GET /p?a=b HTTP":               "GET /p?*** HTTP",
		// What only names a credential stays.
		"Token: must not be empty":             "Token: must not be empty",
		"InvalidToken: expired. Renew it":      "InvalidToken: expired. Renew it",
		"SecretId: Unknown":                    "SecretId: Unknown",
		"无效token：已过期":                          "无效token：已过期",
		"token=abc":                            "token=abc",
		"is it? no=yes":                        "is it? no=yes",
		"Signature: mismatch, see the Token":   "Signature: mismatch, see the Token",
		"Token: eyJhbGciOiJIUzI1NiJ9":          "Token=***",
		"Token=lowercaseletters":               "Token=***",
		`token: "lowercaseletters"`:            `token=***"`,
		"SecretKey: " + strings.Repeat("a", 9): "SecretKey: " + strings.Repeat("a", 9), // a word, for all that is known
	} {
		if got := redact.Scrub(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// A text in another encoding than UTF-8 keeps a mark for each of its bytes, however
// long it is.
func TestLineOfGBK(t *testing.T) {
	gbk := strings.Repeat("\xd6\xd0\xce\xc4 abc ", 200)
	if got := redact.Line(gbk); !strings.HasPrefix(got, `\ufffd\ufffd\ufffd\ufffd abc `) || len(got) < 1024 {
		t.Errorf("%.60s", got)
	}
}

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"a\nb\tc\r": `a\nb\tc\r`, "\x1b[31m": `\x1b[31m`, "\u202e\u2028\u0085\u00ad": `\u202e\u2028\u0085\u00ad`,
		"参数 错误　x": "参数 错误　x", "\xff\xfe": `\ufffd\ufffd`, "": "",
	} {
		if got := redact.Line(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	for _, unit := range []string{"x", "域", "\n"} {
		if got := redact.Line(strings.Repeat(unit, 5000)); len(got) > 2*1024+3 || !strings.HasSuffix(got, "...") {
			t.Errorf("%q: %d bytes, ends in %q", unit, len(got), got[len(got)-5:])
		}
	}
}

// An error without a secret stays itself, and one with a secret its cause.
func TestErrors(t *testing.T) {
	plain := fmt.Errorf("plain: %w", io.EOF)
	mask := strings.NewReplacer("secret", "***").Replace
	if redact.Text(plain, mask) != plain || redact.Text(nil, mask) != nil {
		t.Error("an error without a secret was changed")
	}
	if hidden := redact.Text(fmt.Errorf("secret: %w", io.EOF), mask); hidden.Error() != "***: EOF" || !errors.Is(hidden, io.EOF) {
		t.Errorf("got %v", hidden)
	}
	ue := &url.Error{Op: "Get", URL: "http://h/?a='b", Err: io.EOF}
	wrapped := redact.Error(fmt.Errorf("SecretKey=abcdef1 in %w", ue))
	if want := `SecretKey=*** in Get "http://h/": EOF`; wrapped.Error() != want || !errors.Is(wrapped, io.EOF) {
		t.Errorf("got %v, want %s", wrapped, want)
	}
	var inside *url.Error
	if err := redact.Error(&url.Error{Op: "Get", URL: "http://h/?a=b", Err: io.EOF}); !errors.As(err, &inside) ||
		inside.URL != "http://h/" {
		t.Errorf("got %v", err)
	}
}
