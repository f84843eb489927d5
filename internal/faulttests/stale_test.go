package faulttests

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// onceAPI is an API that checks signatures.
func onceAPI() *qcloudtest.API {
	return qcloudtest.NewAPI(qcloudtest.WithCredentials(onceID, onceKey), qcloudtest.WithDomain("www.example.com"))
}

func onceSigner() *sign.V1 { return &sign.V1{Credentials: sign.Static(onceID, onceKey, "")} }

// A spent signature means something else according to who can make another, and
// to what had been sent before.
func TestSpentSignatures(t *testing.T) {
	type steps = []qcloudtest.Step
	executed, drop, code := qcloudtest.Execute(), qcloudtest.Drop(), qcloudtest.Code
	for name, test := range map[string]struct {
		presigned bool
		steps     []steps
		requests  int
		reason    qcloudhttp.Reason // "": none
		is, not   []error           // no is: success
		differ    bool              // the last request is signed anew
	}{
		"presigned, 4500": {
			presigned: true, steps: []steps{{code(4500)}}, requests: 1,
			reason: qcloudhttp.ReasonArrived,
			is:     []error{codes.ReplayAttack, codes.ClassReplayed, qcloudhttp.ErrOutcomeUnknown},
		},
		"presigned, 4200": {
			presigned: true, steps: []steps{{code(4200)}}, requests: 1,
			is: []error{codes.RequestExpired, codes.ClassSignatureExpired}, not: []error{qcloudhttp.ErrOutcomeUnknown},
		},
		"presigned, 4500 to the resend": {
			presigned: true, steps: []steps{{executed, code(6000)}}, requests: 2, reason: qcloudhttp.ReasonArrived,
			is: []error{codes.InternalError, codes.ReplayAttack, qcloudhttp.ErrOutcomeUnknown},
		},
		"presigned, 4200 to the resend": {
			presigned: true, steps: []steps{{code(4400)}, {code(4200)}}, requests: 2, reason: qcloudhttp.ReasonSignature,
			is: []error{codes.RequestExpired}, not: []error{qcloudhttp.ErrOutcomeUnknown},
		},
		"4500 to a first attempt": {
			steps: []steps{{code(4500)}}, requests: 1, reason: qcloudhttp.ReasonArrived,
			is: []error{codes.ReplayAttack, qcloudhttp.ErrOutcomeUnknown},
		},
		"4200 to a first attempt": {
			steps: []steps{{code(4200)}}, requests: 2, differ: true,
		},
		"4500 after a rejection": {
			steps: []steps{{code(4400)}, {code(4500)}}, requests: 2, reason: qcloudhttp.ReasonArrived,
			is: []error{codes.ReplayAttack, codes.QuotaExceeded, qcloudhttp.ErrOutcomeUnknown},
		},
		"4500 to the resend": {
			steps: []steps{{drop}, {code(4500)}}, requests: 2, reason: qcloudhttp.ReasonArrived,
			is: []error{codes.ReplayAttack, codes.ClassNetwork, qcloudhttp.ErrOutcomeUnknown},
		},
		"4200 to the resend": {
			steps: []steps{{drop}, {code(4200)}}, requests: 2, reason: qcloudhttp.ReasonNonceAge,
			is: []error{codes.RequestExpired, qcloudhttp.ErrOutcomeUnknown},
		},
	} {
		in(t, name, func(t *testing.T) {
			api := onceAPI()
			for _, s := range test.steps {
				api.Next(1, s...)
			}
			client := &qcloudhttp.Transport{Base: api.Transport(), Signer: onceSigner()}
			req := flushRequest(t.Context())
			if test.presigned {
				client.Signer = nil
				if err := onceSigner().Sign(req); err != nil {
					t.Fatal(err)
				}
			}
			resp, err := client.RoundTrip(req)
			if err == nil {
				resp.Body.Close()
			}
			got := api.Requests()
			if len(got) != test.requests {
				t.Fatalf("%d requests, err %v", len(got), err)
			}
			if last := len(got) - 1; test.differ && got[last].Digest == got[last-1].Digest {
				t.Error("the spent signature was sent again")
			}
			if (err == nil) != (test.is == nil) {
				t.Fatalf("err %v", err)
			}
			var giveUp *qcloudhttp.GiveUpError
			if errors.As(err, &giveUp) != (test.reason != "") || giveUp != nil && giveUp.Reason != test.reason {
				t.Errorf("want reason %q, got %v", test.reason, err)
			}
			for _, target := range test.is {
				if !errors.Is(err, target) {
					t.Errorf("it is not %v: %v", target, err)
				}
			}
			for _, target := range test.not {
				if errors.Is(err, target) {
					t.Errorf("it is %v: %v", target, err)
				}
			}
		})
	}
}

