package qcloudhttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// signedBy returns both signers with a Provider.
func signedBy(p sign.Provider) map[string]qcloudhttp.Signer {
	return map[string]qcloudhttp.Signer{"V1": &sign.V1{Credentials: p}, "TC3": &sign.TC3{Credentials: p}}
}

// describe is a call of a reading action, of API 2.0 for V1 and 3.0 for TC3.
func describe(t *testing.T, signer string) *http.Request {
	t.Helper()
	if signer == "V1" {
		return newRequest(t, http.MethodGet, readAction, "")
	}
	r := newRequest(t, http.MethodPost, "https://cdn.tencentcloudapi.com/", "{}")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-TC-Action", "DescribeDomains")
	r.Header.Set("X-TC-Version", "2018-06-06")
	return r
}

func newRequest(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A token that was refused is not refused for ever: where the Provider has
// another by now, that is tried, once.
func TestRefusedTokenIsReplaced(t *testing.T) {
	for name, tt := range map[string]struct {
		tokens   []string // what the Provider returns, the last for ever
		attempts int
		fails    bool
	}{
		"valid at once":      {[]string{"valid"}, 1, false},
		"renewed meanwhile":  {[]string{"old", "valid"}, 2, false},
		"not renewed":        {[]string{"old"}, 1, true},
		"renewed, too late":  {[]string{"old", "old", "valid"}, 1, true},
		"renewed to another": {[]string{"old", "older", "older", "valid"}, 2, true},
		"gone":               {[]string{"old", ""}, 2, true},
	} {
		for signer := range signedBy(nil) {
			t.Run(name+", "+signer, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					fake := qcloudtest.NewAPI(qcloudtest.WithCredentials("AKIDtest", "the-key", "valid"))
					var asked atomic.Int32
					provider := func(context.Context) (sign.Credentials, error) {
						i := min(int(asked.Add(1)), len(tt.tokens)) - 1
						return sign.NewCredentials("AKIDtest", "the-key", tt.tokens[i]), nil
					}
					tr := &qcloudhttp.Transport{Base: fake.Transport(), Signer: signedBy(provider)[signer]}
					began := time.Now()
					resp, err := tr.RoundTrip(describe(t, signer))
					if resp != nil {
						resp.Body.Close()
					}
					if (err != nil) != tt.fails || err != nil && !errors.Is(err, codes.TokenFailure) {
						t.Errorf("%v, want a TokenFailure: %v", err, tt.fails)
					}
					if fake.Total() != tt.attempts || time.Since(began) != 0 {
						t.Errorf("%d attempts in %v, want %d at once", fake.Total(), time.Since(began), tt.attempts)
					}
				})
			})
		}
	}
}

// A Provider that fails when it is asked for another token leaves the API's answer
// as the call's error.
func TestRefusedTokenAndNoOther(t *testing.T) {
	for signer := range signedBy(nil) {
		fake := qcloudtest.NewAPI(qcloudtest.WithCredentials("AKIDtest", "the-key", "valid"))
		asked := 0
		tr := &qcloudhttp.Transport{Base: fake.Transport()}
		tr.Signer = signedBy(func(context.Context) (sign.Credentials, error) {
			if asked++; asked > 1 {
				return sign.Credentials{}, errors.New("the metadata service is down")
			}
			return sign.NewCredentials("AKIDtest", "the-key", "old"), nil
		})[signer]
		_, err := tr.RoundTrip(describe(t, signer))
		if !errors.Is(err, codes.TokenFailure) || fake.Total() != 1 {
			t.Errorf("%s: %v after %d attempts, want a TokenFailure after 1", signer, err, fake.Total())
		}
	}
}

// API 3.0 refuses a timestamp that is more than five minutes off. Where no Date
// header tells the time, its message does.
func TestClockIsLearntFromTheMessage(t *testing.T) {
	for name, tt := range map[string]struct {
		date    bool
		message string
		learnt  bool
	}{
		"message":     {false, "The signature has expired: the server time %d", true},
		"with quotes": {false, "signature expired, the server time `%d`, the timestamp is too old.", true},
		"Date header": {true, "The signature has expired %[1]c", true},
		"neither":     {false, "The signature has expired %[1]c", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const off = -3 * time.Hour
				time.Sleep(time.Until(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))) // the bubble begins in 2000
				a := &api{}
				a.answers = append(a.answers, func(r *http.Request) (*http.Response, error) {
					serverTime := time.Now().Add(off)
					stamp, _ := sign.TC3Stamp(r)
					if serverTime.Sub(stamp.Timestamp).Abs() <= 5*time.Minute {
						return a.reply(http.StatusOK, `{"Response":{"RequestId":"r"}}`, nil)(r)
					}
					h := http.Header{}
					if tt.date {
						h.Set("Date", serverTime.UTC().Format(http.TimeFormat))
					}
					message := tt.message
					if strings.Contains(message, "%d") {
						message = fmt.Sprintf(message, serverTime.Unix())
					}
					const expired = `{"Response":{"Error":{"Code":"AuthFailure.SignatureExpire","Message":"%s"},"RequestId":"r"}}`
					return a.reply(http.StatusOK, fmt.Sprintf(expired, message), h)(r)
				})
				signer := &sign.TC3{Credentials: sign.Static("AKIDtest", "the-key", "")}
				resp, err := (&qcloudhttp.Transport{Base: a, Signer: signer}).RoundTrip(describe(t, "TC3"))
				if resp != nil {
					resp.Body.Close()
				}
				if (err == nil) != tt.learnt {
					t.Fatalf("%v, learnt the time: want %v", err, tt.learnt)
				}
				if tt.learnt && (len(a.got) != 2 || (signer.Skew()-off).Abs() > 2*time.Second) {
					t.Errorf("%d attempts, a skew of %v, want 2 and %v", len(a.got), signer.Skew(), off)
				}
			})
		})
	}
}

