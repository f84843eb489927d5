package qcloudhttp_test

import (
	"context"
	"errors"
	"io"
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

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
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
		{badAuth, 4100, 0, []error{codes.AuthFailure, codes.ClassAuth}},
		{notFiled, 4000, 2002, []error{codes.InvalidParameter, codes.DomainNotFiled, codes.ClassDomainState}},
		{notFiledV3, 0, 0, []error{codes.DomainNotFiled, codes.ClassDomainState}},
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
// through, reusing one connection.
func TestZeroValueOverSockets(t *testing.T) {
	bodies := []string{internal, internal, success}
	var calls atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, bodies[calls.Add(1)-1])
	}))
	var conns atomic.Int32
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	body, err := get(t, &qcloudhttp.Transport{}, srv.URL+"/v2/index.php?Action=GetDsaHostList")
	if err != nil || body != success || calls.Load() != 3 || conns.Load() != 1 {
		t.Fatalf("%q, %v after %d calls on %d connections", body, err, calls.Load(), conns.Load())
	}
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
				if test.reason == qcloudhttp.ReasonRetryAfter && apiErr.RetryAfter != time.Hour {
					t.Errorf("RetryAfter is %v", apiErr.RetryAfter)
				}
				if gaveUp.Timeout() != (test.reason == qcloudhttp.ReasonDeadline) || gaveUp.Temporary() || a.open.Load() != 0 {
					t.Errorf("timeout %v, temporary %v, %d open", gaveUp.Timeout(), gaveUp.Temporary(), a.open.Load())
				}
			})
		})
	}
}

func TestContextEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := answering(outage)
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(500*time.Millisecond, cancel)
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
		began := time.Now()
		_, err := (&qcloudhttp.Transport{Base: a}).RoundTrip(req)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, codes.ServiceUnavailable) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took != 500*time.Millisecond {
			t.Errorf("ended after %v", took)
		}
	})
}

func TestRetryAfterIsRespected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := answering("", success)
		a.answers[0] = a.reply(http.StatusServiceUnavailable, "down", http.Header{"Retry-After": {"7"}})
		if _, err := get(t, &qcloudhttp.Transport{Base: a}, readAction); err != nil {
			t.Fatal(err)
		}
		if waited := a.got[1].at.Sub(a.got[0].at); waited < 7*time.Second || waited > 7*time.Second*21/20 {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestBodyIsReplayed(t *testing.T) {
	const form = "Action=GetDsaHostList&limit=10"
	for name, body := range map[string]func() io.Reader{
		"with GetBody":    func() io.Reader { return strings.NewReader(form) },
		"without GetBody": func() io.Reader { return io.MultiReader(strings.NewReader(form)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := answering(internal, internal, success)
				req, _ := http.NewRequest(http.MethodPost, "http://dsa.api.qcloud.com/v2/index.php", body())
				req.ContentLength = int64(len(form))
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				before := req.Clone(req.Context())
				resp, err := (&qcloudhttp.Transport{Base: a}).RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				for _, got := range a.got {
					if got.body != form {
						t.Errorf("an attempt sent %q", got.body)
					}
				}
				if len(a.got) != 3 || resp.Request != req || req.ContentLength != before.ContentLength ||
					req.URL.String() != before.URL.String() || len(req.Header) != len(before.Header) {
					t.Errorf("%d attempts, request now %v", len(a.got), req)
				}
			})
		})
	}
}

func TestLargeBodyIsSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := answering(internal)
		big := strings.Repeat("x", 1<<20+1)
		req, _ := http.NewRequest(http.MethodPost, readAction, io.MultiReader(strings.NewReader(big)))
		_, err := (&qcloudhttp.Transport{Base: a}).RoundTrip(req)
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
		400: codes.ClassInvalid, 404: codes.ClassNotFound, 408: codes.ClassNetwork,
		429: codes.ClassThrottled, 500: codes.ClassInternal, 502: codes.ClassUnavailable,
		503: codes.ClassUnavailable, 504: codes.ClassUnavailable,
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

// A code that comes beyond the window is not seen, and the Observer is told.
func TestUnreadIsReported(t *testing.T) {
	body := `{"data":"` + strings.Repeat("x", 2<<20) + `","code":6000}`
	a := answering(body)
	var unread []bool
	got, err := get(t, &qcloudhttp.Transport{
		Base:     a,
		Observer: qcloudhttp.ObserverFunc(func(_ context.Context, e qcloudhttp.Event) { unread = append(unread, e.Unread) }),
	}, readAction)
	if err != nil || got != body || len(unread) != 2 || !unread[0] || unread[1] {
		t.Errorf("%v, unread %v", err, unread)
	}
}

func TestUserClassify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own := `{"code":4000,"message":"(12003)该负载均衡在执行其他操作","codeDesc":"IncorrectStatus.LBWrongStatus"}`
		a := answering(own, success)
		policy := &qcloudhttp.Policy{Classify: func(f qcloudhttp.Failure) qcloudhttp.Verdict {
			if f.CodeDesc == "IncorrectStatus.LBWrongStatus" {
				return qcloudhttp.Verdict{Class: codes.ClassBusy, Retry: true, Executed: qcloudhttp.NotExecuted}
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
