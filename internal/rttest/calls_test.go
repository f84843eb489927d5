package rttest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime/pprof"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing/synctest"
	"time"
)

// answers are what base answers in the table's calls.
type answers struct {
	name       string
	answer     answer
	readAtMost int64 // of the first attempt's body; 0: no bound
	resets     bool  // every attempt ends by errReset
	status     int   // every attempt is answered by it, with its location; 0: not so
	stays      bool  // the answer's body never ends: the call may be found reading it
}

func allAnswers(cfg Config) []answers {
	all := []answers{
		{name: "success", answer: success},
		{name: "resets", answer: reset, resets: true},
		{name: "a slow answer", answer: slow},
		{name: "Retry-After", answer: retryAfter},
		{name: "a failure that stalls", answer: first(1, stalledFailure, success), stays: true},
		{name: "a failure without an end", answer: endlessFailure, stays: true},
	}
	for name, fail := range faults(cfg) {
		all = append(all,
			answers{name: name + " once", answer: first(1, fail, success)},
			answers{name: name + " twice", answer: first(2, fail, success)},
			answers{name: name + " always", answer: fail},
			answers{name: name + ", then resets", answer: first(1, fail, reset)},
			answers{name: name + ", the body read in part", answer: first(2, fail, success), readAtMost: 50})
	}
	for _, code := range []int{301, 302, 303, 307, 308, 400, 401, 403, 404, 408, 409, 429, 500, 501, 502, 503, 504} {
		a := response(code, "text/html", "<p>moved</p>", func(r *http.Response) { r.Header.Set("Location", locations[code]) })
		all = append(all, answers{name: fmt.Sprint(code), answer: a, status: code})
	}
	return all
}

// locations are where the redirects go; some make no sense.
var locations = map[int]string{301: "http://elsewhere.example/", 302: "/", 303: "http://[::1"}

// timeout is the deadline of the contexts that have one.
const timeout = 50 * time.Millisecond

// contexts are the ways in which the context ends. The call is cancelled where
// it waits first, in flight or between attempts.
var contexts = []string{"", "cancelled", "cancelled before", "late", "deadline"}

func ending(ctx context.Context, how string) (context.Context, context.CancelFunc) {
	switch how {
	case "late":
		return context.WithTimeout(ctx, -time.Second)
	case "deadline":
		return context.WithTimeout(ctx, timeout)
	}
	ctx, cancel := context.WithCancel(ctx)
	if how == "cancelled before" {
		cancel()
	}
	return ctx, cancel
}

// calls makes the calls that a answers.
func (e *env) calls(a answers) {
	if a.stays {
		e.duty = "FailureNotRead"
	}
	for _, how := range contexts {
		if how == "cancelled" && a.stays || how != "" && a.status != 0 {
			continue
		}
		left := leaves(func() {
			for name, body := range bodies(e.cfg) {
				e.at = fmt.Sprintf("%s, body %q, context %q", a.name, name, how)
				e.oneCall(a, body, how)
			}
		})
		e.owe("NoLeak", left == "", "goroutines are left:\n%s", left)
	}
}

// hidden is in the query of the table's calls.
const hidden = "rttest-hidden-from-logs"

type contextKey struct{}

func (e *env) oneCall(a answers, body *sentBody, how string) {
	// The context goes on after the call: it must not be what ends goroutines.
	ctx, cancel := ending(context.WithValue(e.ctx, contextKey{}, "value"), how)
	method := map[bool]string{true: http.MethodGet, false: http.MethodPost}[body == nil]
	r := e.request(ctx, method, apiURL+"?token="+hidden, body)
	r.Host, r.Close, r.Trailer = "virtual.example", true, http.Header{"X-Sum": nil}
	r.Header["X-Many"] = append(make([]string, 0, 4), "one", "two")
	r.Header.Set("User-Agent", "rttest")
	shallow, deep := *r, r.Clone(ctx)
	unmodified := func(*http.Request) { e.unmodified(&shallow, deep, r) }
	b := &base{answer: a.answer, readAtMost: a.readAtMost, onAttempt: unmodified}
	began := time.Now()
	call, res := e.begin(e.cfg.New(b), r)
	switch waits := call.waits(); how {
	case "cancelled before", "late":
		e.owe("CancelledBefore", !waits, "the call goes on")
		e.finish(call, "the call")
		e.owe("CancelledBefore", errors.Is(res.err, ctx.Err()), "the error does not hold %v: %w", ctx.Err(), res.err)
	case "cancelled":
		if waits {
			e.cancelled(ctx, cancel, call, res, b)
			e.owe("CancelKeepsCause", !a.resets || body.fails() || errors.Is(res.err, syscall.ECONNRESET),
				"the error says nothing of why the call had been waiting: %w", res.err)
		}
	}
	e.finish(call, "the call")
	e.owe("Deadline", how != "deadline" || time.Since(began) <= timeout, "the call took %v", time.Since(began))
	synctest.Wait()
	unmodified(r)
	e.judgeAttempts(r, body, b)
	e.judgeResult(r, res, b)
	if a.status != 0 && how == "" && !body.fails() {
		passed := res.resp != nil && res.resp.StatusCode == a.status &&
			res.resp.Header.Get("Location") == locations[a.status] && (a.status >= 400 || len(b.attempts) == 1)
		duty := map[bool]string{true: "NoRedirect", false: "StatusIsNoError"}[a.status < 400]
		e.owe(duty, passed, "%d requests, it came back as %+v, %v", len(b.attempts), res.resp, res.err)
	}
	e.owe("ErrorUnwraps", !a.resets || how != "" || body.fails() || errors.Is(res.err, syscall.ECONNRESET),
		"the error hides base's: %w", res.err)
}

