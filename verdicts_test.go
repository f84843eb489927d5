package qcloudhttp_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

var update = flag.Bool("update", false, "write testdata/verdicts.golden anew")

// TestVerdicts compares what a call does about every failure with the record
// of what has been decided, testdata/verdicts.golden. A line there holds the
// failure, which every attempt meets (or, after "then", every attempt but the
// first), the action, whether a sign.V1 signs, and what came of the call under
// Policy{MaxAttempts: 3}: attempts, class, executed or not, reason.
func TestVerdicts(t *testing.T) {
	const golden = "testdata/verdicts.golden"
	var got strings.Builder
	synctest.Test(t, func(t *testing.T) {
		for _, failure := range verdictFailures() {
			for _, action := range verdictActions {
				plain := verdictOf(t, failure, action, nil)
				signed := verdictOf(t, failure, action, verdictSigner)
				line := func(signer, verdict string) {
					fmt.Fprintf(&got, "%-52s %-15s %-9s %s\n", failure.name, action.name, signer, verdict)
				}
				if plain == signed {
					line("any", plain)
				} else {
					line("unsigned", plain)
					line("V1", signed)
				}
			}
		}
	})
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diffLines(t, got.String(), string(want)); t.Failed() {
		t.Log("where this is meant, go test -run TestVerdicts -update . writes the record anew")
	}
}

// diffLines reports the lines that only one of two texts has.
func diffLines(t *testing.T, got, want string) {
	t.Helper()
	missing := map[string]bool{}
	for line := range strings.Lines(want) {
		missing[line] = true
	}
	for line := range strings.Lines(got) {
		if !missing[line] {
			t.Errorf("got  %s", line)
		}
		delete(missing, line)
	}
	for line := range strings.Lines(want) {
		if missing[line] {
			t.Errorf("want %s", line)
		}
	}
}

// verdictAction is a kind of call.
type verdictAction struct{ name, method, action string }

var verdictActions = []verdictAction{
	{"GetDsaHostInfo", http.MethodGet, "GetDsaHostInfo"},
	{"FlushCache", http.MethodGet, "FlushCache"},
	{"CreateDsaHost", http.MethodGet, "CreateDsaHost"},
	{"RunInstances", http.MethodGet, "RunInstances"},
	{"(none by GET)", http.MethodGet, ""},
	{"(none by POST)", http.MethodPost, ""},
}

// verdictFailure is what a call meets: first in its first attempt, then in
// all others.
type verdictFailure struct {
	name  string
	v3    bool
	first http.RoundTripper
	then  http.RoundTripper
}

// publicV3 are the public error codes of API 3.0.
var publicV3 = strings.Fields(`
	ActionOffline AuthFailure.InvalidAuthorization AuthFailure.InvalidSecretId AuthFailure.MFAFailure
	AuthFailure.SecretIdNotFound AuthFailure.SignatureExpire AuthFailure.SignatureFailure AuthFailure.TokenFailure
	AuthFailure.UnauthorizedOperation DryRunOperation FailedOperation InternalError InvalidAction InvalidParameter
	InvalidParameterValue InvalidRequest IpInBlacklist IpNotInWhitelist LimitExceeded MissingParameter NoSuchProduct
	NoSuchVersion OperationDenied RequestLimitExceeded RequestLimitExceeded.GlobalRegionUinLimitExceeded
	RequestLimitExceeded.IPLimitExceeded RequestLimitExceeded.UinLimitExceeded RequestSizeLimitExceeded ResourceInUse
	ResourceInsufficient ResourceNotFound ResourceUnavailable ResponseSizeLimitExceeded ServiceUnavailable
	UnauthorizedOperation UnknownParameter UnsupportedOperation UnsupportedProtocol UnsupportedRegion`)

