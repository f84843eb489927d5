package redislimit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp/limit/redislimit/internal/redistest"
)

// startRedis starts a redis-server of the test's own.
func startRedis(t testing.TB, args ...string) *redistest.Server {
	t.Helper()
	r, err := redistest.Start(args...)
	if errors.Is(err, redistest.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// virtual is the store on a real Redis whose scripts go by the clock of the
// caller, so that a test in a synctest bubble runs in the bubble's time. It
// speaks over a connection of its own: net.Conn knows nothing of the bubble.
type virtual struct {
	client *redis.Client
	delay  time.Duration // of a round trip, in the bubble's time
	trips  atomic.Int64
	offset atomic.Int64 // of Redis's clock from the bubble's
}

// onCallersClock replaces a script's clock.
func onCallersClock(script string) string {
	const theirs = "redis.call('TIME')"
	if strings.Count(script, theirs) != 1 {
		panic("the script does not ask for the time exactly once")
	}
	return strings.Replace(script, theirs, "({string.match(KEYS[#KEYS], '(%d+) (%d+)')})", 1)
}

var (
	virtualPace  = redis.NewScript(onCallersClock(paceLua))
	virtualWatch = redis.NewScript(onCallersClock(watchLua))
)

func (v *virtual) clock() string {
	now := time.Now().Add(time.Duration(v.offset.Load()))
	return fmt.Sprintf("%d %d", now.Unix(), now.Nanosecond()/1000)
}

func (v *virtual) exchange(_ context.Context, id string, r report) (reply, error) {
	time.Sleep(v.delay / 2)
	v.trips.Add(1)
	keys := []string{"v:" + id, "v:wants:" + id, v.clock()}
	values, err := virtualPace.Run(context.Background(), v.client, keys, r.args()...).Slice()
	if err != nil {
		return reply{}, err
	}
	time.Sleep(v.delay - v.delay/2)
	return parse(values)
}

func (v *virtual) limited(_ context.Context, ids []string) ([]string, error) {
	time.Sleep(v.delay)
	v.trips.Add(1)
	args := make([]any, len(ids))
	for i := range ids {
		args[i] = ids[i]
	}
	return virtualWatch.Run(context.Background(), v.client, []string{"v:limited", v.clock()}, args...).StringSlice()
}

func (v *virtual) close() error { return nil }
