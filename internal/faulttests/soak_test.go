package faulttests

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
)

var soak = flag.Int64("soak", 0, "number of calls of TestSoak; ten million take minutes")

// What a Transport holds does not grow with the calls it makes, the actions and
// hosts it sees, and the faults it meets:
//
//	go test -run TestSoak ./internal/faulttests -args -soak 10000000
func TestSoak(t *testing.T) {
	if *soak == 0 {
		t.Skip("-soak is not set")
	}
	const callers = 1000
	policy := fast()
	for class := range policy.Delays {
		policy.Delays[class] = qcloudhttp.Delay{Initial: 100 * time.Microsecond, Max: time.Millisecond}
	}
	base := scriptedBy(anyFate)
	client := &qcloudhttp.Transport{Base: base, Policy: policy}
	atRest := runtime.NumGoroutine()
	var made atomic.Int64
	run := func(calls int64) (heap uint64) { // what is reachable when they have ended
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				for range calls / callers {
					soakingCall(t.Context(), client, made.Add(1))
				}
			})
		}
		wg.Wait()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		t.Logf("%d calls, %d attempts, %d KiB, %d goroutines", made.Load(), base.attempts(), m.HeapAlloc>>10, runtime.NumGoroutine())
		return m.HeapAlloc
	}
	early := run(*soak / 5) // pools and maps have their size then
	for range 4 {
		if late := run(*soak / 5); late > early+early/4+2<<20 {
			t.Errorf("the heap has grown from %d KiB to %d", early>>10, late>>10)
		}
	}
	eventually(t, "goroutines are left", func() bool { return runtime.NumGoroutine() <= atRest })
	if n := base.open.Load(); n != 0 {
		t.Errorf("%d bodies are open", n)
	}
}

// soakingCall makes a call of one of many actions and hosts, of which some end
// early and some bodies are not read.
func soakingCall(ctx context.Context, client *qcloudhttp.Transport, n int64) {
	if n%50 == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(n%5000)*time.Microsecond)
		defer cancel()
	}
	verb := [...]string{"Describe", "Get", "List", "Update", "Delete"}[n%5]
	url := fmt.Sprintf("http://h%d.example/v2/index.php?Action=%s%d", n%4, verb, n%3001)
	req := must(http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("host=www.example.com")))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if resp, err := client.RoundTrip(req); err == nil {
		if n%20 != 0 {
			io.Copy(io.Discard, resp.Body)
		}
		resp.Body.Close()
	}
}

// anyFate answers an attempt somehow, mostly by a success.
func anyFate(r *http.Request) (*http.Response, error) {
	switch fate := rand.IntN(10_000); {
	case fate < 400:
		return apiFailure(r)
	case fate < 800:
		return reset(r)
	case fate < 1100:
		resp := answer(r, okBody[:rand.IntN(len(okBody))])
		resp.ContentLength = int64(len(okBody))
		resp.Body = io.NopCloser(io.MultiReader(resp.Body, errReader{}))
		return resp, nil
	case fate < 1300:
		resp := answer(r, "<html>"+strings.Repeat("x", 5000))
		resp.StatusCode = http.StatusBadGateway
		return resp, nil
	case fate < 1600:
		return answer(r, `{"code":4000,"message":"(2002)x","codeDesc":"InvalidParameter"}`), nil
	case fate < 1601:
		return apiBusy(r)
	case fate < 2600:
		return answer(r, `{"data":"`+strings.Repeat("x", 20<<10)+`","code":0}`), nil
	}
	return answer(r, okBody), nil
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