func flushRequest(ctx context.Context) *http.Request {
	return must(http.NewRequestWithContext(ctx, http.MethodGet,
		"http://dsa.api.qcloud.com/v2/index.php?Action=FlushCache&urlList="+flushed(1), nil))
}

// A line may be so long that the Nonce of a resend has become too old in it:
// then the API may have forgotten the Nonce, and would execute the call again.
func TestNonceGrowsOldInALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := onceAPI()
		api.Next(1, qcloudtest.Execute(), qcloudtest.Drop())
		turns := 0
		client := &qcloudhttp.Transport{
			Base: api.Transport(), Signer: onceSigner(), Policy: &qcloudhttp.Policy{MaxElapsed: time.Hour},
			Limiter: waitFunc(func(context.Context) error {
				if turns++; turns > 1 {
					time.Sleep(20 * time.Minute)
				}
				return nil
			}),
		}
		_, err := client.RoundTrip(flushRequest(t.Context()))
		gaveUp(t, err, qcloudhttp.ReasonNonceAge, 1)
		if api.Total() != 1 || !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) || !errors.Is(err, codes.ClassNetwork) {
			t.Errorf("%d requests, err %v", api.Total(), err)
		}
	})
}

// A change by GET that was only ever rejected is signed anew after such a queue.
func TestRejectedGETGrowsOldInAQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := onceAPI()
		api.Next(1, qcloudtest.Code(codes.QuotaExceeded))
		turns := 0
		client := &qcloudhttp.Transport{
			Base: api.Transport(), Signer: onceSigner(),
			Policy: &qcloudhttp.Policy{MaxElapsed: time.Hour, Repeatable: func(string) bool { return false }},
			Limiter: waitFunc(func(context.Context) error {
				if turns++; turns > 1 {
					time.Sleep(20 * time.Minute)
				}
				return nil
			}),
		}
		if _, err := client.RoundTrip(flushRequest(t.Context())); err != nil || api.Total() != 2 {
			t.Errorf("%d requests, err %v", api.Total(), err)
		}
	})
}

// A wait in which the Nonce would grow too old is not begun.
func TestNonceWouldGrowOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := onceAPI()
		api.Next(1, qcloudtest.Drop())
		api.Next(1, qcloudtest.Header("Retry-After", "300"), qcloudtest.Code(codes.QuotaExceeded))
		client := &qcloudhttp.Transport{
			Base: api.Transport(), Signer: onceSigner(), Policy: &qcloudhttp.Policy{MaxElapsed: time.Hour, MaxRetryAfter: time.Hour},
		}
		began := time.Now()
		_, err := client.RoundTrip(flushRequest(t.Context()))
		gaveUp(t, err, qcloudhttp.ReasonNonceAge, 2)
		if took := time.Since(began); took > time.Second {
			t.Errorf("it waited %v before", took)
		}
	})
}

// How old a Nonce is, is measured by the clock here, whatever the API's clock
// says that the Signer follows.
func TestNonceAgeByAnotherClock(t *testing.T) {
	for name, test := range map[string]struct {
		offset, line time.Duration // of the API's clock; before the resend
		reason       qcloudhttp.Reason
	}{
		"behind":                       {-time.Hour, time.Minute, ""},
		"ahead":                        {time.Hour, time.Minute, ""},
		"behind, and the line is long": {-time.Hour, 10 * time.Minute, qcloudhttp.ReasonNonceAge},
		"ahead, and the line is long":  {time.Hour, 10 * time.Minute, qcloudhttp.ReasonNonceAge},
	} {
		in(t, name, func(t *testing.T) {
			api := onceAPI()
			api.SetClockOffset(test.offset)
			var line time.Duration
			client := &qcloudhttp.Transport{
				Base: api.Transport(), Signer: onceSigner(), Policy: &qcloudhttp.Policy{MaxElapsed: time.Hour},
				Limiter: waitFunc(func(context.Context) error {
					time.Sleep(line)
					return nil
				}),
			}
			call := func() error {
				resp, err := client.RoundTrip(flushRequest(t.Context()))
				if err == nil {
					resp.Body.Close()
				}
				return err
			}
			if err := call(); err != nil { // here the Signer learns the time
				t.Fatal(err)
			}
			api.OnRequest(func(qcloudtest.Request) []qcloudtest.Step {
				line = test.line
				api.OnRequest(nil)
				return []qcloudtest.Step{qcloudtest.Drop()}
			})
			err := call()
			if test.reason != "" {
				gaveUp(t, err, test.reason, 1)
			} else if err != nil {
				t.Errorf("the resend was not made: %v", err)
			}
		})
	}
}

