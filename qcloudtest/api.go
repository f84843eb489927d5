package qcloudtest

import (
	"net/http"
	"sync"
	"time"
)

// An API is a DSA API in memory without a socket of its own. Serve it over
// HTTP (it is an [http.Handler]; [NewServer] does so on loopback), or call it
// in place through [API.Transport]. Both ways lead to the same domains, and all
// methods may be called from several goroutines.
type API struct {
	accounts map[string]account // by SecretId
	quotas   []*Quota
	english  bool

	mu          sync.Mutex // guards what follows; never held while waiting
	maintenance bool
	clockOffset time.Duration
	script      []rule
	hook        func(Request) []Step
	handlers    map[string]func(Request) []Step
	nonces      map[string]time.Time // until when each is spent
	tokens      map[string]*call     // the first call with each ClientToken
	module      module
	requests    []*Request
}

// NewAPI makes an API that is not served anywhere.
func NewAPI(opts ...Option) *API {
	a := &API{
		accounts: make(map[string]account),
		handlers: make(map[string]func(Request) []Step),
		nonces:   make(map[string]time.Time),
		tokens:   make(map[string]*call),
		module:   module{deployTime: 5 * time.Minute, lastID: 1000},
	}
	for _, opt := range opts {
		opt(a)
	}
	return a
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

// clock is the API's own time. The lock is held.
func (a *API) clock() time.Time { return time.Now().Add(a.clockOffset) }

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

// serve takes r through the API and reports what to send. It reads r's body but
// leaves closing it to the caller.
func (a *API) serve(r *http.Request) *call {
	c := &call{api: a, http: r.WithContext(r.Context()), header: make(http.Header)}
	c.err = c.read()
	c.record()
	switch {
	case c.err != nil:
		c.Lost = lostGone
	case c.Version == 0:
		c.reply = page(http.StatusNotFound, "API 2.0 is at "+path2+", API 3.0 at /.")
	default:
		c.run(a.takeSteps(c))
		c.process()
	}
	for _, done := range c.done {
		done()
	}
	if !c.ended() {
		c.complete()
	}
	c.record()
	return c
}
