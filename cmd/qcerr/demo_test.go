package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// In virtual time, so that it takes none, and as long as it takes a spectator.
func TestDemo(t *testing.T) {
	for _, w := range []*words{&english, &chinese} {
		t.Run(w.lang, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				c := &cli{stdout: &out, env: func(string) string { return "" }, words: w}
				api := qcloudtest.NewAPI(demoAPI(w)...)
				handleUserInfo(api)
				start := time.Now()
				if err := c.playDemo(api, "http://127.0.0.1:1/v2/index.php", api.Transport()); err != nil {
					t.Fatalf("%v\n%s", err, out.String())
				}
				if took := time.Since(start); took < 2*time.Second || took > 12*time.Second {
					t.Errorf("the demo takes %v", took)
				}
				checkDemo(t, w, out.String())
			})
		})
	}
}

// The command plays it on loopback.
func TestDemoOverSockets(t *testing.T) {
	got := qcerr(t, "demo")
	if got.status != exitOK || got.stderr != "" {
		t.Fatalf("exit %d: %s\n%s", got.status, got.stderr, got.stdout)
	}
	contains(t, "demo", got.stdout, "http://127.0.0.1:", "2002 Domain", "4100 Auth")
}

// checkDemo looks for what the demo is to show: every act with its codes, the
// typed errors and the summary.
func checkDemo(t *testing.T, w *words, out string) {
	t.Helper()
	for _, attempt := range []string{
		`reader-\d GetDsaHostList +1 +4400 Throttled`,
		`reader-\d GetDsaHostList +\d+ +0 +OK`,
		`deployer OnlineDsaHost +1 +1014 Busy`,
		`flusher +FlushCache +1 +2010 Throttled`,
		`monitor +GetDsaHostInfo +1 +6200 Unavailable`,
		` +[2-9] +6000 Internal`,
		`creator +CreateDsaHost +1 +- +Network`,
		`creator +CreateDsaHost +2 +0 +OK`,
		`creator +CreateDsaHost +2 +4500 Stale`,
		`creator +CreateDsaHost +1 +2002 Domain`,
		`stranger GetDsaUserInfo +1 +4100 Auth`,
		`errors.As\(err, &apiErr\) +true\napiErr +Code: 4000, Module: 2002, Class: Domain\n`,
		`errors.Is\(err, codes.DomainNotFiled\) +true`,
		`errors.Is\(err, codes.AuthFailure\) +true`,
		`errors.Is\(err, qcloudhttp.ErrThrottled\) +false`,
		`✓ .*9.*\n$`,
		regexp.QuoteMeta(w.demo.calls) + ` +39 `,
		`Network 2, Throttled \d+, Busy \d+, Unavailable \d+, Internal 2,\s+Stale 1, Auth 1, Domain 1\n`,
	} {
		if !regexp.MustCompile(attempt).MatchString(out) {
			t.Errorf("%s does not show %s", w.lang, attempt)
		}
	}
	for _, code := range []codes.Code{codes.DomainNotFiled, codes.AuthFailure} {
		info, _ := codes.Lookup(code)
		contains(t, "the text of an error", out, w.remedyOf(info))
	}
	fits(t, out)
	if han := regexp.MustCompile(`\p{Han}`); w == &english && han.MatchString(out) {
		t.Errorf("the demo in English says %s", han.FindString(out))
	}
	if strings.Contains(out, "✗") || strings.Contains(out, "\x1b[") {
		t.Errorf("an unmet expectation, or colours without a terminal:\n%s", out)
	}
	for _, secret := range []string{demoSecretID, demoSecretKey, "Signature=", "SecretId="} {
		if strings.Contains(out, secret) {
			t.Errorf("the demo prints %s", secret)
		}
	}
}

// remote runs the demo against an API with the given environment.
func remote(t *testing.T, endpoint string, env map[string]string) result {
	t.Helper()
	return qcerrWith(t, "", env, "demo", "-endpoint", endpoint)
}

const (
	remoteID  = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3"
	remoteKey = "Gu5t9xGARNpq86cd98joQYCN3"
)

