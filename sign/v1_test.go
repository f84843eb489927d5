package sign_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

const endpoint = "https://dsa.api.qcloud.com/v2/index.php"

func TestV1Sign(t *testing.T) {
	const stale = "Signature=old&Nonce=1&Timestamp=2&SecretId=x&Token=y&Nonce=3"
	tests := []struct {
		name   string
		signer *sign.V1
		req    *http.Request
		want   url.Values // beside SecretId, Nonce, Timestamp and Signature
	}{
		{"GET", &sign.V1{}, newRequest(t, "GET", endpoint+"?Action=GetDsaHostList&length=10", "", ""),
			url.Values{"Action": {"GetDsaHostList"}, "length": {"10"}}},
		{"GET with no method and no parameters", &sign.V1{}, newRequest(t, "", "http://127.0.0.1:80", "", ""), url.Values{}},
		{"GET with all kinds of values", &sign.V1{},
			newRequest(t, "GET", endpoint+"?a=1%2B1+2%20=&b=%26%3D%25&&c&d=&a=%E4%B8%AD&a_b=_&e=x;y&%FF=%00", "", ""),
			url.Values{"a": {"1+1 2 =", "中"}, "b": {"&=%"}, "c": {""}, "d": {""}, "a_b": {"_"}, "e": {"x;y"}, "\xff": {"\x00"}}},
		{"GET that was signed already", &sign.V1{}, newRequest(t, "GET", endpoint+"?Action=A&"+stale, "", ""),
			url.Values{"Action": {"A"}}},
		{"GET by HmacSHA256 with a token",
			&sign.V1{Method: sign.HmacSHA256, Credentials: sign.Static(testID, testKey, "t+/=")},
			newRequest(t, "GET", endpoint+"?Action=A", "", ""),
			url.Values{"Action": {"A"}, "SignatureMethod": {"HmacSHA256"}, "Token": {"t+/="}}},
		{"GET that names another method", &sign.V1{},
			newRequest(t, "GET", endpoint+"?Action=A&SignatureMethod=HmacSHA256", "", ""),
			url.Values{"Action": {"A"}, "SignatureMethod": {"HmacSHA1"}}},
		{"POST", &sign.V1{}, newRequest(t, "POST", endpoint, formType, "Action=A&b=x+y&"+stale),
			url.Values{"Action": {"A"}, "b": {"x y"}}},
		{"POST with a charset", &sign.V1{}, newRequest(t, "POST", endpoint, formType+"; charset=UTF-8", "Action=A"),
			url.Values{"Action": {"A"}}},
		{"POST with parameters in the query too", &sign.V1{},
			newRequest(t, "POST", endpoint+"?Action=A&a=1&"+stale, formType, "a=2&b=3"),
			url.Values{"Action": {"A"}, "a": {"1", "2"}, "b": {"3"}}},
		{"POST without a body", &sign.V1{}, newRequest(t, "POST", endpoint+"?Action=A", "", ""), url.Values{"Action": {"A"}}},
		{"POST of a stream", &sign.V1{}, streamed(newRequest(t, "POST", endpoint, formType, "Action=A")),
			url.Values{"Action": {"A"}}},
		{"POST of an empty stream", &sign.V1{}, streamed(newRequest(t, "POST", endpoint+"?Action=A", formType, "")),
			url.Values{"Action": {"A"}}},
		{"request without a header map", &sign.V1{},
			&http.Request{Method: "POST", URL: &url.URL{Scheme: "https", Host: "a.b", Path: "/"}}, url.Values{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.signer.Credentials == nil {
				tt.signer.Credentials = sign.Static(testID, testKey, "")
			}
			if err := tt.signer.Sign(tt.req); err != nil {
				t.Fatal(err)
			}
			sent := send(t, tt.req)
			if tt.req.Method == http.MethodPost {
				checkReplay(t, tt.req, sent.body)
			}
			checkV1(t, sent, tt.want)
			if stamp, ok := sign.V1Stamp(tt.req); !ok || stamp.Nonce != sent.v1(t).Get("Nonce") {
				t.Errorf("after sending, V1Stamp gives nonce %q, %v", stamp.Nonce, ok)
			}
		})
	}
}

// checkReplay checks that GetBody gives again what was sent.
func checkReplay(t *testing.T, req *http.Request, sent string) {
	t.Helper()
	replay, err := req.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := io.ReadAll(replay); err != nil || string(again) != sent {
		t.Errorf("GetBody gives %q, %v, sent was %q", again, err, sent)
	}
}

