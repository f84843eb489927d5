package qcloudhttp_test

import (
	"context"
	"errors"
	"fmt"
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

// marking is a Signer that puts a token of its own on the request, and learns
// the time.
type marking struct {
	tokens  []string // the last for ever
	signed  int
	learned []time.Time
}

func (m *marking) Sign(r *http.Request) error {
	r.Header.Set("X-TC-Token", m.tokens[min(m.signed, len(m.tokens)-1)])
	m.signed++
	return nil
}

func (m *marking) LearnTime(server time.Time) { m.learned = append(m.learned, server) }

// A redirect to another host, or from https to http, is followed as net/http
// does, and not signed: the credentials are not for that.
func TestRedirectsAreNotSigned(t *testing.T) {
	for chain, want := range map[string]string{
		"https://a/ https://a/b":                       "signed signed",
		"https://a/ https://A:443/b":                   "signed signed",
		"https://a/ https://b/":                        "signed plain",
		"https://a/ https://a.b/":                      "signed plain",
		"https://a/ https://a:8443/":                   "signed plain",
		"https://a/ http://a/":                         "signed plain",
		"http://a/ https://a/":                         "signed signed",
		"https://a/ https://b/ https://a/":             "signed plain plain",
		"https://a/ https://b/ https://b/2":            "signed plain plain",
		"https://a/ https://a/1 https://a/2 https://b": "signed signed signed plain",
	} {
		hops := strings.Fields(chain)
		var got []string
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			got = append(got, "plain")
			if r.Header.Get("X-TC-Token") != "" {
				got[len(got)-1] = "signed"
			}
			resp := &http.Response{StatusCode: 200, Header: http.Header{}, Request: r,
				Body: io.NopCloser(strings.NewReader(success))}
			if len(got) < len(hops) {
				resp.StatusCode = http.StatusFound
				resp.Header.Set("Location", hops[len(got)])
			}
			return resp, nil
		})
		if _, err := get(t, &qcloudhttp.Transport{Base: base, Signer: &marking{tokens: []string{"t"}}}, hops[0]); err != nil {
			t.Errorf("%s: %v", chain, err)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", chain, got)
		}
	}
}

// A session token that was refused is tried again once, where the Signer has
// another one by now.
func TestRenewedToken(t *testing.T) {
	for _, refused := range []string{
		`{"Response":{"Error":{"Code":"AuthFailure.TokenFailure","Message":"m"},"RequestId":"r"}}`,
		`{"code":4105,"message":"m","codeDesc":"x"}`,
	} {
		for _, test := range []struct {
			tokens   []string
			accepted string
			attempts int
		}{
			{[]string{"old", "new"}, "new", 2},
			{[]string{"old"}, "new", 1},
			{[]string{"old", "older", "older", "new"}, "new", 2},
		} {
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				base := roundTripper(func(r *http.Request) (*http.Response, error) {
					attempts++
					body := refused
					if r.Header.Get("X-TC-Token") == test.accepted {
						body = success
					}
					return (&api{}).reply(200, body, nil)(r)
				})
				began := time.Now()
				_, err := get(t, &qcloudhttp.Transport{Base: base, Signer: &marking{tokens: test.tokens}},
					"https://cvm.tencentcloudapi.com/?Action=RunInstances&Version=1")
				renewed := len(test.tokens) == 2
				if attempts != test.attempts || (err == nil) != renewed || !renewed && !errors.Is(err, codes.ClassAuth) ||
					time.Since(began) != 0 {
					t.Errorf("%v: %d attempts in %v, %v", test.tokens, attempts, time.Since(began), err)
				}
			})
		}
	}
}

// A renewed token does not outweigh a bound, nor is its request's body left open
// where a limiter lets it go no more.
func TestRenewedTokenWithinBounds(t *testing.T) {
	const refused = `{"code":4105,"message":"m","codeDesc":"x"}`
	for name, test := range map[string]struct {
		policy  *qcloudhttp.Policy
		ctx     func(context.Context) context.Context
		limiter qcloudhttp.Limiter
	}{
		"MaxAttempts":    {&qcloudhttp.Policy{MaxAttempts: 1}, nil, nil},
		"WithoutRetries": {nil, qcloudhttp.WithoutRetries, nil},
		"limiter":        {nil, nil, &single{}},
	} {
		a, ctx := answering(refused), t.Context()
		if test.ctx != nil {
			ctx = test.ctx(ctx)
		}
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, readAction, nil)
		req.GetBody = func() (io.ReadCloser, error) {
			a.open.Add(1)
			return &countedBody{Reader: strings.NewReader("a=b"), open: &a.open}, nil
		}
		req.Body, _ = req.GetBody()
		client := &qcloudhttp.Transport{
			Base: a, Signer: &marking{tokens: []string{"old", "new"}}, Policy: test.policy, Limiter: test.limiter,
		}
		if _, err := client.RoundTrip(req); !errors.Is(err, codes.TokenFailure) || len(a.got) != 1 || a.open.Load() != 0 {
			t.Errorf("%s: %v after %d attempts, %d bodies open", name, err, len(a.got), a.open.Load())
		}
	}
}

