package rttest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Config says what to test. Only New is required.
type Config struct {
	// New returns a RoundTripper under test that sends its requests by base.
	// It must start no goroutine that outlives its calls.
	New func(base http.RoundTripper) http.RoundTripper

	// Query is added to the URL of every request, such as
	// "Action=DescribeZones", for implementations that decide by it.
	Query string

	// Fail is what base answers where an attempt is to fail in such a way that
	// the implementation tries again. Nil: once by a 503 and once by a
	// connection reset.
	Fail func(*http.Request) (*http.Response, error)

	// Rewrites tells that the implementation changes the requests it sends on
	// purpose, as a signer does. Then query and form must still hold what the
	// caller put there, and may hold more.
	Rewrites bool

	// Long is the length in bytes of what the checks call a long body: longer
	// than what the implementation keeps in memory to send or read it again.
	// Default 1 MiB and 1 KiB.
	Long int

	// Skip names the duties that are not kept, with the reason why.
	Skip map[string]string
}

// duties says what each duty is.
var duties = map[string]string{
	// Judged of every call of the table.
	"RequestUnmodified":   "the caller's request is as it was, during every attempt and after the call",
	"RequestPassed":       "every attempt has the caller's method, URL, Host, headers, trailers and Close",
	"ContextPassed":       "every attempt has a context with the values of the caller's",
	"RequestBodyClosed":   "the request's body and every copy from GetBody are closed, whatever becomes of the call",
	"BodyReplay":          "every attempt sends the whole body, or none is made",
	"ContentLength":       "a known length goes out on every attempt, and no request without a body gets one",
	"ResponseOrError":     "a call returns a response with a Body or an error, never both, never neither",
	"ResponseRequest":     "Response.Request has the caller's method and URL",
	"ErrorUnwraps":        "errors.Is finds the base's error in the one returned",
	"ErrorHidesQuery":     "an error's text does not hold the URL's query, in which credentials travel",
	"IdleConnectionsKept": "no call closes the base's idle connections, which others use",
	"ResponseBodyClosed":  "every response body is closed: the last by the caller's Close, the others by the transport",
	"ReadableAfterReturn": "the attempt's context does not end before the response's body is closed",
	"FailureNotRead":      "a call reads and awaits a bounded part of a response that it throws away",
	"CancelledBefore":     "a call whose context has ended returns the context's error at once",
	"CancelInFlight":      "a context that ends during an attempt ends the call at once, and its error is in the call's",
	"CancelInBackoff":     "a context that ends between attempts ends the call at once, and its error is in the call's",
	"CancelKeepsCause":    "the error of a call that was cancelled between attempts holds the last attempt's error too",
	"Deadline":            "a call ends by its context's deadline, whatever waits the server asks for",
	"NoLeak":              "no goroutine outlives the call and its response's body",
	// checks.go
	"EndlessRequestBody":   "a request body without an end is not read into memory: an early answer is returned",
	"StatusIsNoError":      "a response is returned whatever its status",
	"NoRedirect":           "a redirect is returned as it is: following it is http.Client's business",
	"ResponsePassed":       "status, protocol, headers and lengths of a response come back, and a Body if an empty one",
	"Head":                 "the same of the answer to HEAD, for implementations that can send it",
	"ResponseBody":         "a body comes back byte-identical, however it is read, and ends by io.EOF",
	"Stream":               "the first bytes of a stream reach the caller before the last are sent",
	"CloseUnblocksRead":    "a body can be closed while it is being read, and the Read then ends",
	"CancelInBody":         "a context that ends while the body is read ends the Read with its error, not io.EOF",
	"CloseIdleConnections": "CloseIdleConnections is forwarded to the base, for http.Client",
	"ConcurrentUse":        "concurrent calls (run with -race) get their own answers",
	// wire.go
	"Wire":            "bodies arrive byte-identical both ways, plain, chunked and compressed by the server",
	"ConnectionReuse": "a connection whose response was read to its end serves the next call",
	"Trailer":         "trailers, announced or not, are in Response.Trailer after the body's end",
	"Informational":   "1xx responses reach the caller's httptrace hooks and are not taken for the answer",
	"ExpectContinue":  "Expect: 100-continue holds the body back until the server asks for it or refuses",
}

