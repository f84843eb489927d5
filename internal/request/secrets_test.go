package request_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/internal/request"
)

func TestMask(t *testing.T) {
	query, err := http.NewRequest(http.MethodGet, "http://h/?Action=GetX&SecretId=my-secret&Signature=a%2Bb%2Fcdef%3D",
		nil)
	if err != nil {
		t.Fatal(err)
	}
	form, err := http.NewRequest(http.MethodPost, "http://h/",
		strings.NewReader("Token=temporary&Nonce=12345678&SecretId=id"))
	if err != nil {
		t.Fatal(err)
	}
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	form.Header.Set("Authorization",
		"TC3-HMAC-SHA256 Credential=my-secret/2019-02-25/cvm/tc3_request, SignedHeaders=host, Signature=72e494ea")
	form.Header["X-TC-Token"] = []string{"another"}
	odd, _ := http.NewRequest(http.MethodGet, "http://h/?Token=%61b%2Bcdef/=&secretKey=my-key", nil)
	for _, test := range []struct {
		r          *http.Request
		text, want string
	}{
		{query, "who is my-secret? my-secretmy-secret", "who is ***? ******"},
		{query, "a%2Bb%2Fcdef%3D, a+b/cdef= or a+b\\/cdef=", "***, *** or ***"},
		{query, "GET /?" + query.URL.RawQuery + " failed", "GET /?*** failed"},
		{odd, "%61b%2Bcdef/= is ab+cdef/=, my-key", "*** is ***, ***"},
		{query, "GetX failed", "GetX failed"},
		{form, "temporary, another, my-secret, 72e494ea", "***, ***, ***, ***"},
		{form, "id 12345678", "id 12345678"}, // too short, and no secret
		{form, "refused " + form.Header.Get("Authorization"), "refused ***"},
		{form, "", ""},
	} {
		if got := request.Mask(test.r)(test.text); got != test.want {
			t.Errorf("%s: got %s, want %s", test.text, got, test.want)
		}
	}
}

// An echo may spell what it quotes otherwise than the request did.
func TestMaskInOtherSpellings(t *testing.T) {
	const signature = "ab+c/dEf==" // as base64 may be
	r, _ := http.NewRequest(http.MethodGet,
		"http://h/?Action=GetX&host=a%20b&Signature="+url.QueryEscape(signature)+"&Token=a%26b<cdefgh", nil)
	for _, echo := range []string{
		signature, "ab c/dEf==", "ab%2Bc%2FdEf%3D%3D", "ab%2bc%2fdEf%3d%3d", "ab+c%2FdEf==", `ab+c\/dEf==`, "ab&#43;c/dEf==",
		"a&b<cdefgh", "a%26b%3Ccdefgh", "a%26b%3ccdefgh", "a&amp;b&lt;cdefgh", `a\u0026b<cdefgh`,
		r.URL.RawQuery, "Action=GetX&host=a b&Signature=" + signature + "&Token=a&b<cdefgh",
		"Action=GetX&amp;host=a b&amp;Signature=" + signature + "&amp;Token=a&amp;b&lt;cdefgh",
		`Action=GetX\u0026host=a b\u0026Signature=` + signature + `\u0026Token=a\u0026b<cdefgh`,
	} {
		if got := request.Mask(r)("<" + echo + ">"); got != "<***>" {
			t.Errorf("%s became %s", echo, got)
		}
	}
}
