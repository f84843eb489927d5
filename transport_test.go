package qcloudhttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/rttest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	success    = `{"code":0,"message":"","codeDesc":"Success","data":[]}`
	quota      = `{"code":4400,"message":"请求超过限额配置，请稍后重试。","codeDesc":"RequestLimitExceeded"}`
	internal   = `{"code":6000,"message":"服务器内部错误","codeDesc":"InternalError"}`
	outage     = `{"code":6200,"message":"接口暂时无法访问","codeDesc":"ServiceUnavailable"}`
	busy       = `{"code":4000,"message":"(1014)操作正在执行中","codeDesc":"InvalidParameter"}`
	tooOften   = `{"code":4000,"message":"(2010)操作过于频繁","codeDesc":"InvalidParameter"}`
	badAuth    = `{"code":4100,"message":"鉴权失败，请参考文档中鉴权部分。","codeDesc":"AuthFailure"}`
	notFiled   = `{"code":4000,"message":"(2002)请求的域名尚未备案","codeDesc":"InvalidParameter"}`
	notFiledV3 = `{"Response":{"Error":{"Code":"ResourceUnavailable.CdnHostNoIcp","Message":"no ICP"},"RequestId":"ed93f3cb"}}`
	readAction = "http://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList"
)

// api answers with the given bodies, one after the other, the last for ever.
// It works without sockets, so that it can be used in a bubble of virtual time.
type api struct {
	answers []func(*http.Request) (*http.Response, error)

	mu   sync.Mutex
	got  []request
	open atomic.Int64 // bodies not yet closed
}

// request is what arrived.
type request struct {
	at   time.Time
	url  string
	body string
}

func answering(bodies ...string) *api {
	a := &api{}
	for _, body := range bodies {
		a.answers = append(a.answers, a.reply(http.StatusOK, body, nil))
	}
	return a
}

func (a *api) reply(status int, body string, h http.Header) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		a.open.Add(1)
		header := h.Clone()
		if header == nil {
			header = http.Header{}
		}
		return &http.Response{
			StatusCode: status, Header: header, Request: r, ContentLength: int64(len(body)),
			Body: &countedBody{Reader: strings.NewReader(body), open: &a.open},
		}, nil
	}
}

func fails(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func (a *api) RoundTrip(r *http.Request) (*http.Response, error) {
	got := request{at: time.Now(), url: r.URL.String()}
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		r.Body.Close()
		got.body = string(b)
	}
	a.mu.Lock()
	a.got = append(a.got, got)
	answer := a.answers[min(len(a.got), len(a.answers))-1]
	a.mu.Unlock()
	return answer(r)
}

type countedBody struct {
	io.Reader
	once sync.Once
	open *atomic.Int64
}

func (b *countedBody) Close() error {
	b.once.Do(func() { b.open.Add(-1) })
	return nil
}

// get makes one call and returns the body of its response.
func get(t *testing.T, rt http.RoundTripper, url string) (string, error) {
	t.Helper()
	resp, err := (&http.Client{Transport: rt}).Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), nil
}

