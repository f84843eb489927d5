package sign_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

const jsonType = "application/json"

func TestTC3Sign(t *testing.T) {
	const host = "https://CDN.ap-guangzhou.tencentcloudapi.com"
	tests := []struct {
		name                       string
		signer                     *sign.TC3
		req                        *http.Request
		service, headers, mimeType string
		query, body                string
	}{
		{"POST", &sign.TC3{}, newRequest(t, "POST", host, jsonType, `{"a":1}`), "cdn", "content-type;host", jsonType, "", `{"a":1}`},
		{"POST without a type", &sign.TC3{}, newRequest(t, "POST", host, "", `{}`),
			"cdn", "content-type;host", "application/json; charset=utf-8", "", `{}`},
		{"POST of capitals", &sign.TC3{}, newRequest(t, "POST", host, "multipart/form-data; boundary=ABC", "--ABC--"),
			"cdn", "content-type;host", "multipart/form-data; boundary=ABC", "", "--ABC--"},
		{"POST of a stream", &sign.TC3{}, streamed(newRequest(t, "POST", host, jsonType, `{}`)),
			"cdn", "content-type;host", jsonType, "", `{}`},
		{"POST of nothing", &sign.TC3{}, newRequest(t, "POST", host, jsonType, ""), "cdn", "content-type;host", jsonType, "", ""},
		{"POST with a query", &sign.TC3{}, newRequest(t, "POST", host+"/?b=1&a=2", jsonType, "x"),
			"cdn", "content-type;host", jsonType, "b=1&a=2", "x"},
		{"POST to a path", &sign.TC3{}, newRequest(t, "POST", host+"/a/../b%20c", jsonType, "x"),
			"cdn", "content-type;host", jsonType, "", "x"},
		{"GET", &sign.TC3{}, newRequest(t, "GET", host+"/?b=x+%2B%20y&a=%e4%b8%ad&a=;", "", ""),
			"cdn", "content-type;host", formType, "a=%E4%B8%AD&a=%3B&b=x%20%2B%20y", ""},
		{"with a port and a token", &sign.TC3{}, newRequest(t, "POST", "http://127.0.0.1:8080", jsonType, "{}"),
			"127", "content-type;host", jsonType, "", "{}"},
		{"behind a gateway", &sign.TC3{Host: "cvm.tencentcloudapi.com"}, newRequest(t, "POST", "https://gateway.example", jsonType, "{}"),
			"cvm", "content-type;host", jsonType, "", "{}"},
		{"with a service and headers", &sign.TC3{Service: "ecdn", SignedHeaders: []string{"x-TC-action", "Accept", "X-Absent"}},
			newRequest(t, "POST", host, jsonType, "{}"), "ecdn", "accept;content-type;host;x-tc-action", jsonType, "", "{}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			token := map[string]string{"with a port and a token": "token"}[tt.name]
			tt.signer.Credentials = sign.Static(testID, testKey, token)
			tt.req.Header.Set("X-TC-Action", "DescribeDomains")
			tt.req.Header.Set("Accept", " */*  ")
			tt.req.Header.Set("X-TC-Token", "of other credentials")
			tt.req.Header.Set("Authorization", "old")
			if err := tt.signer.Sign(tt.req); err != nil {
				t.Fatal(err)
			}
			sent := send(t, tt.req)
			if sent.query != tt.query || sent.body != tt.body {
				t.Errorf("sent query %q and body %q, want %q and %q", sent.query, sent.body, tt.query, tt.body)
			}
			if got := sent.headers["content-type"]; got != tt.mimeType {
				t.Errorf("Content-Type %q, want %q", got, tt.mimeType)
			}
			if got := sent.headers["x-tc-token"]; got != token {
				t.Errorf("X-Tc-Token %q, want %q", got, token)
			}
			if tt.signer.Host != "" { // which a gateway restores
				sent.raw = bytes.Replace(sent.raw, []byte("Host: "+sent.headers["host"]), []byte("Host: "+tt.signer.Host), 1)
				sent.headers["host"] = tt.signer.Host
			}
			checkTC3(t, sent, tt.service, tt.headers)
		})
	}
}