// check is a part of the suite.
type check struct {
	name string // of the duty that it is about; the table's calls are about many
	f    func(*env)
}

func checks(cfg Config) (all []check) {
	for _, a := range allAnswers(cfg) {
		all = append(all, check{name: a.name, f: func(e *env) { e.calls(a) }})
	}
	return append(all, dutyChecks...)
}

// Run makes every check as a subtest of t.
func Run(t *testing.T, cfg Config) {
	for name := range cfg.Skip {
		if duties[name] == "" {
			t.Errorf("Config.Skip names no duty: %q", name)
		}
	}
	for _, c := range checks(cfg) {
		t.Run(c.name, func(t *testing.T) {
			for duty, err := range c.run(t, cfg) {
				if cfg.Skip[duty] == "" {
					t.Errorf("%s: %v\nThe duty: %s.", duty, err, cmp.Or(duties[duty], "a call ends"))
				}
			}
		})
	}
}

// run makes the check. It returns, by the duty, what was wrong.
func (c check) run(t *testing.T, cfg Config) map[string]error {
	cfg.Long = cmp.Or(cfg.Long, 1<<20+1<<10)
	e := &env{cfg: cfg, duty: c.name, breaches: make(map[string]error)}
	synctest.Test(t, func(*testing.T) {
		e.try(c.f)
		time.Sleep(patience) // for what a failed check has left behind
	})
	return e.breaches
}

func (e *env) try(f func(*env)) {
	defer func() {
		if p := recover(); p != nil && p != errStop {
			panic(p)
		}
		for _, f := range slices.Backward(e.cleanups) {
			f()
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	e.ctx, e.cleanups = ctx, []func(){cancel}
	f(e)
}

// env is what a check works with, in one goroutine.
type env struct {
	cfg      Config
	ctx      context.Context // ends with the check
	duty, at string          // what is being checked, and where
	cleanups []func()
	breaches map[string]error // by the duty
}

// patience is how long a call may take that nothing holds up.
const patience = time.Hour

// errStop is the panic that ends a check.
var errStop = fmt.Errorf("the check has failed")

// owe notes a breach of the duty unless ok holds.
func (e *env) owe(duty string, ok bool, format string, args ...any) {
	if !ok && e.breaches[duty] == nil {
		e.breaches[duty] = fmt.Errorf("%s: %w", e.at, fmt.Errorf(format, args...))
	}
}

// require ends the check unless ok holds.
func (e *env) require(ok bool, format string, args ...any) {
	if e.owe(e.duty, ok, format, args...); !ok {
		panic(errStop)
	}
}

// task is a function that runs in a goroutine of its own; it is closed at its end.
type task chan struct{}

func start(f func()) task {
	t := make(task)
	go func() {
		defer close(t)
		f()
	}()
	return t
}

// finish waits for the task's end. A task that has none ends the check.
func (e *env) finish(t task, what string) {
	select {
	case <-t:
	case <-time.After(patience):
		e.require(false, "%s does not end", what)
	}
}

// waits reports whether the task waits for time to pass, or for ever.
func (t task) waits() bool {
	synctest.Wait()
	select {
	case <-t:
		return false
	default:
		return true
	}
}

// result is what became of a call.
type result struct {
	resp *http.Response
	err  error
}

// close closes the response's body, if there is one.
func (r *result) close() {
	if r.resp != nil && r.resp.Body != nil {
		r.resp.Body.Close()
	}
}

// begin begins a call by rt.
func (e *env) begin(rt http.RoundTripper, r *http.Request) (task, *result) {
	res := new(result)
	return start(func() { res.resp, res.err = rt.RoundTrip(r) }), res
}

// call makes a call by rt.
func (e *env) call(rt http.RoundTripper, r *http.Request) *result {
	task, res := e.begin(rt, r)
	e.finish(task, "the call")
	return res
}

// get makes a call without a body on a base with that answer.
func (e *env) get(method string, a answer) *result {
	return e.call(e.cfg.New(&base{answer: a}), e.request(e.ctx, method, apiURL, nil))
}
