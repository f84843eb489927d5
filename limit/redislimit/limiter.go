// Package redislimit shares a quota among processes, through Redis: each attempt
// takes its slot from one schedule, which go-redis/redis_rate keeps there (GCRA),
// at the rate that somebody told.
//
//	limiter := redislimit.New(client, nil) // a redis.UniversalClient of yours
//	defer limiter.Close()
//	api := &http.Client{Transport: &qcloudhttp.Transport{Limiter: limiter}}
//
// The API tells its rate in a rejection's message ("the frequency limit `10` for
// a second"); the first process that reads it tells the others. Else
// [Options.Quota] tells it. Where nobody does, each process learns alone.
//
// When Redis does not answer, attempts go on at once at the rate divided by the
// number of processes that were seen last. No call fails because of Redis.
//
// The keys' names hold a SHA-256 of account, region, service and action, so that
// Redis does not list whose calls they are. A plain hash will do: a SecretId is
// in every request and too random to be found by trying, and an HMAC's key would
// be one more secret for all processes to share. All keys of a prefix hold one
// hash tag, so that they are on one node of a Cluster, and all expire.
package redislimit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// Options are a Limiter's; each zero field is its default.
type Options struct {
	// Prefix begins the names of all keys; "" means "qcloudhttp". Processes
	// that share a quota have the same one.
	Prefix string

	// Quota returns the quota that is known of a key, zero for none; nil knows
	// none. It must return the same in all processes. What the API tells counts
	// more. limit.Documented().Quota knows the documented one.
	Quota func(limit.Key) limit.Quota

	// Timeout is how long a command may take on a live connection before the
	// processes go on without Redis; 0 means 150 ms. Redis must be nearer.
	Timeout time.Duration

	// OnChange, if set, is told that the quota is not shared any more, with the
	// reason, and that it is shared again, with nil. Calls never wait for it.
	OnChange func(shared bool, err error)
}

// Limiter is a limit.Adaptive whose known quotas are shared with all processes
// that use the same Redis and prefix. It is safe for concurrent use.
type Limiter struct {
	limit.Adaptive

	client  redis.UniversalClient
	gcra    *redis_rate.Limiter
	options Options
	ctx     context.Context // ends with Close
	close   context.CancelFunc
	running sync.WaitGroup

	connected atomic.Pointer[period]
	check     chan struct{} // has the watch look at once
	processes atomic.Int64  // that share, as seen last
	paces     sync.Map      // by id a weak.Pointer[pace]: the Adaptive decides how long they live
}

// New returns a Limiter that shares through client. It does not wait for Redis,
// and it does not close client. o may be nil.
func New(client redis.UniversalClient, o *Options) *Limiter {
	l := &Limiter{client: client, gcra: redis_rate.NewLimiter(client), check: make(chan struct{}, 1)}
	if o != nil {
		l.options = *o
	}
	if l.options.OnChange == nil {
		l.options.OnChange = func(bool, error) {}
	}
	l.options.Prefix = cmp.Or(l.options.Prefix, "qcloudhttp")
	l.options.Timeout = cmp.Or(max(l.options.Timeout, 0), 150*time.Millisecond)
	l.ctx, l.close = context.WithCancel(context.Background())
	l.connect()
	l.processes.Store(1)
	l.Adaptive.Quota = l.options.Quota
	l.Adaptive.Pace = l.pace
	l.running.Go(l.watch)
	l.running.Go(l.listen)
	return l
}

// Close ends the sharing: what this process still calls goes at its part of the
// rate, and after 3 s the others count it no more.
func (l *Limiter) Close() {
	l.close()
	l.running.Wait()
}

// name returns the name of a key in Redis.
func (l *Limiter) name(s string) string { return "{" + l.options.Prefix + "}:" + s }

// idOf stands for k in names.
func idOf(k limit.Key) string {
	h := sha256.New()
	for _, s := range []string{k.Scope.String(), k.Account, k.Region, k.Service, k.Action} {
		h.Write(append([]byte(s), 0))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
