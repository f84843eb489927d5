package qcloudtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// world is a client and the API behind it, in one of the ways there are.
type world struct {
	client2
	api  *API
	name string
}

// worlds runs a test in memory and over sockets, plain and with HTTP/2.
func worlds(t *testing.T, test func(*testing.T, world), opts ...Option) {
	t.Run("memory", func(t *testing.T) {
		api := NewAPI(opts...)
		test(t, world{inMemory(t, api), api, "memory"})
	})
	t.Run("HTTP1", func(t *testing.T) {
		c, s := overSockets(t, opts...)
		test(t, world{c, s.API, "HTTP1"})
	})
	t.Run("TLS", func(t *testing.T) {
		s := NewUnstartedServer(opts...)
		s.StartTLS()
		defer s.Close()
		c := client2{t: t, url: s.Endpoint(), http: s.Client()}
		test(t, world{c, s.API, "TLS"})
	})
	t.Run("HTTP2", func(t *testing.T) {
		s := NewUnstartedServer(opts...)
		s.EnableHTTP2 = true
		s.StartTLS()
		defer s.Close()
		c := client2{t: t, url: s.Endpoint(), http: s.Client()}
		test(t, world{c, s.API, "HTTP2"})
	})
}

// last is the newest request, once it has been recorded to its end.
func (w world) last() Request {
	w.t.Helper()
	reqs := w.api.Requests()
	return reqs[len(reqs)-1]
}

func (w world) flush() (answer2, error) {
	return w.try(w.request("FlushCache", "urlList", `["http://www.example.com/"]`))
}

// Each fault breaks the connection where it says, and executes what it says.
func TestFaults(t *testing.T) {
	worlds(t, func(t *testing.T, w world) {
		for _, tt := range []struct {
			name     string
			steps    []Step
			executed int
			lost     string
		}{
			{"Reset", []Step{Reset()}, 0, "reset"},
			{"Drop", []Step{Drop()}, 0, "drop"},
			{"Execute Drop", []Step{Execute(), Drop()}, 1, "drop"},
			{"Execute Reset", []Step{Execute(), Reset()}, 1, "reset"},
			{"Drop Execute", []Step{Drop(), Execute(), Code(6000)}, 0, "drop"},
			{"Cut 0", []Step{Cut(0)}, 1, "cut"},
			{"Cut 10", []Step{Cut(10)}, 1, "cut"},
			{"Code Cut", []Step{Code(6000), Cut(7)}, 0, "cut"},
		} {
			before := w.api.Executed("FlushCache")
			w.api.Next(1, tt.steps...)
			if _, err := w.flush(); err == nil {
				t.Errorf("%s: the client got an answer", tt.name)
			}
			if got := w.api.Executed("FlushCache") - before; got != tt.executed {
				t.Errorf("%s: executed %d times, want %d", tt.name, got, tt.executed)
			}
			synced := w.want(0, 0, "FlushCache", "urlList", `["http://www.example.com/"]`)
			if synced.CodeDesc != "Success" {
				t.Errorf("%s: the next call was answered with %+v", tt.name, synced)
			}
			reqs := w.api.Requests()
			last := reqs[len(reqs)-2]
			if last.Lost != tt.lost || last.Executed != (tt.executed == 1) || (last.Status != 0) != (tt.lost == "cut") {
				t.Errorf("%s: recorded as %+v", tt.name, last)
			}
		}
	}, WithDomain("www.example.com"))
}

// The errors in memory are those of a socket.
func TestErrorsOfFaults(t *testing.T) {
	worlds(t, func(t *testing.T, w world) {
		if w.name == "HTTP2" { // there, a stream is reset
			return
		}
		for _, tt := range []struct {
			step Step
			want error
		}{
			{Reset(), syscall.ECONNRESET},
			{Drop(), io.EOF},
			{Cut(5), io.ErrUnexpectedEOF},
		} {
			w.api.Next(1, tt.step)
			if _, err := w.flush(); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		}
	}, WithDomain("www.example.com"))
}

// The header promises the whole body.
func TestCutBody(t *testing.T) {
	worlds(t, func(t *testing.T, w world) {
		const body = `{"code":0}`
		for _, tt := range []struct {
			n    int
			want string
			err  error
		}{
			{0, "", io.ErrUnexpectedEOF},
			{4, body[:4], io.ErrUnexpectedEOF},
			{len(body), body, nil},
			{100, body, nil},
		} {
			w.api.Next(1, Body("application/json", body), Cut(tt.n))
			wantLost := map[bool]string{true: "", false: "cut"}[tt.err == nil]
			resp, err := w.http.Do(w.request("GetDsaHostList"))
			if err != nil {
				t.Fatalf("Cut(%d): %v", tt.n, err)
			}
			got, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if lost := w.last().Lost; lost != wantLost {
				t.Errorf("Cut(%d): recorded as %q, want %q", tt.n, lost, wantLost)
			}
			if w.name == "HTTP2" && tt.err != nil { // a reset stream has an error of its own
				if err == nil {
					t.Errorf("Cut(%d): no error", tt.n)
				}
				continue
			}
			if string(got) != tt.want || err != tt.err || resp.ContentLength != int64(len(body)) {
				t.Errorf("Cut(%d): %q, %v, length %d", tt.n, got, err, resp.ContentLength)
			}
		}
	})
}

// The answer to a HEAD has the body's length alone.
func TestHead(t *testing.T) {
	worlds(t, func(t *testing.T, w world) {
		req, err := http.NewRequest("HEAD", w.url+"?Action=GetDsaHostList", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := w.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); len(body) > 0 || err != nil || resp.ContentLength <= 0 {
			t.Errorf("body %q, %v; length %d", body, err, resp.ContentLength)
		}
	})
}

