package qcloudhttp_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/rttest"
)

// once makes an api that gives one answer for ever.
func once(status int, body string, h http.Header) *api {
	a := &api{}
	a.answers = append(a.answers, a.reply(status, body, h))
	return a
}

func zipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

// Gateways and old servers send the API's failure with a header, or bytes, that
// are a little off: it is the same failure.
func TestFailureInAnOddBody(t *testing.T) {
	header := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	for name, test := range map[string]struct {
		header http.Header
		body   string
	}{
		"plain": {nil, notFiled},
		"GBK": {header("Content-Type", "application/json; charset=GBK"),
			"{\"code\":4000,\"message\":\"(2002)\xd3\xf2\xc3\xfb\",\"codeDesc\":\"x\"}"},
		"GBK, a character ends in a backslash": {nil,
			"{\"code\":4000,\"message\":\"(2002)\xd5\x5c\",\"codeDesc\":\"InvalidParameter\"}"},
		"NaN": {nil,
			`{"code":4000,"message":"(2002)x","codeDesc":"InvalidParameter","ratio":NaN}`},
		"Infinity before the code": {nil,
			`{"ratio":-Infinity,"code":4000,"message":"(2002)x","codeDesc":"InvalidParameter"}`},
		"undefined":               {nil, `{"code":4000,"message":"(2002)x","data":undefined}`},
		"a string":                {nil, `{"code":" 4000 ","message":"(2002)x"}`},
		"a float":                 {nil, `{"code":4000.0,"message":"(2002)x"}`},
		"an exponent":             {nil, `{"code":4.0e3,"message":"(2002)x"}`},
		"the module's code alone": {nil, `{"code":2002,"message":"x"}`},
		"coding utf-8":            {header("Content-Encoding", "utf-8"), notFiled},
		"coding none":             {header("Content-Encoding", "none"), notFiled},
		"coding binary":           {header("Content-Encoding", "binary"), notFiled},
		"coding identity":         {header("Content-Encoding", "identity"), notFiled},
		"coding gzip, and plain":  {header("Content-Encoding", "gzip"), notFiled},
		"identity, gzip":          {header("Content-Encoding", "identity, gzip"), zipped(notFiled)},
		"gzip":                    {header("Content-Encoding", "gzip"), zipped(notFiled)},
		"gzip, and zeros after it": {header("Content-Encoding", "gzip"), zipped(notFiled) + string(make([]byte,
			600))},
		"gzip without saying so":             {nil, zipped(notFiled)},
		"HTML type":                          {header("Content-Type", "text/html"), notFiled},
		"byte order mark":                    {nil, "\xef\xbb\xbf" + notFiled},
		"spaces to keep the connection open": {nil, strings.Repeat(" \n", 5000) + notFiled},
	} {
		a := once(http.StatusOK, test.body, test.header)
		_, err := get(t, &qcloudhttp.Transport{Base: a}, readAction)
		var fail *qcloudhttp.Error
		if !errors.As(err, &fail) || !errors.Is(err, codes.DomainNotFiled) || len(a.got) != 1 || a.open.Load() != 0 {
			t.Errorf("%s: %v after %d attempts", name, err, len(a.got))
			continue
		}
		if string(fail.Body) != test.body {
			t.Errorf("%s: Body is %q", name, fail.Body)
		}
	}
}

