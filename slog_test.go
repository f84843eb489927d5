package qcloudhttp_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

const logURL = "http://dsa.api.qcloud.com/v2/index.php"

func ExampleLogTo() {
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if k := a.Value.Kind(); k == slog.KindTime || k == slog.KindDuration {
				return slog.Attr{} // they differ from run to run
			}
			return a
		},
	})
	client := &http.Client{Transport: &qcloudhttp.Transport{
		Base:     apiThatFailsOnce(), // leave it out to call the real one
		Observer: qcloudhttp.LogTo(slog.New(handler)),
	}}
	resp, err := client.Get("https://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList")
	if err != nil {
		slog.Error("no list", "error", qcloudhttp.Redact(err))
		return
	}
	resp.Body.Close()
	// Output:
	// level=INFO msg="waiting to retry" action=GetDsaHostList host=dsa.api.qcloud.com attempt=2 cause=backoff code=6000 code_desc=InternalError class=Internal error="the server had an internal error"
	// level=INFO msg="call succeeded" action=GetDsaHostList host=dsa.api.qcloud.com attempts=2 status=200
}

func apiThatFailsOnce() http.RoundTripper {
	api := qcloudtest.NewAPI(qcloudtest.WithEnglish())
	api.Next(1, qcloudtest.Code(codes.InternalError))
	return api.Transport()
}

// exactly makes the delays of a class the same in every run.
func exactly(class codes.Class, d time.Duration) *qcloudhttp.Policy {
	return &qcloudhttp.Policy{Delays: map[codes.Class]qcloudhttp.Delay{
		class: {Initial: d, Jitter: 1e-300},
	}}
}

// logged returns the lines that the calls log, with times of the bubble.
func logged(level slog.Level, tr *qcloudhttp.Transport, calls ...*http.Request) string {
	var out logBuffer
	tr.Observer = qcloudhttp.LogTo(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level})))
	for _, req := range calls {
		logSend(tr, req)
	}
	return strings.ReplaceAll(out.String(), "time=2000-01-01T", "")
}

// logBuffer may be read while a timer's goroutine logs.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func logSend(tr http.RoundTripper, req *http.Request) error {
	resp, err := tr.RoundTrip(req)
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	return err
}

func logGet(ctx context.Context, query string) *http.Request {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, logURL+"?"+query, nil)
	if err != nil {
		panic(err)
	}
	return req
}

