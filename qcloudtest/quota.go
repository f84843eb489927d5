package qcloudtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A Call is what a [Quota] knows of a call. Members that are not known are "".
type Call struct {
	Action  string
	Account string // the SecretId
	Region  string // of the host, as in cvm.ap-guangzhou.tencentcloudapi.com, else the one that the request names
	Address string // the client's: the first of X-Forwarded-For, else that of the connection
	Domain  string // the one that the call changes; "" for calls that read
}

// A Scope says which calls are counted together: those that have the named
// members of [Call] in common. Zero: all of them. Scopes are combined with |.
type Scope uint8

const (
	ByAction Scope = 1 << iota
	ByAccount
	ByRegion
	ByAddress
	ByDomain // such a quota counts only calls that change a domain, and is the module's: see [Quota]
)

// key is what the calls that are counted together have in common.
func (s Scope) key(c Call) string {
	var parts [5]string
	for i, part := range [...]string{c.Action, c.Account, c.Region, c.Address, c.Domain} {
		if s&(1<<i) != 0 {
			parts[i] = part
		}
	}
	return strings.Join(parts[:], "\n")
}

// A Quota is a limit on calls. [FixedWindow], [SlidingWindow], [TokenBucket] and
// [InFlight] make one; the zero Quota rejects every call. Set its fields before
// its first use. [WithQuotas] has an API keep to it; [Quota.Allow] asks it
// without HTTP. It is safe for concurrent use, and several APIs may share it.
//
// An API answers a call that is over the quota by the quota's scope:
//
//	ByDomain                        2010  LimitExceeded.EcdnDomainOpTooOften
//	ByAddress                       4400  RequestLimitExceeded.IPLimitExceeded
//	ByAccount|ByRegion              4400  RequestLimitExceeded.UinLimitExceeded
//	ByAccount                       4400  RequestLimitExceeded.GlobalRegionUinLimitExceeded
//	any other                       4400  RequestLimitExceeded
type Quota struct {
	Scope   Scope
	Actions []string // the actions that it limits; none: all
	Charge  bool     // rejected calls count, too; TokenBucket: into a debt of one burst at most; not with InFlight

	// Tells says the limit, before Scale, in the rejection's message, in the words
	// that API 3.0 has for a limit a second: a window of another length, a bucket of
	// a broken number a second and InFlight keep silent.
	Tells bool

	// Phase is how long the first FixedWindow has run at the first call.
	Phase time.Duration

	// Scale, where it is set, multiplies the limit (TokenBucket: the rate, not the
	// burst). since is the time since the first call that is counted together.
	Scale func(since time.Duration) float64

	kind      kind
	limit     float64 // calls in a window, in flight, or tokens
	window    time.Duration
	perSecond float64 // tokens

	mu     sync.Mutex
	counts map[string]*count
}

type kind uint8

const (
	none kind = iota
	fixedWindow
	slidingWindow
	tokenBucket
	inFlight
)

// FixedWindow lets n calls pass in each window. The first window starts at the
// first call, less Phase, and each other at the end of the one before, so that a
// test shorter than a window sees one allowance, whatever the clock says.
func FixedWindow(n int, per time.Duration) *Quota {
	return &Quota{kind: fixedWindow, limit: float64(n), window: max(per, 1)}
}

// SlidingWindow lets a call pass when fewer than n were counted in the time
// before it.
func SlidingWindow(n int, per time.Duration) *Quota {
	return &Quota{kind: slidingWindow, limit: float64(n), window: max(per, 1)}
}

// TokenBucket starts with burst tokens and gains perSecond of them each second,
// up to burst; a call takes one.
func TokenBucket(perSecond float64, burst int) *Quota {
	return &Quota{kind: tokenBucket, limit: float64(burst), perSecond: perSecond}
}

