package qcloudhttp

import (
	"cmp"
	"context"
	"maps"
	"math"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/request"
)

// Policy says how often, how long and with which delays a failed call is attempted
// again. A zero field means its default, or what the Policies around say, see
// [WithPolicy]. It may be shared, and must not be changed once in use.
type Policy struct {
	// MaxAttempts bounds the attempts of a call, the first included; 1 switches
	// retries off, a negative number means no bound. Zero means 5, and up to 20
	// more after Busy, and after rejections where the Limiter orders the calls.
	MaxAttempts int

	// MaxElapsed bounds a call from its start to the start of its last attempt,
	// queues included; negative means no bound. Zero means 2 minutes, not counting
	// a limiter's queue in which somebody gets through every 2 minutes, Busy for
	// 10 minutes, and what a Retry-After asks for.
	MaxElapsed time.Duration

	// MaxRetryAfter is the longest Retry-After that is waited for; zero: MaxElapsed,
	// else 10 minutes, after which a limit.Adaptive asks a quota again in any case.
	MaxRetryAfter time.Duration

	MaxDelay       time.Duration // caps every backoff: a millisecond makes tests instant; zero: the class's cap
	AttemptTimeout time.Duration // bounds an attempt up to its headers and envelope, not a body's rest; zero: no bound

	Delays map[codes.Class]Delay // of single classes; the others, and the zero fields of these, keep the default

	// What these name may be sent again when it is unknown whether it was executed.
	// The method tells of a request without an action (RFC 9110, 9.2.2).
	ReadOnly   func(action string) bool // whether an action changes nothing; nil: [IsReadOnly]
	Repeatable func(action string) bool // whether one that does may run twice without harm; nil: [IsRepeatable]

	Classify func(Failure) Verdict // is called once for each failed attempt; nil: [Classify], which it may wrap
	Product  string                // whose table gives the module codes their meaning, such as "cdn"; "": the host's

	// RetryBudget keeps retries from multiplying a host's outage: each attempt that
	// the server fails takes one of so many tokens, each other answer gives one back;
	// without any, calls queue behind probes. Zero: 20; negative, also in WithPolicy: none.
	RetryBudget int
}

// Delay describes the waits before the retries of a class: exponential, from
// Initial up to Max, each spread at random.
type Delay struct {
	Initial    time.Duration // before the first retry; zero: the class's
	Max        time.Duration // the longest, before Jitter; zero: the larger of the class's and Initial
	Multiplier float64       // growth from one to the next; zero: 2
	Jitter     float64       // the spread either way, up to 1; zero: 0.5, of Throttled's first 0.05; negative: none
	MaxRetries int           // zero: 2 for Failed, SignatureExpired and Replayed, and as MaxAttempts for others
}

// defaultDelays are judgements: a quota is a second's or a minute's, of which the
// first is back after little more than a second, and an operation (1014) runs for
// minutes. Classes that only a user's Classify retries wait as Internal does.
var defaultDelays = [codes.ClassOK + 1]Delay{
	codes.ClassThrottled:        {Initial: 1050 * time.Millisecond, Max: 10 * time.Second},
	codes.ClassBusy:             {Initial: 5 * time.Second, Max: time.Minute},
	codes.ClassUnavailable:      {Initial: 2 * time.Second, Max: time.Minute},
	codes.ClassInternal:         {Initial: 200 * time.Millisecond, Max: 10 * time.Second},
	codes.ClassNetwork:          {Initial: 100 * time.Millisecond, Max: 10 * time.Second},
	codes.ClassFailed:           {Initial: 500 * time.Millisecond, Max: 10 * time.Second, MaxRetries: 2},
	codes.ClassSignatureExpired: {Initial: 10 * time.Millisecond, Max: time.Second, MaxRetries: 2},
	codes.ClassReplayed:         {Initial: 10 * time.Millisecond, Max: time.Second, MaxRetries: 2},
}

// What a number left zero means.
const (
	defaultAttempts = 5
	defaultElapsed  = 2 * time.Minute
	defaultBudget   = 20
	mostExempt      = 10 * time.Minute // of Busy, and of a Retry-After, that a MaxElapsed left zero exempts
	mostWaits       = 20               // that a MaxAttempts left zero exempts
)

// attempts is how many a call may make; free: those that only take time apart.
func (p *Policy) attempts() (most int, free bool) {
	return bound(p.MaxAttempts, math.MaxInt, defaultAttempts)
}

// elapsed is how long a call may take; free: waits apart.
func (p *Policy) elapsed() (most time.Duration, free bool) {
	return bound(p.MaxElapsed, math.MaxInt64, defaultElapsed)
}

// bound is a bound that is set, none where it is negative, and where it is zero
// the default, which is free.
func bound[T int | time.Duration](set, none, otherwise T) (most T, free bool) {
	switch {
	case set > 0:
		return set, false
	case set < 0:
		return none, false
	}
	return otherwise, true
}

// retryAfter is the longest Retry-After that is waited for.
func (p *Policy) retryAfter() time.Duration {
	return cmp.Or(max(p.MaxRetryAfter, 0), max(p.MaxElapsed, 0), mostExempt)
}

