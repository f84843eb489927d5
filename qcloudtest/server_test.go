package qcloudtest

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

// Close ends calls that wait, so that a test's end is not held up by them.
func TestCloseEndsDelays(t *testing.T) {
	s := NewServer()
	arrived := make(chan struct{})
	s.OnRequest(func(Request) []Step {
		close(arrived)
		return []Step{Delay(time.Hour)}
	})
	c := client2{t: t, url: s.Endpoint(), http: s.Client()}
	done := make(chan error)
	go func() {
		_, err := c.try(c.request("GetDsaHostList"))
		done <- err
	}()
	<-arrived
	s.Close()
	if err := <-done; err == nil {
		t.Error("the call was answered")
	}
	if r := s.Requests()[0]; r.Executed || r.Lost != "gone" {
		t.Errorf("recorded as %+v", r)
	}
}

func TestEndpoint(t *testing.T) {
	s := NewUnstartedServer()
	s.StartTLS()
	defer s.Close()
	resp, err := s.Client().Get(s.Endpoint() + "?Action=GetDsaHostList")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if r := s.Requests()[0]; r.Version != 2 || !r.Executed {
		t.Errorf("recorded as %+v", r)
	}
}

// net/http resends a GET by itself, so that a signed one whose first attempt was
// executed is answered with 4500 on what its sender takes for the first attempt.
// A POST it leaves to its sender.
func TestWhatNetHTTPResends(t *testing.T) {
	c, s := overSockets(t, WithCredentials(testID, testKey), WithDomain("www.example.com"))
	c = signed(c)
	c.want(0, 0, "GetDsaHostList") // the connection is in the pool now

	s.Next(1, Execute(), Drop())
	if _, err := c.try(c.request("OfflineDsaHost", "host", "www.example.com")); err == nil {
		t.Error("the POST was answered")
	}
	if got := s.Total(); got != 2 {
		t.Errorf("%d requests arrived, want 2", got)
	}

	c.want(0, 0, "GetDsaHostList")
	get := signedGet(c, "FlushCache", "urlList", `["http://www.example.com/"]`)
	s.Next(1, Execute(), Drop())
	s.API.mu.Lock()
	s.module.named("www.example.com").offline = false
	s.API.mu.Unlock()
	a, err := c.try(get)
	if err != nil || a.Code != 4500 {
		t.Errorf("answer %d, %v; want 4500 to net/http's resend", a.Code, err)
	}
	reqs := s.Requests()
	if n := len(reqs); n != 5 || reqs[3].Digest != reqs[4].Digest {
		t.Errorf("%d requests arrived, want 5, the last two alike", n)
	}
}