// checkV1 checks what was sent: the signature, by the test's own implementation
// and by VerifyV1, and that the parameters are the wanted ones.
func checkV1(t testing.TB, sent wire, want url.Values) {
	t.Helper()
	got := sent.v1(t)
	if signature := sent.v1Signature(t, testKey); got.Get("Signature") != signature {
		t.Errorf("Signature %s, want %s, in\n%s", got.Get("Signature"), signature, sent.raw)
	}
	req := sent.received(t)
	if err := sign.VerifyV1(req, testKey); err != nil {
		t.Errorf("VerifyV1: %v", err)
	}
	if err := sign.VerifyV1(req, "another"); !errors.Is(err, sign.ErrSignature) {
		t.Errorf("VerifyV1 with another key: %v, want ErrSignature", err)
	}
	if body, err := io.ReadAll(req.Body); err != nil || string(body) != sent.body {
		t.Errorf("after VerifyV1 the body is %q, %v, want %q", body, err, sent.body)
	}
	if id := got["SecretId"]; len(id) != 1 || id[0] != testID {
		t.Errorf("SecretId %q", id)
	}
	for _, key := range []string{"SecretId", "Nonce", "Timestamp", "Signature"} {
		if len(got[key]) != 1 {
			t.Errorf("%s is there %d times", key, len(got[key]))
		}
		got.Del(key)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("parameters\n got %q\nwant %q", got, want)
	}
}

func TestV1Timestamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signer := &sign.V1{Credentials: sign.Static(testID, testKey, "")}
		time.Sleep(1234*time.Hour + 999*time.Millisecond)
		req := newRequest(t, "GET", endpoint, "", "")
		if err := signer.Sign(req); err != nil {
			t.Fatal(err)
		}
		stamp, ok := sign.V1Stamp(req)
		if want := time.Now().Truncate(time.Second); !ok || !stamp.Timestamp.Equal(want) || stamp.SecretID != testID {
			t.Errorf("stamp of %s at %v, %v; want %v", stamp.SecretID, stamp.Timestamp, ok, want)
		}
	})
}

func TestV1RefusesRequests(t *testing.T) {
	tests := map[string]*http.Request{
		"PUT":                  newRequest(t, "PUT", endpoint, formType, "a=b"),
		"lower-case method":    newRequest(t, "post", endpoint, formType, "a=b"),
		"GET with a body":      newRequest(t, "GET", endpoint, formType, "a=b"),
		"JSON body":            newRequest(t, "POST", endpoint, "application/json", "{}"),
		"JSON without a body":  newRequest(t, "POST", endpoint, "application/json", ""),
		"multipart body":       newRequest(t, "POST", endpoint, "multipart/form-data; boundary=x", "--x--"),
		"body without a type":  newRequest(t, "POST", endpoint, "", "a=b"),
		"malformed type":       newRequest(t, "POST", endpoint, ";;", "a=b"),
		"bad escape in query":  newRequest(t, "GET", endpoint+"?hidden=%zz", "", ""),
		"bad escape in form":   newRequest(t, "POST", endpoint, formType, "hidden=%4"),
		"host in Unicode":      newRequest(t, "GET", "https://腾讯云.example/", "", ""),
		"host with a zone":     newRequest(t, "GET", "http://[fe80::1%25en0]/", "", ""),
		"no host":              {Method: "GET", URL: &url.URL{Path: "/"}},
		"no URL":               {Method: "GET"},
		"opaque URL":           newRequest(t, "GET", "https:hidden", "", ""),
		"path without a slash": {Method: "GET", Host: "a.b", URL: &url.URL{Path: "x"}},
	}
	tests["compressed body"] = newRequest(t, "POST", endpoint, formType, "a=b")
	tests["compressed body"].Header.Set("Content-Encoding", "gzip")
	for name, req := range tests {
		t.Run(name, func(t *testing.T) {
			err := (&sign.V1{Credentials: sign.Static(testID, testKey, "")}).Sign(req)
			if !errors.Is(err, sign.ErrUnsupported) {
				t.Errorf("Sign: %v, want ErrUnsupported", err)
			}
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("the error quotes the request: %v", err)
			}
			if _, ok := sign.V1Stamp(req); ok {
				t.Error("V1Stamp finds a stamp")
			}
			if err := sign.VerifyV1(req, testKey); err == nil {
				t.Error("VerifyV1 accepts it")
			}
		})
	}
}

