package faulttests

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
)

// Many calls at the same time of which one in ten fails: that is no outage, so
// the retry budget holds nobody back. The answers do not come in the same
// instant, where the garbage collector would say which are counted first.
func TestNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n, made, waits atomic.Int64
		var failed sync.Map // each call fails once at most
		base := scriptedBy(func(r *http.Request) (*http.Response, error) {
			time.Sleep(100*time.Millisecond + time.Duration(made.Add(1)%101)*100*time.Microsecond)
			if _, again := failed.Load(r.Context()); !again && n.Add(1)%10 == 0 {
				failed.Store(r.Context(), true)
				return nil, syscall.ECONNRESET
			}
			return answer(r, okBody), nil
		})
		client := &qcloudhttp.Transport{Base: base, Observer: qcloudhttp.ObserverFunc(func(_ context.Context, e qcloudhttp.Event) {
			if e.Queued > time.Millisecond {
				waits.Add(1)
			}
		})}
		var wg sync.WaitGroup
		for range 500 {
			wg.Go(func() {
				for range 20 {
					ctx, cancel := context.WithCancel(t.Context())
					resp, err := client.RoundTrip(reading.request(ctx, "http://dsa.api.qcloud.com"))
					cancel()
					if err != nil {
						t.Error(err)
						return
					}
					resp.Body.Close()
				}
			})
		}
		wg.Wait()
		if n := waits.Load(); n > 0 {
			t.Errorf("%d attempts were held back", n)
		}
	})
}
