package qcloudtest

import (
	"io"
	"log"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// What a function answers, in both APIs, and whether the call was executed.
func TestHandle(t *testing.T) {
	for name, tt := range map[string]struct {
		steps        []Step
		code, module int
		text         string
		executed     bool
	}{
		"data":                  {[]Step{Data(map[string]int{"n": 7})}, 0, 0, "", true},
		"nothing":               {nil, 0, 0, "", true},
		"no data":               {[]Step{Data(nil)}, 0, 0, "", true},
		"a struct":              {[]Step{Data(struct{ N int }{7})}, 0, 0, "", true},
		"a module code":         {[]Step{Code(codes.DomainLocked)}, 4000, 2003, "ResourceUnavailable.EcdnDomainIsLocked", false},
		"a text":                {[]Step{CodeText("ResourceInUse.Disk")}, 5100, 0, "ResourceInUse.Disk", false},
		"executed, and a fault": {[]Step{Data(nil), Code(codes.InternalError)}, 6000, 0, "InternalError", true},
		"itself once more":      {[]Step{Execute(), Code(codes.InternalError)}, 6000, 0, "InternalError", false},
	} {
		t.Run(name, func(t *testing.T) {
			api := NewAPI()
			api.Handle("Own", func(Request) []Step { return tt.steps })
			inMemory(t, api).want(tt.code, tt.module, "Own")
			c3 := inMemory3(t, api)
			c3.version = "2017-03-12"
			c3.want(tt.text, "Own", "")
			for _, r := range api.Requests() {
				if r.Executed != tt.executed || (api.Executed("Own") == 2) != tt.executed {
					t.Errorf("recorded as %+v, %d executed", r, api.Executed("Own"))
				}
			}
		})
	}
}

// A function sees what its caller sent, may take an action of the package over,
// and may call the API.
func TestHandleTakesOver(t *testing.T) {
	api := NewAPI(WithDomain("www.example.com"))
	api.Handle("GetDsaHostList", func(r Request) []Step {
		return []Step{Data(map[string]any{"offset": r.Params["offset"], "n": api.Total()})}
	})
	c := inMemory(t, api)
	a := c.want(0, 0, "GetDsaHostList", "offset", "3")
	if string(a.Data) != `{"n":1,"offset":"3"}` {
		t.Errorf("data %s", a.Data)
	}
	api.Handle("GetDsaHostList", nil)
	if a = c.want(0, 0, "GetDsaHostList"); !strings.Contains(string(a.Data), "hosts") {
		t.Errorf("data %s", a.Data)
	}
}

// Data that is no JSON, or for API 3.0 no object, is told to the test's author.
func TestDataThatIsNoObject(t *testing.T) {
	api := NewAPI()
	for _, v := range []any{[]int{1}, func() {}} {
		api.Next(1, Data(v))
		c := inMemory3(t, api)
		resp, err := c.http.Do(c.request("DescribeDomains", ""))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 500 {
			t.Errorf("status %d to %T", resp.StatusCode, v)
		}
	}
}

// Of the calls with one ClientToken a function sees the first, the others get
// its answer; those that come while it runs are told so.
func TestHandleAndTheClientToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI()
		fails := true
		api.Handle("RunInstances", func(Request) []Step {
			if fails {
				return []Step{Code(codes.InternalError)}
			}
			return []Step{Delay(time.Second), Data(map[string]any{"N": 1})}
		})
		c := inMemory3(t, api)
		const body = `{"ClientToken":"one"}`
		c.want("InternalError", "RunInstances", body)
		fails = false
		var wg sync.WaitGroup
		wg.Go(func() { c.want("", "RunInstances", body) })
		time.Sleep(time.Millisecond)
		c.want("FailedOperation.ClientTokenInUse", "RunInstances", body)
		wg.Wait()
		if again := c.want("", "RunInstances", body); string(again["N"]) != "1" {
			t.Errorf("the repetition is answered with %s", again)
		}
		if n := api.Executed("RunInstances"); n != 1 {
			t.Errorf("executed %d times", n)
		}
	})
}

// A function's calls pass the gateway first.
func TestHandlePassesTheGateway(t *testing.T) {
	api := NewAPI(WithCredentials(testID, testKey), WithQuota(1, time.Hour))
	api.Handle("Own", func(Request) []Step { return nil })
	c := inMemory(t, api)
	c.want(4100, 0, "Own")
	c = signed(c)
	c.want(0, 0, "Own", "Nonce", "7")
	c.want(4400, 0, "Own", "Nonce", "7")
	if n := api.Executed("Own"); n != 1 {
		t.Errorf("executed %d times", n)
	}
}

// A function of the user's that panics, as one that fails its test may, ends its
// request: nothing stays in flight.
func TestHandlePanics(t *testing.T) {
	srv := NewServer(WithQuotas(InFlight(1)))
	defer srv.Close()
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	first := true
	srv.Handle("DoIt", func(Request) []Step {
		if first {
			first = false
			panic("it fails")
		}
		return []Step{Data(nil)}
	})
	for _, want := range []bool{false, true} {
		resp, err := http.PostForm(srv.URL+"/v2/index.php", url.Values{"Action": {"DoIt"}})
		if (err == nil) != want {
			t.Fatalf("%v", err)
		}
		if err == nil {
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if strings.Contains(string(body), "4400") {
				t.Errorf("something is in flight: %s", body)
			}
		}
	}
}

// The panic is the user's own, in memory too, and the request is on record.
func TestHandlePanicsInMemory(t *testing.T) {
	api := NewAPI()
	api.Handle("DoIt", func(Request) []Step { panic("it fails") })
	defer func() {
		if p := recover(); p != "it fails" || api.Total() != 1 {
			t.Errorf("%v, %d requests", p, api.Total())
		}
	}()
	api.Client().PostForm("https://dsa.api.qcloud.com/v2/index.php", url.Values{"Action": {"DoIt"}})
}
