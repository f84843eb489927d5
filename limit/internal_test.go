package limit

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// undo takes back what let has changed: the slot of a rate, the share of a
// window, the place in a drain.
func TestUndo(t *testing.T) {
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	rated := &pacer{nextAt: now, learner: learner{rate: 50, tryFrom: now.Add(time.Hour)}}
	windowed := &pacer{nextAt: now, window: window{on: true, used: 3}}
	drained := &breaker{state: draining, since: now, nextAt: now, from: drainStart, ceiling: drainFloor}
	for name, test := range map[string]struct {
		pace  pace
		state func() [3]int64
	}{
		"rate": {rated, func() [3]int64 { return [3]int64{rated.nextAt.UnixNano(), int64(rated.inflight)} }},
		"window": {windowed, func() [3]int64 {
			return [3]int64{windowed.nextAt.UnixNano(), int64(windowed.inflight), int64(windowed.window.used)}
		}},
		"drain": {drained, func() [3]int64 { return [3]int64{drained.nextAt.UnixNano()} }},
	} {
		before := test.state()
		test.pace.let(now)
		if test.state() == before {
			t.Errorf("%s: let changed nothing", name)
		}
		test.pace.undo(now, now)
		if after := test.state(); after != before {
			t.Errorf("%s: it was %v and is %v", name, before, after)
		}
	}
}

// A Budget is awake as soon as a failure is reported, though the report may
// have to wait for the lock: an answer that comes meanwhile is to be counted.
func TestBudgetIsAwakeBeforeItHasTheLock(t *testing.T) {
	b := &Budget{}
	b.gate.mu.Lock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Done(Ticket{}, Overloaded)
	}()
	for !blocked("(*Budget).Done") {
		runtime.Gosched()
	}
	if b.Inert() {
		t.Error("it sleeps while a failure waits to be counted")
	}
	b.gate.mu.Unlock()
	<-done
}

// blocked reports whether a goroutine waits for a lock in that function.
func blocked(function string) bool {
	buf := make([]byte, 1<<20)
	for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if head, stack, _ := strings.Cut(g, "\n"); strings.Contains(head, "sync.Mutex.Lock") && strings.Contains(stack, function) {
			return true
		}
	}
	return false
}