// The error says what to change: the header, or the signer.
func TestV1SaysWhatHelps(t *testing.T) {
	for _, tt := range []struct{ contentType, body, help string }{
		{"", "a=b", "Content-Type header is missing"},
		{"", "a=b", formType},
		{"application/json", "{}", "TC3"},
		{"Application/JSON; charset=utf-8", "{}", "JSON"},
		{"application/octet-stream", "x", "TC3"},
		{"text/plain", "x", formType},
	} {
		req := newRequest(t, "POST", endpoint, tt.contentType, tt.body)
		err := (&sign.V1{Credentials: sign.Static(testID, testKey, "")}).Sign(req)
		if !errors.Is(err, sign.ErrUnsupported) || !strings.Contains(err.Error(), tt.help) {
			t.Errorf("Content-Type %q: %v, want a word on %s", tt.contentType, err, tt.help)
		}
	}
}

// The vendor's Go SDK signs "_" in the name of a parameter as it is, its documents
// say ".". Nothing else passes for it.
func TestVerifyV1Underscores(t *testing.T) {
	for _, method := range []string{"HmacSHA1", "HmacSHA256"} {
		params := "Action=A&Nonce=1&SecretId=" + testID + "&SignatureMethod=" + method + "&Timestamp=2&a%[1]sb=1&c%[1]sd_=%[2]s"
		for name, want := range map[string]error{".": nil, "_": nil, "-": sign.ErrSignature, "": sign.ErrSignature} {
			newHash := sha1.New
			if method == "HmacSHA256" {
				newHash = sha256.New
			}
			mac := hmac.New(newHash, []byte(testKey))
			source := strings.ReplaceAll(fmt.Sprintf(params, "_", "x"), "_", name)
			source = strings.ReplaceAll(source, "=x", "=e_f")
			io.WriteString(mac, "GETdsa.api.qcloud.com/v2/index.php?"+source)
			signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
			query := fmt.Sprintf(params, "_", "e_f") + "&Signature=" + url.QueryEscape(signature)
			req := newRequest(t, "GET", endpoint+"?"+query, "", "")
			if err := sign.VerifyV1(req, testKey); !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("%s, underscores as %q: %v, want %v", method, name, err, want)
			}
		}
	}
}

func TestV1RefusesMethod(t *testing.T) {
	for _, method := range []string{"HmacMD5", "hmacsha1", " "} {
		signer := &sign.V1{Credentials: sign.Static(testID, testKey, ""), Method: method}
		if err := signer.Sign(newRequest(t, "GET", endpoint, "", "")); !errors.Is(err, sign.ErrUnsupported) {
			t.Errorf("Method %q: %v, want ErrUnsupported", method, err)
		}
	}
}

func TestV1UnsignedRequests(t *testing.T) {
	const whole = "SecretId=a&Nonce=1&Timestamp=2&Signature=s"
	tests := map[string]string{
		"nothing":            "Action=A",
		"no SecretId":        strings.Replace(whole, "SecretId", "x", 1),
		"no Nonce":           strings.Replace(whole, "Nonce", "x", 1),
		"no Timestamp":       strings.Replace(whole, "Timestamp", "x", 1),
		"no Signature":       strings.Replace(whole, "Signature", "x", 1),
		"empty Signature":    strings.Replace(whole, "Signature=s", "Signature=", 1),
		"two Nonces":         whole + "&Nonce=2",
		"Timestamp in words": strings.Replace(whole, "=2", "=now", 1),
		"Timestamp too long": strings.Replace(whole, "=2", "=99999999999999999999", 1),
	}
	for name, params := range tests {
		t.Run(name, func(t *testing.T) {
			for _, req := range []*http.Request{
				newRequest(t, "GET", endpoint+"?"+params, "", ""),
				newRequest(t, "POST", endpoint, formType, params),
			} {
				if err := sign.VerifyV1(req, testKey); !errors.Is(err, sign.ErrUnsigned) {
					t.Errorf("%s: VerifyV1: %v, want ErrUnsigned", req.Method, err)
				}
				if _, ok := sign.V1Stamp(req); ok {
					t.Errorf("%s: V1Stamp finds a stamp", req.Method)
				}
			}
		})
	}
	req := newRequest(t, "GET", endpoint+"?SignatureMethod=HmacMD5&"+whole, "", "")
	if err := sign.VerifyV1(req, testKey); !errors.Is(err, sign.ErrUnsupported) {
		t.Errorf("unknown SignatureMethod: %v, want ErrUnsupported", err)
	}
}
