package faulttests

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// What must never be printed. inQuery is an ordinary parameter: no query is.
const (
	secretID  = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
	secretKey = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
	wrongKey  = "wrongGARNpq86cd98joQYCN3EXAMPLE"
	token     = "b8c1a2d3temporarytokenEXAMPLE"
	inQuery   = "parameterOfTheQuery"
	password  = "hunter2hunter2"
)

// TestNothingPrintsASecret runs signed calls of both APIs into every failure
// there is, prints all that can be printed of what comes back, is observed and
// is logged, and looks for the credentials and the query in it.
func TestNothingPrintsASecret(t *testing.T) {
	srv := qcloudtest.NewServer(qcloudtest.WithCredentials(secretID, secretKey, token))
	defer srv.Close()
	echo := httptest.NewServer(http.HandlerFunc(echoSecrets))
	defer echo.Close()
	gone := httptest.NewServer(nil)
	gone.Close()

	for name, w := range ways() {
		t.Run(name, func(t *testing.T) {
			base := &http.Transport{}
			defer base.CloseIdleConnections()
			r := &run{secrets: map[string]bool{}, way: w}
			for _, s := range []string{secretID, secretKey, wrongKey, token, inQuery, password} {
				r.secrets[s] = true
			}
			for _, steps := range everyFailure() {
				srv.OnRequest(func(qcloudtest.Request) []qcloudtest.Step { return steps })
				r.call(t.Context(), base, srv.URL)
			}
			srv.OnRequest(nil)
			r.call(t.Context(), base, srv.URL) // refused, where the signature is wrong
			for _, path := range []string{"/code", "/v3", "/html", "/loop"} {
				r.call(t.Context(), base, echo.URL+path)
			}
			r.call(t.Context(), base, gone.URL)
			r.call(t.Context(), chatty(base), gone.URL)
			r.search(t)
		})
	}
}

// ways are the ways in which requests come to be signed.
func ways() map[string]way {
	v1 := &sign.V1{Credentials: sign.Static(secretID, secretKey, token)}
	v1Wrong := &sign.V1{Credentials: sign.Static(secretID, wrongKey, token), Method: sign.HmacSHA256}
	tc3 := &sign.TC3{Credentials: sign.Static(secretID, secretKey, token)}
	tc3Wrong := &sign.TC3{Credentials: sign.Static(secretID, wrongKey, token)}
	return map[string]way{
		"v1 GET":            {request: getV1, signer: v1},
		"v1 POST":           {request: postV1, signer: v1},
		"v1 wrong key":      {request: getV1, signer: v1Wrong},
		"v1 presigned GET":  {request: presigned(getV1, v1)},
		"v1 presigned POST": {request: presigned(postV1, v1Wrong)},
		"tc3":               {request: postTC3, signer: tc3},
		"tc3 wrong key":     {request: postTC3, signer: tc3Wrong},
		"tc3 presigned":     {request: presigned(postTC3, tc3)},
		"failing signer":    {request: getV1, signer: failingSigner{}},
	}
}

type way struct {
	request func(endpoint string) *http.Request
	signer  qcloudhttp.Signer
}

func getV1(endpoint string) *http.Request {
	return must(http.NewRequest(http.MethodGet, v2Path(endpoint)+"?Action=CreateDsaHost&host="+inQuery, nil))
}

func v2Path(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		panic(err)
	}
	u.User = url.UserPassword("user", password)
	if u.Path == "" {
		u.Path = "/v2/index.php"
	}
	return u.String()
}