func TestLogTo(t *testing.T) {
	list := "Action=GetDsaHostList"
	for _, c := range []struct {
		name   string
		level  slog.Level
		policy *qcloudhttp.Policy
		limit  qcloudhttp.Limiter
		setup  func(*qcloudtest.API)
		within time.Duration // of the context; 0: unbounded
		query  string
		want   string
	}{{
		name:  "success is silent above Debug",
		level: slog.LevelInfo, query: list,
		want: ``,
	}, {
		name:  "attempts and success at Debug",
		level: slog.LevelDebug, query: list,
		setup: func(a *qcloudtest.API) {
			a.Next(1, qcloudtest.Delay(1234567*time.Microsecond))
		},
		want: `
00:00:01.234Z level=DEBUG msg="attempt succeeded" action=GetDsaHostList host=dsa.api.qcloud.com attempt=1 status=200 duration=1.235s elapsed=1.235s
00:00:01.234Z level=DEBUG msg="call succeeded" action=GetDsaHostList host=dsa.api.qcloud.com attempts=1 status=200 elapsed=1.235s`,
	}, {
		name:  "a retry at Info",
		level: slog.LevelInfo, query: list,
		policy: exactly(codes.ClassInternal, 300*time.Millisecond),
		setup:  func(a *qcloudtest.API) { a.Next(2, qcloudtest.Code(codes.InternalError)) },
		want: `
00:00:00.000Z level=INFO msg="waiting to retry" action=GetDsaHostList host=dsa.api.qcloud.com attempt=2 cause=backoff wait=300ms until=2000-01-01T00:00:00.300Z code=6000 code_desc=InternalError class=Internal error="the server had an internal error"
00:00:00.300Z level=INFO msg="waiting to retry" action=GetDsaHostList host=dsa.api.qcloud.com attempt=3 cause=backoff wait=600ms until=2000-01-01T00:00:00.900Z elapsed=300ms code=6000 code_desc=InternalError class=Internal error="the server had an internal error"
00:00:00.900Z level=INFO msg="call succeeded" action=GetDsaHostList host=dsa.api.qcloud.com attempts=3 status=200 elapsed=900ms`,
	}, {
		name:  "the API's own wish",
		level: slog.LevelInfo, query: list,
		setup: func(a *qcloudtest.API) {
			a.Next(1, qcloudtest.Status(503), qcloudtest.Header("Retry-After", "30"))
		},
		want: `
00:00:00.000Z level=INFO msg="waiting to retry" action=GetDsaHostList host=dsa.api.qcloud.com attempt=2 cause=retry-after wait=3
00:00:3`,
	}, {
		name:  "a cut connection",
		level: slog.LevelInfo, query: list,
		policy: exactly(codes.ClassNetwork, 100*time.Millisecond),
		setup:  func(a *qcloudtest.API) { a.Next(1, qcloudtest.Drop()) },
		want: `
00:00:00.000Z level=INFO msg="waiting to retry" action=GetDsaHostList host=dsa.api.qcloud.com attempt=2 cause=backoff wait=100ms until=2000-01-01T00:00:00.100Z class=Network error=EOF
00:00:00.100Z level=INFO msg="call succeeded" `,
	}, {
		name:  "a permanent failure at Warn",
		level: slog.LevelWarn, query: "Action=GetDsaHostList&offset=-7",
		setup: func(a *qcloudtest.API) { a.Next(1, qcloudtest.Code(codes.DomainNotFiled)) },
		want: `
00:00:00.000Z level=WARN msg="call failed" action=GetDsaHostList host=dsa.api.qcloud.com attempts=1 executed=no code=4000 module=2002 code_desc=InvalidParameter class=DomainState error="(2002)the domain`,
	}, {
		name:  "an ordinary answer at Info",
		level: slog.LevelInfo, query: "Action=GetDsaHostInfo&hostId=77",
		want: `
00:00:00.000Z level=INFO msg="call failed" action=GetDsaHostInfo host=dsa.api.qcloud.com attempts=1 executed=no code=4000 module=2000 code_desc=InvalidParameter class=NotFound error="(2000)`,
	}, {
		name:  "a give-up at Warn",
		level: slog.LevelWarn, query: list, within: 5 * time.Second,
		policy: exactly(codes.ClassUnavailable, 2*time.Second),
		setup:  func(a *qcloudtest.API) { a.Maintenance(true) },
		want: `
00:00:02.000Z level=WARN msg="gave up" action=GetDsaHostList host=dsa.api.qcloud.com attempts=2 elapsed=2s reason=deadline executed=no code=6200 code_desc=ServiceUnavailable class=Unavailable error="`,
	}, {
		name:  "a conflict at Info",
		level: slog.LevelInfo, query: list,
		setup: func(a *qcloudtest.API) { a.Next(1, qcloudtest.Code(codes.DomainExists)) },
		want: `
00:00:00.000Z level=INFO msg="call failed" action=GetDsaHostList host=dsa.api.qcloud.com attempts=1 executed=no code=4000 module=2001 code_desc=InvalidParameter class=Conflict error="(2001)`,
	}, {
		name:  "a long wait in a queue is announced before the first attempt, too",
		level: slog.LevelInfo, query: list,
		limit: spent(rate.Every(10 * time.Second)),
		want: `
00:00:01.000Z level=INFO msg="waiting in a queue" action=GetDsaHostList host=dsa.api.qcloud.com attempt=1 cause=limiter elapsed=1s`,
	}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := qcloudtest.NewAPI(qcloudtest.WithEnglish())
				if c.setup != nil {
					c.setup(api)
				}
				ctx := t.Context()
				if c.within > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.within)
					defer cancel()
				}
				tr := &qcloudhttp.Transport{Base: api.Transport(), Policy: c.policy, Limiter: c.limit}
				matchLines(t, logged(c.level, tr, logGet(ctx, c.query)), c.want)
			})
		})
	}
}

// spent returns a limiter that has nothing left.
func spent(every rate.Limit) *rate.Limiter {
	l := rate.NewLimiter(every, 1)
	l.Allow()
	return l
}

