package faulttests

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// echoing is a Base that answers with a message, a codeDesc and a requestId made
// of the request's SecretId and Signature.
type echoing func(id, signature string) string

func (f echoing) RoundTrip(r *http.Request) (*http.Response, error) {
	q := r.URL.Query()
	echo := f(q.Get("SecretId"), q.Get("Signature"))
	body, err := json.Marshal(map[string]any{"code": 77777, "message": echo, "codeDesc": echo, "requestId": echo})
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
		Body: io.NopCloser(strings.NewReader(string(body))),
	}, err
}

// said is all that an error can be made to say.
func said(err error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v\n%+v\n%q\n", err, err, err)
	encoded, _ := json.Marshal(err)
	b.Write(encoded)
	b.WriteString(qcloudhttp.Explain(err, "zh"))
	return b.String()
}

// An API, or a proxy, may quote what it refused in whatever form: a SecretId
// that does not look like one, a value that no name stands before, or one that
// is escaped.
func TestOddEchoes(t *testing.T) {
	const odd = "my-own.secret/id"
	for name, form := range map[string]echoing{
		"SecretId alone":               func(id, _ string) string { return "who is " + id + "?" },
		"SecretId, escaped":            func(id, _ string) string { return "who is " + url.QueryEscape(id) + "?" },
		"SecretId, named by a word":    func(id, _ string) string { return "the SecretId " + id + " is unknown" },
		"SecretId, the sign escaped":   func(id, _ string) string { return "SecretId%3D" + url.QueryEscape(id) + "%26Nonce" },
		"Signature alone":              func(_, s string) string { return s + " is wrong" },
		"Signature, escaped":           func(_, s string) string { return url.QueryEscape(s) + " is wrong" },
		"Signature after a space":      func(_, s string) string { return "the Signature " + s + " is wrong" },
		"Signature after spaces and =": func(_, s string) string { return "Signature = " + s + " is wrong" },
		"Signature, the sign escaped":  func(_, s string) string { return "Signature%3D" + url.QueryEscape(s) },
		"Signature, as JSON has it":    func(_, s string) string { return strings.ReplaceAll(s, "/", `\/`) + " is wrong" },
		"both in quotes":               func(id, s string) string { return `{"id":"` + id + `","s":"` + s + `"}` },
		"twice":                        func(id, s string) string { return id + id + s + s },
	} {
		t.Run(name, func(t *testing.T) {
			var id, signature string
			base := echoing(func(i, s string) string { id, signature = i, s; return form(i, s) })
			client := &qcloudhttp.Transport{Base: base, Signer: &sign.V1{Credentials: sign.Static(odd, secretKey, "")}}
			req := must(http.NewRequest(http.MethodGet, "http://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList", nil))
			_, err := client.RoundTrip(req)
			if err == nil || id != odd || signature == "" {
				t.Fatalf("SecretId %q, Signature %q, err %v", id, signature, err)
			}
			var logged bytes.Buffer
			logTo := qcloudhttp.LogTo(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
			logTo.Observe(t.Context(), qcloudhttp.Event{Kind: qcloudhttp.EventAttempt, Err: err})
			for _, secret := range []string{id, url.QueryEscape(id), signature, url.QueryEscape(signature), strings.ReplaceAll(signature, "/", `\/`)} {
				if text := said(err) + logged.String(); strings.Contains(text, secret) {
					t.Errorf("%q is in %s", secret, text)
				}
			}
		})
	}
}

// What looks like a credential is masked, whoever's it is.
func TestForeignCredentials(t *testing.T) {
	const id = "z8krbsJ5yKBZQpn74"
	for _, text := range []string{
		"not AKID" + id, "not IKID" + id, "for SecretId%3D" + id + "%26", "the signature = " + id, `{"token": "` + id + `"}`,
	} {
		base := echoing(func(string, string) string { return text + " here" })
		req := must(http.NewRequest(http.MethodGet, "http://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList", nil))
		_, err := (&qcloudhttp.Transport{Base: base}).RoundTrip(req)
		if err == nil || strings.Contains(said(err), id) || !strings.Contains(err.Error(), "***") {
			t.Errorf("%q became %v", text, err)
		}
	}
}

// refusing is a Limiter, and a Signer, that says too much.
type refusing struct{ after int }

func (r *refusing) err() error {
	if r.after--; r.after >= 0 {
		return nil
	}
	return fmt.Errorf("no turn for %s with SecretKey=%s at https://user:%s@host/?a=%s", secretID, secretKey, password, inQuery)
}

func (r *refusing) Wait(context.Context) error { return r.err() }
func (r *refusing) Sign(*http.Request) error   { return r.err() }

func (r *refusing) Acquire(ctx context.Context, _ limit.Call) (func(limit.Answer) bool, error) {
	return func(limit.Answer) bool { return false }, r.Wait(ctx)
}

// A Limiter's or Signer's error is shown without the credentials in it, before
// the first attempt as before a later one.
func TestErrorsOfLimiterAndSigner(t *testing.T) {
	for name, set := range map[string]func(*qcloudhttp.Transport, *refusing){
		"Limiter": func(c *qcloudhttp.Transport, r *refusing) { c.Limiter = struct{ qcloudhttp.Limiter }{r} },
		"Gate":    func(c *qcloudhttp.Transport, r *refusing) { c.Limiter = r },
		"Signer":  func(c *qcloudhttp.Transport, r *refusing) { c.Signer, c.Limiter = r, unlimited{} },
	} {
		for after := range 2 {
			t.Run(fmt.Sprint(name, " after ", after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					base := echoing(func(string, string) string { return "x" })
					client := &qcloudhttp.Transport{Base: base, Policy: &qcloudhttp.Policy{
						Classify: func(qcloudhttp.Failure) qcloudhttp.Verdict {
							return qcloudhttp.Verdict{Class: codes.ClassInternal, Retry: true}
						},
					}}
					set(client, &refusing{after: after})
					req := must(http.NewRequest(http.MethodGet, "http://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList", nil))
					_, err := client.RoundTrip(req)
					if err == nil || !strings.Contains(err.Error(), "no turn for") {
						t.Fatalf("err %v", err)
					}
					for _, secret := range []string{secretID, secretKey, password, inQuery} {
						if strings.Contains(said(err), secret) {
							t.Errorf("%q is in %s", secret, said(err))
						}
					}
				})
			})
		}
	}
}