// signedGet is a request by GET, its parameters signed as such.
func signedGet(c client2, action string, pairs ...string) *http.Request {
	c.t.Helper()
	form := url.Values{"Action": {action}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequest("GET", c.url+"?"+form.Encode(), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	signer := sign.V1{Credentials: sign.Static(c.id, c.key, "")}
	if err := signer.Sign(req); err != nil {
		c.t.Fatal(err)
	}
	return req
}

func TestMaintenance(t *testing.T) {
	worlds(t, func(t *testing.T, w world) {
		w.api.Maintenance(true)
		w.want(6200, 0, "GetDsaHostList")
		w.want(6200, 0, "NoSuchAction")
		w.api.Maintenance(false)
		w.want(0, 0, "GetDsaHostList")
	})
}

func TestPathsAndMethods(t *testing.T) {
	api := NewAPI(WithEnglish())
	get := func(method, target string, body io.Reader) (int, string) {
		t.Helper()
		rec := httptest.NewRecorder()
		api.ServeHTTP(rec, httptest.NewRequest(method, target, body))
		return rec.Code, rec.Body.String()
	}
	for _, tt := range []struct {
		method, target, body string
		status               int
		want                 string
	}{
		{"GET", "/v2/index.php?Action=GetDsaHostList", "", 200, `{"code":0,"message":"","codeDesc":"Success","data":{"hosts":[],"total":0}}`},
		{"POST", "/v2/index.php?Action=GetDsaHostList", "", 200, `"code":0`},
		{"PUT", "/v2/index.php?Action=GetDsaHostList", "", 200, `"code":4600`},
		{"HEAD", "/v2/index.php?Action=GetDsaHostList", "", 200, `"code":4600`},
		{"GET", "/v2/index.php", "", 200, `{"code":4000,"message":"The request failed: parameter [Action] must not be empty. For example: GetDsaHostList","codeDesc":"InvalidParameter"}`},
		{"GET", "/v2/index.php?Action=GetDsaHostInfo&hostId=1", "", 200, `"message":"(2000)the accelerated domain does not exist"`},
		{"GET", "/v2/index.php?Action=%zz", "", 200, `"code":4000`},
		{"GET", "/v2/index.php?a;b", "", 200, `"code":4000`},
		{"GET", "/", "", 200, `"Code":"MissingParameter"`},
		{"GET", "/v2/", "", 404, "<html>"},
		{"GET", "/../etc/passwd", "", 404, "<html>"},
	} {
		status, body := get(tt.method, tt.target, strings.NewReader(tt.body))
		if status != tt.status || !strings.Contains(body, tt.want) {
			t.Errorf("%s %.60s = %d %.200s, want %d %s", tt.method, tt.target, status, body, tt.status, tt.want)
		}
	}
}

// A request of API 2.0 that misses the path is told the path.
func TestWrongPathIsTold(t *testing.T) {
	for _, tt := range []struct {
		method, target, body string
		want                 string // API 3.0's code
	}{
		{"GET", "/?Action=GetDsaHostList", "", "MissingParameter"},
		{"POST", "/?Action=GetDsaHostList", "", "MissingParameter"},
		{"POST", "/", "hostId=1&Action=GetDsaHostInfo", "MissingParameter"},
		{"GET", "/v2/?Action=GetDsaHostList", "", "404 Not Found"},
		{"POST", "/v2/index.php/", "Action=GetDsaHostList", "404 Not Found"},
	} {
		for _, opts := range [][]Option{nil, {WithEnglish()}} {
			rec := httptest.NewRecorder()
			NewAPI(opts...).ServeHTTP(rec, httptest.NewRequest(tt.method, tt.target, strings.NewReader(tt.body)))
			if body := rec.Body.String(); !strings.Contains(body, tt.want) || !strings.Contains(body, " /v2/index.php") {
				t.Errorf("%s %s %s: %s", tt.method, tt.target, tt.body, body)
			}
		}
	}
}

// Whatever comes, the answer is a response or an error.
func TestHostileInput(t *testing.T) {
	api := NewAPI(WithCredentials(testID, testKey), WithDomain("www.example.com"))
	rng := rand.New(rand.NewPCG(1, 2))
	junk := func(n int) string {
		b := make([]byte, rng.IntN(n))
		for i := range b {
			b[i] = byte(rng.IntN(256))
		}
		return string(b)
	}
	authorizations := []string{"", "TC3-HMAC-SHA256", "TC3-HMAC-SHA256 Credential=///,SignedHeaders=;,Signature=",
		"TC3-HMAC-SHA256 Credential=" + testID + "/d/s/tc3_request, SignedHeaders=content-type;host, Signature=zz"}
	bodies := []string{"", "{", "[]", "null", `{"Domain":{}}`, `{"Filters":[{"Value":null}],"Limit":-5,"Offset":-9}`,
		strings.Repeat("[", 100000), `{"Urls":["http://[::1"]}`, "urlList=%5B%22http%3A%2F%2F%22%5D", "hostIds.0=&hostIds.1=%00"}
	for range 1000 {
		body := bodies[rng.IntN(len(bodies))] + junk(20)
		req := httptest.NewRequest("POST", []string{"/", "/v2/index.php"}[rng.IntN(2)], strings.NewReader(body))
		req.URL.RawQuery = "Action=FlushCache&" + junk(30)
		req.Header.Set("Authorization", authorizations[rng.IntN(len(authorizations))])
		req.Header.Set("X-TC-Action", []string{"DescribeDomains", "PurgeUrlsCache", junk(9)}[rng.IntN(3)])
		req.Header.Set("X-TC-Version", []string{"2019-10-12", "2018-06-06", junk(9)}[rng.IntN(3)])
		req.Header.Set("X-TC-Timestamp", []string{"1", "-1", strconv.FormatInt(time.Now().Unix(), 10), "99999999999999999999"}[rng.IntN(4)])
		resp, err := api.Transport().RoundTrip(req)
		if (resp == nil) == (err == nil) {
			t.Fatalf("%v and %v", resp, err)
		}
	}
	if api.Total() != 1000 {
		t.Errorf("%d requests arrived", api.Total())
	}
}

// A client that breaks off in the middle of its body has sent no request.
func TestBrokenRequestBody(t *testing.T) {
	broken := errors.New("broken")
	api := NewAPI()
	req, err := http.NewRequest("POST", endpoint, io.MultiReader(strings.NewReader("Action=Reg"), iotest.ErrReader(broken)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.Transport().RoundTrip(req); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if r := api.Requests()[0]; r.Lost != "gone" || r.Executed {
		t.Errorf("recorded as %+v", r)
	}
}

// What Requests returns is the caller's.
func TestRequestsAreCopies(t *testing.T) {
	api := NewAPI()
	inMemory(t, api).call("GetDsaHostInfo", "hostId", "7")
	api.Requests()[0].Params["hostId"] = "8"
	if got := api.Requests()[0].Params["hostId"]; got != "7" {
		t.Errorf("hostId is %s now", got)
	}
}

// Of many calls at once with one Nonce, one is executed; all calls are counted.
func TestConcurrency(t *testing.T) {
	worlds(t, func(t *testing.T, w world) {
		c := signed(w.client2)
		form := url.Values{"Action": {"FlushCache"}, "urlList": {`["http://www.example.com/"]`}}
		c.sign(form)
		body := []byte(form.Encode())
		var (
			wg   sync.WaitGroup
			mu   sync.Mutex
			seen = map[int]int{}
		)
		for range 8 {
			wg.Go(func() {
				for range 10 {
					req, _ := http.NewRequest("POST", c.url, bytes.NewReader(body))
					req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					a, err := c.try(req)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					seen[a.Code]++
					mu.Unlock()
					w.api.Requests()
					w.api.SetClockOffset(0)
					w.api.NextFor("NoSuchAction", 1, Drop())
				}
			})
		}
		wg.Wait()
		if seen[0] != 1 || seen[4500] != 79 {
			t.Errorf("answers %v, want one 0 and 79 times 4500", seen)
		}
		if got := w.api.Executed("FlushCache"); got != 1 || w.api.Total() != 80 {
			t.Errorf("executed %d of %d", got, w.api.Total())
		}
	}, WithCredentials(testID, testKey), WithDomain("www.example.com"))
}