// matchLines compares line by line; a wanted line may be the beginning of one.
func matchLines(t *testing.T, got, want string) {
	t.Helper()
	gotLines := strings.FieldsFunc(got, func(r rune) bool { return r == '\n' })
	wantLines := strings.FieldsFunc(want, func(r rune) bool { return r == '\n' })
	for i, line := range wantLines {
		if i >= len(gotLines) || !strings.HasPrefix(gotLines[i], line) {
			t.Fatalf("line %d:\n%s\nwant as its beginning:\n%s", i+1, got, line)
		}
	}
	if len(gotLines) != len(wantLines) {
		t.Fatalf("%d lines, want %d:\n%s", len(gotLines), len(wantLines), got)
	}
}

func TestLogToCancelledByItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI()
		api.Maintenance(true)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		tr := &qcloudhttp.Transport{Base: api.Transport(), Policy: exactly(codes.ClassUnavailable, 3*time.Second)}
		matchLines(t, logged(slog.LevelInfo, tr, logGet(ctx, "Action=GetDsaHostList")), `
00:00:00.000Z level=INFO msg="waiting to retry" action=GetDsaHostList
00:00:01.000Z level=INFO msg="gave up" action=GetDsaHostList host=dsa.api.qcloud.com attempts=1 elapsed=1s reason=context executed=no code=6200 `)
	})
}

func TestLogToUnreadBody(t *testing.T) {
	api := qcloudtest.NewAPI()
	api.Next(1, qcloudtest.Body("application/json", `{"data":"`+strings.Repeat("x", 2<<20)+`","code":0}`))
	tr := &qcloudhttp.Transport{Base: api.Transport()}
	out := logged(slog.LevelInfo, tr, logGet(t.Context(), "Action=GetDsaHostList"))
	if !strings.Contains(out, `level=INFO msg="response not understood" action=GetDsaHostList host=dsa.api.qcloud.com`) {
		t.Errorf("logged %q", out)
	}
}

// An error has the same keys wherever it is logged.
func TestLogValue(t *testing.T) {
	fail := &qcloudhttp.Error{
		Code: 4000, Module: 2001, CodeDesc: "InvalidParameter", Message: "m", Class: codes.ClassConflict, RequestID: "r",
		Action: "CreateDsaHost", Host: "h", Attempt: 2, StatusCode: 200, MaybeDone: true,
	}
	for want, err := range map[string]error{
		`e.action=CreateDsaHost e.host=h e.attempt=2 e.status=200 e.executed=unknown e.code=4000 e.module=2001 ` +
			`e.code_desc=InvalidParameter e.class=Conflict e.request_id=r e.maybe_done=true e.error=m`: fail,
		`e.action=CreateDsaHost e.attempts=2 e.elapsed=1s e.reason=attempts e.executed=unknown e.code=4000 e.module=2001 ` +
			`e.code_desc=InvalidParameter e.class=Conflict e.request_id=r e.maybe_done=true e.error=m`: &qcloudhttp.GiveUpError{
			Reason: qcloudhttp.ReasonAttempts, Attempts: 2, Elapsed: time.Second, Action: "CreateDsaHost", Err: fail},
	} {
		var out bytes.Buffer
		slog.New(slog.NewTextHandler(&out, nil)).Error("failed", "e", err)
		if !strings.HasSuffix(strings.TrimSpace(out.String()), want) {
			t.Errorf("logged %s\nwant %s", out.String(), want)
		}
	}
}

// The default logger is looked up when something happens, so that a program
// may set it after its clients.
func TestLogToNilIsTheDefaultOfTheMoment(t *testing.T) {
	observer := qcloudhttp.LogTo(nil)
	old := slog.Default()
	defer slog.SetDefault(old)
	var out bytes.Buffer
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	observer.Observe(t.Context(), qcloudhttp.Event{
		Kind: qcloudhttp.EventWait, Attempt: 2, Wait: 90 * time.Second, Cause: qcloudhttp.WaitLimiter, Rate: 1.23456,
		Err: &qcloudhttp.Error{Code: 4400, Class: codes.ClassThrottled, MaybeDone: true},
	})
	want := `"level":"INFO","msg":"waiting to retry","attempt":2,"cause":"limiter","wait":90000000000,"rate":1.23,"code":4400,"class":"Throttled","maybe_done":true`
	if !strings.Contains(out.String(), want) {
		t.Errorf("logged %s, want in it %s", out.String(), want)
	}
}

// fickle is a limiter that expects less than it takes.
type fickle struct{ expects, takes time.Duration }

