package qcloudhttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/internal/rttest"
)

// serve serves h over pipes in the bubble, on HTTP/2 too, until the test ends.
func serve(t *testing.T, h http.HandlerFunc) (base *http.Transport, conns *atomic.Int32) {
	var both http.Protocols
	both.SetHTTP1(true)
	both.SetUnencryptedHTTP2(true)
	listener := rttest.NewPipes()
	conns = new(atomic.Int32)
	srv := &http.Server{Handler: h, Protocols: &both, ConnState: func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}}
	go srv.Serve(listener)
	base = &http.Transport{DialContext: listener.Dial}
	t.Cleanup(func() { base.CloseIdleConnections(); srv.Close() })
	return base, conns
}

func useHTTP2(base *http.Transport) *http.Transport {
	base.Protocols = new(http.Protocols)
	base.Protocols.SetUnencryptedHTTP2(true)
	return base
}

// pages are failures in the shapes that servers and proxies give them.
var pages = map[string]func(w http.ResponseWriter){
	"short page": func(w http.ResponseWriter) { w.WriteHeader(502); io.WriteString(w, "<html>"+strings.Repeat("x", 150)) },
	"long page": func(w http.ResponseWriter) {
		w.WriteHeader(502)
		io.WriteString(w, "<html>"+strings.Repeat("x", 60_000))
	},
	"page without a type": func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.WriteHeader(502)
		io.WriteString(w, strings.Repeat("x", 10_000))
	},
	"page in another coding": func(w http.ResponseWriter) {
		w.Header().Set("Content-Encoding", "br")
		w.WriteHeader(502)
		io.WriteString(w, strings.Repeat("x", 10_000))
	},
	"page whose end comes late": func(w http.ResponseWriter) {
		w.WriteHeader(502)
		io.WriteString(w, "<html>")
		w.(http.Flusher).Flush()
		time.Sleep(200 * time.Millisecond)
	},
	"envelope":                     func(w http.ResponseWriter) { io.WriteString(w, internal) },
	"envelope and a line's end":    func(w http.ResponseWriter) { io.WriteString(w, internal+"\n") },
	"gateway's code":               func(w http.ResponseWriter) { io.WriteString(w, outage) },
	"envelope whose end is late":   late(internal),
	"gateway's, and its end late":  late(outage),
	"throttled, and its end late":  late(tooOften),
	"3.0's, and its end late":      late(`{"Response":{"Error":{"Code":"InternalError","Message":"m"},"RequestId":"r"}}`),
	"half an envelope, then a end": late(`{"code":6000,"message":"m","data":[`),
}

func late(body string) func(w http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		io.WriteString(w, body)
		w.(http.Flusher).Flush()
		time.Sleep(100 * time.Millisecond)
	}
}

// Ten calls of three attempts need one connection, whatever the failed answers
// look like; and over HTTP/2 none of these is reset.
func TestFailedAnswersAreReadToTheirEnd(t *testing.T) {
	for name, page := range pages {
		for _, mode := range []qcloudhttp.FailureMode{qcloudhttp.ReturnError, qcloudhttp.ReturnResponse} {
			for _, major := range []int{1, 2} {
				t.Run(fmt.Sprint(name, " ", mode, " HTTP/", major), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						var calls, resets atomic.Int32
						base, conns := serve(t, func(w http.ResponseWriter, r *http.Request) {
							if r.ProtoMajor != major {
								t.Error(r.Proto)
							}
							if calls.Add(1)%3 == 0 {
								io.WriteString(w, success)
								return
							}
							page(w)
							if r.Context().Err() != nil {
								resets.Add(1)
							}
						})
						if major == 2 {
							useHTTP2(base)
						}
						client := &qcloudhttp.Transport{Base: base, OnFailure: mode, Policy: &qcloudhttp.Policy{RetryBudget: -1}}
						for range 10 {
							if body, err := get(t, client, readAction); err != nil || body != success {
								t.Fatal(body, err)
							}
						}
						if calls.Load() != 30 || conns.Load() != 1 || resets.Load() != 0 {
							t.Errorf("%d attempts on %d connections, %d reset", calls.Load(), conns.Load(), resets.Load())
						}
					})
				})
			}
		}
	}
}

// An answer that does not end is read for a quarter of a second, one that is
// long for 64 KiB: then its connection is given up, and not held in the wait.
func TestEndlessFailureIsLeft(t *testing.T) {
	for name, page := range map[string]func(w http.ResponseWriter, r *http.Request){
		"stalls": func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, outage)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
		"goes on": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, strings.Repeat("x", 10_000)); err != nil {
					return
				}
			}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			var calls atomic.Int32
			var failed, again time.Time
			base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if calls.Add(1) > 1 {
					again = time.Now()
					io.WriteString(w, success)
					return
				}
				page(w, r)
				failed = time.Now()
			})
			base.MaxConnsPerHost = 1
			policy := &qcloudhttp.Policy{MaxDelay: time.Second}
			began := time.Now()
			if _, err := get(t, &qcloudhttp.Transport{Base: base, Policy: policy}, readAction); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if read := failed.Sub(began); read > 250*time.Millisecond || !failed.Before(again) {
				t.Errorf("%s: it was read for %v", name, read)
			}
		})
	}
}