func checkTC3(t testing.TB, sent wire, service, headers string) {
	t.Helper()
	want := sent.tc3Authorization(t, testID, testKey, service, headers)
	if got := sent.headers["authorization"]; got != want {
		t.Errorf("Authorization\n got %s\nwant %s\nin %s", got, want, sent.raw)
	}
	req := sent.received(t)
	if err := sign.VerifyTC3(req, testKey); err != nil {
		t.Errorf("VerifyTC3: %v", err)
	}
	if err := sign.VerifyTC3(req, "another"); !errors.Is(err, sign.ErrSignature) {
		t.Errorf("VerifyTC3 with another key: %v, want ErrSignature", err)
	}
	if body, err := io.ReadAll(req.Body); err != nil || string(body) != sent.body {
		t.Errorf("after VerifyTC3 the body is %q, %v, want %q", body, err, sent.body)
	}
	if stamp, ok := sign.TC3Stamp(req); !ok || stamp.SecretID != testID || stamp.Nonce != "" {
		t.Errorf("TC3Stamp: %v, SecretID %q, Nonce %q", ok, stamp.SecretID, stamp.Nonce)
	}
}

func TestTC3DetectsChanges(t *testing.T) {
	changes := map[string]func(*http.Request){
		"body":         func(r *http.Request) { *r = *withBody(r, `{"a":2}`) },
		"host":         func(r *http.Request) { r.Host = "other.example" },
		"payload":      func(r *http.Request) { r.Header.Set("X-TC-Content-SHA256", "UNSIGNED-PAYLOAD") },
		"content type": func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
		"signed head":  func(r *http.Request) { r.Header.Set("X-TC-Action", "Other") },
		"timestamp": func(r *http.Request) {
			r.Header.Set("X-TC-Timestamp", r.Header.Get("X-TC-Timestamp")[:9]+"x")
		},
		"no timestamp":    func(r *http.Request) { r.Header.Del("X-TC-Timestamp") },
		"far timestamp":   func(r *http.Request) { r.Header.Set("X-TC-Timestamp", "9223372036854775807") },
		"scope's date":    edit("/2", "/1"),
		"scope's end":     edit("tc3_request", "tc4_request"),
		"scope's service": edit("/cdn/", "/cvm/"),
		"no id":           edit("Credential="+testID, "Credential="),
		"algorithm":       edit("TC3", "TC2"),
		"signature":       edit("Signature=", "Signature=0"),
		"no signature":    edit(", Signature=", ", "),
		"fields":          edit(", SignedHeaders", " SignedHeaders"),
		"unsigned host":   edit(";host", ""),
		"unsigned type":   edit("content-type;", ""),
		"order":           edit("content-type;host", "host;content-type"),
		"no header":       func(r *http.Request) { r.Header.Del("Authorization") },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			req := newRequest(t, "POST", "https://cdn.tencentcloudapi.com/", jsonType, `{"a":1}`)
			req.Header.Set("X-TC-Action", "DescribeDomains")
			signer := &sign.TC3{Credentials: sign.Static(testID, testKey, ""), SignedHeaders: []string{"X-TC-Action"}}
			if err := signer.Sign(req); err != nil {
				t.Fatal(err)
			}
			if err := sign.VerifyTC3(req, testKey); err != nil {
				t.Fatalf("unchanged: %v", err)
			}
			change(req)
			err := sign.VerifyTC3(req, testKey)
			if !errors.Is(err, sign.ErrSignature) && !errors.Is(err, sign.ErrUnsigned) {
				t.Errorf("VerifyTC3: %v, want ErrSignature or ErrUnsigned", err)
			}
		})
	}
}

