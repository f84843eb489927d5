package qcloudtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	testID  = "AKIDT8G5AsY1D3MChWooNq1rFSw1fyBVCX9D"
	testKey = "pxPgRWDbCy86ZYyqBTDk7WmeRZSmPco0"
)

func signed(c client2) client2 {
	c.id, c.key = testID, testKey
	return c
}

// The vendor's vectors.
func TestV1Vectors(t *testing.T) {
	params := map[string]string{
		"Action": "GetDsaHostList", "Nonce": "13029", "SecretId": testID,
		"Timestamp": "1463122059", "length": "10", "offset": "0",
	}
	params256 := map[string]string{
		"Action": "GetDsaHostList", "Nonce": "48059", "SecretId": testID, "SignatureMethod": "HmacSHA256",
		"Timestamp": "1502197934", "length": "10", "offset": "0",
	}
	for _, tt := range []struct {
		method    string
		params    map[string]string
		signature string
	}{
		{"GET", params, "yvImfESYa0C1WMcHTX+KuA2BFOs="},
		{"POST", params, "uFT/BG266+TprJIWb5G7tt5gtyI="},
		{"GET", params256, "oC20lImZgsEZYZqHYQnbvBxEkIFUxgoDhE3GkQA8Ax8="},
	} {
		c := &call{Request: Request{Method: tt.method, Host: "dsa.api.qcloud.com", Path: "/v2/index.php"}, params: tt.params}
		tt.params["Signature"] = tt.signature
		if !verifyV1(testKey, c) {
			t.Errorf("%s: the vendor's signature %s was rejected", tt.method, tt.signature)
		}
		if verifyV1(testKey+"x", c) {
			t.Error("another key's signature was accepted")
		}
		c.Host += ":8080"
		if !verifyV1(testKey, c) {
			t.Error("a signature without the port was rejected")
		}
		c.params["offset"] = "1"
		if verifyV1(testKey, c) {
			t.Error("a changed request was accepted")
		}
		c.params["offset"] = "0"
	}
}

func TestV1SourceKeys(t *testing.T) {
	got := v1Source("GET", "h", "/p", map[string]string{"b_1": "x y", "B": "=", "a": "ä", "Signature": "s"})
	if want := "GETh/p?B==&a=ä&b.1=x y"; got != want {
		t.Errorf("v1Source = %q, want %q", got, want)
	}
}

func TestTC3Vectors(t *testing.T) {
	body := []byte(`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`)
	r := &http.Request{Host: "cvm.tencentcloudapi.com", Header: http.Header{
		"Content-Type": {"application/json; charset=utf-8"},
		"X-Tc-Action":  {"DescribeInstances"},
	}}
	for _, tt := range []struct {
		headers, key, canonical, signature string
	}{
		{"content-type;host", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
			"5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031",
			"72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"},
		{"content-type;host;x-tc-action", strings.Repeat("*", 32),
			"7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84",
			"10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"},
	} {
		cred, ok := parseTC3("TC3-HMAC-SHA256 Credential=AKID/2019-02-25/cvm/tc3_request, SignedHeaders=" +
			tt.headers + ", Signature=" + tt.signature)
		if !ok || cred.secretID != "AKID" {
			t.Fatalf("parseTC3 = %+v, %v", cred, ok)
		}
		sum := sha256.Sum256([]byte(tc3Canonical(r, cred.signedHeaders, body)))
		if got := hex.EncodeToString(sum[:]); got != tt.canonical {
			t.Errorf("%s: hash of the canonical request %s, want %s", tt.headers, got, tt.canonical)
		}
		if !cred.verify(tt.key, "1551113065", r, body) {
			t.Errorf("%s: the vendor's signature was rejected", tt.headers)
		}
		if cred.verify(tt.key, "1551113066", r, body) || cred.verify(tt.key, "1551113065", r, body[1:]) {
			t.Error("a changed request was accepted")
		}
		if cred.verify(tt.key, "1551203065", r, body) {
			t.Error("a date that is not the timestamp's was accepted")
		}
	}
}