// What is no failure of this API comes as it is, at once, and the Observer is
// told where there is something that was not understood.
func TestUnreadAndUntouched(t *testing.T) {
	const mutation = "https://dsa.api.qcloud.com/v2/index.php?Action=FlushCache&SecretId=AKIDx&Signature=s"
	const elsewhere = "http://www.example.com/?Action=GetX"
	br := http.Header{"Content-Encoding": {"br"}}
	location := http.Header{"Location": {"::bad"}}
	for name, test := range map[string]struct {
		url    string
		status int
		header http.Header
		body   string
		unread bool
	}{
		"NaN in a success":         {readAction, 200, nil, `{"code":0,"message":"","data":{"ratio":NaN}}`, false},
		"GBK in a success":         {readAction, 200, nil, "{\"code\":0,\"message\":\"\xd5\x5c\"}", false},
		"two objects":              {readAction, 200, nil, `{"code":0}{"code":4000}`, false},
		"whole, and no JSON":       {readAction, 200, nil, `{"data":[1,2`, true},
		"a code that is an object": {readAction, 200, nil, `{"code":{"a":1}}`, true},
		"an Error without a Code":  {readAction, 200, nil, `{"Response":{"Error":{"Message":"m"}}}`, true},
		"an Error that is a text":  {readAction, 200, nil, `{"Response":{"Error":"m"}}`, true},
		"brotli":                   {readAction, 200, br, "\x0b\x02\x80", true},
		"empty, after a change":    {mutation, 200, nil, "", true},
		"HTML, after a change":     {mutation, 200, nil, "<html>", true},
		"HTML, after a look":       {readAction, 200, nil, "<html>", false},
		"octet stream": {readAction, 200, http.Header{"Content-Type": {"application/octet-stream"}}, notFiled,
			false},
		"event stream":        {readAction, 200, http.Header{"Content-Type": {"text/event-stream"}}, notFiled, false},
		"redirect":            {readAction, 302, location, `{"code":302,"message":"moved"}`, false},
		"another host's code": {elsewhere, 200, nil, `{"code":200,"msg":"success"}`, false},
		"another host's 400":  {elsewhere, 400, nil, "<html>", false},
		"another host's 401":  {elsewhere, 401, nil, `{"error":"token"}`, false},
		"another host's 404":  {elsewhere, 404, nil, "", false},
		"another host's 409":  {elsewhere, 409, nil, `{"code":409}`, false},
		"another host's 501":  {elsewhere, 501, nil, "", false},
	} {
		a := once(test.status, test.body, test.header)
		var unread bool
		client := &qcloudhttp.Transport{Base: a, Observer: qcloudhttp.ObserverFunc(func(_ context.Context,
			e qcloudhttp.Event) {
			unread = unread || e.Unread
		})}
		req, _ := http.NewRequest(http.MethodGet, test.url, nil)
		resp, err := client.RoundTrip(req)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(body) != test.body || err != nil || resp.StatusCode != test.status || unread != test.unread ||
			len(a.got) != 1 {
			t.Errorf("%s: %d %q, %v; unread %v; %d attempts", name, resp.StatusCode, body, err, unread, len(a.got))
		}
	}
}

// A bare status of the vendor's own has the class of its meaning; of any host,
// what a server says of its own state has.
func TestStatusWithoutEnvelope(t *testing.T) {
	for _, test := range []struct {
		status    int
		class     codes.Class
		attempts  int
		elsewhere bool
	}{
		{400, codes.ClassInvalid, 1, false}, {401, codes.ClassAuth, 1, false}, {403, codes.ClassDenied, 1, false},
		{404, codes.ClassNotFound, 1, false}, {405, codes.ClassUnsupported, 1, false}, {409, codes.ClassConflict, 1, false},
		{408, codes.ClassNetwork, 3, true}, {429, codes.ClassThrottled, 3, true}, {500, codes.ClassInternal, 3, true},
		{501, codes.ClassUnsupported, 1, false}, {502, codes.ClassUnavailable, 3, true}, {503, codes.ClassUnavailable, 3,
			true},
		{504, codes.ClassUnavailable, 3, true}, {508, codes.ClassUnsupported, 1, false}, {511, codes.ClassDenied, 1, false},
		{514, codes.ClassThrottled, 3, true}, {529, codes.ClassInternal, 3, false},
	} {
		for _, host := range []string{"https://cvm.tencentcloudapi.com", "http://www.example.com"} {
			synctest.Test(t, func(t *testing.T) {
				a := once(test.status, "<html>", nil)
				client := &qcloudhttp.Transport{Base: a, Policy: &qcloudhttp.Policy{MaxAttempts: 3}}
				_, err := get(t, client, host+"/?Action=DescribeInstances")
				ours := test.elsewhere || strings.Contains(host, "tencent")
				switch {
				case !ours && err == nil && len(a.got) == 1:
				case !errors.Is(err, test.class) || len(a.got) != test.attempts:
					t.Errorf("%s, %d: %v after %d attempts", host, test.status, err, len(a.got))
				}
			})
		}
	}
}

