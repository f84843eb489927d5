package sign_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

// Any request that V1 signs arrives with its parameters unchanged and a
// signature that an independent implementation computes too.
func FuzzV1(f *testing.F) {
	f.Add(false, false, "v2/index.php", "Action=GetDsaHostList&length=10", "", "")
	f.Add(true, true, "v2/index.php", "Action=A&a_b=1", "a.b=2&a1=3&x=%E4%B8%AD+%20%2B%26%3D", "token+/=")
	f.Add(true, false, "/a b/%", "Nonce=1&Nonce=2&Signature=x&;=;", "Token=t&SignatureMethod=HmacSHA256&=&a", "")
	f.Add(false, true, "", "a=%zz", "", "")
	f.Fuzz(func(t *testing.T, post, sha256 bool, path, query, form, token string) {
		signer := &sign.V1{Credentials: sign.Static(testID, testKey, token)}
		if sha256 {
			signer.Method = sign.HmacSHA256
		}
		to := &url.URL{Scheme: "https", Host: "dsa.api.qcloud.com", Path: "/" + path, RawQuery: query}
		req := newRequest(t, http.MethodGet, "https://dsa.api.qcloud.com/", "", "")
		given := query
		if post {
			req = newRequest(t, http.MethodPost, "https://dsa.api.qcloud.com/", formType, form)
			given += "&" + form
		}
		req.URL = to

		want, parseErr := url.ParseQuery(strings.ReplaceAll(given, ";", "%3B"))
		if err := signer.Sign(req); err != nil {
			if parseErr == nil || !errors.Is(err, sign.ErrUnsupported) {
				t.Fatalf("%q: %v, parsed by net/url: %v", given, err, parseErr)
			}
			return
		}
		if parseErr != nil {
			t.Fatalf("%q is signed, net/url says %v", given, parseErr)
		}
		named := want.Has("SignatureMethod")
		for _, key := range []string{"SecretId", "Nonce", "Timestamp", "Signature", "Token", "SignatureMethod"} {
			want.Del(key)
		}
		if token != "" {
			want.Set("Token", token)
		}
		if sha256 {
			want.Set("SignatureMethod", "HmacSHA256")
		} else if named {
			want.Set("SignatureMethod", "HmacSHA1")
		}
		checkV1(t, send(t, req), want)
	})
}

// The same for TC3: the query of a GET, the body of a POST, and the headers.
func FuzzTC3(f *testing.F) {
	f.Add(false, "", "Action=DescribeDomains&b=+%20&a=;", "", "", "DescribeDomains")
	f.Add(true, "", "", `{"Limit": 1}`, "application/json; charset=utf-8", "DescribeDomains")
	f.Add(true, "a/../b c", "x", "\x00\xff", "Multipart/Form-Data; boundary=XyZ", "\xe4\xb8\xad")
	f.Add(false, "//", "a=%zz", "", "", "")
	f.Fuzz(func(t *testing.T, post bool, path, query, body, contentType, action string) {
		if !headerValue(contentType) || !headerValue(action) || contentType == "" || action == "" {
			t.Skip("net/http refuses to send such headers, or trims them away")
		}
		signer := &sign.TC3{Credentials: sign.Static(testID, testKey, ""), SignedHeaders: []string{"X-TC-Action"}}
		req := newRequest(t, http.MethodGet, "https://cdn.tencentcloudapi.com/", contentType, "")
		if post {
			req = newRequest(t, http.MethodPost, "https://cdn.tencentcloudapi.com/", contentType, body)
			query = "" // not signed, and sent as it is
		}
		req.URL = &url.URL{Scheme: "https", Host: "cdn.tencentcloudapi.com", Path: "/" + path, RawQuery: query}
		req.Header.Set("X-TC-Action", action)

		want, parseErr := url.ParseQuery(strings.ReplaceAll(query, ";", "%3B"))
		if err := signer.Sign(req); err != nil {
			if parseErr == nil || !errors.Is(err, sign.ErrUnsupported) {
				t.Fatalf("%q: %v, parsed by net/url: %v", query, err, parseErr)
			}
			return
		}
		sent := send(t, req)
		got, err := url.ParseQuery(sent.query)
		if err != nil || parseErr != nil || got.Encode() != want.Encode() {
			t.Errorf("query %q went out as %q: %v, %v", query, sent.query, err, parseErr)
		}
		if post && sent.body != body {
			t.Errorf("body %q went out as %q", body, sent.body)
		}
		checkTC3(t, sent, "cdn", "content-type;host;x-tc-action")
	})
}

func headerValue(s string) bool {
	return strings.Trim(s, " \t") == s && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// No bytes that a client sends make the verifying side panic, accept them, or
// lose the body.
func FuzzVerify(f *testing.F) {
	f.Add([]byte("GET /?SecretId=a&Nonce=1&Timestamp=2&Signature=s HTTP/1.1\r\nHost: a\r\n\r\n"))
	f.Add([]byte("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b"))
	f.Add([]byte("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nX-TC-Timestamp: 9223372036854775807\r\n" +
		"Authorization: TC3-HMAC-SHA256 Credential=a/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, Signature=0\r\n" +
		"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		read := func() *http.Request {
			req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
			if err != nil {
				t.Skip("not a request")
			}
			return req
		}
		body, bodyErr := io.ReadAll(read().Body)
		for _, verify := range []func(*http.Request, string) error{sign.VerifyV1, sign.VerifyTC3} {
			req := read()
			if verify(req, testKey) == nil {
				t.Errorf("accepted: %q", raw)
			}
			sign.V1Stamp(req)
			sign.TC3Stamp(req)
			if bodyErr != nil {
				continue
			}
			if again, err := io.ReadAll(req.Body); err != nil || !bytes.Equal(again, body) {
				t.Errorf("body %q reads as %q afterwards, %v", body, again, err)
			}
		}
	})
}
