package qcloudtest

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// An API is a DSA API in memory without a socket of its own. Serve it over
// HTTP (it is an [http.Handler]; [NewServer] does so on loopback), or call it
// in place through [API.Transport]. Both ways lead to the same domains, and all
// methods may be called from several goroutines.
type API struct {
	cfg config

	mu          sync.Mutex // guards what follows; never held while waiting
	maintenance bool
	clockOffset time.Duration
	script      []rule
	hook        func(Request) []Step
	handlers    map[string]func(Request) []Step
	nonces      map[string]time.Time // until when each is spent
	tokens      map[string]*call     // the first call with each ClientToken
	module      *module
	requests    []*Request
}

// NewAPI makes an API that is not served anywhere.
func NewAPI(opts ...Option) *API {
	cfg := newConfig(opts)
	return &API{
		cfg:      cfg,
		handlers: make(map[string]func(Request) []Step),
		nonces:   make(map[string]time.Time),
		tokens:   make(map[string]*call),
		module:   newModule(cfg),
	}
}

// Maintenance switches maintenance on or off: while it is on, every call is
// answered with 6200 (API 3.0: ServiceUnavailable) and nothing is executed.
func (a *API) Maintenance(on bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.maintenance = on
}

// SetClockOffset makes the API's clock wrong by d: the check of Timestamps and
// the Date header are that much ahead of the machine's clock, or behind it if d
// is negative. Deployments, quotas and the records keep to the machine's clock.
func (a *API) SetClockOffset(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clockOffset = d
}

// Handle has f answer an action that the package does not have, or one that it
// has, in both APIs; API 3.0's version may be any. f returns the steps of each
// call that has passed the gateway's checks. [Data] says that it was executed.
// f must be safe for concurrent use, and may wait and call the API's methods. Nil
// ends that. Steps without an answer answer with success, as Data(nil) does.
//
// Of API 3.0's calls with one ClientToken, f sees the first; the others get its
// Data, FailedOperation.ClientTokenInUse while it runs, and are seen by f where
// it ended otherwise.
func (a *API) Handle(action string, f func(Request) []Step) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.handlers[action] = f
}

// exchange is one request on its way through the API.
type exchange struct {
	api  *API
	ctx  context.Context
	call *call

	passed bool        // process has begun
	reply  *reply      // the answer, once there is one
	header http.Header // what [Header] adds to it
	lost   string      // how the connection ended early: one of the lost... words
	cut    int         // how much of the body is to be sent, as [Cut] has it
	err    error       // why, for lostGone
}

// The ways in which a client may not get the answer; they are the values of
// [Request.Lost].
const (
	lostReset = "reset" // the connection was reset in place of an answer
	lostDrop  = "drop"  // the connection was closed in place of an answer
	lostCut   = "cut"   // the connection was closed within the body
	lostGone  = "gone"  // the client went away first
)

// reply is an HTTP response in the making.
type reply struct {
	status      int
	contentType string
	body        []byte
}

// serve takes r through the API and reports what to send. It reads r's body but
// leaves closing it to the caller.
func (a *API) serve(r *http.Request) *exchange {
	x := &exchange{api: a, ctx: r.Context(), header: make(http.Header)}
	x.call, x.err = newCall(r)
	a.record(x.call)
	defer a.left(x)
	switch {
	case x.err != nil:
		x.lost = lostGone
		return x
	case x.call.Version == 0:
		x.reply = page(http.StatusNotFound, "API 2.0 is at "+path2+", API 3.0 at /.")
		return x
	}
	x.run(a.takeSteps(x.call))
	x.process()
	if x.lost == lostCut && x.cut >= len(x.reply.body) {
		x.lost = ""
	}
	return x
}

// record notes what is known of a call, for Requests.
func (a *API) record(c *call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.slot == nil {
		c.slot = new(Request)
		a.requests = append(a.requests, c.slot)
	}
	*c.slot = c.Request
}

// left ends a call.
func (a *API) left(x *exchange) {
	for _, done := range x.call.done {
		done()
	}
	x.call.Lost = x.lost
	if !x.ended() && x.reply != nil {
		x.call.Status = x.reply.status
	}
	a.record(x.call)
}

// run performs steps until they are done or the client has lost its answer.
func (x *exchange) run(steps []Step) {
	for _, step := range steps {
		if !x.ended() && step.do != nil {
			step.do(x)
		}
	}
}

// ended tells whether no step can follow. A cut is carried out last.
func (x *exchange) ended() bool { return x.lost != "" && x.lost != lostCut }

// sendable is the part of the body that the client gets.
func (x *exchange) sendable() []byte {
	if x.lost == lostCut {
		return x.reply.body[:x.cut]
	}
	return x.reply.body
}
