package redislimit

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/limit/redislimit/internal/redistest"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// client is a Transport with a Limiter of its own and callers that make one
// call after the other, as a process of the account does.
type client struct {
	told         told
	done, failed atomic.Int64
}

func startClient(
	t *testing.T, endpoint string, server *redistest.Server, callers *sync.WaitGroup, stopped func() bool,
) *client {
	t.Helper()
	c := &client{}
	limiter, err := New(Config{
		Redis:    &redis.UniversalOptions{Addrs: []string{server.Addr}},
		OnChange: c.told.change,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { limiter.Close() })
	base := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(base.CloseIdleConnections)
	h := &http.Client{Transport: &qcloudhttp.Transport{Base: base, Limiter: limiter}}
	for range 8 {
		callers.Go(func() {
			for !stopped() {
				c.call(h, endpoint)
			}
		})
	}
	return c
}

func (c *client) call(h *http.Client, endpoint string) {
	resp, err := h.PostForm(endpoint, url.Values{"Action": {"GetDsaHostList"}})
	if err != nil {
		c.failed.Add(1)
		return
	}
	resp.Body.Close()
	c.done.Add(1)
}

// reach waits until each client is in the mode and has made n more calls in it.
func reach(t *testing.T, mode Mode, n int64, clients []*client) {
	t.Helper()
	before := make(map[*client]int64)
	reached := func(c *client) bool {
		if modes := c.told.modes(); mode != Shared || len(modes) > 0 {
			if len(modes) == 0 || modes[len(modes)-1] != mode {
				return false
			}
		}
		if _, known := before[c]; !known {
			before[c] = c.done.Load()
		}
		return c.done.Load() >= before[c]+n
	}
	for range 1500 {
		if !slices.ContainsFunc(clients, func(c *client) bool { return !reached(c) }) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not every client made %d calls in mode %v within 15 s", n, mode)
}

// Transports over sockets share a quota while Redis is killed and started
// again: no call fails, and none is executed twice.
func TestTransportsOutliveRedis(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	quota := qcloudtest.TokenBucket(100, 20)
	api := qcloudtest.NewServer(qcloudtest.WithQuotaFunc(func(string) qcloudtest.Quota { return quota }))
	t.Cleanup(api.Close)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stopped := func() bool { return ctx.Err() != nil }
	var callers sync.WaitGroup
	var clients []*client
	for range 2 {
		clients = append(clients, startClient(t, api.Endpoint(), server, &callers, stopped))
	}

	reach(t, Shared, 30, clients)
	server.Kill()
	reach(t, Local, 10, clients)
	if err := server.Restart(); err != nil {
		t.Error(err)
	}
	reach(t, Shared, 10, clients)
	stop()
	callers.Wait()

	var done, failed int64
	for _, c := range clients {
		done, failed = done+c.done.Load(), failed+c.failed.Load()
		if modes := c.told.modes(); !alternates(modes) {
			t.Errorf("told %v", modes)
		}
	}
	if executed := api.Executed("GetDsaHostList"); failed > 0 || int64(executed) != done {
		t.Errorf("%d calls succeeded and %d failed; the API executed %d", done, failed, executed)
	}
}