// Whose answers come through a proxy is said by Policy.Product: then its bare
// statuses are the API's, too.
func TestStatusOfAProduct(t *testing.T) {
	client := &qcloudhttp.Transport{Base: once(404, "", nil), Policy: &qcloudhttp.Policy{Product: "cdn"}}
	if _, err := get(t, client, "http://www.example.com/?Action=DescribeDomains"); !errors.Is(err, codes.ClassNotFound) {
		t.Errorf("got %v", err)
	}
}

// A 408 to a change says no more than that the server waited for long enough:
// proxies send it, too, while the API works on the call.
func TestRequestTimeoutOfAChange(t *testing.T) {
	a := once(http.StatusRequestTimeout, "", nil)
	_, err := get(t, &qcloudhttp.Transport{Base: a}, "https://cvm.tencentcloudapi.com/?Action=RunInstances&Version=1")
	if !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) || len(a.got) != 1 || !strings.Contains(err.Error(), "HTTP 408") {
		t.Errorf("%v after %d attempts", err, len(a.got))
	}
}

// An unknown number does not outweigh what the status says; and the limiter is
// told.
func TestUnknownCodeUnderAStatus(t *testing.T) {
	for status, class := range map[int]codes.Class{
		200: codes.ClassUnknown, 400: codes.ClassUnknown, 500: codes.ClassUnknown, 408: codes.ClassNetwork,
		429: codes.ClassThrottled, 502: codes.ClassUnavailable, 503: codes.ClassUnavailable, 504: codes.ClassUnavailable,
	} {
		for _, body := range []string{`{"code":77777,"message":"m"}`,
			`{"Response":{"Error":{"Code":"Strange.Thing","Message":"m"}}}`} {
			synctest.Test(t, func(t *testing.T) {
				a := answering(body, success)
				a.answers[0] = a.reply(status, body, http.Header{"Retry-After": {"7"}})
				began := time.Now()
				_, err := get(t, &qcloudhttp.Transport{Base: a}, readAction)
				waited := time.Since(began)
				if class == codes.ClassUnknown {
					if !errors.Is(err, class) || len(a.got) != 1 {
						t.Errorf("%d %s: %v after %d attempts", status, body, err, len(a.got))
					}
				} else if err != nil || waited < 7*time.Second || waited > 8*time.Second {
					t.Errorf("%d %s: %v after %v", status, body, err, waited)
				}
			})
		}
	}
}

// Retry-After: decimals count, the spread lies above, a past date means now.
func TestRetryAfterForms(t *testing.T) {
	const date = "Sat, 01 Jan 2000 00:00:00 GMT"
	for value, want := range map[string]time.Duration{
		"3": 3 * time.Second, "2.2": 3 * time.Second, " 3 ": 3 * time.Second, "0": 0, "0.0": 0,
		"Sat, 01 Jan 2000 00:00:30 GMT": 30 * time.Second, "Fri, 31 Dec 1999 23:59:59 GMT": 0, date: 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			a := answering("", success)
			a.answers[0] = a.reply(http.StatusServiceUnavailable, "down", http.Header{"Retry-After": {value}, "Date": {date}})
			began := time.Now()
			_, err := get(t, &qcloudhttp.Transport{Base: a}, readAction)
			if waited := time.Since(began); err != nil || waited < want || waited > want*21/20 {
				t.Errorf("%q: waited %v, %v", value, waited, err)
			}
		})
	}
	for _, value := range []string{"soon", "-1", "1e3", "1.2.3", ""} {
		synctest.Test(t, func(t *testing.T) {
			a := answering("", success)
			a.answers[0] = a.reply(http.StatusServiceUnavailable, "down", http.Header{"Retry-After": {value}})
			began := time.Now()
			if _, err := get(t, &qcloudhttp.Transport{Base: a}, readAction); err != nil || time.Since(began) < time.Second {
				t.Errorf("%q: waited %v, %v", value, time.Since(began), err)
			}
		})
	}
}

