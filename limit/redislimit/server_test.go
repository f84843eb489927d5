package redislimit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/limit/redislimit/internal/redistest"
)

// traffic is a Limiter under load whose quota is limited.
type traffic struct {
	*Limiter
	told    told
	passed  atomic.Int64
	stop    context.CancelFunc
	callers sync.WaitGroup
}

func startTraffic(t *testing.T, server *redistest.Server) *traffic {
	t.Helper()
	tr := &traffic{}
	var err error
	tr.Limiter, err = New(Config{
		Redis:    &redis.UniversalOptions{Addrs: []string{server.Addr}},
		OnChange: tr.told.change,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	tr.stop = stop
	tr.Done(limit.Ticket{State: aCall}, limit.Throttled)
	for range 8 {
		tr.callers.Go(func() {
			for {
				ticket, err := tr.Acquire(ctx, aCall)
				if err != nil {
					return
				}
				time.Sleep(time.Millisecond)
				tr.passed.Add(1)
				tr.Done(ticket, limit.Accepted)
			}
		})
	}
	t.Cleanup(func() {
		stop()
		tr.callers.Wait()
		tr.Close()
	})
	return tr
}

// reach waits until the last change told is to mode, and calls pass in it.
func (tr *traffic) reach(t *testing.T, mode Mode) {
	t.Helper()
	var seen int64 = -1
	for range 1000 {
		modes := tr.told.modes()
		now := Shared
		if len(modes) > 0 {
			now = modes[len(modes)-1]
		}
		switch {
		case now != mode:
			seen = -1
		case seen < 0:
			seen = tr.passed.Load()
		case tr.passed.Load() > seen+10:
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("no calls in mode %v; told %v, errors %v", mode, tr.told.modes(), tr.told.errs)
}

// alternates reports whether every change was one.
func alternates(modes []Mode) bool {
	for i, m := range modes {
		if want := []Mode{Local, Shared}[i%2]; m != want {
			return false
		}
	}
	return true
}

// A redis-server that fails in any way is done without, and taken up again.
func TestRedisFails(t *testing.T) {
	for name, c := range map[string]struct{ fail, heal func(*redistest.Server) }{
		"killed": {(*redistest.Server).Kill, func(s *redistest.Server) {
			if err := s.Restart(); err != nil {
				t.Error(err)
			}
		}},
		"paused": {(*redistest.Server).Pause, (*redistest.Server).Resume},
		"full": {
			func(s *redistest.Server) { do(t, s, "CONFIG", "SET", "maxmemory", "1") },
			func(s *redistest.Server) { do(t, s, "CONFIG", "SET", "maxmemory", "0") },
		},
		"a replica": {
			func(s *redistest.Server) { do(t, s, "REPLICAOF", "127.0.0.1", "1") },
			func(s *redistest.Server) { do(t, s, "REPLICAOF", "NO", "ONE") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startRedis(t)
			tr := startTraffic(t, server)
			tr.reach(t, Shared)
			c.fail(server)
			tr.reach(t, Local)
			c.heal(server)
			tr.reach(t, Shared)
			if modes := tr.told.modes(); !alternates(modes) {
				t.Errorf("told %v", modes)
			}
			if tr.Rate(aCall) <= 0 {
				t.Error("no rate")
			}
		})
	}
}

// Redis may lose the scripts, or everything, at any time.
func TestRedisForgets(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	tr := startTraffic(t, server)
	for _, command := range []string{"SCRIPT FLUSH", "FLUSHALL"} {
		tr.reach(t, Shared)
		parts := strings.Fields(command)
		args := make([]any, len(parts))
		for i := range parts {
			args[i] = parts[i]
		}
		do(t, server, args...)
		before := tr.passed.Load()
		tr.reach(t, Shared)
		if tr.passed.Load() == before {
			t.Errorf("no calls after %s", command)
		}
	}
	if tr.Inert() {
		t.Error("what Redis lost it was not given back")
	}
}

// Keys are few, expire, say nothing of the account, and one quota's are on one
// node of a Cluster.
func TestKeys(t *testing.T) {
	t.Parallel()
	server := startRedis(t, "--cluster-enabled", "yes")
	do(t, server, "CLUSTER", "ADDSLOTSRANGE", 0, 16383)
	waitForCluster(t, server)
	l := &traffic{}
	var err error
	l.Limiter, err = New(Config{
		Redis:    &redis.UniversalOptions{Addrs: []string{server.Addr}, IsClusterMode: true},
		Prefix:   "test:",
		OnChange: l.told.change,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	call := limit.Call{Account: "AKIDsecret", Host: "host", Action: "A", Attempt: 1}
	l.Done(limit.Ticket{State: call}, limit.Throttled)
	for range 50 {
		ticket, err := l.Acquire(t.Context(), call)
		if err != nil {
			t.Fatal(err)
		}
		l.Done(ticket, limit.Accepted)
		time.Sleep(20 * time.Millisecond)
	}
	client := server.Client()
	defer client.Close()
	keys := client.Keys(t.Context(), "*").Val()
	slices.Sort(keys)
	if len(keys) != 3 {
		t.Fatalf("keys %q, changes %v %v", keys, l.told.modes(), l.told.errs)
	}
	tags := map[string]bool{}
	for _, k := range keys {
		if !strings.HasPrefix(k, "test:") || strings.Contains(k, "AKID") {
			t.Errorf("key %q", k)
		}
		if open := strings.Index(k, "{"); open >= 0 {
			tags[k[open:strings.Index(k, "}")]] = true
		}
		if ttl := client.PTTL(t.Context(), k).Val(); ttl <= 0 || ttl > time.Minute {
			t.Errorf("key %q expires in %v", k, ttl)
		}
	}
	if len(tags) != 1 {
		t.Errorf("hash tags %v", tags)
	}
}

// A thousand calls a second cost Redis some twenty round trips a second.
func TestRoundTrips(t *testing.T) {
	server := startRedis(t)
	tr := startTraffic(t, server)
	tr.reach(t, Shared)
	ran := func() int64 {
		info := fmt.Sprint(do(t, server, "INFO", "commandstats"))
		var n int64
		for _, line := range strings.Split(info, "\r\n") {
			var calls int64
			if _, err := fmt.Sscanf(line, "cmdstat_evalsha:calls=%d,", &calls); err == nil {
				n += calls
			}
		}
		return n
	}
	before, began := ran(), time.Now()
	time.Sleep(2 * time.Second)
	trips, took := ran()-before, time.Since(began)
	if perSecond := float64(trips) / took.Seconds(); trips == 0 || perSecond > 101 {
		t.Errorf("%.0f round trips a second", perSecond)
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []Config{{}, {Redis: &redis.UniversalOptions{}}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
	options := &redis.UniversalOptions{Addrs: []string{"127.0.0.1:1"}}
	l, err := New(Config{Redis: options, Timeout: time.Hour, MaxKeys: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.timeout != defaultTimeout || l.maxKeys != defaultMaxKeys {
		t.Errorf("timeout %v, keys %d", l.timeout, l.maxKeys)
	}
	if options.MaxRetries != 0 || options.ContextTimeoutEnabled {
		t.Error("the caller's options were changed")
	}
}

func do(t *testing.T, server *redistest.Server, args ...any) any {
	t.Helper()
	client := server.Client()
	defer client.Close()
	v, err := client.Do(context.Background(), args...).Result()
	if err != nil {
		t.Fatalf("redis %v: %v", args, err)
	}
	return v
}

func waitForCluster(t *testing.T, server *redistest.Server) {
	t.Helper()
	for range 500 {
		if strings.Contains(fmt.Sprint(do(t, server, "CLUSTER", "INFO")), "cluster_state:ok") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the cluster does not come up")
}
