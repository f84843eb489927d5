package redislimit_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit/redislimit/internal/fleet"
	"github.com/qcloudhttp/qcloudhttp/limit/redislimit/internal/redistest"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// These tests run real processes in real time, on machines that may be busy.
// So they ask what must hold on any of them; sim_test.go asks for the figures,
// and cmd/proof measures them.

func startRedis(t *testing.T) *redistest.Server {
	t.Helper()
	r, err := redistest.Start()
	if errors.Is(err, redistest.ErrMissing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func startAPI(t *testing.T) *fleet.API {
	t.Helper()
	api := fleet.NewAPI(qcloudtest.TokenBucket(100, 20))
	t.Cleanup(api.Close)
	return api
}

func startWorkers(t *testing.T, api *fleet.API, redis *redistest.Server, n int) []*fleet.Worker {
	t.Helper()
	var all []*fleet.Worker
	for i := range n {
		w, err := fleet.Start(fleet.Config{
			Name: fmt.Sprintf("p%d", i+1), URL: api.URL, Redis: redis.Addr, Callers: 8,
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, w)
	}
	return all
}

// eventually waits for what will happen, be it late on a busy machine.
func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for range 1500 {
		if happened() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("not within 15 s: %s", what)
}

// each waits until every worker has so many more calls accepted.
func each(t *testing.T, what string, api *fleet.API, workers []*fleet.Worker, n int) {
	t.Helper()
	before := api.Counts()
	eventually(t, what, func() bool {
		now := fleet.Since(before, api.Counts())
		for _, w := range workers {
			if now[w.Name].Accepted < n {
				return false
			}
		}
		return true
	})
}

// lastMode is the mode that w last told of; it begins as shared.
func lastMode(w *fleet.Worker) string {
	mode := "shared"
	for _, r := range w.Reports() {
		if r.Mode != "" {
			mode = r.Mode
		}
	}
	return mode
}

func allIn(workers []*fleet.Worker, mode string) func() bool {
	return func() bool {
		for _, w := range workers {
			if lastMode(w) != mode {
				return false
			}
		}
		return true
	}
}

// stop ends the workers and compares what they count with what the API does:
// no call may be lost, and none may have been executed twice.
func stop(t *testing.T, api *fleet.API, workers []*fleet.Worker) {
	t.Helper()
	for _, w := range workers {
		end, err := w.Stop()
		if err != nil {
			t.Error(err)
			continue
		}
		if n := api.Counts()[w.Name].Accepted; int64(n) != end.OK || end.Failed != 0 {
			t.Errorf("%s: %d calls succeeded and %d failed (%s); the API accepted %d",
				w.Name, end.OK, end.Failed, end.LastErr, n)
		}
		mode := "shared"
		for _, r := range w.Reports() {
			if r.Mode == mode {
				t.Errorf("%s: told twice that it is %s", w.Name, mode)
			}
			if r.Mode != "" {
				mode = r.Mode
			}
		}
	}
}

// Redis is killed, restarted, paused and resumed while processes call: each
// goes on by itself, and shares again when it can.
func TestProcessesOutliveRedis(t *testing.T) {
	t.Parallel()
	redis, api := startRedis(t), startAPI(t)
	workers := startWorkers(t, api, redis, 3)
	each(t, "all call", api, workers, 30)
	eventually(t, "all share", allIn(workers, "shared"))

	redis.Kill()
	eventually(t, "all go on alone after Redis was killed", allIn(workers, "local"))
	each(t, "all call while Redis is away", api, workers, 10)
	if err := redis.Restart(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all share after Redis came back", allIn(workers, "shared"))
	each(t, "all call after Redis came back", api, workers, 10)

	redis.Pause()
	eventually(t, "all go on alone while Redis is paused", allIn(workers, "local"))
	each(t, "all call while Redis is paused", api, workers, 10)
	redis.Resume()
	eventually(t, "all share after the pause", allIn(workers, "shared"))
	each(t, "all call after the pause", api, workers, 10)

	stop(t, api, workers)
}

// A process that is killed takes nothing with it.
func TestProcessIsKilled(t *testing.T) {
	t.Parallel()
	redis, api := startRedis(t), startAPI(t)
	workers := startWorkers(t, api, redis, 3)
	each(t, "all call", api, workers, 30)
	workers[0].Kill()
	each(t, "the others call", api, workers[1:], 50)
	stop(t, api, workers[1:])
}