// hosts answers for several hosts, with redirects. It notes which requests came
// signed.
type hosts struct {
	redirects map[string]string // host and path: where it leads
	signed    map[string]bool
	tokens    map[string]string
}

func (h *hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	at := r.URL.Scheme + "://" + r.URL.Host + r.URL.Path
	_, byTC3 := sign.TC3Stamp(r)
	_, byV1 := sign.V1Stamp(r)
	h.signed[at] = byTC3 || byV1
	h.tokens[at] = r.Header.Get("X-TC-Token") + r.URL.Query().Get("Token")
	resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}
	if to := h.redirects[at]; to != "" {
		resp.StatusCode = http.StatusTemporaryRedirect
		resp.Header.Set("Location", to)
	}
	return resp, nil
}

// What a redirect to another host asks for is not the caller's word: it goes out
// unsigned, and so does what that host sends back here.
func TestRedirectsAreNotSignedElsewhere(t *testing.T) {
	const home = "https://cvm.tencentcloudapi.com/"
	type steps []struct {
		to     string
		signed bool
	}
	for name, route := range map[string]steps{
		"same host":             {{home, true}, {home + "b", true}, {home + "c", true}},
		"same host, its port":   {{home, true}, {"https://CVM.tencentcloudapi.com:443/b", true}},
		"http to https":         {{"http://cvm.tencentcloudapi.com/", true}, {home, true}},
		"another host":          {{home, true}, {"https://evil.example/", false}},
		"another port":          {{home, true}, {"https://cvm.tencentcloudapi.com:8443/", false}},
		"a host below":          {{home, true}, {"https://x.cvm.tencentcloudapi.com/", false}},
		"https to http":         {{home, true}, {"http://cvm.tencentcloudapi.com/b", false}},
		"another host, on it":   {{home, true}, {"https://evil.example/", false}, {"https://evil.example/b", false}},
		"another host and back": {{home, true}, {"https://evil.example/", false}, {home + "b", false}},
	} {
		for signer, s := range signedBy(sign.Static("AKIDtest", "the-key", "the-token")) {
			t.Run(name+", "+signer, func(t *testing.T) {
				h := &hosts{map[string]string{}, map[string]bool{}, map[string]string{}}
				at := func(to string) string { // as an http.Client leads there
					u, err := url.Parse(to)
					if err != nil {
						t.Fatal(err)
					}
					return u.Scheme + "://" + u.Host + u.Path
				}
				for i := range route[1:] {
					h.redirects[at(route[i].to)] = route[i+1].to
				}
				client := &http.Client{Transport: &qcloudhttp.Transport{Base: h, Signer: s}}
				r := newRequest(t, http.MethodPost, route[0].to, "")
				if signer == "V1" {
					r = newRequest(t, http.MethodGet, route[0].to, "")
				}
				resp, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				for _, step := range route {
					signed, came := h.signed[at(step.to)]
					if !came || signed != step.signed || (h.tokens[at(step.to)] != "") != step.signed {
						t.Errorf("%s: came %v, signed %v, token %q, want signed: %v",
							step.to, came, signed, h.tokens[at(step.to)], step.signed)
					}
				}
			})
		}
	}
}

