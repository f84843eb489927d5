package faulttests

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// publicCodes are API 3.0's, with how many attempts a reading call and a
// mutation without a ClientToken get out of five.
var publicCodes = []struct {
	code              string
	class             error
	reading, mutating int
}{
	{"ActionOffline", codes.ClassUnsupported, 1, 1},
	{"AuthFailure.InvalidAuthorization", codes.ClassAuth, 1, 1},
	{"AuthFailure.InvalidSecretId", codes.ClassAuth, 1, 1},
	{"AuthFailure.MFAFailure", codes.ClassAuth, 1, 1},
	{"AuthFailure.SecretIdNotFound", codes.ClassAuth, 1, 1},
	{"AuthFailure.SignatureExpire", codes.ClassSignatureExpired, 1, 1},
	{"AuthFailure.SignatureFailure", codes.ClassAuth, 1, 1},
	{"AuthFailure.TokenFailure", codes.ClassAuth, 1, 1},
	{"AuthFailure.UnauthorizedOperation", codes.ClassDenied, 1, 1},
	{"DryRunOperation", codes.ClassInvalid, 1, 1},
	{"FailedOperation", codes.ClassFailed, 3, 1},
	{"FailedOperation.EcdnConfigError", codes.ClassFailed, 3, 1},
	{"InternalError", codes.ClassInternal, 5, 1},
	{"InternalError.EcdnDbError", codes.ClassInternal, 5, 1},
	{"InternalError.SomethingNew", codes.ClassInternal, 5, 1},
	{"InvalidAction", codes.ClassInvalid, 1, 1},
	{"InvalidParameter", codes.ClassInvalid, 1, 1},
	{"InvalidParameterValue", codes.ClassInvalid, 1, 1},
	{"InvalidRequest", codes.ClassInvalid, 1, 1},
	{"IpInBlacklist", codes.ClassDenied, 1, 1},
	{"IpNotInWhitelist", codes.ClassDenied, 1, 1},
	{"LimitExceeded", codes.ClassAccountState, 1, 1},
	{"LimitExceeded.EcdnDomainOpTooOften", codes.ClassThrottled, 5, 5},
	{"MissingParameter", codes.ClassInvalid, 1, 1},
	{"NoSuchProduct", codes.ClassUnsupported, 1, 1},
	{"NoSuchVersion", codes.ClassUnsupported, 1, 1},
	{"RequestLimitExceeded", codes.ClassThrottled, 5, 5},
	{"RequestLimitExceeded.GlobalRegionUinLimitExceeded", codes.ClassThrottled, 5, 5},
	{"RequestLimitExceeded.IPLimitExceeded", codes.ClassThrottled, 5, 5},
	{"RequestLimitExceeded.UinLimitExceeded", codes.ClassThrottled, 5, 5},
	{"RequestSizeLimitExceeded", codes.ClassInvalid, 1, 1},
	{"ResourceInUse", codes.ClassConflict, 1, 1},
	{"ResourceInUse.EcdnOpInProgress", codes.ClassBusy, 5, 5},
	{"ResourceInsufficient", codes.ClassUnsupported, 1, 1},
	{"ResourceNotFound", codes.ClassNotFound, 1, 1},
	{"ResourceUnavailable", codes.ClassDomainState, 1, 1},
	{"ResourceUnavailable.CdnHostNoIcp", codes.ClassDomainState, 1, 1},
	{"ResponseSizeLimitExceeded", codes.ClassInvalid, 1, 1},
	{"ServiceUnavailable", codes.ClassUnavailable, 5, 1},
	{"UnauthorizedOperation", codes.ClassDenied, 1, 1},
	{"UnknownParameter", codes.ClassInvalid, 1, 1},
	{"UnsupportedOperation", codes.ClassUnsupported, 1, 1},
	{"UnsupportedProtocol", codes.ClassUnsupported, 1, 1},
	{"UnsupportedRegion", codes.ClassUnsupported, 1, 1},
	{"NobodyKnowsThis", codes.ClassUnknown, 1, 1},
}

