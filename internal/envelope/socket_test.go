package envelope

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serve starts a server over HTTP/1.1 and one over HTTP/2 and runs a test
// against each.
func serve(t *testing.T, handler http.HandlerFunc, test func(t *testing.T, client *http.Client, url string)) {
	for _, name := range []string{"HTTP/1.1", "HTTP/2"} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(handler)
			defer server.Close()
			server.EnableHTTP2 = name == "HTTP/2"
			server.StartTLS()
			test(t, server.Client(), server.URL)
		})
	}
}

func get(t *testing.T, ctx context.Context, client *http.Client, url string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip") // ours to undo, not net/http's
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// The first byte reaches the caller before the last is sent: the server holds
// the end back until the caller has read the beginning.
func TestEarlyOverSocket(t *testing.T) {
	const beginning, end = `{"code":0,"message":"","data":[1,`, `2]}`
	for _, coded := range []bool{false, true} {
		proceed := make(chan struct{})
		handler := func(w http.ResponseWriter, r *http.Request) {
			out, flush := io.Writer(w), func() {}
			if coded {
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				defer z.Close()
				out, flush = z, func() { z.Flush() }
			}
			io.WriteString(out, beginning)
			flush()
			w.(http.Flusher).Flush()
			select {
			case <-proceed:
			case <-r.Context().Done():
				return
			}
			io.WriteString(out, end)
		}
		serve(t, handler, func(t *testing.T, client *http.Client, url string) {
			resp := get(t, t.Context(), client, url)
			defer resp.Body.Close()
			if res := Peek(resp); res.Outcome != Success {
				t.Fatal(res.Outcome, res.Err)
			}
			text := io.Reader(resp.Body)
			if coded {
				var err error
				if text, err = gzip.NewReader(resp.Body); err != nil {
					t.Fatal(err)
				}
			}
			got := make([]byte, len(beginning))
			if _, err := io.ReadFull(text, got); err != nil || string(got) != beginning {
				t.Fatalf("the beginning: %q, %v", got, err)
			}
			proceed <- struct{}{}
			if rest, err := io.ReadAll(text); err != nil || string(rest) != end {
				t.Errorf("the end: %q, %v", rest, err)
			}
		})
	}
}

// A server that stalls does not hold Peek longer than the request's context.
func TestCancelOverSocket(t *testing.T) {
	for _, sent := range []string{"", `{"data":[`} {
		stalled := make(chan struct{})
		handler := func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, sent)
			w.(http.Flusher).Flush()
			<-stalled
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // an orderly end could overtake the client's closing
		}
		serve(t, handler, func(t *testing.T, client *http.Client, url string) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			resp := get(t, ctx, client, url)
			defer resp.Body.Close()
			go func() { stalled <- struct{}{}; cancel() }()
			if res := Peek(resp); res.Outcome != Broken || !errors.Is(res.Err, context.Canceled) {
				t.Errorf("%v, %v", res.Outcome, res.Err)
			}
		})
	}
}

// The caller may close a body that stalls while it is being read.
func TestCloseOverSocket(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"code":0,"data":[`)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	serve(t, handler, func(t *testing.T, client *http.Client, url string) {
		resp := get(t, t.Context(), client, url)
		if res := Peek(resp); res.Outcome != Success {
			t.Fatal(res.Outcome, res.Err)
		}
		reading := make(chan error)
		go func() {
			_, err := io.ReadAll(resp.Body)
			reading <- err
		}()
		resp.Body.Close()
		if err := <-reading; err == nil {
			t.Error("the body ended without an error")
		}
	})
}

// A connection that breaks is Broken: by fewer bytes than Content-Length
// says, or in the middle of a chunked body.
func TestBrokenOverSocket(t *testing.T) {
	const body = `{"data":[1,2,3],"code":4000}`
	for _, length := range []string{"", "28"} {
		handler := func(w http.ResponseWriter, r *http.Request) {
			if length != "" {
				w.Header().Set("Content-Length", length)
			}
			io.WriteString(w, body[:10])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		serve(t, handler, func(t *testing.T, client *http.Client, url string) {
			resp := get(t, t.Context(), client, url)
			defer resp.Body.Close()
			res := Peek(resp)
			if res.Outcome != Broken || res.Err == nil {
				t.Errorf("%v, %v", res.Outcome, res.Err)
			}
			if got, err := io.ReadAll(resp.Body); err != res.Err || !strings.HasPrefix(body[:10], string(got)) {
				t.Errorf("came as %q, %v", got, err)
			}
		})
	}
}