// delay returns p's delays for c with every default filled in.
func (p *Policy) delay(c codes.Class) Delay {
	d, def := p.Delays[c], defaultDelays[c]
	if def.Initial == 0 {
		def = defaultDelays[codes.ClassInternal]
	}
	d.Initial = cmp.Or(max(d.Initial, 0), def.Initial)
	d.Max = cmp.Or(max(d.Max, 0), max(def.Max, d.Initial))
	if p.MaxDelay > 0 {
		d.Max = min(d.Max, p.MaxDelay)
	}
	d.Initial = min(d.Initial, d.Max)
	if !(d.Multiplier >= 1) || math.IsInf(d.Multiplier, 0) {
		d.Multiplier = 2
	}
	switch {
	case d.Jitter < 0:
		d.Jitter = 0
	case !(d.Jitter > 0 && d.Jitter <= 1):
		d.Jitter = 0.5
	}
	d.MaxRetries = cmp.Or(max(d.MaxRetries, 0), def.MaxRetries, math.MaxInt)
	return d
}

// wait returns the n-th wait, from 1, for a class.
func (p *Policy) wait(c codes.Class, n int) (wait time.Duration) {
	const longest = math.MaxInt64 / 4 // with room for the jitter: 73 years
	d := p.delay(c)
	if n <= 1 && c == codes.ClassThrottled && p.Delays[c].Jitter == 0 {
		d.Jitter = 0.05 // a second's quota is back by then; later waits must spread, or many callers stay a herd
	}
	schedule := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(min(d.Initial, longest)),
		backoff.WithMaxInterval(min(d.Max, longest)),
		backoff.WithMultiplier(d.Multiplier),
		backoff.WithRandomizationFactor(d.Jitter),
		backoff.WithMaxElapsedTime(0), // the call's bounds are judged by the call
	)
	for range min(max(n, 1), 64) { // by then the longest is reached
		wait = schedule.NextBackOff()
	}
	if p.MaxDelay > 0 {
		wait = min(wait, p.MaxDelay)
	}
	return wait
}

// over returns p, in which outer's fields stand for those left zero. Either may
// be nil.
func (p *Policy) over(outer *Policy) *Policy {
	switch {
	case p == nil:
		return outer
	case outer == nil:
		return p
	}
	q := *p
	q.MaxAttempts = cmp.Or(q.MaxAttempts, outer.MaxAttempts)
	q.MaxElapsed = cmp.Or(q.MaxElapsed, outer.MaxElapsed)
	q.MaxRetryAfter = cmp.Or(q.MaxRetryAfter, outer.MaxRetryAfter)
	q.MaxDelay = cmp.Or(q.MaxDelay, outer.MaxDelay)
	q.AttemptTimeout = cmp.Or(q.AttemptTimeout, outer.AttemptTimeout)
	q.Product = cmp.Or(q.Product, outer.Product)
	q.RetryBudget = cmp.Or(q.RetryBudget, outer.RetryBudget)
	if q.ReadOnly == nil {
		q.ReadOnly = outer.ReadOnly
	}
	if q.Repeatable == nil {
		q.Repeatable = outer.Repeatable
	}
	if q.Classify == nil {
		q.Classify = outer.Classify
	}
	if len(outer.Delays) > 0 {
		q.Delays = maps.Clone(outer.Delays)
		maps.Copy(q.Delays, p.Delays)
	}
	return &q
}

// defaults holds what a Policy's functions are where it has none.
var defaults = &Policy{ReadOnly: IsReadOnly, Repeatable: IsRepeatable, Classify: Classify, RetryBudget: defaultBudget}

// IsReadOnly reports whether an action changes nothing: Get, Describe, List, Query,
// Check, Inquiry, Inquire, Search or Count before a word, with exceptions.
func IsReadOnly(action string) bool { return request.ReadOnly(action) }

// IsRepeatable reports whether a change may run twice: a table of purges, and of
// actions of DSA, CDN and ECDN whose natural key makes a repeat harmless.
func IsRepeatable(action string) bool { return request.Repeatable(action) }

type policyKey struct{}

// override is what a context says of the calls made with it.
type override struct {
	policy  *Policy // before the Transport's; nil: that alone
	noRetry bool
}

// WithPolicy returns a context whose calls follow p, and where that is zero an outer
// WithPolicy, then the Transport's Policy; nil restores the last. A Signer's,
// Provider's or Limiter's own calls do not follow p.
func WithPolicy(ctx context.Context, p *Policy) context.Context {
	o := overrideOf(ctx)
	if p != nil {
		p = p.over(o.policy)
	}
	return context.WithValue(ctx, policyKey{}, override{p, o.noRetry})
}

// WithoutRetries returns a context whose calls are attempted once. Failures
// still come back as typed errors.
func WithoutRetries(ctx context.Context) context.Context {
	return context.WithValue(ctx, policyKey{}, override{overrideOf(ctx).policy, true})
}

// over is the policy of the calls, under a Transport that has p.
func (o override) over(p *Policy) *Policy {
	if p = o.policy.over(p); o.noRetry {
		p = (&Policy{MaxAttempts: 1}).over(p)
	}
	return p
}

func overrideOf(ctx context.Context) override {
	o, _ := ctx.Value(policyKey{}).(override)
	return o
}

// withoutOverride is ctx for a Signer, a Limiter or Base, whose own calls do not
// follow what ctx says.
func withoutOverride(ctx context.Context) context.Context {
	if overrideOf(ctx) == (override{}) {
		return ctx
	}
	return context.WithValue(ctx, policyKey{}, override{})
}
