package limit

import "cmp"

// Scope is what a quota counts.
type Scope uint8

const (
	// ScopeAction is one action of a service, for an account in a region.
	ScopeAction Scope = iota
	// ScopeRegion is all that an account calls in a region.
	ScopeRegion
	// ScopeAccount is all that an account calls.
	ScopeAccount
	// ScopeAddress is all that comes from this machine's address.
	ScopeAddress
	// ScopeResource is one domain, recipient or other thing that an action
	// works on. No limiter knows which it is: the call alone backs off.
	ScopeResource
)

const scopes = int(ScopeResource)

func (s Scope) String() string {
	return [...]string{"action", "region", "account", "address", "resource"}[s]
}

// MarshalText returns the scope's name.
func (s Scope) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Key names one quota: a Scope and what it counts. Fields that the scope does
// not tell apart are empty.
type Key struct {
	Scope   Scope  `json:"scope"`
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	Service string `json:"service,omitempty"`
	Action  string `json:"action,omitempty"`
}

// key returns what s counts of c.
func (c Call) key(s Scope) Key {
	k := Key{Scope: s, Account: c.Account, Region: c.Region, Service: cmp.Or(c.Service, c.Host), Action: c.Action}
	switch s {
	case ScopeRegion:
		k.Service, k.Action = "", ""
	case ScopeAccount:
		k.Region, k.Service, k.Action = "", "", ""
	case ScopeAddress:
		k = Key{Scope: s}
	}
	return k
}