func TestRetriesUntilSuccess(t *testing.T) {
	for name, failure := range map[string]string{
		"quota": quota, "throttled": tooOften, "busy": busy, "internal": internal, "outage": outage,
		"3.0 quota": `{"Response":{"Error":{"Code":"RequestLimitExceeded.UinLimitExceeded","Message":"x"},"RequestId":"r"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := answering(failure, failure, success)
				body, err := get(t, &qcloudhttp.Transport{Base: a}, readAction)
				if err != nil || body != success {
					t.Fatalf("got %q, %v", body, err)
				}
				if len(a.got) != 3 || a.open.Load() != 0 {
					t.Errorf("%d attempts, %d bodies left open", len(a.got), a.open.Load())
				}
			})
		})
	}
}

func TestPermanentFailuresAreTyped(t *testing.T) {
	for _, test := range []struct {
		body   string
		code   codes.Code
		module codes.Code
		is     []error
	}{
		{badAuth, 4100, 0, []error{codes.AuthFailure, qcloudhttp.ErrAuth}},
		{notFiled, 4000, 2002, []error{codes.InvalidParameter, codes.DomainNotFiled, qcloudhttp.ErrDomain}},
		{notFiledV3, 0, 0, []error{codes.DomainNotFiled, qcloudhttp.ErrDomain}},
	} {
		a := answering(test.body)
		_, err := get(t, &qcloudhttp.Transport{Base: a}, readAction)
		var apiErr *qcloudhttp.Error
		if !errors.As(err, &apiErr) {
			t.Fatalf("%s: got %v", test.body, err)
		}
		if apiErr.Code != test.code || apiErr.Module != test.module || string(apiErr.Body) != test.body ||
			apiErr.Action != "GetDsaHostList" || apiErr.Host != "dsa.api.qcloud.com" || apiErr.StatusCode != 200 {
			t.Errorf("got %#v", apiErr)
		}
		for _, target := range test.is {
			if !errors.Is(err, target) {
				t.Errorf("%v is not %v", err, target)
			}
		}
		if len(a.got) != 1 || a.open.Load() != 0 {
			t.Errorf("%d attempts, %d bodies open", len(a.got), a.open.Load())
		}
	}
}

// Over real sockets: the zero value on http.DefaultTransport gets a call
// through.
func TestZeroValueOverSockets(t *testing.T) {
	bodies := []string{internal, internal, success}
	var calls atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, bodies[calls.Add(1)-1])
	}))
	defer srv.Close()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	body, err := get(t, &qcloudhttp.Transport{}, srv.URL+"/v2/index.php?Action=GetDsaHostList")
	if err != nil || body != success || calls.Load() != 3 {
		t.Fatalf("%q, %v after %d calls", body, err, calls.Load())
	}
}

// The attempts of a call need one connection: a failed answer is read to its
// end.
func TestAttemptsReuseTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bodies := []string{internal, "<html>", success}
		var calls, conns atomic.Int32
		listener := rttest.NewPipes()
		srv := &http.Server{
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := calls.Add(1)
				if n == 2 {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
				io.WriteString(w, bodies[n-1])
			}),
			ConnState: func(_ net.Conn, s http.ConnState) {
				if s == http.StateNew {
					conns.Add(1)
				}
			},
		}
		go srv.Serve(listener)
		defer srv.Close()
		base := &http.Transport{DialContext: listener.Dial}
		defer base.CloseIdleConnections()
		body, err := get(t, &qcloudhttp.Transport{Base: base}, readAction)
		if err != nil || body != success || calls.Load() != 3 || conns.Load() != 1 {
			t.Fatalf("%q, %v after %d calls on %d connections", body, err, calls.Load(), conns.Load())
		}
	})
}

func TestReturnResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := answering(quota)
		client := &http.Client{Transport: &qcloudhttp.Transport{
			Base: a, OnFailure: qcloudhttp.ReturnResponse, Policy: &qcloudhttp.Policy{MaxAttempts: 3},
		}}
		resp, err := client.Get(readAction)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(body) != quota || len(a.got) != 3 || a.open.Load() != 0 {
			t.Errorf("%q after %d attempts, %d open", body, len(a.got), a.open.Load())
		}
	})
}

func TestGivesUp(t *testing.T) {
	deadline := func(d time.Duration) func() (context.Context, context.CancelFunc) {
		return func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), d)
		}
	}
	for _, test := range []struct {
		name     string
		body     string
		header   http.Header
		policy   *qcloudhttp.Policy
		ctx      func() (context.Context, context.CancelFunc)
		reason   qcloudhttp.Reason
		attempts int
		most     time.Duration // what giving up may take
	}{
		{name: "attempts", body: internal, reason: qcloudhttp.ReasonAttempts, attempts: 5, most: 10 * time.Second},
		{name: "retries off", body: internal, ctx: func() (context.Context, context.CancelFunc) {
			return qcloudhttp.WithoutRetries(context.Background()), func() {}
		}, reason: qcloudhttp.ReasonAttempts, attempts: 1},
		{name: "elapsed", body: outage, policy: &qcloudhttp.Policy{MaxElapsed: time.Second / 2},
			reason: qcloudhttp.ReasonElapsed, attempts: 1},
		{name: "deadline", body: outage, ctx: deadline(900 * time.Millisecond),
			reason: qcloudhttp.ReasonDeadline, attempts: 1},
		{name: "deadline, to the second", body: outage, header: http.Header{"Retry-After": {"1"}}, ctx: deadline(time.Second),
			reason: qcloudhttp.ReasonDeadline, attempts: 1},
		{name: "retry after", body: quota, header: http.Header{"Retry-After": {"3600"}},
			reason: qcloudhttp.ReasonRetryAfter, attempts: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &api{}
				a.answers = append(a.answers, a.reply(200, test.body, test.header))
				ctx, cancel := context.Background(), context.CancelFunc(func() {})
				if test.ctx != nil {
					ctx, cancel = test.ctx()
				}
				defer cancel()
				req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
				began := time.Now()
				_, err := (&qcloudhttp.Transport{Base: a, Policy: test.policy}).RoundTrip(req)
				var gaveUp *qcloudhttp.GiveUpError
				var apiErr *qcloudhttp.Error
				if !errors.As(err, &gaveUp) || !errors.As(err, &apiErr) {
					t.Fatalf("got %v", err)
				}
				if gaveUp.Reason != test.reason || gaveUp.Attempts != test.attempts || len(a.got) != test.attempts {
					t.Errorf("reason %q after %d attempts", gaveUp.Reason, gaveUp.Attempts)
				}
				if took := time.Since(began); took > test.most {
					t.Errorf("gave up after %v", took)
				}
				if test.reason == qcloudhttp.ReasonRetryAfter && gaveUp.RetryAfter != time.Hour {
					t.Errorf("RetryAfter is %v", gaveUp.RetryAfter)
				}
				if gaveUp.Timeout() || gaveUp.Temporary() || a.open.Load() != 0 {
					t.Errorf("timeout %v, temporary %v, %d open", gaveUp.Timeout(), gaveUp.Temporary(), a.open.Load())
				}
			})
		})
	}
}

func TestRetryAfterIsRespected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := answering("", success)
		a.answers[0] = a.reply(http.StatusServiceUnavailable, "down", http.Header{"Retry-After": {"7"}})
		if _, err := get(t, &qcloudhttp.Transport{Base: a}, readAction); err != nil {
			t.Fatal(err)
		}
		if waited := a.got[1].at.Sub(a.got[0].at); waited != 7*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestLargeBodyIsSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := answering(internal)
		big := strings.Repeat("x", 100)
		req, _ := http.NewRequest(http.MethodPost, readAction, io.MultiReader(strings.NewReader(big)))
		_, err := (&qcloudhttp.Transport{Base: a, Policy: &qcloudhttp.Policy{ReplayLimit: 99}}).RoundTrip(req)
		var gaveUp *qcloudhttp.GiveUpError
		if !errors.As(err, &gaveUp) || gaveUp.Reason != qcloudhttp.ReasonBody || len(a.got) != 1 || a.got[0].body != big {
			t.Errorf("%v after %d attempts", err, len(a.got))
		}
	})
}

// The first byte of a success reaches the caller before the last is sent.
func TestSuccessStreams(t *testing.T) {
	rest := make(chan string)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"code":0,"data":"`)
		w.(http.Flusher).Flush()
		io.WriteString(w, <-rest)
	}))
	defer srv.Close()
	base := srv.Client().Transport
	resp, err := (&http.Client{Transport: &qcloudhttp.Transport{Base: base}}).Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	head := make([]byte, 8)
	if _, err := io.ReadFull(resp.Body, head); err != nil {
		t.Fatal(err)
	}
	rest <- `later"}`
	tail, err := io.ReadAll(resp.Body)
	if got := string(head) + string(tail); err != nil || got != `{"code":0,"data":"later"}` {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestHTTPFailures(t *testing.T) {
	for status, class := range map[int]error{
		400: qcloudhttp.ErrInvalid, 404: qcloudhttp.ErrInvalid, 408: qcloudhttp.ErrNetwork,
		429: qcloudhttp.ErrThrottled, 500: qcloudhttp.ErrInternal, 502: qcloudhttp.ErrUnavailable,
		503: qcloudhttp.ErrUnavailable, 504: qcloudhttp.ErrUnavailable,
	} {
		synctest.Test(t, func(t *testing.T) {
			a := &api{}
			a.answers = append(a.answers, a.reply(status, "<html>proxy</html>", nil))
			_, err := get(t, &qcloudhttp.Transport{Base: a}, readAction)
			var apiErr *qcloudhttp.Error
			if !errors.As(err, &apiErr) || apiErr.Code != 0 || apiErr.StatusCode != status || !errors.Is(err, class) {
				t.Errorf("%d: got %v", status, err)
			}
			if string(apiErr.Body) != "<html>proxy</html>" {
				t.Errorf("%d: Body is %q", status, apiErr.Body)
			}
		})
	}
}

// Redirects and successes without an envelope pass through untouched.
func TestPassesThrough(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
	}{
		{200, ""}, {200, "<html></html>"}, {200, `{"data":{"code":6000}}`}, {302, "moved"}, {304, ""},
	} {
		a := &api{}
		a.answers = append(a.answers, a.reply(test.status, test.body, http.Header{"Location": {"::bad"}}))
		req, _ := http.NewRequest(http.MethodGet, readAction, nil)
		resp, err := (&qcloudhttp.Transport{Base: a}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != test.status || string(body) != test.body || len(a.got) != 1 {
			t.Errorf("%d %q became %d %q", test.status, test.body, resp.StatusCode, body)
		}
	}
}

// A code in the data of a response whose top-level code comes beyond the
// window is not mistaken, and the Observer is told.
func TestWindowIsReported(t *testing.T) {
	body := `{"data":"` + strings.Repeat("x", 200) + `","code":6000}`
	a := answering(body)
	var kinds []qcloudhttp.EventKind
	got, err := get(t, &qcloudhttp.Transport{
		Base: a, Policy: &qcloudhttp.Policy{Window: 100},
		Observer: qcloudhttp.ObserverFunc(func(_ context.Context, e qcloudhttp.Event) { kinds = append(kinds, e.Kind) }),
	}, readAction)
	want := []qcloudhttp.EventKind{qcloudhttp.EventUnread, qcloudhttp.EventAttempt, qcloudhttp.EventEnd}
	if err != nil || got != body || fmt.Sprint(kinds) != fmt.Sprint(want) {
		t.Errorf("%v, events %v", err, kinds)
	}
}

func TestUserClassify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own := `{"code":4000,"message":"(12003)该负载均衡在执行其他操作","codeDesc":"IncorrectStatus.LBWrongStatus"}`
		a := answering(own, success)
		policy := &qcloudhttp.Policy{Classify: func(f qcloudhttp.Failure) qcloudhttp.Verdict {
			if f.CodeDesc == "IncorrectStatus.LBWrongStatus" {
				return qcloudhttp.Verdict{Class: qcloudhttp.Busy, Retry: true, Executed: qcloudhttp.NotExecuted}
			}
			return qcloudhttp.Classify(f)
		}}
		if _, err := get(t, &qcloudhttp.Transport{Base: a, Policy: policy}, readAction); err != nil || len(a.got) != 2 {
			t.Errorf("%v after %d attempts", err, len(a.got))
		}
	})
}

