package redislimit

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

var (
	//go:embed pace.lua
	paceLua string
	//go:embed watch.lua
	watchLua string
)

// store is the shared state. Its methods are safe for concurrent use and end
// with ctx.
type store interface {
	// exchange hands in a report on the quota id and takes turns for it.
	exchange(ctx context.Context, id string, r report) (reply, error)
	// limited notes that the quotas ids are limited and returns all that are.
	limited(ctx context.Context, ids []string) ([]string, error)
	close() error
}

// report is what a process tells of a quota.
type report struct {
	process string
	seq     int64
	want    int     // turns
	unused  int     // turns that nobody took
	seed    float64 // the rate to start with if Redis has none; 0: none, -1: unknown
	batch
	now time.Time // to which the ages of the batch refer
}

// reply is what it learns in return.
type reply struct {
	mode      replyMode
	gen       int64
	turns     int
	first     time.Duration // until the first turn; negative for one that is overdue
	gap       time.Duration // from turn to turn
	rate      float64       // of all processes, in attempts per second
	again     time.Duration // when there will be more turns
	closedFor time.Duration
	sum       float64 // turns wanted by all
}

type replyMode int64

const (
	inert  replyMode = iota // nothing is limited
	open                    // turns come at a rate
	closed                  // the quota is exhausted: one probe at a time
)

// server is the store on a real Redis.
type server struct {
	client redis.UniversalClient
	prefix string
	pace   *redis.Script
	watch  *redis.Script
}

func newServer(o *redis.UniversalOptions, prefix string) *server {
	own := *o
	own.ContextTimeoutEnabled = true
	own.MaxRetries = -1
	own.DialerRetries = 1
	own.DisableIdentity = true
	own.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if own.PoolSize == 0 {
		own.PoolSize = 4
	}
	if own.DialTimeout <= 0 || own.DialTimeout > maxDialTimeout {
		own.DialTimeout = maxDialTimeout
	}
	return &server{
		client: redis.NewUniversalClient(&own),
		prefix: prefix,
		pace:   redis.NewScript(paceLua),
		watch:  redis.NewScript(watchLua),
	}
}

func (s *server) close() error { return s.client.Close() }

func (s *server) limited(ctx context.Context, ids []string) ([]string, error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	return s.watch.Run(ctx, s.client, []string{s.prefix + "limited"}, args...).StringSlice()
}

// exchange runs pace.lua. Both keys have the same hash tag, so that they are
// on the same node of a Cluster.
func (s *server) exchange(ctx context.Context, id string, r report) (reply, error) {
	keys := []string{s.prefix + "{" + id + "}", s.prefix + "{" + id + "}:wants"}
	values, err := s.pace.Run(ctx, s.client, keys, r.args()...).Slice()
	if err != nil {
		return reply{}, err
	}
	return parse(values)
}

func (r report) args() []any {
	args := []any{
		r.process, r.seq, r.want, r.unused, number(r.seed),
		r.rejected, r.rejectedGen, r.age(r.rejectedAt), r.acceptedGen,
	}
	for _, a := range r.accepted {
		args = append(args, r.age(a.at), a.n)
	}
	return args
}

func (r report) age(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return number(max(r.now.Sub(t), 0).Seconds())
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', 6, 64) }

// parse reads the reply of pace.lua.
func parse(values []any) (reply, error) {
	f := make([]float64, len(values))
	for i, v := range values {
		var err error
		switch v := v.(type) {
		case int64:
			f[i] = float64(v)
		case string:
			f[i], err = strconv.ParseFloat(v, 64)
		default:
			err = fmt.Errorf("is a %T", v)
		}
		if err != nil {
			return reply{}, fmt.Errorf("redislimit: value %d of the reply: %w", i, err)
		}
	}
	switch {
	case len(f) == 1 && f[0] == 0:
		return reply{}, nil
	case len(f) != 9 || f[0] != float64(open) && f[0] != float64(closed):
		return reply{}, fmt.Errorf("redislimit: not a reply: %v", values)
	}
	return reply{
		mode: replyMode(f[0]), gen: int64(f[1]), turns: int(f[2]),
		first: seconds(f[3]), gap: seconds(f[4]), rate: f[5], again: seconds(f[6]),
		closedFor: seconds(f[7]), sum: f[8],
	}, nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
