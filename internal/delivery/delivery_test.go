package delivery_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"syscall"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/internal/delivery"
)

func TestNeverSent(t *testing.T) {
	op := func(name string) error { return &net.OpError{Op: name, Net: "tcp", Err: syscall.ECONNRESET} }
	for _, test := range []struct {
		err                  error
		perhapsSent, hopeful bool
	}{
		{op("dial"), false, true},
		{op("proxyconnect"), false, true},
		{op("write"), true, true},
		{op("read"), true, true},
		{&url.Error{Op: "Get", URL: "http://h/", Err: op("dial")}, false, true},
		{&net.DNSError{Name: "h", Err: "no such host"}, false, true},
		{x509.UnknownAuthorityError{}, false, false},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}, false, false},
		{errors.New(`unsupported protocol scheme "ftp"`), false, false},
		{fmt.Errorf("net/http: %w", errors.New(`invalid header field name "a b"`)), false, false},
		{io.EOF, true, true},
		{io.ErrUnexpectedEOF, true, true},
		{syscall.ECONNRESET, true, true},
		{nil, true, true},
	} {
		if got := delivery.NeverSent(test.err); got == test.perhapsSent {
			t.Errorf("%v: never sent is %t", test.err, got)
		}
		if got := delivery.Hopeless(test.err); got == test.hopeful {
			t.Errorf("%v: hopeless is %t", test.err, got)
		}
	}
}

func TestTrace(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }))
	defer srv.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	base := &http.Transport{}
	defer base.CloseIdleConnections()
	for name, test := range map[string]struct {
		base   http.RoundTripper
		url    string
		unsent bool
	}{
		"no listener":          {base, gone.URL, true},
		"no answer":            {base, srv.URL, false},
		"a base of other make": {failing{}, srv.URL, false},
	} {
		r, err := http.NewRequest(http.MethodPost, test.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		asked := 0 // the caller's own trace goes on
		r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{GetConn: func(string) { asked++ }}))
		trace := new(delivery.Trace)
		if _, err := test.base.RoundTrip(trace.Watch(r)); err == nil {
			t.Errorf("%s: no error", name)
		}
		if trace.NeverWhole(errors.New("no")) != test.unsent {
			t.Errorf("%s: never whole is %t", name, !test.unsent)
		}
		if test.base == http.RoundTripper(base) && asked != 1 {
			t.Errorf("%s: the caller's trace was called %d times", name, asked)
		}
	}
	for err, want := range map[error]bool{
		io.EOF: false, &net.OpError{Op: "write", Err: io.EOF}: false, &net.OpError{Op: "dial", Err: io.EOF}: true,
	} {
		if got := (*delivery.Trace)(nil).NeverWhole(err); got != want {
			t.Errorf("%v, unwatched: never whole is %t", err, got)
		}
	}
}

type failing struct{}

func (failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no") }
