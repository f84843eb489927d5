package faulttests

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// launch is a RunInstances of API 3.0; token is its ClientToken, if any.
func launch(token string) *http.Request {
	body := `{"InstanceType":"S5.SMALL1"}`
	if token != "" {
		body = `{"ClientToken":"` + token + `"}`
	}
	r := must(http.NewRequest(http.MethodPost, "https://cvm.tencentcloudapi.com/", strings.NewReader(body)))
	r.Header.Set("X-TC-Action", "RunInstances")
	r.Header.Set("X-TC-Version", "2017-03-12")
	r.Header.Set("Content-Type", "application/json")
	return r
}

func v3Failure(code string) func(*http.Request) (*http.Response, error) {
	return answering(`{"Response":{"Error":{"Code":"` + code + `","Message":"x"},"RequestId":"r"}}`)
}

// Under ReturnResponse, too, a change whose earlier attempt may have been
// executed ends with the error: the last response alone says that it was not.
func TestReturnResponseOfAnUnknownOutcome(t *testing.T) {
	for _, code := range []string{"RequestLimitExceeded", "AuthFailure.SignatureFailure", "ResourceInsufficient", "InternalError"} {
		for name, first := range map[string]func(*http.Request) (*http.Response, error){"lost": reset, "answered": apiFailure} {
			in(t, code+"/"+name, func(t *testing.T) {
				client := &qcloudhttp.Transport{
					Base: scriptedBy(first, v3Failure(code)), OnFailure: qcloudhttp.ReturnResponse, Policy: fast(),
				}
				resp, err := client.RoundTrip(launch("token"))
				if resp != nil || !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
					t.Errorf("response %v, err %v", resp != nil, err)
				}
			})
		}
	}
	in(t, "first attempt", func(t *testing.T) { // of which the response says all
		client := &qcloudhttp.Transport{Base: scriptedBy(v3Failure("AuthFailure.SignatureFailure")), OnFailure: qcloudhttp.ReturnResponse}
		resp, err := client.RoundTrip(launch("token"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	})
}

// A call that gave up is told as that under ReturnResponse, with its reason.
func TestGiveUpUnderReturnResponse(t *testing.T) {
	in(t, "", func(t *testing.T) {
		var end qcloudhttp.Event
		client := &qcloudhttp.Transport{
			Base: scriptedBy(apiFailure), OnFailure: qcloudhttp.ReturnResponse, Policy: fast(),
			Observer: qcloudhttp.ObserverFunc(func(_ context.Context, e qcloudhttp.Event) { end = e }),
		}
		resp, err := client.RoundTrip(post(t.Context(), nil))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		gaveUp(t, end.Err, qcloudhttp.ReasonAttempts, 3)
	})
}

// What befell the call of a Provider is not what befell the call that it signs.
func TestFailureOfAProvider(t *testing.T) {
	for name, sts := range map[string]func(*http.Request) (*http.Response, error){
		"broken": reset, "InternalError": v3Failure("InternalError"), "unknown code": v3Failure("Strange"),
	} {
		in(t, name, func(t *testing.T) {
			below := &http.Client{Transport: &qcloudhttp.Transport{Base: scriptedBy(sts), Policy: fast()}}
			base := scriptedBy(answering(okBody))
			client := &qcloudhttp.Transport{Base: base, Signer: &sign.TC3{Credentials: func(ctx context.Context) (sign.Credentials, error) {
				r := launch("").WithContext(ctx)
				r.Header.Set("X-TC-Action", "AssumeRole")
				_, err := below.Do(r)
				return sign.Credentials{}, err
			}}}
			_, err := client.RoundTrip(launch(""))
			fail := new(qcloudhttp.Error)
			if base.attempts() != 0 || !errors.As(err, &fail) || errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
				t.Errorf("%d sent, err %v", base.attempts(), err)
			}
		})
	}
}

// WithPolicy and WithoutRetries of a call end where its context is handed to a
// Signer, a Provider or a Limiter.
func TestOverridesEndAtTheProvider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := func(ctx context.Context) error {
			base := scriptedBy(apiFailure, apiFailure, answering(okBody))
			resp, err := (&qcloudhttp.Transport{Base: base}).RoundTrip(post(ctx, nil))
			if err == nil {
				resp.Body.Close()
			}
			return err
		}
		for name, client := range map[string]*qcloudhttp.Transport{
			"Provider": {Signer: &sign.TC3{Credentials: func(ctx context.Context) (sign.Credentials, error) {
				return sign.NewCredentials("id", "key", ""), read(ctx)
			}}},
			"Signer":  {Signer: signFunc(func(r *http.Request) error { return read(r.Context()) })},
			"Limiter": {Limiter: waitFunc(read)},
		} {
			for how, ctx := range map[string]context.Context{
				"WithoutRetries": qcloudhttp.WithoutRetries(t.Context()),
				"WithPolicy":     qcloudhttp.WithPolicy(t.Context(), &qcloudhttp.Policy{MaxAttempts: 1}),
			} {
				c := &qcloudhttp.Transport{Base: scriptedBy(answering(okBody)), Signer: client.Signer, Limiter: client.Limiter}
				resp, err := c.RoundTrip(launch("").WithContext(ctx))
				if err != nil {
					t.Errorf("%s, %s: it reached the call inside: %v", name, how, err)
					continue
				}
				resp.Body.Close()
			}
		}
	})
}

