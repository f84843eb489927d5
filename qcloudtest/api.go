package qcloudtest

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
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

	maintenance atomic.Bool
	clockOffset atomic.Int64 // a time.Duration

	mu       sync.Mutex // guards what follows; never held while waiting
	script   []rule
	hook     func(Request) []Step
	handlers map[string]func(Request) []Step
	nonces   map[string]time.Time // until when each is spent
	tokens   map[string]*call     // the first call with each ClientToken
	module   module
	requests []*Request
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

// An Option sets up an [API] or a [Server].
type Option func(*API)

type account struct{ key, token string }

// WithCredentials switches the checks of signatures, timestamps and nonces on
// and accepts this key pair, with a token only together with the Token (API 3.0:
// X-TC-Token), as for temporary credentials. Given more than once, every pair is
// accepted: they see the same domains, and [ByAccount] takes each for an account.
func WithCredentials(secretID, secretKey string, token ...string) Option {
	return func(a *API) { a.accounts[secretID] = account{secretKey, strings.Join(token, "")} }
}

// WithDomain makes domains that are online and deployed from the start.
func WithDomain(names ...string) Option {
	return func(a *API) {
		for _, name := range names {
			a.module.add(name, "origin."+name, time.Time{})
		}
	}
}

// WithUnfiled says which domains lack an ICP filing and are answered with 2002
// when they are created. Patterns are [path.Match]'s: the star in
// "*.unfiled.example" stands for any characters, dots included.
func WithUnfiled(patterns ...string) Option {
	return func(a *API) { a.module.unfiled = append(a.module.unfiled, patterns...) }
}

// WithDeployTime sets how long a deployment runs, and a flush of the cache. The
// default is 5 minutes, as the vendor has it; zero or less deploys at once, so
// that 1014 never comes.
func WithDeployTime(d time.Duration) Option { return func(a *API) { a.module.deployTime = d } }

// WithQuota answers with 4400 when an action has been called more than n times in
// a window, by [FixedWindow]. The vendor documents 100 a minute for each action.
// The default is no quota. [WithQuotas] takes other kinds and scopes.
func WithQuota(n int, per time.Duration) Option {
	q := FixedWindow(n, per)
	q.Scope = ByAction
	return WithQuotas(q)
}

// WithQuotas has the API keep to all of these quotas, and those given before.
// They are asked in order: the first that is exceeded answers, and those before
// it have counted the call.
func WithQuotas(quotas ...*Quota) Option {
	return func(a *API) { a.quotas = append(a.quotas, quotas...) }
}

// WithEnglish writes the messages in English, as the vendor's international
// site does, in place of Chinese.
func WithEnglish() Option { return func(a *API) { a.english = true } }

// Maintenance switches maintenance on or off: while it is on, every call is
// answered with 6200 (API 3.0: ServiceUnavailable) and nothing is executed.
func (a *API) Maintenance(on bool) { a.maintenance.Store(on) }

// SetClockOffset makes the API's clock wrong by d: the check of Timestamps and
// the Date header are that much ahead of the machine's clock, or behind it if d
// is negative. Deployments, quotas and the records keep to the machine's clock.
func (a *API) SetClockOffset(d time.Duration) { a.clockOffset.Store(int64(d)) }

// clock is the API's own time.
func (a *API) clock() time.Time { return time.Now().Add(time.Duration(a.clockOffset.Load())) }

// Handle has f answer an action, of this package or any other, in both APIs; API
// 3.0's version may be any. f returns the steps of each call that has passed the
// gateway's checks: [Data] says that it was executed, and so do steps without an
// answer, as Data(nil) does. f must be safe for concurrent use, and may wait and
// call the API's methods. Nil ends that.
//
// Of API 3.0's calls with one ClientToken f sees the first; the others get its Data,
// FailedOperation.ClientTokenInUse while it runs, and f where it ended otherwise.
func (a *API) Handle(action string, f func(Request) []Step) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.handlers[action] = f
}

// serve takes r through the API. Closing its body is left to the caller.
func (a *API) serve(r *http.Request) *call {
	c := &call{api: a, http: r.WithContext(r.Context()), header: make(http.Header)}
	c.err = c.read()
	arrived := c.Request
	a.mu.Lock()
	c.slot = &arrived
	a.requests = append(a.requests, c.slot)
	a.mu.Unlock()
	defer func() { // also where a function of the user's panics
		for _, done := range c.done {
			done()
		}
		a.mu.Lock()
		*c.slot = c.Request
		a.mu.Unlock()
	}()
	switch {
	case c.err != nil:
		c.Lost = lostGone
	case c.Version == 0:
		c.reply = page(http.StatusNotFound, "API 2.0 is at "+path2+", API 3.0 at /.")
	default:
		c.run(a.takeSteps(c))
		c.process()
	}
	if !c.ended() {
		c.complete()
	}
	return c
}
