package qcloudtest

import (
	"strings"
	"time"
)

// timestampValidity is how far a request's Timestamp may be off, either way: the
// newer of the vendor's two figures.
const timestampValidity = 5 * time.Minute

// An Option sets up an [API] or a [Server].
type Option func(*API)

type account struct{ key, token string }

// WithCredentials switches the checks of signatures, timestamps and nonces on
// and accepts this key pair, with a token only together with the Token (API 3.0:
// X-TC-Token), as for temporary credentials: a wrong one is answered with 4105, or
// AuthFailure.TokenFailure. Given more than once, every pair is accepted: they see
// the same domains, and a quota with the scope [ByAccount] takes each for an
// account of its own. Without it nothing is checked.
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
// when they are created. A pattern's star stands for any
// characters, dots included: "*.unfiled.example". The form is [path.Match]'s; a
// malformed pattern matches nothing.
func WithUnfiled(patterns ...string) Option {
	return func(a *API) { a.module.unfiled = append(a.module.unfiled, patterns...) }
}

// WithDeployTime sets how long a deployment runs, and a flush of the cache. The
// default is 5 minutes, as the vendor has it; zero or less deploys at once, so
// that 1014 never comes.
func WithDeployTime(d time.Duration) Option {
	return func(a *API) { a.module.deployTime = max(d, 0) }
}

// WithQuota answers calls with 4400 when an action has been called more than n
// times in a window, by [FixedWindow]; with n zero or less every call is one too
// many. The vendor documents 100 a minute for each action. The default is no
// quota. [WithQuotas] takes other kinds and scopes.
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
func WithEnglish() Option {
	return func(a *API) { a.english = true }
}