// A request that names two actions is read-only only where both are.
func TestTwoActions(t *testing.T) {
	for form, want := range map[string]int{"Action=GetY": 2, "Action=RunInstances": 1} {
		in(t, form, func(t *testing.T) {
			base := scriptedBy(reset, answering(okBody))
			r := must(http.NewRequest(http.MethodPost, "http://dsa.api.qcloud.com/?Action=GetX", strings.NewReader(form)))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, err := (&qcloudhttp.Transport{Base: base}).RoundTrip(r)
			if err == nil {
				resp.Body.Close()
			}
			if base.attempts() != want || errors.Is(err, qcloudhttp.ErrOutcomeUnknown) != (want == 1) {
				t.Errorf("%d attempts, err %v", base.attempts(), err)
			}
		})
	}
}

// The answer to a resend with the same ClientToken may prove that the first one
// had arrived: one that runs is waited for, and any other ends with an unknown
// outcome.
func TestClientTokenArrived(t *testing.T) {
	in(t, "in use", func(t *testing.T) {
		base := scriptedBy(reset, v3Failure("FailedOperation.ClientTokenInUse"), answering(`{"Response":{"X":1,"RequestId":"r"}}`))
		resp, err := (&qcloudhttp.Transport{Base: base}).RoundTrip(launch("token"))
		if err != nil || base.attempts() != 3 {
			t.Fatalf("%d attempts, err %v", base.attempts(), err)
		}
		resp.Body.Close()
	})
	in(t, "duplicated", func(t *testing.T) {
		base := scriptedBy(reset, v3Failure("FailedOperation.DuplicatedRequest"))
		_, err := (&qcloudhttp.Transport{Base: base}).RoundTrip(launch("token"))
		gaveUp(t, err, qcloudhttp.ReasonArrived, 2)
		if !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
			t.Errorf("err %v", err)
		}
	})
	in(t, "the first attempt's", func(t *testing.T) {
		_, err := (&qcloudhttp.Transport{Base: scriptedBy(v3Failure("FailedOperation.DuplicatedRequest"))}).RoundTrip(launch("token"))
		fail := new(qcloudhttp.Error)
		if !errors.As(err, &fail) || fail.Class != codes.ClassConflict {
			t.Errorf("err %v", err)
		}
	})
}

// The ClientToken is found whatever the body's size and Content-Type.
func TestClientTokenIsFound(t *testing.T) {
	for name, test := range map[string]struct{ contentType, body string }{
		"small": {"application/json", `{"ClientToken":"t"}`},
		"large": {"application/json", `{"UserData":"` + strings.Repeat("A", 1<<20) + `","ClientToken":"t"}`},
		"text":  {"text/json", `{"ClientToken":"t"}`},
		"none":  {"", `{"ClientToken":"t"}`},
		"odd":   {"application/json; charset", `{"ClientToken":"t"}`},
	} {
		in(t, name, func(t *testing.T) {
			base := scriptedBy(reset, answering(`{"Response":{"X":1,"RequestId":"r"}}`))
			r := launch("")
			r.ContentLength = int64(len(test.body))
			r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(test.body)), nil }
			r.Body, _ = r.GetBody()
			r.Header.Set("Content-Type", test.contentType)
			resp, err := (&qcloudhttp.Transport{Base: base}).RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		})
	}
}

// A rejection for its Timestamp teaches the clock of the moment when its header
// came, however slowly the body follows.
func TestSlowBodyTeachesTheClock(t *testing.T) {
	in(t, "", func(t *testing.T) {
		signer := &sign.TC3{Credentials: sign.Static("id", "key", "")}
		late := func(r *http.Request) (*http.Response, error) {
			resp := answer(r, "")
			resp.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
			pr, pw := io.Pipe()
			go func() {
				time.Sleep(40 * time.Second)
				io.WriteString(pw, `{"Response":{"Error":{"Code":"AuthFailure.SignatureExpire","Message":"x"},"RequestId":"r"}}`)
				pw.Close()
			}()
			resp.Body, resp.ContentLength = pr, -1
			return resp, nil
		}
		base := scriptedBy(late, answering(`{"Response":{"X":1,"RequestId":"r"}}`))
		resp, err := (&qcloudhttp.Transport{Base: base, Signer: signer}).RoundTrip(launch(""))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if skew := signer.Skew(); skew.Abs() > time.Second {
			t.Errorf("the clocks agree, and a skew of %v was learnt", skew)
		}
	})
}
