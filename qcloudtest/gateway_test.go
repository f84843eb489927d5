package qcloudtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
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
	wrong(func(c *client2) { c.id = "" }) // unsigned
	unknown := c
	unknown.id = "unknown"
	unknown.want(4104, 0, "GetDsaHostList")
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

func TestTemporaryCredentials(t *testing.T) {
	api := NewAPI(WithCredentials(testID, testKey, "token"))
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

		c.want(4100, 0, "GetDsaHostList", "Timestamp", "soon")
		api.SetClockOffset(0)
		c.want(0, 0, "GetDsaHostList", "Nonce", "7")
		c.want(4500, 0, "GetDsaHostList", "Nonce", "7")
		time.Sleep(10*time.Minute + time.Second) // a Nonce is spent for as long as a Timestamp beside it may be valid
		c.want(0, 0, "GetDsaHostList", "Nonce", "7")
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
		{name: "module code", setup: func(a *API) { a.module.named("www.example.com").offline = true }, first: 4000, then: 4500},
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