func TestDemoOfAnEndpointSigns(t *testing.T) {
	api := qcloudtest.NewServer(qcloudtest.WithTemporaryCredentials(remoteID, remoteKey, "session-token"))
	defer api.Close()
	handleUserInfo(api.API)
	api.Next(1, qcloudtest.Code(codes.InternalError))
	got := remote(t, api.URL, map[string]string{
		"TENCENTCLOUD_SECRET_ID": remoteID, "TENCENTCLOUD_SECRET_KEY": remoteKey, "TENCENTCLOUD_TOKEN": "session-token",
		"QCLOUD_SECRET_ID": "half of a key is none",
	})
	if got.status != exitOK || got.stderr != "" {
		t.Fatalf("exit %d: %s\n%s", got.status, got.stderr, got.stdout)
	}
	contains(t, "the timeline", got.stdout, "6000 Internal", "done after", "calls 3 3 done, 0 failed")
	for _, action := range []string{"GetDsaUserInfo", "GetDsaHostList", "GetFlushLog"} {
		if api.Executed(action) != 1 {
			t.Errorf("%s was executed %d times", action, api.Executed(action))
		}
	}
	noSecret(t, got)
}

func TestCredentials(t *testing.T) {
	for _, tc := range []struct {
		env  map[string]string
		want sign.Credentials
	}{
		{map[string]string{"SecretId": "a", "SecretKey": "b", "Token": "not ours", "": "nor this"}, sign.Credentials{SecretID: "a", SecretKey: "b"}},
		{map[string]string{"SecretId": "a", "SecretKey": "b", "TENCENTCLOUD_SECRET_ID": "c", "TENCENTCLOUD_SECRET_KEY": "d"},
			sign.Credentials{SecretID: "c", SecretKey: "d"}},
		{map[string]string{"QCLOUD_SECRET_ID": "a", "QCLOUD_SECRET_KEY": "b", "QCLOUD_TOKEN": "c"},
			sign.Credentials{SecretID: "a", SecretKey: "b", Token: "c"}},
		{map[string]string{"SecretId": "a", "QCLOUD_SECRET_KEY": "b"}, sign.Credentials{}},
	} {
		got, ok := credentials(func(name string) string { return tc.env[name] })
		if got != tc.want || ok != (tc.want != sign.Credentials{}) {
			t.Errorf("%v: %v, %v", tc.env, got, ok)
		}
	}
	for _, names := range keyVariables {
		for _, w := range []*words{&english, &chinese} {
			contains(t, w.lang, w.usage, names.id, names.key, names.token)
			contains(t, w.lang, w.demo.noCredentials, names.id, names.key)
		}
	}
}

func noSecret(t *testing.T, got result) {
	t.Helper()
	for _, secret := range []string{remoteID, remoteKey, "session-token"} {
		if strings.Contains(got.stdout+got.stderr, secret) {
			t.Errorf("%s is printed:\n%s%s", secret, got.stdout, got.stderr)
		}
	}
}

func TestDemoOfAnEndpointFails(t *testing.T) {
	key := map[string]string{"QCLOUD_SECRET_ID": remoteID, "QCLOUD_SECRET_KEY": remoteKey}
	api := qcloudtest.NewServer(qcloudtest.WithCredentials("AKIDanother", "another"))
	defer api.Close()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("<html></html>")) }))
	defer page.Close()
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(`{"code":4100,"message":"the key ` + remoteKey + ` of ` + remoteID + ` is wrong"}`))
	}))
	defer echo.Close()
	away := httptest.NewServer(http.RedirectHandler(api.URL+"/v2/index.php", http.StatusTemporaryRedirect))
	defer away.Close()

	for _, tc := range []struct {
		url  string
		env  map[string]string
		want string
	}{
		{api.URL, nil, "needs credentials"},
		{api.URL, map[string]string{"QCLOUD_SECRET_ID": remoteID, "TENCENTCLOUD_SECRET_KEY": remoteKey}, "needs credentials"},
		{api.URL, key, "4104 SecretIDNotFound"},
		{page.URL, key, "HTTP 200: not an answer of the API"},
		{echo.URL, key, "the key *** of *** is wrong"},
		{away.URL, key, "HTTP 307: not an answer of the API"},
	} {
		before := api.Total()
		got := remote(t, tc.url, tc.env)
		if got.status != exitFail {
			t.Errorf("%s: exit %d", tc.want, got.status)
		}
		contains(t, tc.url, got.stdout+got.stderr, tc.want)
		if tc.url == away.URL && api.Total() != before {
			t.Error("a signed request followed a redirect")
		}
		noSecret(t, got)
	}
}