func (f fickle) Wait(ctx context.Context) error {
	time.Sleep(f.takes)
	return ctx.Err()
}
func (f fickle) Acquire(ctx context.Context, _ limit.Call) (func(limit.Answer) bool, error) {
	return func(limit.Answer) bool { return false }, f.Wait(ctx)
}
func (f fickle) Estimate(limit.Call) time.Duration { return f.expects }

// A long wait is told once, with its estimate, and no more once it is over.
func TestLongWaitIsToldOnce(t *testing.T) {
	for expects, want := range map[time.Duration]string{
		3 * time.Second:        "wait=2s until=2000-01-01T00:00:03",
		500 * time.Millisecond: "wait=500ms until=2000-01-01T00:00:01.5", // asked again
	} {
		synctest.Test(t, func(t *testing.T) {
			tr := &qcloudhttp.Transport{Base: qcloudtest.NewAPI().Transport(), Limiter: fickle{expects, 20 * time.Second}}
			out := logged(slog.LevelInfo, tr, logGet(t.Context(), "Action=GetDsaHostList"))
			time.Sleep(time.Hour)
			matchLines(t, out, `00:00:01.000Z level=INFO msg="waiting in a queue" action=GetDsaHostList `+
				`host=dsa.api.qcloud.com attempt=1 cause=limiter `+want)
		})
	}
}

// A wait is told of before the attempt that it precedes, by a slow Observer too,
// and not at all once it is over.
func TestWaitIsToldBeforeItsAttempt(t *testing.T) {
	for takes, want := range map[time.Duration]string{
		1500 * time.Millisecond: "wait, attempt, end", 900 * time.Millisecond: "attempt, end",
	} {
		synctest.Test(t, func(t *testing.T) {
			var told []string
			tr := &qcloudhttp.Transport{Base: qcloudtest.NewAPI().Transport(), Limiter: fickle{takes: takes}}
			tr.Observer = qcloudhttp.ObserverFunc(func(_ context.Context, e qcloudhttp.Event) {
				if e.Kind == qcloudhttp.EventWait {
					time.Sleep(time.Second)
				}
				told = append(told, string(e.Kind))
			})
			logSend(tr, logGet(t.Context(), "Action=GetDsaHostList"))
			time.Sleep(time.Minute)
			if got := strings.Join(told, ", "); got != want {
				t.Errorf("told %s, want %s", got, want)
			}
		})
	}
}

// A limiter that cannot tell how long it takes: no wait is said.
func TestWaitWithoutEstimate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := &qcloudhttp.Transport{Base: qcloudtest.NewAPI().Transport(), Limiter: slow{}}
		matchLines(t, logged(slog.LevelInfo, tr, logGet(t.Context(), "Action=GetDsaHostList")),
			`00:00:01.000Z level=INFO msg="waiting in a queue" action=GetDsaHostList host=dsa.api.qcloud.com attempt=1 cause=limiter elapsed=1s`)
	})
}

type slow struct{}

func (slow) Wait(context.Context) error {
	time.Sleep(5 * time.Second)
	return nil
}

// A retry is told of even where the limiter decides when it goes.
func TestRetryInLineIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(qcloudtest.WithEnglish())
		api.Next(1, qcloudtest.Code(codes.QuotaExceeded))
		tr := &qcloudhttp.Transport{Base: api.Transport(), Policy: exactly(codes.ClassThrottled, 2*time.Second)}
		out := logged(slog.LevelInfo, tr, logGet(t.Context(), "Action=GetDsaHostList"))
		matchLines(t, out, `00:00:01.000Z level=INFO msg="waiting to retry" action=GetDsaHostList host=dsa.api.qcloud.com attempt=2 cause=limiter
00:00:0`)
	})
}

// While a call waits longer than a second, the Observer has been told why, and
// until when where that is known.
func TestPauseIsExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(qcloudtest.WithQuota(20, time.Minute))
		var mu sync.Mutex
		announced := map[any]bool{} // by the call's context
		paused := 0
		tr := &qcloudhttp.Transport{Base: api.Transport()}
		tr.Observer = qcloudhttp.ObserverFunc(func(ctx context.Context, e qcloudhttp.Event) {
			mu.Lock()
			defer mu.Unlock()
			switch e.Kind {
			case qcloudhttp.EventWait:
				if e.Cause == "" || !e.Until.IsZero() && !e.Until.Equal(time.Now().Add(e.Wait)) {
					t.Errorf("an unexplained wait: %+v", e)
				}
				announced[ctx] = true
			case qcloudhttp.EventAttempt:
				if e.Queued > time.Second {
					paused++
					if !announced[ctx] {
						t.Errorf("attempt %d waited %v, and nobody was told", e.Attempt, e.Queued)
					}
				}
				delete(announced, ctx)
			}
		})
		var calls sync.WaitGroup
		for i := range 60 {
			calls.Go(func() { logSend(tr, logGet(context.WithValue(t.Context(), callKey{}, i), "Action=GetDsaHostList")) })
		}
		calls.Wait()
		if paused == 0 {
			t.Error("nothing had to wait: the test tests nothing")
		}
	})
}

