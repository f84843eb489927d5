package sign_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"
)

// wire is a request as a server reads it, cut from the bytes that were sent.
type wire struct {
	raw                 []byte
	method, path, query string
	headers             map[string]string // lower-case names
	body                string
}

// send writes the request as a client would and reads it back by hand.
func send(t testing.TB, req *http.Request) wire {
	t.Helper()
	var buf bytes.Buffer
	if err := req.Write(&buf); err != nil {
		t.Fatalf("the signed request cannot be sent: %v", err)
	}
	w := wire{raw: bytes.Clone(buf.Bytes()), headers: map[string]string{}}
	head, body, _ := strings.Cut(buf.String(), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	requestLine := strings.SplitN(lines[0], " ", 3)
	w.method, w.body = requestLine[0], body
	w.path, w.query, _ = strings.Cut(requestLine[1], "?")
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		w.headers[strings.ToLower(name)] = value
	}
	if w.headers["transfer-encoding"] != "" {
		t.Errorf("sent with Transfer-Encoding %q, want a Content-Length", w.headers["transfer-encoding"])
	}
	if length := w.headers["content-length"]; w.method == http.MethodPost && length != fmt.Sprint(len(body)) {
		t.Errorf("Content-Length %s for a body of %d bytes", length, len(body))
	}
	return w
}

// received is the same request as net/http's server side reads it.
func (w wire) received(t testing.TB) *http.Request {
	t.Helper()
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(w.raw)))
	if err != nil {
		t.Fatalf("the signed request cannot be read: %v", err)
	}
	return req
}

// v1 returns the parameters, of which there are some in the query or in the
// body, never in both.
func (w wire) v1(t testing.TB) url.Values {
	t.Helper()
	raw := w.query
	if w.method == http.MethodPost {
		if raw != "" {
			t.Errorf("a POST request was sent with the query %q", raw)
		}
		raw = w.body
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		t.Fatalf("signed parameters %q: %v", raw, err)
	}
	return values
}

// v1Signature is method v1, written down once more from the vendor's rules.
func (w wire) v1Signature(t testing.TB, secretKey string) string {
	t.Helper()
	values := w.v1(t)
	keys := make([]string, 0, len(values))
	for key := range values {
		if key != "Signature" {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	var pairs []string
	for _, key := range keys {
		for _, value := range values[key] {
			pairs = append(pairs, strings.Join(strings.Split(key, "_"), ".")+"="+value)
		}
	}
	mac := hmac.New(sha1.New, []byte(secretKey))
	if values.Get("SignatureMethod") == "HmacSHA256" {
		mac = hmac.New(sha256.New, []byte(secretKey))
	}
	_, _ = io.WriteString(mac, w.method+w.headers["host"]+w.path+"?"+strings.Join(pairs, "&"))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// tc3Authorization is TC3-HMAC-SHA256, written down once more from the vendor's
// rules, for the headers that are said to be signed.
func (w wire) tc3Authorization(t testing.TB, secretID, secretKey, service, headers string) string {
	t.Helper()
	canonical := []string{w.method, "/"} // whatever the path
	if w.method == http.MethodGet {
		canonical = append(canonical, w.query)
	} else {
		canonical = append(canonical, "")
	}
	for _, name := range strings.Split(headers, ";") {
		canonical = append(canonical, name+":"+strings.ToLower(w.headers[name]))
	}
	payload := w.body
	if w.headers["x-tc-content-sha256"] == "UNSIGNED-PAYLOAD" {
		payload = "UNSIGNED-PAYLOAD"
	}
	canonical = append(canonical, "", headers, hexSum(payload))

	var seconds int64
	if _, err := fmt.Sscan(w.headers["x-tc-timestamp"], &seconds); err != nil {
		t.Fatalf("X-Tc-Timestamp %q: %v", w.headers["x-tc-timestamp"], err)
	}
	year, month, day := time.Unix(seconds, 0).UTC().Date()
	date := fmt.Sprintf("%04d-%02d-%02d", year, month, day)
	scope := date + "/" + service + "/tc3_request"
	text := fmt.Sprintf("TC3-HMAC-SHA256\n%d\n%s\n%s", seconds, scope, hexSum(strings.Join(canonical, "\n")))
	key := "TC3" + secretKey
	for _, part := range []string{date, service, "tc3_request", text} {
		mac := hmac.New(sha256.New, []byte(key))
		_, _ = io.WriteString(mac, part)
		key = string(mac.Sum(nil))
	}
	return fmt.Sprintf("TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x", secretID, scope, headers, key)
}

func hexSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

const (
	testID  = "AKIDexample"
	testKey = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
)

const formType = "application/x-www-form-urlencoded"

func newRequest(t testing.TB, method, url, contentType, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req
}

// streamed hides everything about a body but its bytes: no length, no GetBody.
func streamed(req *http.Request) *http.Request {
	req.Body = struct{ io.ReadCloser }{req.Body}
	req.GetBody, req.ContentLength, req.TransferEncoding = nil, -1, []string{"chunked"}
	return req
}