func postV1(endpoint string) *http.Request {
	form := url.Values{"Action": {"FlushCache"}, "hostId": {inQuery}}
	req := must(http.NewRequest(http.MethodPost, v2Path(endpoint), strings.NewReader(form.Encode())))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

func postTC3(endpoint string) *http.Request {
	body := strings.NewReader(`{"Domain":"` + inQuery + `"}`)
	req := must(http.NewRequest(http.MethodPost, endpoint+"?trace="+inQuery, body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-TC-Action", "DescribeDomains")
	req.Header.Set("X-TC-Version", "2019-10-12")
	return req
}

// presigned is what a program sends that signs by itself.
func presigned(request func(string) *http.Request, s qcloudhttp.Signer) func(string) *http.Request {
	return func(endpoint string) *http.Request {
		req := request(endpoint)
		if err := s.Sign(req); err != nil {
			panic(err)
		}
		return req
	}
}

// failingSigner tells too much.
type failingSigner struct{}

func (failingSigner) Sign(r *http.Request) error {
	return fmt.Errorf("cannot sign %s with SecretKey=%s", r.URL, secretKey)
}

// everyFailure is what the API answers, a code of every class, or does to the
// connection.
func everyFailure() [][]qcloudtest.Step {
	all := [][]qcloudtest.Step{
		{qcloudtest.Drop()}, {qcloudtest.Reset()}, {qcloudtest.Cut(20)},
		{qcloudtest.Execute(), qcloudtest.Drop()},
		{qcloudtest.Status(http.StatusForbidden)}, {qcloudtest.Status(http.StatusBadGateway)},
		{qcloudtest.Status(http.StatusServiceUnavailable), qcloudtest.Header("Retry-After", "3600")},
		{qcloudtest.CodeText("FailedOperation.NobodyKnows")},
		{qcloudtest.Body("application/json", `{"code":77777}`)},
	}
	seen := map[codes.Class]bool{}
	for _, info := range codes.All() {
		f := qcloudhttp.Failure{Code: info.Code}
		if info.Product != "" {
			f.Code, f.Module = codes.InvalidParameter, info.Code
		}
		if class := qcloudhttp.Classify(f).Class; !seen[class] {
			seen[class] = true
			all = append(all, []qcloudtest.Step{qcloudtest.Code(info.Code)})
		}
	}
	return all
}

// echoSecrets is a gateway that tells the client what it was sent.
func echoSecrets(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	said := fmt.Sprintf("refused %s http://%s%s: SecretId=%s, Signature: %s, \"Token\":\"%s\", X-TC-Token: %s; key %s\nAuthorization: %s",
		r.Method, r.Host, r.URL, r.Form.Get("SecretId"), r.Form.Get("Signature"), r.Form.Get("Token"),
		r.Header.Get("X-TC-Token"), secretID, r.Header.Get("Authorization"))
	switch r.URL.Path {
	case "/code":
		json.NewEncoder(w).Encode(map[string]any{"code": 4100, "message": said, "codeDesc": said, "requestId": said})
	case "/v3":
		failure := map[string]string{"Code": "AuthFailure.SignatureFailure", "Message": said}
		json.NewEncoder(w).Encode(map[string]any{"Response": map[string]any{"Error": failure, "RequestId": "1-2-3"}})
	case "/loop":
		http.Redirect(w, r, r.URL.String(), http.StatusFound)
	default:
		http.Error(w, said, http.StatusForbidden)
	}
}

// chatty is a base that puts the URL into its errors, as go-retryablehttp does.
func chatty(base http.RoundTripper) http.RoundTripper {
	client := retryablehttp.NewClient()
	client.HTTPClient, client.RetryMax, client.Logger = &http.Client{Transport: base}, 0, nil
	return &retryablehttp.RoundTripper{Client: client}
}

// run collects what is printed and what must not be.
type run struct {
	output
	way     way
	secrets map[string]bool
	raw     bool // an error of net/http held the query before it was redacted
}

// Observe prints the event in the ways in which a user may.
func (l *run) Observe(_ context.Context, e qcloudhttp.Event) {
	fmt.Fprintf(l, "%v\n%+v\n", e, e)
	encoded, _ := json.Marshal(e)
	fmt.Fprintf(l, "%s\n", encoded)
	l.printError(e.Err)
}

// call makes one call and prints what comes of it.
func (l *run) call(ctx context.Context, base http.RoundTripper, endpoint string) {
	debug := &slog.HandlerOptions{Level: slog.LevelDebug}
	text, encoded := slog.New(slog.NewTextHandler(l, debug)), slog.New(slog.NewJSONHandler(l, debug))
	client := &http.Client{Transport: &qcloudhttp.Transport{
		Base: &spy{l, base}, Policy: impatient(), Limiter: unlimited{}, Signer: l.way.signer,
		Observer: qcloudhttp.Observers(l, qcloudhttp.LogTo(text), qcloudhttp.LogTo(encoded)),
	}}
	resp, err := client.Do(l.way.request(endpoint).WithContext(ctx))
	if err == nil {
		resp.Body.Close()
		return
	}
	l.raw = l.raw || strings.Contains(err.Error(), inQuery)
	for _, err := range []error{err, fmt.Errorf("list: %w", err), errors.Join(errors.New("x"), err)} {
		clean := qcloudhttp.Redact(err)
		l.printError(clean)
		text.Error("failed", "error", clean)
		encoded.Error("failed", "error", clean)
	}
	fmt.Fprintln(l, qcloudhttp.Explain(err, "zh"))
	var fail *qcloudhttp.Error
	if errors.As(err, &fail) {
		l.printError(fail)
	}
	var gaveUp *qcloudhttp.GiveUpError
	if errors.As(err, &gaveUp) {
		l.printError(gaveUp)
	}
}

func (l *run) printError(err error) {
	encoded, _ := json.Marshal(err)
	fmt.Fprintf(l, "%v\n%+v\n%q\n%s\n", err, err, err, encoded)
}

// search fails the test for every line that holds a secret.
func (l *run) search(t *testing.T) {
	out := l.String()
	for _, secret := range slices.Sorted(maps.Keys(l.secrets)) {
		if at := strings.Index(out, secret); at >= 0 {
			around := out[max(0, at-200):min(len(out), at+len(secret)+40)]
			t.Errorf("%d times %q, first in:\n...%s...", strings.Count(out, secret), secret, around)
		}
	}
	if !l.raw && !strings.Contains(t.Name(), "POST") {
		t.Error("no error of net/http held the query before it was redacted: the test tests nothing")
	}
}

// spy notes the secrets of every request that is sent.
type spy struct {
	run  *run
	base http.RoundTripper
}

func (s *spy) RoundTrip(r *http.Request) (*http.Response, error) {
	found := []string{r.URL.RawQuery, r.Header.Get("Authorization"), r.Header.Get("X-Tc-Token")}
	_, tc3Signature, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
	found = append(found, tc3Signature)
	sent := r.URL.RawQuery
	if r.GetBody != nil {
		body, _ := r.GetBody()
		read, _ := io.ReadAll(body)
		sent += "&" + string(read)
		found = append(found, string(read))
	}
	for _, pair := range strings.Split(sent, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if key == "Signature" || key == "SecretId" || key == "Token" {
			plain, _ := url.QueryUnescape(value)
			found = append(found, value, plain)
		}
	}
	for _, secret := range found {
		if secret != "" {
			s.run.secrets[secret] = true
		}
	}
	return s.base.RoundTrip(r)
}

// impatient makes three attempts without pauses.
func impatient() *qcloudhttp.Policy {
	return &qcloudhttp.Policy{MaxAttempts: 3, RetryBudget: -1, MaxDelay: time.Microsecond}
}

// unlimited is a Limiter that does not pace retries either.
type unlimited struct{}

func (unlimited) Wait(context.Context) error { return nil }

// output may be written to from several goroutines.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
