package qcloudtest

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A Call is what a [Quota] knows of a call. Members that are not known are "".
type Call struct {
	Action  string
	Account string // the SecretId
	Region  string // that the request names, else the host's, as in cvm.ap-guangzhou.tencentcloudapi.com
	Address string // the client's: the first of X-Forwarded-For, else that of the connection
	Domain  string // the one that the call changes; "" for calls that read
}

// A Scope says which calls are counted together: those that have the named
// members of [Call] in common. Zero: all calls. Scopes are combined with |.
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
// without HTTP. A call that is rejected does not count. A Quota is safe for
// concurrent use, and several APIs may share it.
//
// An API answers a call that is over the quota by the quota's scope:
//
//	ByDomain                        2010  LimitExceeded.EcdnDomainOpTooOften
//	ByAddress                       4400  RequestLimitExceeded.IPLimitExceeded
//	ByAccount|ByRegion              4400  RequestLimitExceeded.UinLimitExceeded
//	ByAccount                       4400  RequestLimitExceeded.GlobalRegionUinLimitExceeded
//	any other                       4400  RequestLimitExceeded
type Quota struct {
	Scope Scope

	// Tells says the limit in the rejection's message, where it is a whole number a
	// second: API 3.0 has words for no other.
	Tells bool

	// Scale, where it is set, multiplies a TokenBucket's rate. since is the time
	// since the first call that is counted together.
	Scale func(since time.Duration) float64

	limit     float64       // calls in a window, in flight, or tokens
	window    time.Duration // 0: none
	sliding   bool          // the window is that before each call
	inFlight  bool
	perSecond float64 // calls, where the limit is one of a second

	mu     sync.Mutex
	counts map[string]*count
}

// FixedWindow lets n calls pass in each window. The first window starts at the
// first call and each other at the end of the one before, so that a test shorter
// than a window sees one allowance, whatever the clock says.
func FixedWindow(n int, per time.Duration) *Quota {
	q := &Quota{limit: float64(n), window: max(per, 1)}
	if per == time.Second {
		q.perSecond = q.limit
	}
	return q
}

// SlidingWindow lets a call pass when fewer than n have passed in the time
// before it.
func SlidingWindow(n int, per time.Duration) *Quota {
	q := FixedWindow(n, per)
	q.sliding = true
	return q
}

// TokenBucket starts with burst tokens and gains perSecond of them each second,
// up to burst; a call takes one.
func TokenBucket(perSecond float64, burst int) *Quota {
	return &Quota{limit: float64(burst), perSecond: perSecond}
}

// InFlight lets n calls be in progress at once. A call is in progress from when
// it passes until the API has answered it: a [Delay] after [Execute], or a
// function of [API.Handle] that waits, makes it last.
func InFlight(n int) *Quota { return &Quota{limit: float64(n), inFlight: true} }

// count is the calls that are counted together.
type count struct {
	first time.Time
	start time.Time   // of the window, or of the time in which no tokens were gained yet
	log   []time.Time // SlidingWindow: when each of used was
	used  float64
}

// Allow counts a call and tells whether it may pass. Times must not decrease.
func (q *Quota) Allow(now time.Time, c Call) bool {
	if q.Scope&ByDomain != 0 && c.Domain == "" {
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.counts[q.Scope.key(c)]
	if n == nil {
		n = &count{first: now, start: now}
		if q.counts == nil {
			q.counts = make(map[string]*count)
		}
		q.counts[q.Scope.key(c)] = n
	}
	n.forget(q, now)
	const rounding = 1e-9 // a tenth of a second of 10/s is a token, whatever the float says
	if n.used+1 > q.limit+rounding {
		return false
	}
	n.used++
	if q.sliding {
		n.log = append(n.log, now)
	}
	return true
}

// forget drops what is no longer counted.
func (n *count) forget(q *Quota, now time.Time) {
	switch age := now.Sub(n.start); {
	case q.sliding:
		for len(n.log) > 0 && now.Sub(n.log[0]) >= q.window {
			n.log = n.log[1:]
		}
		n.used = float64(len(n.log))
	case q.window > 0:
		if age >= q.window {
			n.start, n.used = n.start.Add(age-age%q.window), 0
		}
	default: // tokens; none are gained of calls in flight
		gained := age.Seconds() * q.perSecond
		if q.Scale != nil {
			gained *= q.Scale(now.Sub(n.first))
		}
		n.start, n.used = now, max(0, n.used-gained)
	}
}

// done ends a call that Allow has let pass.
func (q *Quota) done(c Call) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := q.counts[q.Scope.key(c)]; n != nil && q.inFlight {
		n.used--
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
	if n := int(q.perSecond); q.Tells && n > 0 && float64(n) == q.perSecond {
		f.zh = fmt.Sprintf("您当前每秒请求 `%d` 次，超过了每秒频率上限 `%d`，请稍后重试。", n+1, n)
		f.en = fmt.Sprintf("Your current request times equals to `%d` in a second, which exceeds the frequency limit "+
			"`%d` for a second. Please reduce the frequency of calls.", n+1, n)
	}
	return f
}