// Every public code of API 3.0 has its class, and is retried where that can
// help and is safe.
func TestPublicCodesOfV3(t *testing.T) {
	for _, tc := range publicCodes {
		t.Run(tc.code, func(t *testing.T) {
			for _, call := range []struct {
				req  *http.Request
				want int
			}{
				{v3("DescribeDomains", "{}"), tc.reading},
				{v3("CreateEdgePackTask", purgeV3), tc.mutating},
			} {
				synctest.Test(t, func(t *testing.T) {
					api := qcloudtest.NewAPI()
					api.Next(99, qcloudtest.CodeText(tc.code))
					rt := &qcloudhttp.Transport{Base: api.Transport(), Policy: patientPolicy}
					_, err := (&http.Client{Transport: rt}).Do(fresh(t, call.req))
					action := call.req.Header.Get("X-TC-Action")
					if api.Total() != call.want {
						t.Errorf("%s: %d requests, want %d", action, api.Total(), call.want)
					}
					var fail *qcloudhttp.Error
					if !errors.As(err, &fail) || !errors.Is(err, tc.class) {
						t.Fatalf("%s: got %v, want %v", action, err, tc.class)
					}
					if fail.CodeDesc != tc.code || fail.Action != action || fail.RequestID == "" || fail.Message == "" {
						t.Errorf("%s: got %+v", action, fail)
					}
				})
			}
		})
	}
}

// patientPolicy ends a call by its attempts.
var patientPolicy = &qcloudhttp.Policy{MaxAttempts: 5, MaxElapsed: time.Hour}

// A failure is the same target for errors.Is in both APIs: every code that has
// a counterpart, answered by each.
func TestOneTargetForBothAPIs(t *testing.T) {
	for _, info := range codes.All() {
		if len(info.V3) == 0 {
			continue
		}
		for version, req := range map[string]*http.Request{
			"2.0": v2("Action=GetDsaHostList"), "3.0": v3("DescribeDomains", "{}"),
		} {
			synctest.Test(t, func(t *testing.T) {
				api := qcloudtest.NewAPI()
				api.Next(1, qcloudtest.Code(info.Code))
				rt := &qcloudhttp.Transport{Base: api.Transport(), Policy: &qcloudhttp.Policy{MaxAttempts: 1}}
				_, err := (&http.Client{Transport: rt}).Do(req)
				if !errors.Is(err, info.Code) {
					t.Errorf("API %s: errors.Is(err, %d) is false for %v", version, int(info.Code), err)
				}
			})
		}
	}
}

