// Package load makes calls and takes the time of them.
package load

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// URL is that of every call: a read-only action of API 2.0.
const URL = "https://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList"

// Call is what became of one call.
type Call struct {
	Start   time.Duration // since the load began
	Latency time.Duration // until its body was read, or it failed
	Caller  int           // 0 for an open load
	Client  int
	OK      bool
}

// End is when the call was over, since the load began.
func (c Call) End() time.Duration { return c.Start + c.Latency }

// Closed lets callers, dealt out to the clients, make n calls together, each
// its next one as soon as its last one has ended. It returns early when ctx
// ends.
func Closed(ctx context.Context, clients []*http.Client, callers, n int) []Call {
	var (
		began = time.Now()
		all   []Call
		mu    sync.Mutex
		given atomic.Int64
		wg    sync.WaitGroup
	)
	for caller := range callers {
		client := caller % len(clients)
		wg.Go(func() {
			// A microsecond apart, so that the order is the same in every run.
			time.Sleep(time.Duration(caller) * time.Microsecond)
			for ctx.Err() == nil && given.Add(1) <= int64(n) {
				c := call(ctx, clients[client], began)
				c.Caller, c.Client = caller, client
				mu.Lock()
				all = append(all, c)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return all
}

// Open makes perSecond calls each second for d, whatever becomes of the ones
// before, and waits for all of them.
func Open(ctx context.Context, client *http.Client, perSecond float64, d time.Duration) []Call {
	var (
		began = time.Now()
		all   = make([]Call, int(perSecond*d.Seconds()))
		wg    sync.WaitGroup
	)
	for i := range all {
		at := time.Duration(float64(i) / perSecond * float64(time.Second))
		time.Sleep(time.Until(began.Add(at)))
		wg.Go(func() { all[i] = call(ctx, client, began) })
	}
	wg.Wait()
	return all
}

func call(ctx context.Context, client *http.Client, began time.Time) Call {
	start := time.Now()
	ok := succeeds(ctx, client)
	return Call{Start: start.Sub(began), Latency: time.Since(start), OK: ok}
}

// succeeds makes one call as a user would: it decodes the answer, for one of
// HTTP 200 may be a failure.
func succeeds(ctx context.Context, client *http.Client) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, URL, nil)
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