func TestSignature(t *testing.T) {
	api := NewAPI(WithCredentials(testID, testKey), WithCredentials("second", "key2"), WithDomain("www.example.com"))
	c := signed(inMemory(t, api))
	c.want(0, 0, "GetDsaHostList")
	c.want(0, 0, "OfflineDsaHost", "host", "www.example.com")

	second := c
	second.id, second.key = "second", "key2"
	second.want(0, 0, "GetDsaHostList")

	wrong := func(change func(*client2)) {
		t.Helper()
		c := c
		change(&c)
		a := c.want(4100, 0, "GetDsaHostList")
		if a.CodeDesc != "AuthFailure" {
			t.Errorf("codeDesc %q", a.CodeDesc)
		}
	}
	wrong(func(c *client2) { c.key = "wrong" })
	wrong(func(c *client2) { c.id = "unknown" })
	wrong(func(c *client2) { c.id = "" }) // unsigned
	c.want(4100, 0, "GetDsaHostList", "SignatureMethod", "HmacMD5")
	c.want(4100, 0, "GetDsaHostList", "Nonce", "abc")
	c.want(4100, 0, "GetDsaHostList", "Nonce", "-5")
	c.want(4105, 0, "GetDsaHostList", "Token", "unexpected")
	for _, r := range api.Requests() {
		for _, secret := range []string{"SecretId", "Signature", "Token"} {
			if _, ok := r.Params[secret]; ok {
				t.Errorf("a recorded request holds %s", secret)
			}
		}
	}
}

func TestGetIsVerifiedToo(t *testing.T) {
	api := NewAPI(WithCredentials(testID, testKey), WithTimestampValidity(100*365*24*time.Hour))
	get := func(signature string) answer2 {
		t.Helper()
		query := "Action=GetDsaHostList&Nonce=48059&SecretId=" + testID + "&SignatureMethod=HmacSHA256&Timestamp=1502197934&length=10&offset=0"
		req, err := http.NewRequest("GET", endpoint+"?"+query+"&Signature="+url.QueryEscape(signature), nil)
		if err != nil {
			t.Fatal(err)
		}
		a, err := inMemory(t, api).try(req)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := get("oC20lImZgsEZYZqHYQnbvBxEkIFUxgoDhE3GkQA8Ax9="); a.Code != 4100 {
		t.Errorf("a wrong signature: %d", a.Code)
	}
	if a := get("oC20lImZgsEZYZqHYQnbvBxEkIFUxgoDhE3GkQA8Ax8="); a.Code != 0 {
		t.Errorf("the vendor's signature: %d", a.Code)
	}
}

func TestTemporaryCredentials(t *testing.T) {
	api := NewAPI(WithTemporaryCredentials(testID, testKey, "token"))
	c := signed(inMemory(t, api))
	c.want(0, 0, "GetDsaHostList", "Token", "token")
	c.want(4105, 0, "GetDsaHostList", "Token", "stale")
	c.want(4105, 0, "GetDsaHostList")

	c3 := inMemory3(t, api)
	c3.id, c3.key, c3.token = testID, testKey, "token"
	c3.want("", "DescribeDomains", "")
	c3.token = "stale"
	c3.want("AuthFailure.TokenFailure", "DescribeDomains", "")
}

// A request is executed once for its Nonce, and expires with its Timestamp.
func TestReplayAndExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI(WithCredentials(testID, testKey), WithDeployTime(0), WithDomain("www.example.com"))
		c := signed(inMemory(t, api))
		resend := c.request("FlushCache", "urlList", `["http://www.example.com/"]`)
		send := func(want int) {
			t.Helper()
			body, err := resend.GetBody()
			if err != nil {
				t.Fatal(err)
			}
			again := resend.Clone(t.Context())
			again.Body = body
			a, err := c.try(again)
			if err != nil || a.Code != want {
				t.Errorf("answer %d, %v; want %d", a.Code, err, want)
			}
		}
		send(0)
		send(4500)
		time.Sleep(5 * time.Minute)
		send(4500)
		time.Sleep(time.Second)
		send(4200)

		c.skew = 5 * time.Minute
		c.want(0, 0, "GetDsaHostList")
		c.skew = 5*time.Minute + 2*time.Second
		c.want(4200, 0, "GetDsaHostList")
		api.SetClockOffset(10 * time.Minute)
		c.want(0, 0, "GetDsaHostList")
		c.skew = 0
		c.want(4200, 0, "GetDsaHostList")

		c.want(4200, 0, "GetDsaHostList", "Timestamp", "soon")
		reqs := api.Requests()
		if reqs[0].Digest != reqs[1].Digest || reqs[0].Digest == reqs[len(reqs)-1].Digest {
			t.Error("Digest does not tell resends from others")
		}
		if got := api.Executed("FlushCache"); got != 1 {
			t.Errorf("executed %d times", got)
		}
	})
}

// A skewed clock is told by the Date header, for clients that learn from it.
func TestDateHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI()
		api.SetClockOffset(-time.Hour)
		resp, err := api.Client().Get(endpoint)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		date, err := http.ParseTime(resp.Header.Get("Date"))
		if err != nil || !date.Equal(time.Now().Add(-time.Hour).Truncate(time.Second)) {
			t.Errorf("Date %v, %v", date, err)
		}
	})
}

