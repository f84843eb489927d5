package qcloudhttp

import (
	"context"
	"maps"
	"math"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/qcloudhttp/qcloudhttp/internal/action"
)

// Policy says how often, how long and with which delays a failed call is
// repeated. Every zero field means its default, and so does a value that makes
// no sense (NaN, a negative duration, or a negative number but for RetryBudget
// and ReplayLimit); in a Policy for single calls
// it means the Transport's value, see [WithPolicy]. A Policy may be shared by
// many transports and goroutines; it must not be changed once in use.
type Policy struct {
	// MaxAttempts bounds the attempts of a call, the first included.
	// Default 5; 1 switches retries off.
	MaxAttempts int

	// MaxElapsed bounds a call from its start to the start of its last
	// attempt, waits included. Default 2 minutes.
	MaxElapsed time.Duration

	// MaxRetryAfter is the longest Retry-After that is waited for; a call that
	// is asked to wait longer gives up. Default 1 minute.
	MaxRetryAfter time.Duration

	// Delays overrides the delays of single classes; a class that is not in
	// it keeps its default, see [DefaultDelay]. Under a limiter that learns (any
	// limit.Gate, such as the Transport's own) Throttled's is what a call waits
	// that is alone under a quota of which nothing is known.
	Delays map[Class]Delay

	// ReadOnly reports whether an action changes nothing, so that it may be
	// sent again whatever became of it. Default [IsReadOnly]: by its name.
	ReadOnly func(action string) bool

	// Classify says what a failure means. Default [Classify], which it may
	// wrap. It is called once for each failed attempt.
	Classify func(Failure) Verdict

	// Product is whose table gives the module codes their meaning, such as
	// "cdn" for calls through a proxy. Default [ProductOf] the request's host.
	Product string

	// RetryBudget bounds the retries of all calls to a host together, so that
	// an outage is not multiplied: the tokens of a bucket from which each
	// failed attempt takes one and to which each answer that is no sign of
	// overload gives back. While it is empty, calls wait in line behind a few
	// probes. Default 20; negative: no budget. The Transport's own policy
	// sets the size; one from WithPolicy only counts in being negative.
	RetryBudget int

	// Window is how many bytes of a body are read in search of the envelope's
	// code, and kept in Error.Body. Default 1 MiB.
	Window int

	// ReplayLimit is the largest request body, in bytes, that is buffered so
	// that it can be sent again, where the request has no GetBody. A larger
	// one is sent once. Default 1 MiB; negative: nothing is buffered.
	ReplayLimit int

	free exemptions
}

// exemptions are the bounds that were left to their defaults: those do not
// count what a quota rejects.
type exemptions struct{ attempts, elapsed, retryAfter bool }

// DefaultPolicy returns a new Policy with the defaults written out. Delays and
// Product stay empty: they go by class and by host.
func DefaultPolicy() *Policy {
	return &Policy{
		MaxAttempts:   5,
		MaxElapsed:    2 * time.Minute,
		MaxRetryAfter: time.Minute,
		ReadOnly:      IsReadOnly,
		Classify:      Classify,
		RetryBudget:   20,
		Window:        1 << 20,
		ReplayLimit:   1 << 20,
	}
}

// Delay describes the waits before the retries of a class: exponential, from
// Initial up to Max, each spread at random.
type Delay struct {
	Initial    time.Duration // before the first retry, before Jitter; default the class's
	Max        time.Duration // the longest, before Jitter (0.5 makes 1 min at most 1.5 min); default the class's
	Multiplier float64       // growth from one to the next; default 2
	Jitter     float64       // each wait is spread by this share either way, 0 < Jitter <= 1; default 0.5

	// MaxRetries bounds a call's retries for this class, within MaxAttempts.
	// Default: Failed and Stale 2, others no bound of their own. To retry a
	// class never, have Classify say so.
	MaxRetries int
}

// defaultDelays are judgements: an API that is throttled by the minute wants
// seconds, an operation that runs for minutes (1014) more of them, and a
// broken connection next to nothing.
var defaultDelays = map[Class]Delay{
	Network:     {Initial: 100 * time.Millisecond, Max: 10 * time.Second},
	Throttled:   {Initial: time.Second, Max: 10 * time.Second},
	Busy:        {Initial: 5 * time.Second, Max: time.Minute},
	Unavailable: {Initial: 2 * time.Second, Max: time.Minute},
	Internal:    {Initial: 200 * time.Millisecond, Max: 10 * time.Second},
	Failed:      {Initial: 500 * time.Millisecond, Max: 10 * time.Second, MaxRetries: 2},
	Stale:       {Initial: 10 * time.Millisecond, Max: time.Second, MaxRetries: 2},
}

// DefaultDelay returns the delays of a class: from 100 ms for Network, 200 ms
// for Internal, 500 ms for Failed, 1 s for Throttled, 2 s for Unavailable, 5 s
// for Busy, 10 ms for Stale, and those of Internal for a class that only a
// user's Classify retries. Throttled calls wait for their turn instead where the
// Limiter learns, see Policy.Delays.
func DefaultDelay(c Class) Delay {
	d, ok := defaultDelays[c]
	if !ok {
		d = defaultDelays[Internal]
	}
	d.Multiplier, d.Jitter = 2, 0.5
	if d.MaxRetries == 0 {
		d.MaxRetries = math.MaxInt
	}
	return d
}