func verdictFailures() (all []verdictFailure) {
	always := func(name string, rt http.RoundTripper) {
		all = append(all, verdictFailure{name: name, first: rt, then: rt})
	}
	for _, info := range codes.All() {
		n := int(info.Code)
		always(fmt.Sprintf("%d", n), answer(200, fmt.Sprintf(`{"code":%d,"message":"m","codeDesc":"D"}`, n)))
		always(fmt.Sprintf("%d without codeDesc", n), answer(200, fmt.Sprintf(`{"code":%d,"message":"m"}`, n)))
		always(fmt.Sprintf("%d alone", n), answer(200, fmt.Sprintf(`{"code":%d}`, n)))
		always(fmt.Sprintf("4000 (%d)", n),
			answer(200, fmt.Sprintf(`{"code":4000,"message":"(%d)m","codeDesc":"D"}`, n)))
	}
	for _, code := range publicV3 {
		body := fmt.Sprintf(`{"Response":{"Error":{"Code":%q,"Message":"m"},"RequestId":"r"}}`, code)
		all = append(all, verdictFailure{name: code, v3: true, first: answer(200, body), then: answer(200, body)})
	}
	for _, status := range []int{400, 403, 404, 408, 429, 500, 502, 503, 504} {
		always(fmt.Sprintf("HTTP %d", status), answer(status, "<html>"))
	}
	always("lost answer", roundTripper(lostAnswer))
	always("refused dial", roundTripper(refusedDial))
	lost := verdictFailure{name: "lost answer", first: roundTripper(lostAnswer)}
	internal := verdictFailure{name: "6000", first: answer(200, `{"code":6000,"message":"m","codeDesc":"D"}`)}
	for _, first := range []verdictFailure{lost, internal} {
		for _, code := range []int{2000, 2001, 2005, 10104, 10105} {
			body := fmt.Sprintf(`{"code":4000,"message":"(%d)m","codeDesc":"D"}`, code)
			name := fmt.Sprintf("%s, then 4000 (%d)", first.name, code)
			all = append(all, verdictFailure{name: name, first: first.first, then: answer(200, body)})
		}
		for _, code := range []int{1014, 4200, 4400, 4500, 6000} {
			body := fmt.Sprintf(`{"code":%d,"message":"m","codeDesc":"D"}`, code)
			name := fmt.Sprintf("%s, then %d", first.name, code)
			all = append(all, verdictFailure{name: name, first: first.first, then: answer(200, body)})
		}
	}
	return all
}

func answer(status int, body string) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		drain(r)
		return &http.Response{
			StatusCode: status, Header: http.Header{}, Request: r, ContentLength: int64(len(body)),
			Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	})
}

// lostAnswer takes the whole request and closes the connection.
func lostAnswer(r *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
		if trace.GetConn != nil {
			trace.GetConn(r.URL.Host)
		}
		if trace.GotConn != nil {
			trace.GotConn(httptrace.GotConnInfo{})
		}
		defer func() {
			if trace.WroteRequest != nil {
				trace.WroteRequest(httptrace.WroteRequestInfo{})
			}
		}()
	}
	drain(r)
	return nil, io.EOF
}

// refusedDial finds no connection.
func refusedDial(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body.Close()
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GetConn != nil {
		trace.GetConn(r.URL.Host)
	}
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

func drain(r *http.Request) {
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
}

// verdictOf makes one call and says what came of it.
func verdictOf(t *testing.T, f verdictFailure, a verdictAction, signer qcloudhttp.Signer) string {
	attempts := 0
	tr := &qcloudhttp.Transport{
		Policy: &qcloudhttp.Policy{MaxAttempts: 3},
		Signer: signer,
		Base: roundTripper(func(r *http.Request) (*http.Response, error) {
			if attempts++; attempts == 1 {
				return f.first.RoundTrip(r)
			}
			return f.then.RoundTrip(r)
		}),
	}
	resp, err := tr.RoundTrip(verdictRequest(t, f, a))
	if err == nil {
		resp.Body.Close()
		return fmt.Sprintf("%d passes through", attempts)
	}
	var last *qcloudhttp.Error
	if !errors.As(err, &last) {
		return fmt.Sprintf("%d %v", attempts, err)
	}
	verdict := fmt.Sprintf("%d %s executed=%v", attempts, last.Class, last.Executed)
	if gaveUp := (*qcloudhttp.GiveUpError)(nil); errors.As(err, &gaveUp) {
		verdict = fmt.Sprintf("%d %s executed=%v reason=%s", attempts, last.Class, last.Executed, gaveUp.Reason)
	}
	if last.MaybeDone {
		verdict += " maybe-done"
	}
	return verdict
}

func verdictRequest(t *testing.T, f verdictFailure, a verdictAction) *http.Request {
	t.Helper()
	url, query := "https://dsa.api.qcloud.com/v2/index.php", "?Action="+a.action
	if f.v3 {
		url, query = "https://cdn.tencentcloudapi.com/", query+"&Version=2018-06-06"
	}
	if a.action == "" {
		query = ""
	}
	var body io.Reader
	if a.method == http.MethodPost {
		body = strings.NewReader("a=b")
	}
	req, err := http.NewRequestWithContext(t.Context(), a.method, url+query, body)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req
}

// verdictSigner signs with a key of the tests' own.
var verdictSigner = &sign.V1{Credentials: sign.Static("AKIDtest", "key", "")}