// cancelled cancels the call, which waits.
func (e *env) cancelled(ctx context.Context, cancel func(), call task, res *result, b *base) {
	duty, made := "CancelInBackoff", len(b.attempts)
	if b.inFlight.Load() > 0 {
		duty = "CancelInFlight"
	}
	cancel()
	e.owe(duty, !call.waits(), "the call goes on after the context's end")
	e.finish(call, "the call")
	e.owe(duty, errors.Is(res.err, ctx.Err()), "the error does not hold %v: %w", ctx.Err(), res.err)
	e.owe(duty, len(b.attempts) == made, "%d attempts were made after the context's end", len(b.attempts)-made)
}

// judgeAttempts judges what was sent.
func (e *env) judgeAttempts(r *http.Request, body *sentBody, b *base) {
	e.owe("RequestBodyClosed", body == nil || body.open.Load() == 0, "a body was not closed")
	for i, a := range b.attempts {
		e.passed(fmt.Sprintf("attempt %d", i+1), a, r)
		e.owe("ContextPassed", a.Context().Value(contextKey{}) == "value", "attempt %d lacks the context's value", i+1)
		whole := body == nil || a.partial || body.readErr != nil || a.bodyErr == nil && e.same(a.body, body.content)
		e.owe("BodyReplay", whole, "attempt %d: %d other bytes arrived (%v)", i+1, len(a.body), a.bodyErr)
		e.owe("ContentLength", e.rightLength(a, body), "attempt %d: it is %d", i+1, a.ContentLength)
	}
}

// rightLength reports whether an attempt's length is that of its body, and
// known where the caller knew it.
func (e *env) rightLength(a attempt, body *sentBody) bool {
	switch {
	case body == nil:
		return e.cfg.Rewrites || a.ContentLength == 0 && len(a.body) == 0
	case a.partial || body.readErr != nil || a.ContentLength < 0 && body.length < 0:
		return true
	}
	return a.ContentLength == int64(len(a.body)) || len(a.body) != len(body.content) // the last is BodyReplay's
}

// passed judges whether the attempt has what the caller's request has.
func (e *env) passed(at string, a attempt, r *http.Request) {
	same := a.Close && len(a.Trailer) == 1 && a.Method == r.Method && a.Host == r.Host
	for key, values := range r.Header {
		same = same && slices.Equal(a.Header[key], values)
	}
	sent := *a.URL
	if e.cfg.Rewrites {
		same = same && (a.partial || holds(a.URL.RawQuery+"&"+string(a.body), r.URL.RawQuery)) // V1 moves it into the form
		sent.RawQuery = r.URL.RawQuery
	}
	e.owe("RequestPassed", same && sent.String() == r.URL.String(), "%s is %s %v to %s %v, the caller's %s %v to %s %v",
		at, a.Method, a.URL, a.Host, a.Header, r.Method, r.URL, r.Host, r.Header)
}

// judgeResult judges what came back, and closes it.
func (e *env) judgeResult(r *http.Request, res *result, b *base) {
	e.owe("ResponseOrError", (res.resp == nil) != (res.err == nil), "response %v, error %w", res.resp, res.err)
	if res.err != nil {
		e.owe("ErrorHidesQuery", !strings.Contains(fmt.Sprintf("%v %+v", res.err, res.err), hidden), "%w", res.err)
	}
	if resp := res.resp; resp != nil {
		e.owe("ResponseOrError", resp.Body != nil, "a response without Body")
		own := resp.Request != nil && resp.Request.Method == r.Method && resp.Request.URL.String() == r.URL.String()
		e.owe("ResponseRequest", own, "it is %v", resp.Request)
		if res.err == nil && r.Context().Err() == nil {
			err := b.attempts[len(b.attempts)-1].Context().Err()
			e.owe("ReadableAfterReturn", err == nil, "the body cannot be read: %w", err)
		}
	}
	res.close()
	synctest.Wait()
	for i, body := range b.bodies {
		e.owe("ResponseBodyClosed", body.closed.Load(), "body %d of %d is open", i+1, len(b.bodies))
		e.owe("FailureNotRead", body.read.Load() < muchTooMuch, "%d MiB were read", body.read.Load()>>20)
	}
	e.owe("IdleConnectionsKept", b.idleClosed.Load() == 0, "CloseIdleConnections was called")
}

// unmodified judges whether r is as its two copies are.
func (e *env) unmodified(shallow, deep, r *http.Request) {
	a, b := *deep, *r
	same := shallow.URL == r.URL && shallow.Body == r.Body &&
		reflect.ValueOf(a.GetBody).Pointer() == reflect.ValueOf(b.GetBody).Pointer()
	a.Body, a.GetBody, b.Body, b.GetBody = nil, nil, nil, nil
	e.owe("RequestUnmodified", same && reflect.DeepEqual(a, b), "it was %+v and is %+v", deep, r)
}

var labels atomic.Int64

// leaves runs f and returns the stacks of the goroutines that it leaves
// behind, or "". Goroutines inherit the profiler's labels from the one that
// starts them, which tells them from all others.
func leaves(f func()) string {
	label := fmt.Sprintf("run-%d-", labels.Add(1))
	pprof.Do(context.Background(), pprof.Labels("rttest", label), func(context.Context) { f() })
	synctest.Wait()
	var profile strings.Builder
	pprof.Lookup("goroutine").WriteTo(&profile, 1)
	var found []string
	for group := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(group, label) {
			found = append(found, group)
		}
	}
	return strings.Join(found, "\n\n")
}
