package faulttests

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// brokenAfter reads text and then fails.
type brokenAfter struct {
	io.Reader
	err error
}

func (b brokenAfter) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

func (brokenAfter) Close() error { return nil }

// What never left the machine by the caller's own fault, or what no attempt can
// mend, is permanent and no failure of the network: it is attempted once, its
// advice is not about the network, and neither budget nor limiter hears of it. It
// was not executed unless a server may have the whole request.
func TestOwnFaults(t *testing.T) {
	errDisk := errors.New("input/output error")
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, okBody)
	}))
	defer plain.Close()
	secure := httptest.NewUnstartedServer(plain.Config.Handler)
	secure.Config.ErrorLog = quiet
	secure.StartTLS()
	defer secure.Close()
	wantsCertificate := httptest.NewUnstartedServer(plain.Config.Handler)
	wantsCertificate.Config.ErrorLog = quiet
	wantsCertificate.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS13}
	wantsCertificate.StartTLS()
	defer wantsCertificate.Close()

	body := func(r *http.Request, length int64, open func() io.ReadCloser) {
		r.Method, r.ContentLength = http.MethodPost, length
		r.Body, r.GetBody = open(), func() (io.ReadCloser, error) { return open(), nil }
	}
	long := strings.Repeat("x", 200_000)
	for name, test := range map[string]struct {
		url     string
		change  func(*http.Request)
		unknown bool // of a change
		is      error
		says    string
	}{
		"invalid header": {url: plain.URL, change: func(r *http.Request) { r.Header.Set("X-Bad", "a\nb") }},
		"nil Header":     {url: plain.URL, change: func(r *http.Request) { r.Header = nil }},
		"bad scheme":     {url: "gopher://example.com"},
		"body breaks": {url: plain.URL, is: errDisk, change: func(r *http.Request) {
			body(r, 400_000, func() io.ReadCloser { return brokenAfter{strings.NewReader(long), errDisk} })
		}},
		"body is short": {url: plain.URL, change: func(r *http.Request) {
			body(r, 30, func() io.ReadCloser { return io.NopCloser(strings.NewReader("a=b")) })
		}},
		"body is long": {url: plain.URL, unknown: true, change: func(r *http.Request) {
			body(r, 3, func() io.ReadCloser { return io.NopCloser(strings.NewReader("a=b&c=d")) })
		}},
		"untrusted certificate": {url: secure.URL},
		"https to a plain port": {url: "https" + strings.TrimPrefix(plain.URL, "http"), says: "scheme"},
		"client certificate":    {url: wantsCertificate.URL},
	} {
		for _, action := range []string{"GetX", "RunInstances"} {
			t.Run(name+"/"+action, func(t *testing.T) {
				base := &http.Transport{}
				if name == "client certificate" {
					base = wantsCertificate.Client().Transport.(*http.Transport).Clone()
					base.TLSClientConfig.Certificates = nil
				}
				defer base.CloseIdleConnections()
				gate, attempts := &recorder{}, 0
				client := &qcloudhttp.Transport{Base: roundTripFunc(func(r *http.Request) (*http.Response, error) {
					attempts++
					return base.RoundTrip(r)
				}), Limiter: gate, Policy: fast()}
				r := must(http.NewRequest(http.MethodGet, test.url+"/?Action="+action, nil))
				if test.change != nil {
					test.change(r)
				}
				resp, err := client.RoundTrip(r)
				if err == nil {
					resp.Body.Close()
					if !test.unknown { // the server may answer before the rest of a body is met
						t.Error("it succeeded")
					}
					return
				}
				fail := new(qcloudhttp.Error)
				if !errors.As(err, &fail) || errors.Is(err, codes.ClassNetwork) || attempts > 1 || test.is != nil && !errors.Is(err, test.is) {
					t.Errorf("%d attempts, err %v", attempts, err)
				}
				if got, want := errors.Is(err, qcloudhttp.ErrOutcomeUnknown), test.unknown && action == "RunInstances"; got != want {
					t.Errorf("outcome unknown %v: %v", got, err)
				}
				if advice := qcloudhttp.Explain(err, "en"); strings.Contains(advice, "etwork") || !strings.Contains(err.Error(), test.says) {
					t.Errorf("%v\n%s", err, advice)
				}
				for _, o := range gate.outcomes {
					if o != limit.Abandoned {
						t.Errorf("the limiter heard of it: %v", gate.outcomes)
					}
				}
			})
		}
	}
}

