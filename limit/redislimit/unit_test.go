package redislimit

import (
	"reflect"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

func TestBatch(t *testing.T) {
	var b batch
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	b.add(at(0), 1, limit.Abandoned)
	b.add(at(0), 1, limit.Overloaded)
	if !b.empty() {
		t.Errorf("%+v is not empty", b)
	}
	for _, ms := range []int{0, 3, 5, 20, 22} {
		b.add(at(ms), 1, limit.Accepted)
	}
	if want := []bucket{{at(0), 3}, {at(20), 2}}; !reflect.DeepEqual(b.accepted, want) {
		t.Errorf("accepted %v, want %v", b.accepted, want)
	}
	// The first rejection of the newest generation counts.
	b.add(at(7), 1, limit.Throttled)
	b.add(at(9), 2, limit.Throttled)
	b.add(at(8), 2, limit.Throttled)
	b.add(at(1), 1, limit.Throttled)
	if b.rejected != 4 || b.rejectedGen != 2 || !b.rejectedAt.Equal(at(8)) {
		t.Errorf("rejected %d of generation %d at %v", b.rejected, b.rejectedGen, b.rejectedAt)
	}
}

func TestBatchIsBounded(t *testing.T) {
	var b batch
	start := time.Now()
	for i := range 10 * maxBuckets {
		b.add(start.Add(time.Duration(i)*time.Second), 1, limit.Accepted)
	}
	n := 0
	for _, a := range b.accepted {
		n += a.n
	}
	if len(b.accepted) != maxBuckets || n != 10*maxBuckets {
		t.Errorf("%d attempts in %d buckets", n, len(b.accepted))
	}
}

func TestParse(t *testing.T) {
	got, err := parse([]any{int64(1), "1700000000123", int64(3), "-0.010000", "0.005000", "200.5", "0.02", "0", int64(12)})
	want := reply{
		mode: open, gen: 1700000000123, turns: 3, first: -10 * time.Millisecond, gap: 5 * time.Millisecond,
		rate: 200.5, again: 20 * time.Millisecond, sum: 12,
	}
	if err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if got, err := parse([]any{int64(0)}); err != nil || got != (reply{}) {
		t.Errorf("inert: %+v, %v", got, err)
	}
	for _, bad := range [][]any{nil, {}, {int64(3)}, {"x"}, {nil}, make([]any, 9), {int64(1), int64(2)}} {
		if got, err := parse(bad); err == nil {
			t.Errorf("%v gives %+v", bad, got)
		}
	}
}

func TestLine(t *testing.T) {
	var l line
	now := time.Now()
	none := func(int) time.Duration { return 0 }
	if w, _ := l.next(now, now, none); w != nil {
		t.Error("an empty line has a next")
	}
	fresh1, fresh2 := l.push(1), l.push(1)
	worn, retry := l.push(5), l.push(2)

	// A probe of a quota closed just now: the worn call rests.
	if w, at := l.next(now, now, restClosed); w != retry || at.After(now) {
		t.Errorf("attempt %d probes", w.attempt)
	}
	// After a minute it is the first.
	if w, _ := l.next(now, now.Add(-time.Minute), restClosed); w != worn {
		t.Errorf("attempt %d probes", w.attempt)
	}
	for i, want := range []*waiter{worn, retry, fresh1, fresh2} {
		w, _ := l.next(now, now, none)
		if w != want {
			t.Errorf("number %d is an attempt %d", i, w.attempt)
		}
		w.leave()
	}
	// Alone, the worn one has to rest all the same.
	l.push(5)
	if w, at := l.next(now, now, restClosed); w == nil || !at.Equal(now.Add(time.Minute)) {
		t.Errorf("may go at %v", at)
	}
	if l.len() != 1 {
		t.Errorf("%d in line", l.len())
	}
}

func TestKeyID(t *testing.T) {
	seen := map[string]key{}
	for _, k := range []key{{"a", "b", "c"}, {"ab", "", "c"}, {"", "ab", "c"}, {"a", "bc", ""}, {}} {
		if other, ok := seen[k.id()]; ok {
			t.Errorf("%v and %v have the same ID", k, other)
		}
		seen[k.id()] = k
	}
}

func BenchmarkInert(b *testing.B) {
	l := newLimiter(Config{}, &fake{})
	defer l.Close()
	if _, err := l.Acquire(b.Context(), aCall); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if !l.Inert() {
			_ = l.Wait(b.Context())
		}
	}
}
