// Command soak makes calls through a mix of faults, in memory, for as long as
// it is told, and watches that neither the heap nor the number of goroutines
// grows. It takes minutes and is no part of the tests:
//
//	go run ./internal/faulttests/soak -calls 10000000
//
// It exits with status 1 when something has grown, or was left open.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

func main() {
	calls := flag.Int64("calls", 10_000_000, "number of calls")
	goroutines := flag.Int("goroutines", 1000, "callers at the same time")
	lines := flag.Int("lines", 20, "lines of figures to print")
	flag.Parse()
	if *calls < 1 || *goroutines < 1 || *lines < 5 {
		fmt.Fprintln(os.Stderr, "soak: at least one call, one goroutine and five lines")
		os.Exit(2)
	}
	if !run(*calls, *goroutines, *lines) {
		os.Exit(1)
	}
}

// sample is what the process holds at one time.
type sample struct {
	calls      int64
	heap       uint64 // bytes reachable, after a collection
	goroutines int
}

func run(calls int64, goroutines, lines int) bool {
	world := newWorld()
	atRest := runtime.NumGoroutine()
	var left, done atomic.Int64
	left.Store(calls)
	began := time.Now()
	var callers sync.WaitGroup
	for n := range goroutines {
		callers.Go(func() {
			c := newCaller(world, uint64(n))
			for left.Add(-1) >= 0 {
				c.call()
				done.Add(1)
			}
		})
	}
	fmt.Printf("%12s %10s %12s %12s %12s %10s\n", "calls", "calls/s", "attempts", "heap KiB", "goroutines", "open")
	samples := watch(world, &done, calls, lines, began)
	callers.Wait()
	return judge(world, append(samples, take(world, &done, began)), goroutines, atRest)
}

// watch prints a sample whenever another part of the calls is done.
func watch(w *world, done *atomic.Int64, calls int64, lines int, began time.Time) []sample {
	var samples []sample
	for line := 1; line < lines; line++ {
		for done.Load() < calls*int64(line)/int64(lines) {
			time.Sleep(10 * time.Millisecond)
		}
		samples = append(samples, take(w, done, began))
	}
	return samples
}

func take(w *world, done *atomic.Int64, began time.Time) sample {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s := sample{done.Load(), m.HeapAlloc, runtime.NumGoroutine()}
	fmt.Printf("%12d %10.0f %12d %12d %12d %10d\n", s.calls, float64(s.calls)/time.Since(began).Seconds(),
		w.attempts.Load(), s.heap>>10, s.goroutines, w.open.Load())
	return s
}

// callerShare is the most that a call in flight may hold: a body of 20 KiB, as
// it was sent and as it was buffered.
const callerShare = 96 << 10

// judge looks for growth. How much the calls in flight hold varies with what
// they wait for, so the heap is compared by its lowest values: those of the
// second fifth, when pools and maps have their size, and those of the last.
func judge(w *world, samples []sample, goroutines, atRest int) bool {
	ok := true
	complain := func(format string, args ...any) {
		ok = false
		fmt.Printf("FAIL: "+format+"\n", args...)
	}
	fifth := max(len(samples)/5, 1)
	early, late := lowest(samples[fifth-1:2*fifth]), lowest(samples[len(samples)-1-fifth:len(samples)-1])
	if late > early+early/4+2<<20 {
		complain("the heap has grown from %d KiB to %d", early>>10, late>>10)
	}
	for _, s := range samples {
		if s.heap > early+uint64(goroutines)*callerShare {
			complain("after %d calls the heap has %d KiB", s.calls, s.heap>>10)
		}
		if s.goroutines > goroutines+goroutines/10+atRest+10 {
			complain("after %d calls there are %d goroutines, of %d callers", s.calls, s.goroutines, goroutines)
		}
	}
	time.Sleep(100 * time.Millisecond) // timers that were stopped while they fired
	if n := runtime.NumGoroutine(); n > atRest {
		complain("%d goroutines are left, of %d at the start", n, atRest)
	}
	if n := w.open.Load(); n != 0 {
		complain("%d bodies are open", n)
	}
	for _, o := range w.outcomes() {
		fmt.Printf("%12d %s\n", o.count, o.name)
	}
	if ok {
		fmt.Println("ok: heap and goroutines stayed flat, and nothing is left open")
	}
	return ok
}

func lowest(samples []sample) uint64 {
	heap := samples[0].heap
	for _, s := range samples {
		heap = min(heap, s.heap)
	}
	return heap
}

// transports are the ones that all callers share: one as it comes and one that
// signs.
func transports(w *world) []*qcloudhttp.Transport {
	policy := &qcloudhttp.Policy{}
	policy.Delays = make(map[codes.Class]qcloudhttp.Delay)
	for _, class := range qcloudhttp.Classes() {
		policy.Delays[class] = qcloudhttp.Delay{Initial: 100 * time.Microsecond, Max: time.Millisecond}
	}
	return []*qcloudhttp.Transport{
		{Base: w, Policy: policy},
		{Base: w, Policy: policy, Signer: &sign.V1{SecretID: "AKIDsoak", SecretKey: "key"},
			OnFailure: qcloudhttp.ReturnResponse, Observer: w},
	}
}
