package otelqcloud_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/otelqcloud"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// exactly is a policy whose delays for a class do not vary.
func exactly(class codes.Class, d time.Duration) *qcloudhttp.Policy {
	return &qcloudhttp.Policy{MaxAttempts: 3, Delays: map[codes.Class]qcloudhttp.Delay{
		class: {Initial: d, Jitter: 1e-300},
	}}
}

// virtual runs f on a clock of its own, with an API in memory whose answers
// take 20 ms.
func virtual(t *testing.T, f func(*testing.T, *telemetry, *qcloudtest.API)) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI()
		f(t, newTelemetry(t), api)
	})
}

const (
	list = "action=GetDsaHostList address=dsa.api.qcloud.com"
	info = "action=GetDsaHostInfo address=dsa.api.qcloud.com"
)

func TestRetriedCall(t *testing.T) {
	virtual(t, func(t *testing.T, tel *telemetry, api *qcloudtest.API) {
		rt := &qcloudhttp.Transport{
			Base: api.Transport(), Observer: tel.observer(otelqcloud.WithRequestDuration()),
			Policy: exactly(codes.ClassInternal, 300*time.Millisecond),
		}
		api.Next(2, qcloudtest.Delay(20*time.Millisecond), qcloudtest.Code(codes.InternalError))
		if err := call(t.Context(), rt, dsaURL+"?Action=GetDsaHostList"); err != nil {
			t.Fatal(err)
		}
		const failed = "action=GetDsaHostList code=6000 error.type=Internal status_code=200 address=dsa.api.qcloud.com"
		tel.want("qcloud.client.attempts", map[string]string{
			failed: "2",
			"action=GetDsaHostList status_code=200 address=dsa.api.qcloud.com": "1",
		})
		tel.want("qcloud.client.retries", map[string]string{list: "2"})
		tel.want("qcloud.client.backoff.duration", map[string]string{list + " wait.cause=backoff": "2 0.9"})
		tel.want("qcloud.client.call.duration", map[string]string{list: "1 0.94"})
		tel.want("qcloud.client.queue.duration", map[string]string{list: "3 0"})
		tel.want("qcloud.client.rate", map[string]string{list: "0"})
		tel.want("qcloud.client.recovered", map[string]string{list: "1"})
		tel.want("qcloud.client.give_ups", nil)
		tel.want("http.client.request.duration", map[string]string{
			"error.type=Internal http.request.method=GET status_code=200 address=dsa.api.qcloud.com": "2 0.04",
			"http.request.method=GET status_code=200 address=dsa.api.qcloud.com":                     "1 0",
		})
	})
}

func TestRequestDurationIsOtelhttpsByDefault(t *testing.T) {
	virtual(t, func(t *testing.T, tel *telemetry, api *qcloudtest.API) {
		rt := &qcloudhttp.Transport{Base: api.Transport(), Observer: tel.observer()}
		if err := call(t.Context(), rt, dsaURL+"?Action=GetDsaHostList"); err != nil {
			t.Fatal(err)
		}
		tel.want("http.client.request.duration", nil)
		tel.want("qcloud.client.recovered", nil) // the first attempt succeeded
		tel.want("qcloud.client.unread", nil)
	})
}

func TestFailedCalls(t *testing.T) {
	virtual(t, func(t *testing.T, tel *telemetry, api *qcloudtest.API) {
		rt := &qcloudhttp.Transport{
			Base: api.Transport(), Observer: tel.observer(),
			Policy: exactly(codes.ClassUnavailable, time.Second),
		}
		if err := call(t.Context(), rt, dsaURL+"?Action=GetDsaHostInfo&hostId=9"); !errors.Is(err, codes.DomainNotFound) {
			t.Fatal(err)
		}
		api.Maintenance(true)
		if err := call(t.Context(), rt, dsaURL+"?Action=GetDsaHostList"); !errors.Is(err, codes.ClassUnavailable) {
			t.Fatal(err)
		}
		soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := call(soon, rt, dsaURL+"?Action=GetDsaHostList"); !errors.Is(err, codes.ClassUnavailable) {
			t.Fatal(err)
		}
		const outage = "action=GetDsaHostList code=6200 error.type=Unavailable"
		tel.want("qcloud.client.attempts", map[string]string{
			"action=GetDsaHostInfo code=2000 error.type=NotFound status_code=200 address=dsa.api.qcloud.com": "1",
			outage + " status_code=200 address=dsa.api.qcloud.com":                                           "4",
		})
		tel.want("qcloud.client.recovered", nil)
		tel.want("qcloud.client.give_ups", map[string]string{
			outage + " reason=attempts address=dsa.api.qcloud.com": "1",
			outage + " reason=deadline address=dsa.api.qcloud.com": "1",
		})
		tel.want("qcloud.client.call.duration", map[string]string{
			"action=GetDsaHostInfo code=2000 error.type=NotFound address=dsa.api.qcloud.com": "1 0",
			outage + " address=dsa.api.qcloud.com":                                           "2 3",
		})
	})
}