// longestDelay leaves room for the jitter within a Duration: 73 years.
const longestDelay = math.MaxInt64 / 4

// delay returns p's delays for c with every default filled in.
func (p *Policy) delay(c Class) Delay {
	d, def := p.Delays[c], DefaultDelay(c)
	if d.Initial <= 0 {
		d.Initial = def.Initial
	}
	if d.Max <= 0 {
		d.Max = def.Max
	}
	d.Max = min(d.Max, longestDelay)
	d.Initial = min(d.Initial, d.Max)
	if !(d.Multiplier >= 1) || math.IsInf(d.Multiplier, 0) {
		d.Multiplier = def.Multiplier
	}
	if !(d.Jitter > 0 && d.Jitter <= 1) {
		d.Jitter = def.Jitter
	}
	if d.MaxRetries <= 0 {
		d.MaxRetries = def.MaxRetries
	}
	return d
}

// schedule returns the sequence of waits that d describes.
func (d Delay) schedule() *backoff.ExponentialBackOff {
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(d.Initial),
		backoff.WithMaxInterval(d.Max),
		backoff.WithMultiplier(d.Multiplier),
		backoff.WithRandomizationFactor(d.Jitter),
		backoff.WithMaxElapsedTime(0), // MaxElapsed is judged by the call, against its deadline too
	)
}

// withDefaults returns p, or the zero Policy for nil, with its defaults.
func (p *Policy) withDefaults() *Policy {
	if p == nil {
		p = &Policy{}
	}
	q := p.or(DefaultPolicy())
	q.free = exemptions{p.MaxAttempts <= 0, p.MaxElapsed <= 0, p.MaxRetryAfter <= 0}
	return q
}

// throttledDelay returns the delays for rejections in a row, the first is 1.
func (p *Policy) throttledDelay() func(int) time.Duration {
	return func(n int) time.Duration {
		s := p.delay(Throttled).schedule()
		for range min(n, 64) - 1 {
			s.NextBackOff()
		}
		return s.NextBackOff()
	}
}

// or returns a copy of p in which def's fields stand for the zero and the
// senseless ones.
func (p *Policy) or(def *Policy) *Policy {
	q := *p
	q.free = exemptions{
		p.MaxAttempts <= 0 && def.free.attempts, p.MaxElapsed <= 0 && def.free.elapsed, p.MaxRetryAfter <= 0 && def.free.retryAfter,
	}
	if q.MaxAttempts <= 0 {
		q.MaxAttempts = def.MaxAttempts
	}
	if q.MaxElapsed <= 0 {
		q.MaxElapsed = def.MaxElapsed
	}
	if q.MaxRetryAfter <= 0 {
		q.MaxRetryAfter = def.MaxRetryAfter
	}
	if len(q.Delays) == 0 {
		q.Delays = def.Delays
	} else if len(def.Delays) > 0 {
		q.Delays = maps.Clone(def.Delays)
		maps.Copy(q.Delays, p.Delays)
	}
	if q.ReadOnly == nil {
		q.ReadOnly = def.ReadOnly
	}
	if q.Classify == nil {
		q.Classify = def.Classify
	}
	if q.Product == "" {
		q.Product = def.Product
	}
	if q.RetryBudget == 0 {
		q.RetryBudget = def.RetryBudget
	}
	if q.Window <= 0 {
		q.Window = def.Window
	}
	if q.ReplayLimit == 0 {
		q.ReplayLimit = def.ReplayLimit
	}
	return &q
}

// IsReadOnly reports whether an action changes nothing, by its name: Get,
// Describe, List, Query, Check, Inquiry, Inquire, Search or Count, followed by
// another word or nothing.
func IsReadOnly(name string) bool { return action.ReadOnly(name) }

type policyKey struct{}

// override is what a context says of the calls made with it.
type override struct {
	policy  *Policy // before the Transport's; nil: that alone
	noRetry bool
}

// WithPolicy returns a context whose calls follow p; what p leaves zero is as
// the Transport's Policy says, for Delays class by class. So begin with
// &Policy{}, not with DefaultPolicy(), every field of which counts. A second
// WithPolicy replaces the first, nil restores the Transport's Policy, and none
// undoes WithoutRetries.
func WithPolicy(ctx context.Context, p *Policy) context.Context {
	o := overrideOf(ctx)
	o.policy = p
	return context.WithValue(ctx, policyKey{}, o)
}

// WithoutRetries returns a context whose calls are attempted once. Failures
// still come back as typed errors.
func WithoutRetries(ctx context.Context) context.Context {
	o := overrideOf(ctx)
	o.noRetry = true
	return context.WithValue(ctx, policyKey{}, o)
}

func overrideOf(ctx context.Context) override {
	o, _ := ctx.Value(policyKey{}).(override)
	return o
}