// A renewed token makes no new Nonce for a change that may have been executed,
// although the pinned one is too old to be sent again.
func TestRenewedTokenOfAnOldChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var nonces []string
		base := roundTripper(func(r *http.Request) (*http.Response, error) {
			nonces = append(nonces, r.URL.Query().Get("Nonce"))
			if len(nonces) == 1 {
				return nil, io.EOF // it may have been executed
			}
			time.Sleep(4*time.Minute + 40*time.Second)
			return (&api{}).reply(200, `{"code":4105,"message":"m","codeDesc":"x"}`, nil)(r)
		})
		began := time.Now()
		signer := &sign.V1{Credentials: func(context.Context) (sign.Credentials, error) {
			return sign.NewCredentials("id", "key", time.Since(began).Truncate(time.Minute).String()), nil
		}}
		_, err := get(t, &qcloudhttp.Transport{Base: base, Signer: signer, Policy: &qcloudhttp.Policy{MaxElapsed: -1}},
			"https://cvm.api.qcloud.com/v2/index.php?Action=RunInstances")
		if len(nonces) != 2 || nonces[0] != nonces[1] || !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
			t.Errorf("Nonces %q, %v", nonces, err)
		}
	})
}

// single lets one attempt go.
type single struct{ gone bool }

func (o *single) Wait(context.Context) error {
	if o.gone {
		return errors.New("no more")
	}
	o.gone = true
	return nil
}

// The clock is learnt from the Date, as it was when the header came, else from
// the time that the message tells.
func TestClockIsLearntAtTheHeader(t *testing.T) {
	const expired = `{"Response":{"Error":{"Code":"AuthFailure.SignatureExpire","Message":"%s"},"RequestId":"r"}}`
	for name, test := range map[string]struct {
		date bool
		body string
		lag  time.Duration // of the body behind the header
		want bool
	}{
		"Date":              {true, fmt.Sprintf(expired, "m"), 0, true},
		"Date, a slow body": {true, fmt.Sprintf(expired, "m"), 40 * time.Second, true},
		"message": {false, fmt.Sprintf(expired,
			"The signature has expired, server time 1700000000, timestamp 1"), 0, true},
		"message, slow":       {false, fmt.Sprintf(expired, "server time: 1700000000"), 40 * time.Second, true},
		"neither":             {false, fmt.Sprintf(expired, "m"), 0, false},
		"4500, a slow body":   {true, `{"code":4500,"message":"m"}`, 40 * time.Second, true},
		"4200, by Date alone": {true, `{"code":4200,"message":"m"}`, 0, true},
		"another failure":     {true, `{"code":4100,"message":"m"}`, 0, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(time.Unix(1_700_000_000, 0)))
			attempts := 0
			base := roundTripper(func(r *http.Request) (*http.Response, error) {
				if attempts++; attempts > 1 {
					return (&api{}).reply(200, success, nil)(r)
				}
				h := http.Header{}
				if test.date {
					h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
				}
				return &http.Response{StatusCode: 200, Header: h, Request: r, ContentLength: -1,
					Body: io.NopCloser(&laggard{test.lag, strings.NewReader(test.body)})}, nil
			})
			signer := &marking{tokens: []string{"t"}}
			get(t, &qcloudhttp.Transport{Base: base, Signer: signer}, readAction)
			if len(signer.learned) > 0 != test.want {
				t.Fatalf("%s: learned %v", name, signer.learned)
			}
			for _, server := range signer.learned {
				if off := time.Until(server).Abs(); off > time.Second { // the retry's delay
					t.Errorf("%s: the clock is %v off", name, off)
				}
			}
		})
	}
}

// laggard comes late.
type laggard struct {
	lag time.Duration
	io.Reader
}

func (l *laggard) Read(p []byte) (int, error) {
	time.Sleep(l.lag)
	l.lag = 0
	return l.Reader.Read(p)
}