// A Retry-After is waited for as long as a set MaxElapsed allows, beyond 10
// minutes too.
func TestRetryAfterWithinMaxElapsed(t *testing.T) {
	for most, want := range map[time.Duration]qcloudhttp.Reason{
		0: qcloudhttp.ReasonRetryAfter, 10 * time.Minute: qcloudhttp.ReasonRetryAfter, time.Hour: "",
	} {
		synctest.Test(t, func(t *testing.T) {
			a := answering("", success)
			a.answers[0] = a.reply(http.StatusServiceUnavailable, "down", http.Header{"Retry-After": {"1200"}})
			policy := &qcloudhttp.Policy{MaxElapsed: most}
			_, err := get(t, &qcloudhttp.Transport{Base: a, Policy: policy}, readAction)
			gaveUp := new(qcloudhttp.GiveUpError)
			if errors.As(err, &gaveUp); gaveUp.Reason != want || (err == nil) != (want == "") {
				t.Errorf("MaxElapsed %v: %v", most, err)
			}
		})
	}
}

// A call without a response fails, whatever the Classify says of it.
func TestLostAnswerIsNoSuccess(t *testing.T) {
	policy := &qcloudhttp.Policy{MaxAttempts: 1, Classify: func(qcloudhttp.Failure) qcloudhttp.Verdict {
		return qcloudhttp.Verdict{Class: codes.ClassOK}
	}}
	a := &api{answers: []func(*http.Request) (*http.Response, error){fails(io.ErrUnexpectedEOF)}}
	_, err := get(t, &qcloudhttp.Transport{Base: a, Policy: policy}, readAction)
	if !errors.Is(err, codes.ClassNetwork) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

// An overflow ends the call at once, without a number that nobody meant, and
// closes its key for ten minutes.
func TestRetryAfterOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := answering("", success)
		a.answers[0] = a.reply(http.StatusTooManyRequests, "", http.Header{"Retry-After": {strings.Repeat("9", 40)}})
		client := &qcloudhttp.Transport{Base: a}
		_, err := get(t, client, readAction)
		var gaveUp *qcloudhttp.GiveUpError
		if !errors.As(err, &gaveUp) || gaveUp.Reason != qcloudhttp.ReasonRetryAfter || strings.Contains(err.Error(), "h47m") {
			t.Errorf("got %v", err)
		}
		began := time.Now()
		req, _ := http.NewRequest(http.MethodGet, readAction, nil)
		ctx := qcloudhttp.WithPolicy(t.Context(), &qcloudhttp.Policy{MaxElapsed: time.Hour})
		if _, err := client.RoundTrip(req.WithContext(ctx)); err != nil || time.Since(began) > 11*time.Minute {
			t.Errorf("the next call: %v after %v", err, time.Since(began))
		}
	})
}

// A name that nobody knows is looked up twice, a second apart, or MaxDelay.
func TestNoSuchHost(t *testing.T) {
	for maxDelay, wait := range map[time.Duration]time.Duration{0: time.Second, time.Millisecond: time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			a := &api{}
			a.answers = append(a.answers, fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "h",
				IsNotFound: true}}))
			began := time.Now()
			_, err := get(t, &qcloudhttp.Transport{Base: a, Policy: &qcloudhttp.Policy{MaxDelay: maxDelay}}, readAction)
			var gaveUp *qcloudhttp.GiveUpError
			if errors.As(err, &gaveUp) || !errors.Is(err, codes.ClassNetwork) || len(a.got) != 2 || time.Since(began) != wait {
				t.Errorf("%v after %d attempts in %v", err, len(a.got), time.Since(began))
			}
		})
	}
}