// While a call waits, it holds no connection: neither in its backoff nor in a
// limiter's queue, in both modes.
func TestNothingIsHeldInAWait(t *testing.T) {
	long := "<html>" + strings.Repeat("<p>maintenance</p>", 20_000) // more than is read of it
	for name, first := range map[string]func(w http.ResponseWriter){
		"Retry-After": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(503)
			io.WriteString(w, long)
		},
		"backoff":    func(w http.ResponseWriter) { io.WriteString(w, outage) },
		"busy":       func(w http.ResponseWriter) { io.WriteString(w, busy) },
		"queue":      func(w http.ResponseWriter) { io.WriteString(w, quota) },
		"long queue": func(w http.ResponseWriter) { w.WriteHeader(429); io.WriteString(w, long) },
	} {
		for _, mode := range []qcloudhttp.FailureMode{qcloudhttp.ReturnError, qcloudhttp.ReturnResponse} {
			synctest.Test(t, func(t *testing.T) {
				var failed atomic.Bool
				base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Query().Get("Action") == "GetFailing" && !failed.Swap(true) {
						first(w)
						return
					}
					io.WriteString(w, success)
				})
				base.MaxConnsPerHost = 1
				client := &qcloudhttp.Transport{Base: base, OnFailure: mode}
				waiting := make(chan error)
				go func() {
					_, err := get(t, client, "http://dsa.api.qcloud.com/?Action=GetFailing")
					waiting <- err
				}()
				synctest.Wait()
				began := time.Now()
				if _, err := get(t, client, readAction); err != nil || time.Since(began) > 250*time.Millisecond {
					t.Errorf("%s, mode %d: another call took %v, %v", name, mode, time.Since(began), err)
				}
				if err := <-waiting; err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
	}
}

// Where the wait ends without another attempt, the response is gone, and the
// error is returned in both modes.
func TestWaitThatEndsWithoutAnAttempt(t *testing.T) {
	for _, answer := range []string{outage, quota, busy} {
		synctest.Test(t, func(t *testing.T) {
			a := answering(answer)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(500*time.Millisecond, cancel)
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, readAction, nil)
			resp, err := (&qcloudhttp.Transport{Base: a, OnFailure: qcloudhttp.ReturnResponse}).RoundTrip(req)
			if resp != nil || !errors.Is(err, context.Canceled) || a.open.Load() != 0 {
				t.Errorf("%s: %v, %v, %d open", answer, resp, err, a.open.Load())
			}
		})
	}
}

// A body without GetBody whose writer waits for the server streams.
func TestPipeStreams(t *testing.T) {
	for name, test := range map[string]struct {
		policy *qcloudhttp.Policy
		ctx    func(context.Context) context.Context
		length int64
	}{
		"unknown length":          {nil, nil, -1},
		"MaxAttempts 1":           {&qcloudhttp.Policy{MaxAttempts: 1}, nil, 5},
		"WithoutRetries":          {nil, qcloudhttp.WithoutRetries, 5},
		"longer than is buffered": {nil, nil, 1<<20 + 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			arrived := make(chan string, 1)
			base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				head := make([]byte, 5)
				io.ReadFull(r.Body, head)
				arrived <- string(head)
				io.Copy(io.Discard, r.Body)
				io.WriteString(w, success)
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if test.ctx != nil {
				ctx = test.ctx(ctx)
			}
			reader, writer := io.Pipe()
			go func() {
				io.WriteString(writer, "hello")
				if got := <-arrived; got != "hello" { // before the end is sent
					t.Errorf("%s: %q arrived", name, got)
				}
				io.WriteString(writer, strings.Repeat("x", max(int(test.length)-5, 0)))
				writer.Close()
			}()
			req, _ := http.NewRequestWithContext(ctx, http.MethodPost, readAction, reader)
			req.ContentLength = test.length
			resp, err := (&qcloudhttp.Transport{Base: base, Policy: test.policy}).RoundTrip(req)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			resp.Body.Close()
		})
	}
}

// Expect: 100-continue has the body read where the server asks for it.
func TestExpectReadsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusForbidden) })
		base.ExpectContinueTimeout = time.Hour
		body := &countingReader{}
		req, _ := http.NewRequest(http.MethodPost, readAction, body)
		req.ContentLength = 1000
		req.Header.Set("Expect", "100-continue")
		resp, err := (&qcloudhttp.Transport{Base: base, OnFailure: qcloudhttp.ReturnResponse}).RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusForbidden || body.read.Load() != 0 {
			t.Fatalf("%v, %v, %d reads", resp, err, body.read.Load())
		}
		resp.Body.Close()
	})
}

type countingReader struct{ read atomic.Int64 }

func (r *countingReader) Read(p []byte) (int, error) { r.read.Add(1); return len(p), nil }

// A body that streams goes again whatever its length, as long as nobody read a
// byte of it.
func TestStreamGoesAgainAfterAFailedDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
			n, _ := io.Copy(io.Discard, r.Body)
			fmt.Fprintf(w, `{"code":0,"length":%d}`, n)
		})
		dial, failures := base.DialContext, 2
		base.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if failures--; failures >= 0 {
				return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
			}
			return dial(ctx, network, addr)
		}
		req, _ := http.NewRequest(http.MethodPost, "http://cvm.tencentcloudapi.com/?Action=RunInstances&Version=1",
			io.MultiReader(strings.NewReader(strings.Repeat("x", 2<<20))))
		resp, err := (&qcloudhttp.Transport{Base: base}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, _ := io.ReadAll(resp.Body); string(body) != `{"code":0,"length":2097152}` {
			t.Errorf("%s", body)
		}
	})
}