func TestErrorTextHoldsNoQuery(t *testing.T) {
	_, err := get(t, &qcloudhttp.Transport{Base: answering(badAuth)}, readAction+"&SecretId=AKIDsecretsecret&Signature=abc")
	var ue *url.Error
	if !errors.As(err, &ue) || strings.Contains(ue.Err.Error(), "AKID") {
		t.Errorf("got %v", err)
	}
	if clean := qcloudhttp.Redact(err).Error(); strings.Contains(clean, "AKID") || strings.Contains(clean, "Signature") {
		t.Errorf("redacted to %q", clean)
	}
	if !errors.Is(qcloudhttp.Redact(err), codes.AuthFailure) {
		t.Error("the redacted error has lost its cause")
	}
}

// A Transport keeps every duty of a RoundTripper, but for those that a
// configuration breaks on purpose.
func TestConformance(t *testing.T) {
	const (
		read   = "Action=GetDsaHostList"
		create = "Action=CreateDsaHost"
	)
	fail := func(body string) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) { return (&api{}).reply(http.StatusOK, body, nil)(r) }
	}
	type options = []func(*qcloudhttp.Transport)
	typed := map[string]string{"StatusIsNoError": "a failure is a typed error, unless OnFailure is ReturnResponse"}
	signs := map[string]string{
		"EndlessRequestBody": "a signature needs the whole form",
		"Head":               "API 2.0 knows GET and POST",
	}
	both := maps.Clone(typed)
	maps.Copy(both, signs)
	returns := func(c *qcloudhttp.Transport) { c.OnFailure = qcloudhttp.ReturnResponse }
	signer := func(c *qcloudhttp.Transport) { c.Signer = &sign.V1{SecretID: "AKIDconformance", SecretKey: "key"} }
	limited := func(c *qcloudhttp.Transport) { c.Limiter = rate.NewLimiter(1000, 100) }
	observed := func(c *qcloudhttp.Transport) {
		c.Observer = qcloudhttp.ObserverFunc(func(context.Context, qcloudhttp.Event) {})
	}
	frugal := func(c *qcloudhttp.Transport) {
		c.Policy = &qcloudhttp.Policy{RetryBudget: -1, Window: 100, ReplayLimit: 50}
	}
	for name, test := range map[string]struct {
		rttest.Config
		set options
	}{
		"zero value, mutation":         {rttest.Config{Query: create, Skip: typed}, nil},
		"zero value, no action":        {rttest.Config{Skip: typed}, nil},
		"API failures":                 {rttest.Config{Query: read, Skip: typed, Fail: fail(internal)}, nil},
		"API throttles":                {rttest.Config{Query: read, Skip: typed, Fail: fail(quota)}, nil},
		"ReturnResponse":               {rttest.Config{Query: read}, options{returns}},
		"ReturnResponse, API failures": {rttest.Config{Query: read, Fail: fail(internal)}, options{returns}},
		"sign.V1, read":                {rttest.Config{Query: read, Skip: both, Rewrites: true}, options{signer}},
		"sign.V1, mutation":            {rttest.Config{Query: create, Skip: both, Rewrites: true}, options{signer}},
		"rate.Limiter":                 {rttest.Config{Query: read, Skip: typed}, options{limited}},
		"Observer":                     {rttest.Config{Query: read, Skip: typed}, options{observed}},
		"everything": {rttest.Config{Query: read, Skip: signs, Rewrites: true},
			options{returns, signer, limited, observed, frugal}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.Long = 50 << 10 // once at full length is enough, below
			test.New = func(base http.RoundTripper) http.RoundTripper {
				c := &qcloudhttp.Transport{Base: base, Policy: &qcloudhttp.Policy{Window: 64 << 10, ReplayLimit: 40 << 10}}
				for _, set := range test.set {
					set(c)
				}
				return c
			}
			rttest.Run(t, test.Config)
		})
	}
	small := &qcloudhttp.Policy{MaxAttempts: 3}
	for name, stack := range map[string]func(base http.RoundTripper) http.RoundTripper{
		"zero value, read": func(base http.RoundTripper) http.RoundTripper { return &qcloudhttp.Transport{Base: base} },
		"others above and below": func(base http.RoundTripper) http.RoundTripper {
			return marker{&qcloudhttp.Transport{Base: marker{base}, Policy: small}}
		},
		"two of them": func(base http.RoundTripper) http.RoundTripper {
			return &qcloudhttp.Transport{Policy: small, Base: &qcloudhttp.Transport{Policy: small, Base: base}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := rttest.Config{New: stack, Query: read, Skip: typed}
			if name != "zero value, read" {
				cfg.Long = 50 << 10
			}
			rttest.Run(t, cfg)
		})
	}
}

// marker is a well-behaved RoundTripper that adds a header.
type marker struct{ http.RoundTripper }

func (m marker) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Marked", "1")
	return m.RoundTripper.RoundTrip(r)
}

func (m marker) CloseIdleConnections() {
	(&http.Client{Transport: m.RoundTripper}).CloseIdleConnections()
}