// learner is a Signer that notes the times it is told.
type learner struct{ told []time.Time }

func (*learner) Sign(*http.Request) error     { return nil }
func (l *learner) LearnTime(server time.Time) { l.told = append(l.told, server) }

// The Signer is told the time where the API says that the signature's is wrong,
// and nowhere else: other answers may come from whoever has another clock.
func TestWhoTellsTheTime(t *testing.T) {
	date := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	v3 := func(code string) string { return `{"Response":{"Error":{"Code":"` + code + `"},"RequestId":"r"}}` }
	for name, test := range map[string]struct {
		body, date string
		want       []time.Time
	}{
		"4200":                         {`{"code":4200}`, "", []time.Time{date}},
		"AuthFailure.SignatureExpire":  {v3("AuthFailure.SignatureExpire"), "", []time.Time{date}},
		"4200, no date":                {`{"code":4200}`, "yesterday", nil},
		"4500":                         {`{"code":4500}`, "", []time.Time{date}},
		"4100":                         {`{"code":4100}`, "", nil},
		"AuthFailure.SignatureFailure": {v3("AuthFailure.SignatureFailure"), "", nil},
		"6000":                         {failBody, "", nil},
		"success":                      {okBody, "", nil},
	} {
		in(t, name, func(t *testing.T) {
			signer := &learner{}
			header := test.date
			if header == "" {
				header = date.Format(http.TimeFormat)
			}
			watched(t, &qcloudhttp.Transport{Signer: signer, Policy: once()}, scriptedBy(func(r *http.Request) (*http.Response, error) {
				resp := answer(r, test.body)
				resp.Header.Set("Date", header)
				return resp, nil
			}))
			if !slices.EqualFunc(signer.told, test.want, time.Time.Equal) {
				t.Errorf("told %v", signer.told)
			}
		})
	}
}

// Whether an answer may be the call's own work depends on the code that it is
// really about, and on there having been an earlier attempt.
func TestOwnWorkIsNotSeenEverywhere(t *testing.T) {
	const exists = `{"code":4000,"message":"(2001)x"}`
	for name, test := range map[string]struct {
		host    string
		answers []string
		want    bool
	}{
		"first attempt":         {"dsa.api.qcloud.com", []string{exists}, false},
		"after 6000":            {"dsa.api.qcloud.com", []string{failBody, exists}, true},
		"after 4400":            {"dsa.api.qcloud.com", []string{throttledBody, exists}, false},
		"beside a gateway code": {"dsa.api.qcloud.com", []string{failBody, `{"code":4100,"message":"(2001)x"}`}, false},
		"another product":       {"cdn.api.qcloud.com", []string{failBody, exists}, false},
	} {
		in(t, name, func(t *testing.T) {
			base := &scripted{}
			for _, body := range test.answers {
				base.answers = append(base.answers, answering(body))
			}
			_, err := watched(t, &qcloudhttp.Transport{}, base, func(r *http.Request) {
				r.Host, r.URL.RawQuery = test.host, "Action=CreateDsaHost"
				r.Header.Set("Content-Type", "text/plain") // else the form names an action too
			})
			apiErr := new(qcloudhttp.Error)
			if !errors.As(err, &apiErr) || apiErr.MaybeDone != test.want || apiErr.Attempt != len(test.answers) {
				t.Errorf("MaybeDone %v in attempt %d of %v", apiErr.MaybeDone, apiErr.Attempt, err)
			}
		})
	}
}

// A mutation that only the policy knows for one is not sent twice by net/http
// when the connection that it reused breaks.
func TestMutatingGETByPolicy(t *testing.T) {
	for name, policy := range map[string]*qcloudhttp.Policy{
		"mutating":  {ReadOnly: func(string) bool { return false }},
		"read-only": {},
	} {
		t.Run(name, func(t *testing.T) {
			srv := qcloudtest.NewServer()
			defer srv.Close()
			client := &http.Client{Transport: &qcloudhttp.Transport{Base: srv.Client().Transport, Policy: policy}}
			get := func() error {
				resp, err := client.Get(srv.URL + "/v2/index.php?Action=GetDsaHostList")
				if err == nil {
					resp.Body.Close()
				}
				return err
			}
			if err := get(); err != nil { // opens the connection
				t.Fatal(err)
			}
			srv.Next(1, qcloudtest.Execute(), qcloudtest.Drop())
			err := get()
			if mutating := name == "mutating"; errors.Is(err, qcloudhttp.ErrOutcomeUnknown) != mutating ||
				(srv.Executed("GetDsaHostList") == 2) != mutating {
				t.Errorf("executed %d times, err %v", srv.Executed("GetDsaHostList"), err)
			}
		})
	}
}
