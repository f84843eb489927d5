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
	script      script
	nonces      expiring[struct{}]
	tokens      expiring[any] // what was answered, by API 3.0's ClientToken
	quotas      map[string]Quota
	module      *module
	log         requestLog
}

// NewAPI makes an API that is not served anywhere.
func NewAPI(opts ...Option) *API {
	cfg := newConfig(opts)
	return &API{
		cfg:    cfg,
		quotas: make(map[string]Quota),
		module: newModule(cfg, time.Now()),
		log:    newRequestLog(cfg.requestLimit),
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

// clock is what the API believes the time to be.
func (a *API) clock() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Now().Add(a.clockOffset)
}

// Domains returns the domains there are, deleted ones not, in order of their
// IDs.
func (a *API) Domains() []Domain {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []Domain
	for _, d := range a.module.list(false) {
		all = append(all, d.Domain)
	}
	return all
}

// Domain returns the domain of that name, in whatever letter case, and false
// where there is none.
func (a *API) Domain(name string) (Domain, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	d, ok := a.module.named(name)
	if !ok {
		return Domain{}, false
	}
	return d.Domain, true
}

// SetDomain makes the domain of that name, or replaces its state. The ID is the
// API's to give and is ignored; see [Domain] for what the zero fields mean.
func (a *API) SetDomain(d Domain) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.module.put(d, time.Now())
}

// exchange is one request on its way through the API.
type exchange struct {
	api  *API
	ctx  context.Context
	call *call

	reply  *reply      // the answer, once there is one
	header http.Header // what [Header] adds to it
	lost   string      // how the connection ended early: one of the lost... words
	cut    *int        // how much of the body is to be sent, as [Cut] has it
	sent   int         // the same, in bytes from its start
	err    error       // why, for lostGone
}

// The ways in which a client may not get the answer; they are the values of
// [Request.Lost].
const (
	lostReset = "reset" // the connection was reset before the request was read
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
	x := &exchange{api: a, ctx: r.Context(), call: newCall(r), header: make(http.Header)}
	a.arrived(x.call)
	defer a.left(x)

	if steps, ok := a.takeUnread(x.call); ok {
		x.run(steps)
		return x
	}
	if x.reply, x.err = x.call.read(r); x.err != nil {
		x.lost = lostGone
		return x
	}
	if x.reply != nil { // not a request of either API
		return x
	}
	a.arrived(x.call)
	x.run(a.takeSteps(x.call))
	x.process()
	x.settleCut()
	return x
}

// run performs steps until they are done or the client has lost its answer.
func (x *exchange) run(steps []Step) {
	for _, s := range steps {
		if x.ended() {
			return
		}
		if s.do != nil {
			s.do(x)
		}
	}
}

// ended tells whether no step can follow. A cut is carried out last.
func (x *exchange) ended() bool { return x.lost != "" && x.lost != lostCut }

// process lets the gateway and the module answer, unless something has.
func (x *exchange) process() {
	if x.reply == nil && !x.ended() {
		x.reply = x.api.process(x.call)
	}
}

// settleCut shortens what is sent of the body. Where nothing is missing, the
// connection is closed after an answer that is whole.
func (x *exchange) settleCut() {
	if x.lost != lostCut {
		return
	}
	whole := len(x.reply.body)
	n := *x.cut
	if n < 0 {
		n += whole
	}
	x.sent = min(max(n, 0), whole)
	if x.sent == whole {
		x.lost = ""
		x.header.Set("Connection", "close")
	}
}

// sendable is the part of the body that the client gets.
func (x *exchange) sendable() []byte {
	if x.lost == lostCut {
		return x.reply.body[:x.sent]
	}
	return x.reply.body
}