func withBody(r *http.Request, body string) *http.Request {
	changed := r.Clone(r.Context())
	changed.Body, changed.GetBody = io.NopCloser(strings.NewReader(body)), nil
	return changed
}

func edit(old, new string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
	}
}

func TestTC3RefusesRequests(t *testing.T) {
	tests := map[string]*http.Request{
		"PUT":             newRequest(t, "PUT", "https://a.b", jsonType, "{}"),
		"GET with a body": newRequest(t, "GET", "https://a.b", jsonType, "{}"),
		"bad escape":      newRequest(t, "GET", "https://a.b/?hidden=%zz", "", ""),
		"no URL":          {Method: "POST"},
		"no host":         {Method: "POST", URL: &url.URL{Path: "/"}},
	}
	for name, req := range tests {
		t.Run(name, func(t *testing.T) {
			err := (&sign.TC3{Credentials: sign.Static(testID, testKey, "")}).Sign(req)
			if !errors.Is(err, sign.ErrUnsupported) {
				t.Fatalf("Sign: %v, want ErrUnsupported", err)
			}
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("the error quotes the request: %v", err)
			}
		})
	}
}

// A form or a query that method v1 has signed must not go out with both
// signatures: the error names the signer that replaces the old one.
func TestTC3RefusesWhatV1Signed(t *testing.T) {
	for _, req := range []*http.Request{
		newRequest(t, "GET", endpoint+"?Action=A", "", ""),
		newRequest(t, "POST", endpoint, formType+"; charset=utf-8", "Action=A"),
	} {
		if err := (&sign.V1{Credentials: sign.Static(testID, testKey, "")}).Sign(req); err != nil {
			t.Fatal(err)
		}
		err := (&sign.TC3{Credentials: sign.Static(testID, testKey, "")}).Sign(req)
		if !errors.Is(err, sign.ErrUnsupported) || !strings.Contains(err.Error(), "V1") {
			t.Errorf("%s: %v, want ErrUnsupported and V1 named", req.Method, err)
		}
	}
	like := newRequest(t, "POST", "https://cdn.tencentcloudapi.com", jsonType, "SecretId=a&Nonce=1&Timestamp=2&Signature=s")
	if err := (&sign.TC3{Credentials: sign.Static(testID, testKey, "")}).Sign(like); err != nil {
		t.Errorf("a body that is no form: %v", err)
	}
	form := newRequest(t, "POST", "https://cdn.tencentcloudapi.com", formType, "Action=A&Signature=x&Timestamp=1")
	if err := (&sign.TC3{Credentials: sign.Static(testID, testKey, "")}).Sign(form); err != nil {
		t.Errorf("a form without a whole v1 signature: %v", err)
	}
}

// A body that is not signed is not read, whatever its length.
func TestTC3UnsignedPayload(t *testing.T) {
	body := &brokenBody{}
	req := newRequest(t, "POST", "https://cdn.tencentcloudapi.com/", "application/octet-stream", "")
	req.Body, req.GetBody, req.ContentLength = body, nil, 1<<40
	req.Header["X-TC-Content-SHA256"] = []string{"UNSIGNED-PAYLOAD"}
	if err := (&sign.TC3{Credentials: sign.Static(testID, testKey, "")}).Sign(req); err != nil {
		t.Fatal(err)
	}
	if req.Body != body || body.closed || req.ContentLength != 1<<40 {
		t.Error("the body was touched")
	}
	req.Body, req.ContentLength = io.NopCloser(strings.NewReader("any")), 3
	sent := send(t, req)
	checkTC3(t, sent, "cdn", "content-type;host")
	changed := withBody(sent.received(t), "other")
	if err := sign.VerifyTC3(changed, testKey); err != nil {
		t.Errorf("with another body: %v", err)
	}
	changed.Header.Del("X-TC-Content-SHA256")
	if err := sign.VerifyTC3(changed, testKey); !errors.Is(err, sign.ErrSignature) {
		t.Errorf("without the header: %v, want ErrSignature", err)
	}
}