// Callers with faults of their own leave a healthy one alone.
func TestOwnFaultsHoldNobodyBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &qcloudhttp.Transport{Base: roundTripFunc(func(r *http.Request) (*http.Response, error) {
			if r.Body == nil {
				return answer(r, okBody), nil
			}
			_, err := io.Copy(io.Discard, r.Body)
			r.Body.Close()
			return nil, err
		})}
		for range 100 {
			r := post(t.Context(), brokenAfter{strings.NewReader("a"), errors.New("disk")})
			client.RoundTrip(r)
		}
		began := time.Now()
		resp, err := client.RoundTrip(must(http.NewRequest(http.MethodGet, "http://dsa.api.qcloud.com/?Action=GetX", nil)))
		if err != nil || time.Since(began) > 0 {
			t.Fatalf("held back for %v, err %v", time.Since(began), err)
		}
		resp.Body.Close()
	})
}

// A Signer without keys says so, and nothing is sent.
func TestSignerWithoutKeys(t *testing.T) {
	base := scriptedBy(answering(okBody))
	_, err := (&qcloudhttp.Transport{Base: base, Signer: &sign.V1{}}).RoundTrip(post(t.Context(), nil))
	if !errors.Is(err, sign.ErrNoCredentials) || errors.Is(err, qcloudhttp.ErrOutcomeUnknown) || base.attempts() != 0 {
		t.Errorf("%d attempts, err %v", base.attempts(), err)
	}
}

// Request.Cancel ends a call in flight and in a backoff, and is no failure of
// the network.
func TestRequestCancel(t *testing.T) {
	waits := func(r *http.Request) (*http.Response, error) {
		select {
		case <-r.Cancel: //lint:ignore SA1019 callers may still set it
			return nil, errors.New("net/http: request canceled")
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	for name, f := range map[string]func(*http.Request) (*http.Response, error){
		"in flight": waits, "in backoff": answering(`{"code":6200,"message":"","codeDesc":"ServiceUnavailable"}`),
	} {
		in(t, name, func(t *testing.T) {
			base, gate := scriptedBy(f), &recorder{}
			r := post(t.Context(), nil)
			done := make(chan struct{})
			r.Cancel = done //lint:ignore SA1019 callers may still set it
			time.AfterFunc(500*time.Millisecond, func() { close(done) })
			began := time.Now()
			_, err := (&qcloudhttp.Transport{Base: base, Limiter: gate}).RoundTrip(r)
			gaveUp(t, err, qcloudhttp.ReasonContext, 1)
			if took := time.Since(began); took != 500*time.Millisecond {
				t.Errorf("it took %v", took)
			}
			if name == "in flight" && (len(gate.outcomes) != 1 || gate.outcomes[0] != limit.Abandoned) {
				t.Errorf("the limiter heard of it: %v", gate.outcomes)
			}
			synctest.Wait()
		})
	}
}

// list is an error that cannot be compared with ==, which would panic.
type list []error

func (l list) Error() string { return errors.Join(l...).Error() }

// Errors of other people's code that cannot be compared break no call: of Base,
// the body, the Signer, the limiter, the context's cause, and of a response that
// breaks off, gzip included.
func TestUncomparableErrors(t *testing.T) {
	bad := list{errors.New("a"), errors.New("b")}
	breaks := func(encoding string) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) {
			resp := answer(r, "")
			resp.ContentLength = -1
			text := `{"co`
			if encoding != "" {
				resp.Header.Set("Content-Encoding", encoding)
				text = "\x1f\x8b\x08\x00"
			}
			resp.Body = brokenAfter{strings.NewReader(text), bad}
			return resp, nil
		}
	}
	for name, set := range map[string]func(*qcloudhttp.Transport, *http.Request) *scripted{
		"Base": func(*qcloudhttp.Transport, *http.Request) *scripted {
			return scriptedBy(func(*http.Request) (*http.Response, error) { return nil, bad })
		},
		"body": func(_ *qcloudhttp.Transport, r *http.Request) *scripted {
			r.Body, r.ContentLength, r.GetBody = brokenAfter{strings.NewReader("a"), bad}, 5, nil
			return scriptedBy(answering(okBody))
		},
		"Signer": func(c *qcloudhttp.Transport, _ *http.Request) *scripted {
			c.Signer = signFunc(func(*http.Request) error { return bad })
			return scriptedBy(answering(okBody))
		},
		"limiter": func(c *qcloudhttp.Transport, _ *http.Request) *scripted {
			c.Limiter = waitFunc(func(context.Context) error { return bad })
			return scriptedBy(answering(okBody))
		},
		"cause": func(_ *qcloudhttp.Transport, r *http.Request) *scripted {
			ctx, cancel := context.WithCancelCause(r.Context())
			time.AfterFunc(time.Second, func() { cancel(bad) })
			*r = *r.WithContext(ctx)
			return scriptedBy(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, context.Cause(r.Context())
			})
		},
		"response":          func(*qcloudhttp.Transport, *http.Request) *scripted { return scriptedBy(breaks("")) },
		"gzipped response":  func(*qcloudhttp.Transport, *http.Request) *scripted { return scriptedBy(breaks("gzip")) },
		"deflated response": func(*qcloudhttp.Transport, *http.Request) *scripted { return scriptedBy(breaks("deflate")) },
	} {
		in(t, name, func(t *testing.T) {
			client := &qcloudhttp.Transport{Observer: qcloudhttp.LogTo(slog.New(slog.DiscardHandler))}
			r := post(t.Context(), nil)
			base := set(client, r)
			client.Base = base
			resp, err := client.RoundTrip(r)
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				resp.Body.Close()
			}
			var got list
			if !errors.As(err, &got) || qcloudhttp.Explain(err, "zh") == "" || errors.Is(err, bad) {
				t.Errorf("err %v", err)
			}
		})
	}
}