func TestScriptedAnswers(t *testing.T) {
	worlds(t, func(t *testing.T, w world) {
		w.api.Next(2, Code(6000))
		w.want(6000, 0, "GetDsaHostList")
		w.want(6000, 0, "GetFlushLog")
		w.want(0, 0, "GetDsaHostList")

		w.api.NextFor("GetFlushLog", 1, Code(codes.DomainLocked))
		w.api.Next(1, Code(777))
		w.want(777, 0, "GetDsaHostList")
		w.want(4000, 2003, "GetFlushLog")

		w.api.Next(1, CodeText("FailedOperation.EcdnConfigError"))
		if a := w.want(5100, 0, "GetDsaHostList"); a.CodeDesc != "FailedOperation.EcdnConfigError" {
			t.Errorf("codeDesc %q", a.CodeDesc)
		}
		w.api.Next(1, Code(codes.ConfigSystemError))
		w.want(5100, 10000, "GetDsaHostList")

		w.api.Next(1, Status(503), Header("Retry-After", "30"))
		resp, err := w.http.Do(w.request("GetDsaHostList"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "30" || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("answer %v", resp)
		}
		for _, status := range []int{204, 304} {
			w.api.Next(1, Status(status))
			resp, err := w.http.Do(w.request("GetDsaHostList"))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != status {
				t.Errorf("Status(%d): %d", status, resp.StatusCode)
			}
		}
		w.api.Next(1, Body("text/plain", "hello"))
		resp, err = w.http.Do(w.request("GetDsaHostList"))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); string(body) != "hello" || err != nil {
			t.Errorf("body %q, %v", body, err)
		}
	})
}

// Rules line up; a rule without steps shields a request from the hook.
func TestOrderOfRules(t *testing.T) {
	api := NewAPI()
	c := inMemory(t, api)
	api.OnRequest(func(r Request) []Step {
		if r.Action == "GetFlushLog" {
			return []Step{Code(4300)}
		}
		return nil
	})
	api.Next(0, Code(1))
	api.Next(-1, Code(1))
	api.NextFor("GetFlushLog", 1, Code(5000))
	api.NextFor("GetFlushLog", 1)
	api.Next(1, Step{}, Code(6200))

	c.want(6200, 0, "GetDsaHostList")
	c.want(5000, 0, "GetFlushLog")
	c.want(0, 0, "GetFlushLog")
	c.want(4300, 0, "GetFlushLog")
	c.want(0, 0, "GetDsaHostList")
	api.OnRequest(nil)
	c.want(0, 0, "GetFlushLog")
}

// What nobody took is counted and dropped; the hook is no part of it.
func TestClearScript(t *testing.T) {
	worlds(t, func(t *testing.T, w world) {
		w.api.OnRequest(func(Request) []Step { return []Step{Code(4300)} })
		w.api.Next(3, Code(6000))
		w.api.NextFor("GetFlushLog", 2)
		w.want(6000, 0, "GetDsaHostList")
		if got := []int{w.api.ClearScript(), w.api.ClearScript()}; got[0] != 4 || got[1] != 0 {
			t.Errorf("ClearScript = %v, want 4 and 0", got)
		}
		w.want(4300, 0, "GetFlushLog")
	})
}

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI(WithDomain("www.example.com"))
		w := world{client2: inMemory(t, api), api: api}
		start := time.Now()
		api.Next(1, Delay(time.Minute), Code(6000))
		w.want(6000, 0, "GetDsaHostList")
		if d := time.Since(start); d != time.Minute {
			t.Errorf("waited %v", d)
		}

		w.http.Timeout = time.Second
		for _, tt := range []struct {
			steps    []Step
			executed int
		}{
			{[]Step{Delay(time.Minute)}, 0},
			{[]Step{Execute(), Delay(time.Minute)}, 1},
		} {
			before, start := api.Executed("FlushCache"), time.Now()
			api.Next(1, tt.steps...)
			if _, err := w.flush(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v", err)
			}
			if d := time.Since(start); d != time.Second {
				t.Errorf("gave up after %v", d)
			}
			if got := api.Executed("FlushCache") - before; got != tt.executed {
				t.Errorf("executed %d times, want %d", got, tt.executed)
			}
		}
		if r := api.Requests(); r[len(r)-1].Lost != "gone" {
			t.Errorf("recorded as %+v", r[len(r)-1])
		}
	})
}

// The gateway's checks come after a Delay, or before it with Execute.
func TestDelayAndTheTimestamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI(WithCredentials(testID, testKey))
		c := signed(inMemory(t, api))
		api.Next(1, Delay(time.Hour))
		c.want(4200, 0, "GetDsaHostList")
		api.Next(1, Execute(), Delay(time.Hour))
		c.want(0, 0, "GetDsaHostList")
	})
}

func TestContextHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", endpoint+"?Action=GetDsaHostList", nil)
	if err != nil {
		t.Fatal(err)
	}
	api := NewAPI()
	resp, err := api.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	resp.Body.Close()
	if _, err := api.Transport().RoundTrip(req); !errors.Is(err, context.Canceled) {
		t.Errorf("a call whose context has ended: %v", err)
	}
	if api.Total() != 1 {
		t.Errorf("%d requests arrived, want 1", api.Total())
	}
	resp, err = api.Transport().RoundTrip(req.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if _, err := resp.Body.Read(make([]byte, 1)); !errors.Is(err, http.ErrBodyReadAfterClose) {
		t.Errorf("reading after Close: %v", err)
	}
}