// A failure without an API's answer has a class and no code, an API 3.0 failure
// has its Code, and one that is not the API's at all is _OTHER.
func TestErrorTypes(t *testing.T) {
	virtual(t, func(t *testing.T, tel *telemetry, api *qcloudtest.API) {
		once := &qcloudhttp.Policy{MaxAttempts: 1}
		rt := &qcloudhttp.Transport{Base: api.Transport(), Observer: tel.observer(), Policy: once}
		url := dsaURL + "?Action=GetDsaHostList"
		api.Next(1, qcloudtest.Drop())
		call(t.Context(), rt, url)
		api.Next(1, qcloudtest.Status(http.StatusBadGateway))
		call(t.Context(), rt, url)
		const noSuchID = `{"Response":{"Error":{"Code":"AuthFailure.SecretIdNotFound","Message":""}}}`
		api.Next(1, qcloudtest.Body("application/json", noSuchID))
		call(t.Context(), rt, url)
		call(t.Context(), &qcloudhttp.Transport{Observer: rt.Observer, Limiter: refusing{}}, url)
		const address = " address=dsa.api.qcloud.com"
		tel.want("qcloud.client.call.duration", map[string]string{
			"action=GetDsaHostList error.type=Network" + address:                                "1 0",
			"action=GetDsaHostList error.type=Unavailable" + address:                            "1 0",
			"action=GetDsaHostList code=AuthFailure.SecretIdNotFound error.type=Auth" + address: "1 0",
			"action=GetDsaHostList error.type=_OTHER" + address:                                 "1 0",
		})
	})
}

type refusing struct{}

func (refusing) Wait(context.Context) error { return errors.New("no") }

func TestQueueAndRate(t *testing.T) {
	virtual(t, func(t *testing.T, tel *telemetry, api *qcloudtest.API) {
		limiter := rate.NewLimiter(rate.Every(2*time.Second), 1)
		rt := &qcloudhttp.Transport{Base: api.Transport(), Observer: tel.observer(), Limiter: limiter}
		for range 3 {
			if err := call(t.Context(), rt, dsaURL+"?Action=GetDsaHostList"); err != nil {
				t.Fatal(err)
			}
		}
		tel.want("qcloud.client.queue.duration", map[string]string{list: "3 4"})
		tel.want("qcloud.client.backoff.duration", nil) // it is not the policy that made them wait
	})
}

// The quota is learnt, and shown.
func TestLearntRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel := newTelemetry(t)
		api := qcloudtest.NewAPI(qcloudtest.WithQuotas(qcloudtest.TokenBucket(20, 20)))
		api.OnRequest(func(qcloudtest.Request) []qcloudtest.Step {
			return []qcloudtest.Step{qcloudtest.Execute(), qcloudtest.Delay(20 * time.Millisecond)}
		})
		rt := &qcloudhttp.Transport{Base: api.Transport(), Observer: tel.observer()}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		done := make(chan struct{})
		for range 8 {
			go func() {
				defer func() { done <- struct{}{} }()
				for call(ctx, rt, dsaURL+"?Action=GetDsaHostList") == nil { // the last has no time left for its wait
				}
			}()
		}
		for range 8 {
			<-done
		}
		var learnt float64
		fmt.Sscan(tel.points("qcloud.client.rate")[list], &learnt)
		if learnt < 10 || learnt > 40 {
			t.Errorf("the learnt rate is %v, the quota 20", learnt)
		}
	})
}

func TestUnread(t *testing.T) {
	virtual(t, func(t *testing.T, tel *telemetry, api *qcloudtest.API) {
		api.Next(1, qcloudtest.Body("application/json", `{"data":"`+strings.Repeat("x", 1<<20)+`","code":0}`))
		rt := &qcloudhttp.Transport{Base: api.Transport(), Observer: tel.observer()}
		tel.span(func(ctx context.Context) { call(ctx, rt, dsaURL+"?Action=GetDsaHostInfo") })
		tel.want("qcloud.client.unread", map[string]string{info: "1"})
		event := tel.spans.Ended()[0].Events()[0]
		if got := textOf(event.Attributes); event.Name != "qcloud.attempt" || !strings.Contains(got, " unread=true") {
			t.Errorf("the attempt's event is %s %s", event.Name, got)
		}
	})
}

// Names that an exporter may choke on are counted as _OTHER: long ones, and what is
// no UTF-8. How many are told apart is the SDK's business.
func TestStrangeNames(t *testing.T) {
	virtual(t, func(t *testing.T, tel *telemetry, api *qcloudtest.API) {
		rt := &qcloudhttp.Transport{Base: api.Transport(), Observer: tel.observer()}
		api.Next(1, qcloudtest.Body("application/json",
			fmt.Sprintf(`{"Response":{"Error":{"Code":"%s","Message":""}}}`, strings.Repeat("x", 101))))
		call(t.Context(), rt, dsaURL+"?Action="+strings.Repeat("x", 101))
		call(t.Context(), rt, dsaURL+"?Action=%ff%fe")
		call(t.Context(), rt, "http://"+strings.Repeat("h", 101)+"/v2/index.php?Action="+strings.Repeat("x", 100))
		tel.want("qcloud.client.rate", map[string]string{
			"action=_OTHER address=dsa.api.qcloud.com":               "0",
			"action=" + strings.Repeat("x", 100) + " address=_OTHER": "0",
		})
		tel.want("qcloud.client.attempts", map[string]string{
			"action=_OTHER code=_OTHER error.type=Unknown status_code=200 address=dsa.api.qcloud.com":                 "1",
			"action=_OTHER code=6100 error.type=Unsupported status_code=200 address=dsa.api.qcloud.com":               "1",
			"action=" + strings.Repeat("x", 100) + " code=6100 error.type=Unsupported status_code=200 address=_OTHER": "1",
		})
	})
}