// InFlight lets n calls be in progress at once. A call is in progress from when
// it passes until [Quota.Done]; with an API, until it is answered: a [Delay]
// after [Execute], or a function of [API.Handle] that waits, makes it last.
func InFlight(n int) *Quota { return &Quota{kind: inFlight, limit: float64(n)} }

// count is the calls that are counted together.
type count struct {
	first time.Time
	start time.Time   // of the window, or of the time in which no tokens were gained yet
	log   []time.Time // SlidingWindow: when each of used was
	used  float64
}

// Allow counts a call and tells whether it may pass. Times must not decrease.
func (q *Quota) Allow(now time.Time, c Call) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, covered := q.countOf(now, c)
	if !covered {
		return true
	}
	limit, scale := q.limit, 1.0
	if q.Scale != nil {
		scale = q.Scale(now.Sub(n.first))
	}
	if q.kind != tokenBucket {
		limit *= scale
	}
	n.forget(q, now, scale)
	const rounding = 1e-9 // a tenth of a second of 10/s is a token, whatever the float says
	pass := n.used+1 <= limit+rounding
	if pass || q.Charge && q.kind != inFlight {
		n.used++
	}
	switch q.kind {
	case slidingWindow:
		for len(n.log) < int(n.used) {
			n.log = append(n.log, now)
		}
	case tokenBucket:
		n.used = min(n.used, 2*q.limit)
	}
	return pass
}

// Done ends a call that Allow has let pass. [InFlight] counts it no longer; for
// the others it changes nothing.
func (q *Quota) Done(c Call) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n, covered := q.countOf(time.Time{}, c); covered && q.kind == inFlight {
		n.used = max(n.used-1, 0)
	}
}

// countOf returns the calls that a call is counted with, and whether it is
// counted at all.
func (q *Quota) countOf(now time.Time, c Call) (n *count, covered bool) {
	if len(q.Actions) > 0 && !slices.Contains(q.Actions, c.Action) || q.Scope&ByDomain != 0 && c.Domain == "" {
		return nil, false
	}
	key := q.Scope.key(c)
	if q.counts == nil {
		q.counts = make(map[string]*count)
	}
	if q.counts[key] == nil {
		q.counts[key] = &count{first: now, start: now.Add(-q.Phase)}
	}
	return q.counts[key], true
}

// forget drops what is no longer counted.
func (n *count) forget(q *Quota, now time.Time, scale float64) {
	age := now.Sub(n.start)
	switch q.kind {
	case fixedWindow:
		if age >= q.window {
			n.start, n.used = n.start.Add(age-age%q.window), 0
		}
	case slidingWindow:
		for len(n.log) > 0 && now.Sub(n.log[0]) >= q.window {
			n.log = n.log[1:]
		}
		n.used = float64(len(n.log))
	case tokenBucket:
		n.start, n.used = now, max(0, n.used-age.Seconds()*q.perSecond*scale)
	}
}

// rejection is the answer to a call that is over the quota.
func (q *Quota) rejection() *failure {
	f := failureOf(codes.QuotaExceeded)
	switch s := q.Scope; {
	case s&ByDomain != 0:
		f = failureOf(codes.TooFrequent)
	case s&ByAddress != 0:
		f.text = "RequestLimitExceeded.IPLimitExceeded"
	case s == ByAccount|ByRegion:
		f.text = "RequestLimitExceeded.UinLimitExceeded"
	case s == ByAccount:
		f.text = "RequestLimitExceeded.GlobalRegionUinLimitExceeded"
	}
	perSecond := q.perSecond
	if q.window == time.Second {
		perSecond = q.limit
	}
	if n := int(perSecond); q.Tells && n > 0 && float64(n) == perSecond {
		f.zh = fmt.Sprintf("您当前每秒请求 `%d` 次，超过了每秒频率上限 `%d`，请稍后重试。", n+1, n)
		f.en = fmt.Sprintf("Your current request times equals to `%d` in a second, which exceeds the frequency limit "+
			"`%d` for a second. Please reduce the frequency of calls.", n+1, n)
	}
	return f
}
