package qcloudtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

const addBody = `{"Domain":"www.example.com","Origin":{"Origins":["origin.example.org:80"],"OriginType":"domain"},"Area":"mainland"}`

// API 3.0 and API 2.0 speak of the same domains.
func TestV3LifeOfADomain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI()
		c2, c3 := inMemory(t, api), inMemory3(t, api)
		const domain = `{"Domain":"www.example.com"}`
		const urls = `{"Urls":["http://www.example.com/a"]}`

		status := func() string {
			t.Helper()
			resp := c3.want("", "DescribeDomains", `{"Filters":[{"Name":"domain","Value":["www.example.com"]}]}`)
			list := decode[[]struct{ Status string }](t, resp["Domains"])
			if len(list) != 1 {
				t.Fatalf("%d domains", len(list))
			}
			return list[0].Status
		}
		c3.want("", "AddEcdnDomain", addBody)
		c3.want("ResourceInUse.EcdnDomainExists", "AddEcdnDomain", addBody)
		c3.want("ResourceInUse.EcdnOpInProgress", "StopEcdnDomain", domain)
		if s := status(); s != "processing" {
			t.Errorf("status %s", s)
		}
		c2.want(4000, 1014, "OfflineDsaHost", "host", "www.example.com")

		time.Sleep(5 * time.Minute)
		if s := status(); s != "online" {
			t.Errorf("status %s", s)
		}
		task := decode[string](t, c3.want("", "PurgeUrlsCache", urls)["TaskId"])
		resp := c3.want("", "DescribePurgeTasks", `{"TaskId":"`+task+`"}`)
		logs := decode[[]struct{ Url, Status string }](t, resp["PurgeLogs"])
		if fmt.Sprint(logs) != "[{http://www.example.com/a process}]" {
			t.Errorf("PurgeLogs = %v", logs)
		}
		c3.want("ResourceUnavailable", "StartEcdnDomain", domain)
		c3.want("", "StopEcdnDomain", domain)
		time.Sleep(5 * time.Minute)
		c3.want("ResourceUnavailable.EcdnDomainIsNotOnline", "StopEcdnDomain", domain)
		c3.want("", "DeleteEcdnDomain", domain)
		c3.want("ResourceNotFound.EcdnDomainNotExists", "DeleteEcdnDomain", domain)
		if got := api.Executed("StopEcdnDomain"); got != 1 {
			t.Errorf("Executed = %d", got)
		}
	})
}

func TestV3Reasons(t *testing.T) {
	api := NewAPI(WithDeployTime(0), WithDomain("www.example.com"), WithUnfiled("*.unfiled.example"))
	c := inMemory3(t, api)
	c.want("ResourceUnavailable.CdnHostNoIcp", "AddEcdnDomain", strings.Replace(addBody, "www.example.com", "x.unfiled.example", 1))
	c.want("InvalidParameter", "AddEcdnDomain", strings.Replace(addBody, "www.example.com", "nodots", 1))
	c.want("MissingParameter", "AddEcdnDomain", `{"Domain":"y.example.com"}`)
	c.want("MissingParameter", "StopEcdnDomain", "")
	c.want("MissingParameter", "PurgeUrlsCache", "{}")
	c.want("InvalidParameter", "DescribeDomains", `{"Filters":[{"Name":"status","Value":["online"]}]}`)
	c.want("InvalidParameter", "DescribeDomains", `{"Offset":"x"}`)
	c.want("InvalidParameter", "StopEcdnDomain", "{")
	c.want("ResourceNotFound.EcdnDomainNotExists", "StopEcdnDomain", `{"Domain":5}`)
	c.want("InvalidAction", "GetDsaHostList", "")
	c.want("InvalidAction", "StartCdnDomain", "") // of the other product
	c.want("MissingParameter", "", "")
	api.Maintenance(true)
	c.want("ServiceUnavailable", "DescribeDomains", "")
	api.Maintenance(false)

	c.version = "2018-06-06"
	c.want("", "StopCdnDomain", `{"Domain":"www.example.com"}`)
	c.version = "2017-03-12"
	c.want("NoSuchVersion", "DescribeDomains", "")
	c.version = ""
	c.want("NoSuchVersion", "DescribeDomains", "")

	c.version = "2019-10-12"
	api.Next(1, Code(codes.InternalError))
	c.want("InternalError", "DescribeDomains", "")
	api.Next(1, CodeText("RequestLimitExceeded.UinLimitExceeded"))
	c.want("RequestLimitExceeded.UinLimitExceeded", "DescribeDomains", "")
}

func TestV3Queries(t *testing.T) {
	api := NewAPI(WithDomain("a.example.com", "b.example.com"))
	c := inMemory3(t, api)
	for _, tt := range []struct{ action, body, want string }{
		{"DescribeDomains", "", "2 [{a.example.com} {b.example.com}]"},
		{"DescribeDomains", `{"Limit":1,"Offset":1}`, "2 [{b.example.com}]"},
		{"DescribeDomainsConfig", `{"Filters":[{"Name":"domain","Value":["b.example.com","c.example.com"]}]}`, "1 [{b.example.com}]"},
	} {
		resp := c.want("", tt.action, tt.body)
		list := decode[[]struct{ Domain string }](t, resp["Domains"])
		if got := fmt.Sprintf("%s %v", resp["TotalCount"], list); got != tt.want {
			t.Errorf("%s %s = %s, want %s", tt.action, tt.body, got, tt.want)
		}
	}
}

