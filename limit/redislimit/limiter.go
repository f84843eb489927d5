package redislimit

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// Config is what a Limiter is made from.
type Config struct {
	// Redis says how to reach the server, the Sentinels or the Cluster. The
	// Limiter opens its own connections, because its timeouts suit nothing
	// else: ContextTimeoutEnabled is set, MaxRetries and DialerRetries are
	// off, DialTimeout is at most a second, PoolSize 4 if it is 0. The
	// options are copied. Required, with at least one address.
	Redis *redis.UniversalOptions

	// Prefix begins the name of every key. Processes share a quota only if
	// they have the same prefix. Default "qcloudhttp:".
	Prefix string

	// Timeout is how long Redis may take to answer before calls go on without
	// it. Default, and the most, 40 ms, so that no call waits longer than
	// 100 ms for a Redis that is silent. It must be longer than a round trip.
	Timeout time.Duration

	// MaxKeys bounds the quotas that are limited at the same time, as in
	// limit.PerAction. Default 1024. Beyond it the one used least recently
	// goes, but never one with calls.
	MaxKeys int

	// OnChange, if set, is told once for each change between Shared and
	// Local. It is called in a goroutine of the Limiter's, one call at a time;
	// it should return at once and must not call Close. A panic in it is
	// recovered and ignored.
	OnChange func(Change)
}

const (
	defaultPrefix  = "qcloudhttp:"
	defaultTimeout = 40 * time.Millisecond
	defaultMaxKeys = 1024
	maxDialTimeout = time.Second
)

// Limiter is a [limit.Gate] that shares what it learns with the other
// processes that use the same Redis and prefix. New makes one. It is safe for
// concurrent use.
type Limiter struct {
	id      string
	store   store
	timeout time.Duration
	maxKeys int
	changes changes

	watch watch
	known atomic.Int64 // quotas here, and quotas limited elsewhere

	mu     sync.Mutex
	closed bool
	quotas map[key]*quota
	remote map[string]bool // the IDs of quotas that are limited somewhere

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// New makes a Limiter. It does not connect yet: a server that can't be reached
// is no error, see OnChange.
func New(c Config) (*Limiter, error) {
	if c.Redis == nil || len(c.Redis.Addrs) == 0 {
		return nil, errors.New("redislimit: Config.Redis has no address")
	}
	prefix := c.Prefix
	if prefix == "" {
		prefix = defaultPrefix
	}
	return newLimiter(c, newServer(c.Redis, prefix)), nil
}

func newLimiter(c Config, s store) *Limiter {
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails
	l := &Limiter{
		id:      hex.EncodeToString(id),
		store:   s,
		timeout: c.Timeout,
		maxKeys: c.MaxKeys,
		quotas:  make(map[key]*quota),
	}
	if l.timeout <= 0 || l.timeout > defaultTimeout {
		l.timeout = defaultTimeout
	}
	if l.maxKeys <= 0 {
		l.maxKeys = defaultMaxKeys
	}
	l.changes.tell = c.OnChange
	l.watch.first = make(chan struct{})
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

// Inert reports whether a call may pass unseen: no quota is known to be
// limited, and Redis has been asked for such within the last second.
func (l *Limiter) Inert() bool {
	return l.known.Load() == 0 && !l.watch.due(time.Now()) && l.watch.looked.Load()
}

// Acquire waits for c's turn: first come, first served within this process,
// but retries (c.Attempt > 1) before first attempts. It returns ctx's error as
// soon as ctx ends, and no other error.
func (l *Limiter) Acquire(ctx context.Context, c limit.Call) (limit.Ticket, error) {
	if !l.watch.looked.Load() {
		l.await(ctx)
	} else if l.watch.due(time.Now()) {
		l.look()
	}
	if err := ctx.Err(); err != nil {
		return limit.Ticket{}, err
	}
	if l.known.Load() == 0 {
		return limit.Ticket{}, nil
	}
	q := l.find(keyOf(c), false)
	if q == nil {
		return limit.Ticket{}, nil
	}
	defer q.refs.Add(-1)
	t, err := q.acquire(ctx, c)
	if t == nil || err != nil {
		return limit.Ticket{}, err
	}
	return limit.Ticket{Since: t.sent, State: t}, nil
}

// Wait is Acquire for a caller that knows neither key nor outcome.
func (l *Limiter) Wait(ctx context.Context) error {
	t, err := l.Acquire(ctx, limit.Call{Attempt: 1})
	if err == nil {
		l.Done(t, limit.Abandoned)
	}
	return err
}

// Done reports an outcome. It is sent to Redis in the background, together
// with others. For a ticket without a State see [limit.PerAction.Done].
func (l *Limiter) Done(t limit.Ticket, o limit.Outcome) {
	switch s := t.State.(type) {
	case *turn:
		if s.q.done(s, o) {
			return
		}
		// The quota has been forgotten since.
		if o == limit.Throttled {
			l.throttled(s.q.key)
		}
	case limit.Call:
		if o == limit.Throttled {
			l.throttled(keyOf(s))
		}
	}
}

// throttled takes a rejection of an attempt that no quota let through.
func (l *Limiter) throttled(k key) {
	for {
		q := l.find(k, true)
		taken := q.startled()
		q.refs.Add(-1)
		if taken {
			return
		}
	}
}

// Rate returns the rate in attempts per second that all processes together
// keep for c's key, or this process alone while it is Local; 0 for none.
func (l *Limiter) Rate(c limit.Call) float64 {
	if q := l.peek(c); q != nil {
		return q.rateNow()
	}
	return 0
}

// Estimate returns how long a first attempt like c would probably wait now. It
// is a guess, not a promise in either direction.
func (l *Limiter) Estimate(c limit.Call) time.Duration {
	if q := l.peek(c); q != nil {
		return q.estimate()
	}
	return 0
}

func (l *Limiter) peek(c limit.Call) *quota {
	if l.known.Load() == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.quotas[keyOf(c)]
}

// background runs f in a goroutine that Close waits for. It returns false if l
// is closed.
func (l *Limiter) background(f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.start(f)
}

// start is background with mu held.
func (l *Limiter) start(f func()) bool {
	if l.closed {
		return false
	}
	l.work.Add(1)
	go func() {
		defer l.work.Done()
		f()
	}()
	return true
}

// Close ends the Limiter's goroutines and connections. Calls that wait, and
// those that come later, go on under local limiters.
func (l *Limiter) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	all := make([]*quota, 0, len(l.quotas))
	for _, q := range l.quotas {
		all = append(all, q)
	}
	l.mu.Unlock()

	l.changes.mute()
	l.cancel()
	for _, q := range all {
		q.goLocal(nil)
	}
	l.work.Wait()
	return l.store.close()
}