// A success of API 3.0 is handed on at the first member of Response that only a
// success has; the rest streams.
func TestSuccessOfV3Streams(t *testing.T) {
	const beginning, rest = `{"Response":{"TotalCount":1,"Domains":[`, `{"Domain":"www.example.com"}],"RequestId":"r"}}`
	handedOn := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, beginning)
		w.(http.Flusher).Flush()
		select {
		case <-handedOn:
			io.WriteString(w, rest)
		case <-r.Context().Done():
		}
	}))
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()

	base := http.DefaultTransport.(*http.Transport).Clone()
	defer base.CloseIdleConnections()
	req := v3("DescribeDomains", "{}").WithContext(ctx)
	req.URL.Scheme, req.URL.Host = "http", srv.Listener.Addr().String()
	resp, err := (&http.Client{Transport: &qcloudhttp.Transport{Base: base}}).Do(req)
	close(handedOn)
	if err != nil {
		t.Fatal("the response was not handed on before its end:", err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != beginning+rest {
		t.Errorf("got %q, %v", body, err)
	}
}

// The action comes from X-TC-Action, the query or the form, in this order.
func TestWhereTheActionComesFrom(t *testing.T) {
	header := v3("DescribeDomains", "{}")
	spelled := v3("", "{}") // as tencentcloud-sdk-go v1.0 writes it
	delete(spelled.Header, "X-Tc-Action")
	spelled.Header["X-TC-Action"] = []string{"DescribeDomains"}
	all := v3("DescribeDomains", "Action=C")
	all.URL.RawQuery = "Action=B"
	all.Header.Set("Content-Type", form)
	two := v2("Action=C")
	two.URL.RawQuery = "Action=DescribeDomains"

	for name, req := range map[string]*http.Request{
		"header":                 header,
		"header as it is":        spelled,
		"query":                  v2Get("Action=DescribeDomains"),
		"form":                   v2("a=b&Action=DescribeDomains"),
		"header, query and form": all,
		"query and form":         two,
	} {
		t.Run(name, func(t *testing.T) {
			api := qcloudtest.NewAPI()
			api.Next(1, qcloudtest.Code(codes.AuthFailure))
			_, err := (&http.Client{Transport: &qcloudhttp.Transport{Base: api.Transport()}}).Do(req)
			var fail *qcloudhttp.Error
			if !errors.As(err, &fail) || fail.Action != "DescribeDomains" {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A ClientToken makes a mutation of API 3.0 safe to send again, wherever the
// request's parameters are; nothing else that looks like one does.
func TestClientToken(t *testing.T) {
	get := newRequest(http.MethodGet, "https://ecdn.tencentcloudapi.com/?ClientToken=x", "", "X-TC-Action", "CreateEdgePackTask")
	posted := v3("CreateEdgePackTask", "a=b&ClientToken=x")
	posted.Header.Set("Content-Type", form)
	for name, tc := range map[string]struct {
		req  *http.Request
		want int
	}{
		"JSON":             {v3("CreateEdgePackTask", `{"Urls":["u"],"ClientToken":"x"}`), 5},
		"query":            {get, 5},
		"form":             {posted, 5},
		"empty":            {v3("CreateEdgePackTask", `{"ClientToken":""}`), 1},
		"no string":        {v3("CreateEdgePackTask", `{"ClientToken":5}`), 1},
		"null":             {v3("CreateEdgePackTask", `{"ClientToken":null}`), 1},
		"within a member":  {v3("CreateEdgePackTask", `{"Tags":[{"ClientToken":"x"}]}`), 1},
		"not JSON":         {v3("CreateEdgePackTask", `ClientToken=x`), 1},
		"another spelling": {v3("CreateEdgePackTask", `{"clientToken":"x"}`), 1},
	} {
		for failure, step := range map[string]qcloudtest.Step{
			"no answer": qcloudtest.Drop(), "cut off": qcloudtest.Cut(9), "502": qcloudtest.Status(502),
			"InternalError": qcloudtest.CodeText("InternalError"),
		} {
			t.Run(name+"/"+failure, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					api := qcloudtest.NewAPI()
					api.Next(99, step)
					rt := &qcloudhttp.Transport{Base: api.Transport(), Policy: patientPolicy}
					_, err := (&http.Client{Transport: rt}).Do(fresh(t, tc.req))
					if api.Total() != tc.want || !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
						t.Errorf("%d requests, want %d; %v", api.Total(), tc.want, err)
					}
				})
			})
		}
	}
}

// API 3.0 still takes signatures of method v1, which have a Nonce, but nowhere
// says that it executes one only once, as API 2.0 does. So the Nonce makes no
// resend safe there.
func TestNonceOfV3IsNoIdempotencyKey(t *testing.T) {
	const params = "Action=CreateEdgePackTask&Nonce=5&SecretId=AKID&Signature=abc&Urls.0=u"
	timestamp := "&Timestamp=" + fmt.Sprint(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()) // as in the bubble
	for name, tc := range map[string]struct {
		req  *http.Request
		want int
	}{
		"2.0": {v2(params + timestamp), 5},
		"3.0, POST": {newRequest(http.MethodPost, "https://ecdn.tencentcloudapi.com/",
			params+timestamp+"&Version=2019-10-12", "Content-Type", form), 1},
		"3.0, GET": {newRequest(http.MethodGet, "https://ecdn.tencentcloudapi.com/?"+
			params+timestamp+"&Version=2019-10-12", ""), 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := qcloudtest.NewAPI()
				api.Next(99, qcloudtest.Drop())
				_, err := (&http.Client{Transport: &qcloudhttp.Transport{Base: api.Transport()}}).Do(fresh(t, tc.req))
				if api.Total() != tc.want || !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
					t.Errorf("%d requests, want %d; %v", api.Total(), tc.want, err)
				}
			})
		})
	}
}

// ReturnResponse has no response to return where the body broke off: what a
// client would make of the rest says nothing of the outcome.
func TestReturnResponseOfABrokenBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(qcloudtest.WithDomain("www.example.com"))
		api.Next(1, qcloudtest.Cut(9))
		rt := &qcloudhttp.Transport{Base: api.Transport(), OnFailure: qcloudhttp.ReturnResponse}
		resp, err := (&http.Client{Transport: rt}).Do(v3("CreateEdgePackTask", purgeV3))
		if err == nil {
			resp.Body.Close()
		}
		if !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
			t.Errorf("got %v, %v", resp, err)
		}
	})
}