func TestV3Form(t *testing.T) {
	c := inMemory3(t, NewAPI())
	one, two := c.want("", "DescribeDomains", ""), c.want("InvalidAction", "X", "")
	if len(one["RequestId"]) < 10 || string(one["RequestId"]) == string(two["RequestId"]) {
		t.Errorf("RequestIds %s and %s", one["RequestId"], two["RequestId"])
	}
	for lang, want := range map[string]string{"en-US": "API", "zh-CN": "接口"} {
		req := c.request("X", "")
		req.Header.Set("X-TC-Language", lang)
		resp, _ := c.send(req)
		if e := decode[struct{ Message string }](t, resp["Error"]); !strings.Contains(e.Message, want) && lang == "zh-CN" {
			t.Errorf("%s: message %q", lang, e.Message)
		} else if lang == "en-US" && regexp.MustCompile(`\p{Han}`).MatchString(e.Message) {
			t.Errorf("%s: message %q", lang, e.Message)
		}
	}
}

func TestV3Signature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI(WithCredentials(testID, testKey))
		c := inMemory3(t, api)
		c.want("AuthFailure.InvalidAuthorization", "DescribeDomains", "")
		c.id, c.key = testID, testKey
		c.want("", "DescribeDomains", `{"Limit":5}`)

		wrong := c
		wrong.key = "wrong"
		wrong.want("AuthFailure.SignatureFailure", "DescribeDomains", "")
		wrong.id = "unknown"
		wrong.want("AuthFailure.SecretIdNotFound", "DescribeDomains", "")

		req := c.request("DescribeDomains", "{}")
		req.Header.Set("Content-Type", "text/plain")
		if _, code := c.send(req); code != "AuthFailure.SignatureFailure" {
			t.Errorf("a changed header: %s", code)
		}
		late := c.request("DescribeDomains", "")
		time.Sleep(5*time.Minute + time.Second)
		if _, code := c.send(late); code != "AuthFailure.SignatureExpire" {
			t.Errorf("an old request: %s", code)
		}
		api.SetClockOffset(-time.Hour)
		c.want("AuthFailure.SignatureExpire", "DescribeDomains", "")
		c.skew = -time.Hour
		c.want("", "DescribeDomains", "")
	})
}

// A ClientToken makes a call's repetition harmless, once it has succeeded.
func TestV3ClientToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI(WithDeployTime(0), WithDomain("www.example.com"))
		c := inMemory3(t, api)
		body := func(token string) string {
			return fmt.Sprintf(`{"Urls":["http://www.example.com/"],"ClientToken":%q}`, token)
		}
		task := func(token string) string {
			t.Helper()
			return string(c.want("", "PurgeUrlsCache", body(token))["TaskId"])
		}
		one := task("one")
		if again := task("one"); again != one {
			t.Errorf("tasks %s and %s for one token", one, again)
		}
		if two := task("two"); two == one {
			t.Error("one task for two tokens")
		}
		if got := api.Executed("PurgeUrlsCache"); got != 2 {
			t.Errorf("executed %d times, want 2", got)
		}
		if r := api.Requests()[1]; r.Executed || r.Code != 0 {
			t.Errorf("the repetition is recorded as %+v", r)
		}

		// A failure may be repeated until it succeeds.
		const stop = `{"Domain":"new.example.com","ClientToken":"three"}`
		c.want("ResourceNotFound.EcdnDomainNotExists", "StopEcdnDomain", stop)
		api.module.add("new.example.com", "o", time.Time{})
		c.want("", "StopEcdnDomain", stop)
		c.want("", "StopEcdnDomain", stop)
		if got := api.Executed("StopEcdnDomain"); got != 1 {
			t.Errorf("executed %d times, want 1", got)
		}
	})
}

// Every code that package codes knows can be scripted in both APIs, and API
// 3.0's counterpart leads back to it where the vendor's lists have one.
func TestEveryCode(t *testing.T) {
	api := NewAPI()
	c2, c3 := inMemory(t, api), inMemory3(t, api)
	for _, info := range codes.All() {
		api.Next(1, Code(info.Code))
		a := c2.call("GetDsaHostList")
		if got := codes.Code(a.Code); info.Product == "" && (got != info.Code || a.module() != 0) {
			t.Errorf("%d: answer %+v", info.Code, a)
		}
		if got := codes.Code(a.module()); info.Product != "" && got != info.Code {
			t.Errorf("%d: answer %+v", info.Code, a)
		}
		if a.CodeDesc == "" || a.Message == "" {
			t.Errorf("%d: answer %+v", info.Code, a)
		}
		api.Next(1, Code(info.Code))
		_, text := c3.send(c3.request("DescribeDomains", ""))
		if text == "" {
			t.Errorf("%d: no code in API 3.0", info.Code)
		}
		if len(info.V3) > 0 && text != info.V3[0] {
			t.Errorf("%d: %s, want %s", info.Code, text, info.V3[0])
		}
	}
}

func TestV3OverSockets(t *testing.T) {
	s := NewServer(WithCredentials(testID, testKey))
	defer s.Close()
	c := client3{t: t, url: s.URL, http: s.Client(), id: testID, key: testKey, version: "2019-10-12"}
	c.want("", "DescribeDomains", "{}")
	c.url += "/"
	c.want("", "DescribeDomains", "{}")
	r := s.Requests()[0]
	if r.Version != 3 || r.Action != "DescribeDomains" || r.Status != 200 || !r.Executed {
		t.Errorf("recorded as %+v", r)
	}
	var top map[string]any
	resp, err := s.Client().Post(s.URL, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&top); err != nil || len(top) != 1 {
		t.Errorf("%v, %v", top, err)
	}
}

// Older versions of the vendor's SDK put names into the header as they are.
func TestV3HeaderSpelling(t *testing.T) {
	c := inMemory3(t, NewAPI())
	req := c.request("X", "")
	req.Header.Del("X-TC-Action")
	req.Header["X-TC-Action"] = []string{"DescribeDomains"}
	if _, code := c.send(req); code != "" {
		t.Errorf("answered with %s", code)
	}
}