type callKey struct{}

func TestObservers(t *testing.T) {
	var told []string
	note := func(name string, kinds ...qcloudhttp.EventKind) qcloudhttp.Observer {
		return &picky{kinds: kinds, tell: func(e qcloudhttp.Event) { told = append(told, name+" "+string(e.Kind)) }}
	}
	attempts := note("a", qcloudhttp.EventAttempt)
	rest := note("b", qcloudhttp.EventAttempt, qcloudhttp.EventEnd)
	bad := qcloudhttp.ObserverFunc(func(context.Context, qcloudhttp.Event) { panic("bad") })

	if qcloudhttp.Observers() != nil || qcloudhttp.Observers(nil, nil) != nil {
		t.Error("no observers are not nil")
	}
	tr := &qcloudhttp.Transport{
		Base:     qcloudtest.NewAPI().Transport(),
		Observer: qcloudhttp.Observers(bad, attempts, nil, rest),
	}
	if err := logSend(tr, logGet(t.Context(), "Action=GetDsaHostList")); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(told, ", "), "a attempt, b attempt, b end"; got != want {
		t.Errorf("told: %s; want %s", got, want)
	}
}

// picky observes some kinds of events.
type picky struct {
	kinds []qcloudhttp.EventKind
	tell  func(qcloudhttp.Event)
}

func (p *picky) Observe(_ context.Context, e qcloudhttp.Event) {
	if slices.Contains(p.kinds, e.Kind) {
		p.tell(e)
	}
}

// memoryAPI is an API that costs nothing.
type memoryAPI struct {
	resp http.Response
	body strings.Reader
}

const memoryBody = `{"code":0,"message":"","codeDesc":"Success","data":[]}`

func (m *memoryAPI) RoundTrip(req *http.Request) (*http.Response, error) {
	m.body.Reset(memoryBody)
	m.resp = http.Response{StatusCode: 200, Body: io.NopCloser(&m.body), ContentLength: int64(len(memoryBody)), Request: req}
	return &m.resp, nil
}

func TestObserverAllocations(t *testing.T) {
	if raceDetector() {
		t.Skip("the race detector empties pools at random")
	}
	off := func(level slog.Level) qcloudhttp.Observer {
		return qcloudhttp.LogTo(slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: level})))
	}
	requests := map[string]*http.Request{
		"GET":  logGet(t.Context(), "Action=GetDsaHostList"),
		"POST": logPost(t.Context(), url.Values{"Action": {"GetDsaHostList"}, "SecretId": {"x"}}),
	}
	for name, req := range requests {
		silent := allocations(t, nil, req)
		for _, c := range []struct {
			name     string
			observer qcloudhttp.Observer
			most     float64
		}{
			{"an observer that wants nothing", &picky{}, 0},
			{"slog off", off(slog.LevelError), 0},
			{"slog at Info", off(slog.LevelInfo), 0},
		} {
			if name == "POST" {
				c.most = 12 // the action is looked for in the form
			}
			if extra := allocations(t, c.observer, req) - silent; extra > c.most {
				t.Errorf("%s, %s: %v allocations above a nil Observer's %v, want at most %v", name, c.name, extra, silent, c.most)
			}
		}
	}
}

func logPost(ctx context.Context, form url.Values) *http.Request {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, logURL, strings.NewReader(form.Encode()))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

// allocations returns those of one successful call.
func allocations(t *testing.T, o qcloudhttp.Observer, req *http.Request) float64 {
	tr := &qcloudhttp.Transport{Base: &memoryAPI{}, Observer: o}
	return testing.AllocsPerRun(1000, func() {
		if err := logSend(tr, req); err != nil {
			t.Error(err)
		}
	})
}

func raceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	for _, s := range info.Settings {
		if s.Key == "-race" && s.Value == "true" {
			return true
		}
	}
	return false
}