// A Transport in a Transport is an error that says what to set; deeper below, an
// inner Transport's error is final.
func TestTransportInATransport(t *testing.T) {
	_, err := (&qcloudhttp.Transport{Base: &qcloudhttp.Transport{}}).RoundTrip(post(t.Context(), nil))
	if err == nil || !strings.Contains(err.Error(), "set Base") {
		t.Errorf("err %v", err)
	}
	usual := http.DefaultTransport
	defer func() { http.DefaultTransport = usual }()
	http.DefaultTransport = &qcloudhttp.Transport{}
	if _, err := http.Get("http://dsa.api.qcloud.com/?Action=GetX"); err == nil || !strings.Contains(err.Error(), "DefaultTransport") {
		t.Errorf("err %v", err)
	}
	for body, want := range map[string]int{failBody: 5, `{"code":4100}`: 1} {
		in(t, body, func(t *testing.T) {
			base := scriptedBy(answering(body))
			inner := &http.Client{Transport: &qcloudhttp.Transport{Base: base}}
			outer := &qcloudhttp.Transport{Base: roundTripFunc(func(r *http.Request) (*http.Response, error) {
				again := r.Clone(r.Context()) // an http.Client takes no RequestURI, and sets none
				return inner.Do(again)
			})}
			_, err := outer.RoundTrip(post(t.Context(), nil))
			fail := new(qcloudhttp.Error)
			if base.attempts() != want || !errors.As(err, &fail) || errors.Is(err, codes.ClassNetwork) {
				t.Errorf("%d attempts, err %v", base.attempts(), err)
			}
		})
	}
}

// NewRetryableClient's checks know the errors of a Transport below, however they
// are wrapped.
func TestRetryableClientOverATransport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := scriptedBy(answering(`{"code":4100}`))
		inner := &http.Client{Transport: &qcloudhttp.Transport{Base: base}}
		client := qcloudhttp.NewRetryableClient(roundTripFunc(func(r *http.Request) (*http.Response, error) { return inner.Do(r) }), nil)
		_, err := client.Get("http://dsa.api.qcloud.com/?Action=GetX")
		if base.attempts() != 1 || !errors.Is(err, codes.ClassAuth) {
			t.Errorf("%d attempts, err %v", base.attempts(), err)
		}
	})
}
