package faulttests

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// stubBase is a base that gives an error, or else a body with that status.
type stubBase struct {
	err            error
	status         int
	body           string
	requests, open atomic.Int32
}

func (u *stubBase) RoundTrip(r *http.Request) (*http.Response, error) {
	u.requests.Add(1)
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	if u.err != nil {
		return nil, u.err
	}
	u.open.Add(1)
	return &http.Response{
		StatusCode: u.status, Header: http.Header{}, Request: r, ContentLength: -1,
		Body: &closing{Reader: strings.NewReader(u.body), open: &u.open},
	}, nil
}

type closing struct {
	io.Reader
	open   *atomic.Int32
	closed bool
}

func (c *closing) Close() error {
	if !c.closed {
		c.closed = true
		c.open.Add(-1)
	}
	return nil
}

// What lies below the answers: requests that a Base says were not sent, which
// proves nothing where it does not trace, or cannot be,
// ClientTokens, and the bodies of the responses, which are all closed.
func TestRetryablehttpOverABase(t *testing.T) {
	const (
		v3Failure = `{"Response":{"Error":{"Code":"InternalError","Message":"x"},"RequestId":"r"}}`
		notFiled  = `{"code":4000,"message":"(2002)x","codeDesc":"InvalidParameter"}`
		tokenV3   = `{"Urls":["https://www.example.com/"],"ClientToken":"t"}`
	)
	op := func(name string) error { return &net.OpError{Op: name, Net: "tcp", Err: syscall.ECONNREFUSED} }
	read, create := v2("Action=GetDsaHostList"), v2("Action=RunInstances")
	attempts, unsafe := qcloudhttp.ReasonAttempts, qcloudhttp.ReasonUnsafe
	for name, tc := range map[string]struct {
		req     *http.Request
		base    *stubBase
		want    int
		reason  qcloudhttp.Reason
		is      error
		unknown bool // whether it was executed
	}{
		"hopeless, an unknown authority":  {read, &stubBase{err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, 1, "", codes.ClassInvalid, false},
		"hopeless, another host's":        {read, &stubBase{err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}}, 1, "", codes.ClassInvalid, false},
		"hopeless, a bad scheme":          {create, &stubBase{err: errors.New(`unsupported protocol scheme "gopher"`)}, 1, "", codes.ClassInvalid, false},
		"never sent, reading":             {read, &stubBase{err: op("dial")}, 4, attempts, codes.ClassNetwork, false},
		"dialling without a trace":        {create, &stubBase{err: op("dial")}, 1, unsafe, codes.ClassNetwork, true},
		"sent, mutating":                  {create, &stubBase{err: op("read")}, 1, unsafe, codes.ClassNetwork, true},
		"ClientToken, 502":                {v3("RunInstances", tokenV3), &stubBase{status: 502}, 4, attempts, codes.ClassUnavailable, true},
		"ClientToken, InternalError":      {v3("RunInstances", tokenV3), &stubBase{status: 200, body: v3Failure}, 4, attempts, codes.ClassInternal, true},
		"no ClientToken, InternalError":   {v3("RunInstances", purgeV3), &stubBase{status: 200, body: v3Failure}, 1, unsafe, codes.ClassInternal, true},
		"no ClientToken, 502":             {v3("RunInstances", purgeV3), &stubBase{status: 502, body: "<html>"}, 1, unsafe, codes.ClassUnavailable, true},
		"a body to close, permanent":      {read, &stubBase{status: 200, body: notFiled}, 1, "", codes.DomainNotFiled, false},
		"a body to close, no attempts":    {read, &stubBase{status: 503, body: "<html>"}, 4, attempts, codes.ClassUnavailable, false},
		"a body to close, which is large": {read, &stubBase{status: 503, body: strings.Repeat("x", 5<<20)}, 4, attempts, codes.ClassUnavailable, false},
	} {
		for way, do := range doers {
			t.Run(name+"/"+way, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					tc.base.requests.Store(0)
					client := retrier(tc.base, &qcloudhttp.Policy{})
					_, err := do(client, fresh(t, tc.req))
					if got := int(tc.base.requests.Load()); got != tc.want {
						t.Errorf("%d requests, want %d", got, tc.want)
					}
					wantFailure(t, err, tc.is, tc.reason, tc.want)
					if errors.Is(err, qcloudhttp.ErrOutcomeUnknown) != tc.unknown {
						t.Errorf("outcome unknown %v: %v", !tc.unknown, err)
					}
					if n := tc.base.open.Load(); n != 0 {
						t.Errorf("%d bodies are open", n)
					}
				})
			})
		}
	}
}
