package faulttests

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// kind is a kind of call: what the rules for sending it again depend on.
type kind string

const (
	reading  kind = "read-only"             // may be sent again whatever became of it
	mutation kind = "mutation"              // may not, once its outcome is unknown
	signed   kind = "mutation with a Nonce" // may, byte for byte
)

var kinds = []kind{reading, mutation, signed}

const (
	okBody   = `{"code":0,"message":"","codeDesc":"Success","data":[]}`
	failBody = `{"code":6000,"message":"(1000)x","codeDesc":"InternalError"}`
)

// rig is a Transport on real sockets, with everything counted.
type rig struct {
	t      *testing.T
	server *Server
	base   *countingBase
	client *qcloudhttp.Transport

	returned func() // if set, called when RoundTrip has returned
}

// newRig starts a server with these answers and checks at the test's end that
// nothing is left open.
func newRig(t *testing.T, k kind, answers ...Answer) *rig {
	t.Helper()
	r := newQuickRig(t, k, answers...)
	t.Cleanup(r.close)
	return r
}

// newQuickRig is newRig for those who close it themselves.
func newQuickRig(t *testing.T, k kind, answers ...Answer) *rig {
	r := &rig{t: t, server: NewServer(answers...), base: &countingBase{Transport: &http.Transport{MaxResponseHeaderBytes: 64 << 10}}}
	r.client = &qcloudhttp.Transport{Base: r.base, Policy: fast()}
	if k == signed {
		r.client.Signer = &sign.V1{Credentials: sign.Static("AKIDfaulttests", "key", "")}
	}
	return r
}

// close checks that no response body and no connection is open.
func (r *rig) close() {
	if n := r.base.open.Load(); n != 0 {
		r.t.Errorf("%d response bodies are open", n)
	}
	r.base.CloseIdleConnections()
	eventually(r.t, "a connection is open", func() bool { return r.server.Open() == 0 })
	r.server.Close()
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Error(what)
			return
		}
	}
}

// request returns a call of that kind.
func (k kind) request(ctx context.Context, url string) *http.Request {
	if k == reading {
		return must(http.NewRequestWithContext(ctx, http.MethodGet, url+"/v2/index.php?Action=GetDsaHostList", nil))
	}
	r := must(http.NewRequestWithContext(ctx, http.MethodPost, url+"/v2/index.php",
		strings.NewReader("Action=RunInstances&host=www.example.com")))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// outcome is what a caller gets.
type outcome struct {
	err     error // of RoundTrip
	status  int
	header  http.Header
	body    string
	bodyErr error // of reading the body; nil for io.EOF
}

// echoed is written to a connection that has switched protocols.
const echoed = "hello"

// call makes a call and reads the response's body whole.
func (r *rig) call(ctx context.Context, k kind) outcome {
	r.t.Helper()
	return r.do(k.request(ctx, r.server.URL))
}

func (r *rig) do(req *http.Request) outcome {
	r.t.Helper()
	began := time.Now()
	resp, err := r.client.RoundTrip(req)
	if r.returned != nil {
		r.returned()
	}
	if end, bounded := req.Context().Deadline(); bounded && time.Since(end) > 5*time.Second {
		r.t.Errorf("the call ended %v after its deadline, of %v", time.Since(end), time.Since(began))
	}
	if err != nil {
		if resp != nil {
			r.t.Errorf("both a response and the error %v", err)
		}
		return outcome{err: err}
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		got := make([]byte, len(echoed))
		conn := resp.Body.(io.ReadWriteCloser) // has no end
		io.WriteString(conn, echoed)
		_, err := io.ReadFull(conn, got)
		return outcome{status: resp.StatusCode, body: string(got), bodyErr: err}
	}
	body, err := io.ReadAll(resp.Body)
	return outcome{status: resp.StatusCode, header: resp.Header, body: string(body), bodyErr: err}
}

// fast is a policy of 3 attempts without noticeable waits.
func fast() *qcloudhttp.Policy {
	p := &qcloudhttp.Policy{}
	p.MaxAttempts = 3
	p.Delays = make(map[codes.Class]qcloudhttp.Delay)
	for class := range codes.ClassOK {
		p.Delays[class] = qcloudhttp.Delay{Initial: time.Millisecond, Max: time.Millisecond}
	}
	return p
}

// countingBase is net/http's Transport with its response bodies counted.
type countingBase struct {
	*http.Transport
	attempts, open atomic.Int64
}

func (b *countingBase) RoundTrip(r *http.Request) (*http.Response, error) {
	b.attempts.Add(1)
	resp, err := b.Transport.RoundTrip(r)
	if err == nil && resp.Body != nil && resp.StatusCode != http.StatusSwitchingProtocols {
		b.open.Add(1)
		resp.Body = &countedBody{ReadCloser: resp.Body, open: &b.open}
	}
	return resp, err
}

type countedBody struct {
	io.ReadCloser
	open   *atomic.Int64
	closed atomic.Bool
}

func (b *countedBody) Close() error {
	if !b.closed.Swap(true) {
		b.open.Add(-1)
	}
	return b.ReadCloser.Close()
}

// identical reports whether all requests were the same bytes.
func identical(requests []Request) bool {
	for _, r := range requests {
		if !bytes.Equal(r.Raw, requests[0].Raw) {
			return false
		}
	}
	return true
}
