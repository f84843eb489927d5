package qcloudtest

import "time"

// Defaults of the options.
const (
	defaultDeployTime   = 5 * time.Minute // the vendor's "about 5 minutes"
	defaultValidity     = 5 * time.Minute // the newer of the vendor's two figures
	defaultRequestLimit = 10000
)

// An Option sets up an [API] or a [Server].
type Option func(*config)

type config struct {
	accounts       map[string]account // by SecretId
	domains        []string
	unfiled        []string // patterns of path.Match
	unregistered   bool
	deployTime     time.Duration
	domainInterval time.Duration
	validity       time.Duration
	quota          func(action string) Quota
	requestLimit   int
	english        bool
}

type account struct{ key, token string }

func newConfig(opts []Option) config {
	c := config{
		accounts:     make(map[string]account),
		deployTime:   defaultDeployTime,
		validity:     defaultValidity,
		requestLimit: defaultRequestLimit,
	}
	for _, opt := range opts {
		opt(&c)
	}
	return c
}

// WithCredentials switches the checks of signatures, timestamps and nonces on
// and accepts this key pair. Given more than once, every pair is accepted; all
// of them belong to the one account there is. Without it nothing is checked.
func WithCredentials(secretID, secretKey string) Option {
	return WithTemporaryCredentials(secretID, secretKey, "")
}

// WithTemporaryCredentials is WithCredentials for a key pair that is valid only
// together with a Token (API 3.0: X-TC-Token). A wrong Token is answered with
// 4105, or AuthFailure.TokenFailure.
func WithTemporaryCredentials(secretID, secretKey, token string) Option {
	return func(c *config) { c.accounts[secretID] = account{secretKey, token} }
}

// WithDomain makes domains that are online and deployed from the start.
// [API.SetDomain] makes others.
func WithDomain(names ...string) Option {
	return func(c *config) { c.domains = append(c.domains, names...) }
}

// WithUnfiled says which domains lack an ICP filing and are answered with 2002
// when they are created or put online. A pattern's star stands for any
// characters, dots included: "*.unfiled.example". The form is [path.Match]'s; a
// malformed pattern matches nothing.
func WithUnfiled(patterns ...string) Option {
	return func(c *config) { c.unfiled = append(c.unfiled, patterns...) }
}

// WithUnregisteredUser starts with an account that RegisterDsaUser has not been
// called for: every other action is answered with 1100 until it has.
func WithUnregisteredUser() Option {
	return func(c *config) { c.unregistered = true }
}

// WithDeployTime sets how long a deployment runs, and a flush of the cache. The
// default is 5 minutes, as the vendor has it; zero or less deploys at once, so
// that 1014 never comes.
func WithDeployTime(d time.Duration) Option {
	return func(c *config) { c.deployTime = max(d, 0) }
}

// WithDomainInterval answers a change of a domain with 2010 when it comes less
// than d after the domain's last change. The default is no such limit.
func WithDomainInterval(d time.Duration) Option {
	return func(c *config) { c.domainInterval = max(d, 0) }
}

// WithTimestampValidity sets how far a request's Timestamp may be off, either
// way. The default is 5 minutes; zero or less means the default.
func WithTimestampValidity(d time.Duration) Option {
	return func(c *config) {
		if d > 0 {
			c.validity = d
		}
	}
}

// WithQuota answers calls with 4400 when an action has been called more than n
// times in a window; with n zero or less every call is one too many. An action's
// windows are fixed and follow each other from its first call on: see
// [FixedWindow]. The vendor documents 100 a minute for each action. The default
// is no quota. [WithQuotaFunc] takes other kinds.
func WithQuota(n int, per time.Duration) Option {
	return WithQuotaFunc(func(string) Quota { return FixedWindow(n, per) })
}

// WithQuotaFunc gives each action the quota that f returns at the action's
// first call; nil is none. f must not call the API's methods.
func WithQuotaFunc(f func(action string) Quota) Option {
	return func(c *config) { c.quota = f }
}

// WithRequestLimit sets how many requests [API.Requests] remembers, the newest
// ones. The default is 10000; zero remembers none, less than zero all.
func WithRequestLimit(n int) Option {
	return func(c *config) { c.requestLimit = n }
}

// WithEnglish writes the messages in English, as the vendor's international
// site does, in place of Chinese.
func WithEnglish() Option {
	return func(c *config) { c.english = true }
}