// Only what goes to the module spends its Nonce.
func TestWhatSpendsANonce(t *testing.T) {
	host := []string{"host", "www.example.com"}
	for _, tt := range []struct {
		name  string
		opts  []Option
		setup func(*API)
		undo  func(*API)
		first int // the first answer, then the second to the same Nonce
		then  int
	}{
		{name: "success", first: 0, then: 4500},
		{name: "module code", setup: func(a *API) { a.SetDomain(Domain{Name: "www.example.com", Locked: true}) }, first: 4000, then: 4500},
		{name: "maintenance", setup: func(a *API) { a.Maintenance(true) }, undo: func(a *API) { a.Maintenance(false) }, first: 6200, then: 0},
		{name: "clock", setup: func(a *API) { a.SetClockOffset(time.Hour) }, undo: func(a *API) { a.SetClockOffset(0) }, first: 4200, then: 0},
		{name: "scripted 6000", setup: func(a *API) { a.Next(1, Code(6000)) }, first: 6000, then: 4500},
		{name: "scripted 4000", setup: func(a *API) { a.Next(1, Code(1014)) }, first: 4000, then: 4500},
		{name: "scripted 4400", setup: func(a *API) { a.Next(1, Code(4400)) }, first: 4400, then: 0},
		{name: "scripted 4500", setup: func(a *API) { a.Next(1, Code(4500)) }, first: 4500, then: 0},
		{name: "4400 then executed", setup: func(a *API) { a.Next(1, Execute(), Code(4400)) }, first: 4400, then: 4500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api := NewAPI(WithCredentials(testID, testKey), WithDomain("www.example.com"))
			if tt.setup != nil {
				tt.setup(api)
			}
			c := signed(inMemory(t, api))
			req := c.request("OfflineDsaHost", host...)
			again := req.Clone(t.Context())
			again.Body, _ = req.GetBody()
			a, err := c.try(req)
			if err != nil || a.Code != tt.first {
				t.Errorf("first answer %d, %v; want %d", a.Code, err, tt.first)
			}
			if tt.undo != nil {
				tt.undo(api)
			}
			if a, err = c.try(again); err != nil || a.Code != tt.then {
				t.Errorf("second answer %d, %v; want %d", a.Code, err, tt.then)
			}
		})
	}
}

// The quota comes before the Nonce: 4400 to a resend says nothing of the first
// attempt, and the resend may be repeated.
func TestQuotaComesBeforeNonce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI(WithCredentials(testID, testKey), WithQuota(1, time.Minute), WithDomain("www.example.com"))
		c := signed(inMemory(t, api))
		req := c.request("OfflineDsaHost", "host", "www.example.com")
		for i, want := range []int{0, 4400, 4400} {
			again := req.Clone(t.Context())
			again.Body, _ = req.GetBody()
			if a, err := c.try(again); err != nil || a.Code != want {
				t.Errorf("answer %d: %d, %v; want %d", i, a.Code, err, want)
			}
		}
		time.Sleep(time.Minute)
		if a, err := c.try(req); err != nil || a.Code != 4500 {
			t.Errorf("in the next minute: %d, %v; want 4500", a.Code, err)
		}
	})
}

func TestNoncesDoNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI(WithCredentials(testID, testKey))
		c := signed(inMemory(t, api))
		for range 1000 {
			c.want(0, 0, "GetDsaHostList")
			time.Sleep(10 * time.Second)
		}
		if n := len(api.nonces.entries); n > 200 {
			t.Errorf("%d nonces are kept; about 30 can still be replayed", n)
		}
	})
}

func TestSignatureOverSockets(t *testing.T) {
	c, _ := overSockets(t, WithCredentials(testID, testKey))
	c = signed(c)
	c.want(0, 0, "GetDsaHostList")
	c.key = "wrong"
	c.want(4100, 0, "GetDsaHostList")
}

func TestHmacSHA256(t *testing.T) {
	api := NewAPI(WithCredentials(testID, testKey))
	c := signed(inMemory(t, api))
	form := url.Values{"Action": {"GetDsaHostList"}, "SignatureMethod": {"HmacSHA256"}, "Signature": {"-"}}
	c.sign(form)
	source := "POSTdsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList&Nonce=" + form.Get("Nonce") +
		"&SecretId=" + testID + "&SignatureMethod=HmacSHA256&Timestamp=" + form.Get("Timestamp")
	mac := hmac.New(sha256.New, []byte(testKey))
	mac.Write([]byte(source))
	c.want(0, 0, "GetDsaHostList", "SignatureMethod", "HmacSHA256", "Nonce", form.Get("Nonce"),
		"Timestamp", form.Get("Timestamp"), "Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