// What a proxy answers to CONNECT with 403 or 407 is permanent and said to be
// the proxy's.
func TestProxyRefuses(t *testing.T) {
	for status, attempts := range map[string]int{"403 Forbidden": 1, "407 Proxy Authentication Required": 1,
		"502 Bad Gateway": 3} {
		synctest.Test(t, func(t *testing.T) {
			tunnels := 0
			proxy := rttest.NewPipes()
			go http.Serve(proxy, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				tunnels++
				conn, _, _ := w.(http.Hijacker).Hijack()
				io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n")
				conn.Close()
			}))
			defer proxy.Close()
			base := &http.Transport{DialContext: proxy.Dial, Proxy: http.ProxyURL(&url.URL{Scheme: "http",
				Host: "proxy.example"})}
			defer base.CloseIdleConnections()
			client := &qcloudhttp.Transport{Base: base, Policy: &qcloudhttp.Policy{MaxAttempts: 3}}
			req, _ := http.NewRequest(http.MethodPost, "https://cvm.tencentcloudapi.com/?Action=RunInstances&Version=1",
				strings.NewReader("a=b"))
			_, err := client.RoundTrip(req)
			if errors.Is(err, qcloudhttp.ErrOutcomeUnknown) || tunnels != attempts ||
				attempts == 1 && !strings.Contains(err.Error(), "the proxy refused to connect") {
				t.Errorf("%s: %v after %d tunnels", status, err, tunnels)
			}
		})
	}
}

// The product of each of the vendor's zones is read, and no other product's
// module codes are explained by DSA's table.
func TestZones(t *testing.T) {
	const ten = `{"code":4000,"message":"(10000)queue error","codeDesc":"InvalidParameter"}`
	for host, class := range map[string]codes.Class{
		"dsa.api.qcloud.com": codes.ClassInternal, "ecdn.api.qcloud.com": codes.ClassInternal,
		"127.0.0.1":                       codes.ClassInternal,
		"cmq-queue-gz.api.tencentyun.com": codes.ClassInvalid, "cvm.api.qcloud.com": codes.ClassInvalid,
		"vod2.qcloud.com": codes.ClassInvalid, "cvm.ap-guangzhou.tencentcloudapi.com": codes.ClassInvalid,
		"cvm.internal.tencentcloudapi.com": codes.ClassInvalid, "cvm.intl.tencentcloudapi.com": codes.ClassInvalid,
		"cvm.tencentcloudapi.cn": codes.ClassInvalid, "cvm.tencentcloudapi.com.cn": codes.ClassInvalid,
	} {
		synctest.Test(t, func(t *testing.T) {
			_, err := get(t, &qcloudhttp.Transport{Base: answering(ten)}, "https://"+host+"/?Action=GetX")
			if !errors.Is(err, class) || errors.Is(err, codes.Code(10000)) != (class == codes.ClassInternal) {
				t.Errorf("%s: %v", host, err)
			}
		})
	}
}

// One host in four spellings has one quota.
func TestSpellingsOfAHost(t *testing.T) {
	for _, hosts := range [][]string{
		{"dsa.api.qcloud.com", "DSA.api.QCLOUD.com", "dsa.api.qcloud.com:443", "dsa.api.qcloud.com."},
		{"proxy.example", "Proxy.Example", "proxy.example:443", "proxy.example.:443"},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := answering(quota)
			client := &qcloudhttp.Transport{Base: a}
			for _, host := range hosts {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://h/?Action=GetDsaHostList", nil)
				req.Host = host
				_, err := client.RoundTrip(req)
				cancel()
				if err == nil || len(a.got) != 1 { // the first closed the key for all
					t.Errorf("%s: %v after %d attempts", host, err, len(a.got))
				}
			}
		})
	}
}

// The attempts of a call need one connection: a failed answer is read to its
// end.
func TestAttemptsReuseTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bodies := []string{internal, "<html>" + strings.Repeat("x", 5000), success}
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