// A server without a scheme in its Location leads away, too, where the caller's
// Host header goes along; and the other side cannot teach the Signer its time.
func TestRedirectOverSockets(t *testing.T) {
	var signed atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := sign.V1Stamp(r); ok {
			signed.Add(1)
		}
		w.Header().Set("Date", time.Now().Add(24*time.Hour).UTC().Format(http.TimeFormat))
		io.WriteString(w, `{"code":4200,"message":"expired","codeDesc":"RequestExpired"}`)
	}))
	defer elsewhere.Close()
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", strings.TrimPrefix(elsewhere.URL, "http:")+"/v2/index.php?Action=GetDsaHostList")
		w.WriteHeader(http.StatusFound)
	}))
	defer home.Close()
	base := &http.Transport{}
	defer base.CloseIdleConnections()
	signer := &sign.V1{Credentials: sign.Static("AKIDtest", "the-key", "")}
	r := newRequest(t, http.MethodGet, home.URL+"/v2/index.php?Action=GetDsaHostList", "")
	r.Host = "dsa.api.qcloud.com"
	resp, err := (&http.Client{Transport: &qcloudhttp.Transport{Base: base, Signer: signer}}).Do(r)
	if resp != nil {
		resp.Body.Close()
	}
	if signed.Load() != 0 || signer.Skew() != 0 {
		t.Errorf("%d requests came signed, and the signer learnt %v (%v)", signed.Load(), signer.Skew(), err)
	}
}

// The signer's own error reaches the caller as it is: no attempt, no advice on the
// network, no unknown outcome.
func TestSignerSaysWhatHelps(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	keys := sign.Static("id", "key", "")
	for name, tt := range map[string]struct {
		signer      qcloudhttp.Signer
		contentType string
		is          error
		help        string
	}{
		"no keys":            {&sign.V1{}, form, sign.ErrNoCredentials, "SecretKey"},
		"no Content-Type":    {&sign.V1{Credentials: keys}, "", sign.ErrUnsupported, "Content-Type"},
		"JSON for V1":        {&sign.V1{Credentials: keys}, "application/json", sign.ErrUnsupported, "TC3"},
		"unknown V1.Method":  {&sign.V1{Credentials: keys, Method: "MD5"}, form, sign.ErrUnsupported, "HmacSHA256"},
		"TC3 without a name": {&sign.TC3{}, "", sign.ErrNoCredentials, "SecretId"},
	} {
		a := answering(success)
		r := newRequest(t, http.MethodPost, "https://dsa.api.qcloud.com/v2/index.php", "Action=CreateDsaHost")
		if tt.contentType != "" {
			r.Header.Set("Content-Type", tt.contentType)
		}
		_, err := (&qcloudhttp.Transport{Base: a, Signer: tt.signer}).RoundTrip(r)
		if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.help) ||
			errors.Is(err, qcloudhttp.ErrOutcomeUnknown) || len(a.got) != 0 {
			t.Errorf("%s: %v after %d attempts, want a word on %s", name, err, len(a.got), tt.help)
		}
	}
}

// A body whose Read blocks keeps neither the Signer nor the call: both end with the
// request's context, with its cause.
func TestSigningABlockedBodyEndsWithTheContext(t *testing.T) {
	for signer, s := range signedBy(sign.Static("AKIDtest", "the-key", "")) {
		synctest.Test(t, func(t *testing.T) {
			cause := errors.New("the user left")
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(cause) })
			body, writer := io.Pipe()
			defer writer.Close()
			r := newRequest(t, http.MethodPost, "https://cdn.tencentcloudapi.com/", "").WithContext(ctx)
			r.Body, r.GetBody, r.ContentLength = body, nil, -1
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			began := time.Now()
			_, err := (&qcloudhttp.Transport{Base: answering(success), Signer: s}).RoundTrip(r)
			if took := time.Since(began); !errors.Is(err, cause) || took != time.Second {
				t.Errorf("%s: %v after %v, want the cause after 1s", signer, err, took)
			}
		})
	}
}

// accounts is a limiter that notes whose quota the calls count against.
type accounts []string

func (*accounts) Wait(context.Context) error { return nil }

func (a *accounts) Acquire(_ context.Context, c limit.Call) (func(limit.Answer) bool, error) {
	*a = append(*a, c.Account)
	return func(limit.Answer) bool { return false }, nil
}

// A call counts against the account that signs it, which the Provider tells by the
// request's context. The limiter knows it by a pseudonym.
func TestAccountIsTheSigners(t *testing.T) {
	type tenant struct{}
	provider := func(ctx context.Context) (sign.Credentials, error) {
		return sign.NewCredentials(ctx.Value(tenant{}).(string), "the-key", ""), nil
	}
	for signer, s := range signedBy(provider) {
		var seen accounts
		tr := &qcloudhttp.Transport{Base: answering(success), Signer: s, Limiter: &seen}
		for _, who := range []string{"AKIDone", "AKIDother", "AKIDone"} {
			resp, err := tr.RoundTrip(describe(t, signer).WithContext(context.WithValue(t.Context(), tenant{}, who)))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
		if len(seen) != 3 || seen[0] == "" || seen[0] == seen[1] || seen[0] != seen[2] || strings.Contains(seen[0], "AKID") {
			t.Errorf("%s: the accounts are %q, want two pseudonyms, the first one twice", signer, seen)
		}
	}
}
