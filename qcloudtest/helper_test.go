package qcloudtest

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const endpoint = "https://dsa.api.qcloud.com/v2/index.php"

// answer2 is an API 2.0 answer as a client reads it.
type answer2 struct {
	Code     int
	Message  string
	CodeDesc string
	Data     json.RawMessage
	Detail   map[string]answer2
}

// module is the number in the message's brackets, or 0.
func (a answer2) module() int {
	var n int
	fmt.Sscanf(a.Message, "(%d)", &n)
	return n
}

// client2 calls an API 2.0, over any transport.
type client2 struct {
	t       *testing.T
	url     string
	http    *http.Client
	id, key string // credentials, if any
	skew    time.Duration
}

func inMemory(t *testing.T, a *API) client2 {
	return client2{t: t, url: endpoint, http: a.Client()}
}

func overSockets(t *testing.T, opts ...Option) (client2, *Server) {
	s := NewServer(opts...)
	t.Cleanup(s.Close)
	return client2{t: t, url: s.Endpoint(), http: s.Client()}, s
}

var lastNonce atomic.Int64

// request makes a POST with pairs of names and values as parameters.
func (c client2) request(action string, pairs ...string) *http.Request {
	c.t.Helper()
	form := url.Values{"Action": {action}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	if c.id != "" {
		c.sign(form)
	}
	req, err := http.NewRequest("POST", c.url, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

// sign adds the signature of HmacSHA1, in this test's own words. Parameters
// that are set already stay.
func (c client2) sign(form url.Values) {
	for k, v := range map[string]string{
		"SecretId":  c.id,
		"Nonce":     strconv.FormatInt(lastNonce.Add(1), 10),
		"Timestamp": strconv.FormatInt(time.Now().Add(c.skew).Unix(), 10),
	} {
		if !form.Has(k) {
			form.Set(k, v)
		}
	}
	if form.Has("Signature") {
		return
	}
	var pairs []string
	for k := range form {
		pairs = append(pairs, k+"="+form.Get(k))
	}
	slices.Sort(pairs)
	u, err := url.Parse(c.url)
	if err != nil {
		c.t.Fatal(err)
	}
	mac := hmac.New(sha1.New, []byte(c.key))
	io.WriteString(mac, "POST"+u.Host+u.Path+"?"+strings.Join(pairs, "&"))
	form.Set("Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// try sends a request and reads the answer; err is any failure to get it whole.
func (c client2) try(req *http.Request) (a answer2, err error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(body, &a)
}

func (c client2) call(action string, pairs ...string) answer2 {
	c.t.Helper()
	a, err := c.try(c.request(action, pairs...))
	if err != nil {
		c.t.Fatalf("%s: %v", action, err)
	}
	return a
}

// want calls and compares the common code and the module code.
func (c client2) want(code, module int, action string, pairs ...string) answer2 {
	c.t.Helper()
	a := c.call(action, pairs...)
	if a.Code != code || a.module() != module {
		c.t.Errorf("%s %q = %d (%d) %q, want %d (%d)", action, pairs, a.Code, a.module(), a.Message, code, module)
	}
	return a
}

// decode reads a success's data.
func decode[T any](t *testing.T, raw json.RawMessage) (v T) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return v
}

// client3 calls an API 3.0.
type client3 struct {
	t              *testing.T
	url            string
	http           *http.Client
	id, key, token string
	version        string
	skew           time.Duration
}

func inMemory3(t *testing.T, a *API) client3 {
	return client3{t: t, url: "https://ecdn.tencentcloudapi.com", http: a.Client(), version: "2019-10-12"}
}

func (c client3) request(action, body string) *http.Request {
	c.t.Helper()
	req, err := http.NewRequest("POST", c.url, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-TC-Action", action)
	if c.version != "" {
		req.Header.Set("X-TC-Version", c.version)
	}
	if c.id != "" {
		c.sign(req, body)
	}
	return req
}

func (c client3) sign(req *http.Request, body string) {
	now := time.Now().Add(c.skew).UTC()
	date, ts := now.Format("2006-01-02"), strconv.FormatInt(now.Unix(), 10)
	req.Header.Set("X-TC-Timestamp", ts)
	if c.token != "" {
		req.Header.Set("X-TC-Token", c.token)
	}
	sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	mac := func(key, s string) string {
		m := hmac.New(sha256.New, []byte(key))
		io.WriteString(m, s)
		return string(m.Sum(nil))
	}
	canonical := "POST\n/\n\ncontent-type:application/json\nhost:" + req.URL.Host + "\n\ncontent-type;host\n" + sum(body)
	source := "TC3-HMAC-SHA256\n" + ts + "\n" + date + "/ecdn/tc3_request\n" + sum(canonical)
	signature := mac(mac(mac(mac("TC3"+c.key, date), "ecdn"), "tc3_request"), source)
	req.Header.Set("Authorization", fmt.Sprintf(
		"TC3-HMAC-SHA256 Credential=%s/%s/ecdn/tc3_request, SignedHeaders=content-type;host, Signature=%x", c.id, date, signature))
}

// send returns the members of Response, and Error.Code.
func (c client3) send(req *http.Request) (map[string]json.RawMessage, string) {
	c.t.Helper()
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	var v struct{ Response map[string]json.RawMessage }
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		c.t.Fatal(err)
	}
	var e struct{ Code string }
	if raw, ok := v.Response["Error"]; ok {
		e = decode[struct{ Code string }](c.t, raw)
	}
	return v.Response, e.Code
}

func (c client3) want(code, action, body string) map[string]json.RawMessage {
	c.t.Helper()
	resp, got := c.send(c.request(action, body))
	if got != code {
		c.t.Errorf("%s %s = %q (%s), want %q", action, body, got, resp["Error"], code)
	}
	return resp
}
