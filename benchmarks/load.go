package main

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// call is what became of one call.
type call struct {
	start, end time.Duration // since the load began; end: its body was read, or it failed
	caller     int
	ok         bool
}

// makeCalls lets callers, dealt out to the clients, make n calls together, each
// its next one as soon as its last one has ended. It returns early when ctx
// ends.
func makeCalls(ctx context.Context, clients []*http.Client, callers, n int, url string) []call {
	var (
		began = time.Now()
		mu    sync.Mutex
		all   []call
		given atomic.Int64
		wg    sync.WaitGroup
	)
	for caller := range callers {
		client := clients[caller%len(clients)]
		wg.Go(func() {
			// A microsecond apart, so that the order is the same in every run.
			time.Sleep(time.Duration(caller) * time.Microsecond)
			for ctx.Err() == nil && given.Add(1) <= int64(n) {
				c := call{start: time.Since(began), caller: caller}
				c.ok = succeeds(ctx, client, url)
				c.end = time.Since(began)
				mu.Lock()
				all = append(all, c)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return all
}

// succeeds makes one call as a user would: it decodes the answer, for one of
// HTTP 200 may be a failure.
func succeeds(ctx context.Context, client *http.Client, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	var answer struct{ Code *int }
	err = json.NewDecoder(resp.Body).Decode(&answer)
	return err == nil && answer.Code != nil && *answer.Code == 0
}
