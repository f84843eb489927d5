package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/qcloudhttp/qcloudhttp"
)

// With UnsafeRetryOnConnectionFailure the SDK sets an idempotency key, by which
// net/http repeats a POST whose connection broke. Below our transport it does
// not: the call is executed once, and its outcome said to be unknown.
func TestUnsafeRetryOnConnectionFailure(t *testing.T) {
	for _, attempts := range []int{1, 2} {
		var executed atomic.Int32
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if r.Header.Get("X-TC-Action") == "DescribeInstances" {
				io.WriteString(w, `{"Response":{"TotalCount":0,"RequestId":"1"}}`)
				return
			}
			executed.Add(1)
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
		}))
		base := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, srv.Listener.Addr().String())
		}}
		prof := newProfile()
		prof.UnsafeRetryOnConnectionFailure = true
		prof.HttpProfile.Scheme = "HTTP"
		client := newClient(credential, prof, &qcloudhttp.Transport{
			Base: base, OnFailure: qcloudhttp.ReturnResponse, Policy: &qcloudhttp.Policy{MaxAttempts: attempts},
		})
		if err := call(client, "DescribeInstances", none); err != nil { // the connection is kept
			t.Error(err)
		}
		err := call(client, "RunInstances", none)
		if executed.Load() != 1 || !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
			t.Errorf("%d attempts: executed %d times, %v", attempts, executed.Load(), err)
		}
		base.CloseIdleConnections()
		srv.Close()
	}
}

// A company's proxy that refuses the tunnel is asked once, and the error says
// who refused; whatever it answers, nothing was executed.
func TestProxyThatRefuses(t *testing.T) {
	for status, tunnels := range map[string]int32{"403 Forbidden": 1, "407 Proxy Authentication Required": 1,
		"502 Bad Gateway": 2} {
		for _, action := range []string{"DescribeInstances", "RunInstances"} {
			var asked atomic.Int32
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				conn, _, _ := w.(http.Hijacker).Hijack()
				io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n")
				conn.Close()
			}))
			address, _ := url.Parse(proxy.URL)
			base := &http.Transport{Proxy: http.ProxyURL(address)}
			client := newClient(credential, newProfile(), &qcloudhttp.Transport{
				Base: base, OnFailure: qcloudhttp.ReturnResponse, Policy: &qcloudhttp.Policy{MaxAttempts: 2},
			})
			err := call(client, action, none)
			var fail *qcloudhttp.Error
			if !errors.As(err, &fail) || fail.Executed != qcloudhttp.NotExecuted || asked.Load() != tunnels {
				t.Errorf("%s, %s: %d tunnels, %v", status, action, asked.Load(), err)
			}
			base.CloseIdleConnections()
			proxy.Close()
		}
	}
}