// TestOutcomesFit makes sure that no word of ours is clipped in the timeline.
func TestOutcomesFit(t *testing.T) {
	for _, w := range []*words{&english, &chinese} {
		d := w.demo
		texts := []string{d.permanent, d.noAnswer, d.deploymentOver, d.backUp,
			fmt.Sprintf(d.inLine, 123.4), fmt.Sprintf(d.doneAfter, "12.34 s")}
		for _, cause := range d.causes {
			texts = append(texts, cause)
		}
		for _, short := range d.short {
			texts = append(texts, short)
		}
		for _, reason := range []qcloudhttp.Reason{
			qcloudhttp.ReasonAttempts, qcloudhttp.ReasonElapsed, qcloudhttp.ReasonDeadline, qcloudhttp.ReasonContext,
			qcloudhttp.ReasonBudget, qcloudhttp.ReasonRetryAfter, qcloudhttp.ReasonUnsafe, qcloudhttp.ReasonArrived,
			qcloudhttp.ReasonNonceAge, qcloudhttp.ReasonStale, qcloudhttp.ReasonBody, qcloudhttp.ReasonLimiter, qcloudhttp.ReasonSigner,
		} {
			if d.reasons[reason] == "" {
				t.Errorf("%s: no words for %s", w.lang, reason)
			}
			texts = append(texts, w.ending(&qcloudhttp.GiveUpError{Reason: reason}))
		}
		for _, text := range texts {
			if text == "" || width(text) > outcomeWidth {
				t.Errorf("%s: %q has %d columns of %d", w.lang, text, width(text), outcomeWidth)
			}
		}
	}
}

func TestWaitCell(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "", time.Microsecond: "", 999999 * time.Microsecond: "999 ms", time.Second: "1.00 s",
		10*time.Second - 1: "9.99 s", time.Minute: "60 s",
	} {
		if got := waitCell(d); got != want {
			t.Errorf("%v is shown as %q, want %q", d, got, want)
		}
	}
}

// TestUnmetExpectation makes sure that the demo can fail.
func TestUnmetExpectation(t *testing.T) {
	var out bytes.Buffer
	d := &demo{words: &english, timeline: newTimeline(&out, &english, false)}
	d.expect(true, "met")
	d.expect(false, "%d is not so", 1)
	if d.met != 1 || len(d.unmet) != 1 || out.String() != "✓ met\n✗ 1 is not so\n" {
		t.Errorf("unmet %q, printed %q", d.unmet, out.String())
	}
	d.unmet = append(d.unmet, "another")
	if err := d.verdict(); err == nil || err.Error() != "2 expectation(s) not met: 1 is not so; another" {
		t.Errorf("the verdict is %v", err)
	}
}

func TestColours(t *testing.T) {
	tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0)
	if err != nil {
		tty, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device as well
	}
	if err != nil {
		t.Skip(err)
	}
	defer tty.Close()
	for _, tc := range []struct {
		env  map[string]string
		want bool
	}{
		{map[string]string{"TERM": "xterm"}, true},
		{map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, false},
		{map[string]string{"TERM": "dumb"}, false},
	} {
		c := &cli{stdout: tty, env: func(name string) string { return tc.env[name] }}
		if got := c.colours(); got != tc.want {
			t.Errorf("%v: colours %v", tc.env, got)
		}
	}
	if c := (&cli{stdout: &bytes.Buffer{}, env: os.Getenv}); c.colours() {
		t.Error("colours without a terminal")
	}
	var out bytes.Buffer
	newTimeline(&out, &english, true).expectation(false, "x")
	if out.String() != "\x1b[31m✗ x\x1b[0m\n" {
		t.Errorf("printed %q", out.String())
	}
}
