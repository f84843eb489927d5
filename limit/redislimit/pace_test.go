package redislimit

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/alicebob/miniredis/v2"
	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// paces returns all that l made.
func paces(l *Limiter) (all []*pace) {
	l.paces.Range(func(_, p any) bool {
		if p := p.(weak.Pointer[pace]).Value(); p != nil {
			all = append(all, p)
		}
		return true
	})
	return all
}

// paceFor makes the action's pace with a quota, in a process of its own.
func paceFor(t *testing.T, addr string, q limit.Quota, processes int64) *pace {
	t.Helper()
	l := start(t, addr, &Options{Timeout: time.Minute, Quota: func(limit.Key) limit.Quota { return q }})
	eventually(t, "the first beat", func() bool {
		return l.client.ZCard(t.Context(), l.name("processes")).Val() > 0
	})
	p := l.pace(action, func(limit.Quota) {}).(*pace)
	p.processes.Store(processes)
	return p
}

func reserve(t *testing.T, p *pace, n int) (retry time.Duration) {
	t.Helper()
	retry, err := p.reserve(p.connected.Load(), p.quota, n)
	if err != nil {
		t.Fatal(err)
	}
	return retry
}

// The processes' slots follow one another, one interval apart, however few of
// them ask how often, and the schedule does not run far ahead.
func TestOneSchedule(t *testing.T) {
	server := miniredis.RunT(t)
	const processes = 4
	q := limit.Quota{Limit: 6, Per: time.Minute}
	const interval = 10100 * time.Millisecond
	var all []*pace
	for range processes {
		all = append(all, paceFor(t, server.Addr(), q, processes))
	}
	var first time.Time
	for i := range 2*processes + 1 { // as many as fit
		p := all[i%processes]
		if retry := reserve(t, p, 5); retry > 0 || p.slots != 1 || p.interval != interval {
			t.Fatalf("%d: %d slots of %v, retry after %v", i, p.slots, p.interval, retry)
		}
		if i == 0 {
			first = p.next
		}
		want := first.Add(time.Duration(i) * interval)
		if off := p.next.Sub(want); off.Abs() > interval/2 {
			t.Errorf("slot %d is off by %v", i, off)
		}
	}
	if retry := reserve(t, all[0], 1); retry <= 0 || retry > interval {
		t.Errorf("a full schedule says retry after %v", retry)
	}
	all[0].slots = 0
	if granted, wait := all[0].Take(t.Context(), 1); granted != 0 || wait <= 0 || wait > ahead {
		t.Errorf("a full schedule grants %d and waits %v", granted, wait)
	}
}

// One question is for as many as wait, up to 100 ms' worth.
func TestBatch(t *testing.T) {
	for _, c := range []struct{ limit, burst, processes, waiting, want int }{
		{50, 0, 4, 8, 4}, {50, 0, 1, 8, 4}, {50, 0, 4, 2, 2}, {50, 0, 8, 8, 3}, {50, 0, 1000, 8, 1},
		{200, 0, 8, 100, 12}, {200, 0, 4, 100, 19}, {200, 0, 4, 7, 7}, {1, 0, 1, 8, 1}, {1, 10, 1, 8, 1},
	} {
		server := miniredis.RunT(t)
		p := paceFor(t, server.Addr(), limit.Quota{Limit: c.limit, Per: time.Second, Burst: c.burst}, int64(c.processes))
		if reserve(t, p, c.waiting); p.slots != c.want {
			t.Errorf("%+v: %d slots", c, p.slots)
		}
	}
}

// After a quiet time 100 ms' worth go at once, or the burst that was told.
func TestBurst(t *testing.T) {
	for _, c := range []struct {
		quota limit.Quota
		want  int
	}{
		{limit.Quota{Limit: 1, Per: time.Hour}, 1},
		{limit.Quota{Limit: 1, Per: time.Hour, Burst: 10}, 10},
	} {
		server := miniredis.RunT(t)
		server.SetTime(time.Now()) // it stands still
		p := paceFor(t, server.Addr(), c.quota, 20)
		got := 0
		for range c.want + 1 {
			reserve(t, p, 1)
			wait := time.Until(p.next)
			if granted, _ := p.use(1); granted > 0 {
				got++
			} else if wait <= 0 || p.slots != 1 {
				t.Errorf("%v: %d slots are left, the next in %v", c.quota, p.slots, wait)
			}
		}
		if got != c.want {
			t.Errorf("%v: %d went at once, want %d", c.quota, got, c.want)
		}
	}

	p := paceFor(t, miniredis.RunT(t).Addr(), limit.Quota{Limit: 101, Per: time.Second}, 1)
	before := time.Now()
	reserve(t, p, 1)
	const burst = 10 // at 10 ms each
	earliest, latest := before.Add((1-burst)*10*time.Millisecond), time.Now().Add((1-burst)*10*time.Millisecond)
	if p.interval != 10*time.Millisecond || p.next.Before(earliest) || p.next.After(latest) {
		t.Errorf("the first slot after a quiet time is %v before now, want 90 ms", time.Since(p.next))
	}
}

// A schedule that is further ahead than any of ours is not waited for.
func TestForgedSchedule(t *testing.T) {
	server := miniredis.RunT(t)
	p := paceFor(t, server.Addr(), ten, 1)
	name := "rate:" + p.name(p.id)
	server.Set(name, "1000000000000")
	if granted, wait := p.Take(t.Context(), 1); granted != 0 || wait > ahead {
		t.Errorf("%d granted, wait %v", granted, wait)
	}
	eventually(t, "it is gone", func() bool { return !server.Exists(name) })
	if granted, _ := p.Take(t.Context(), 1); granted != 1 {
		t.Errorf("%d granted afterwards", granted)
	}
}

func TestSlotsAreUsedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pace{slots: 5, interval: 100 * time.Millisecond}
		p.next, p.expires = time.Now().Add(50*time.Millisecond), time.Now().Add(500*time.Millisecond)
		use := func(n, wantGranted int, wantWait time.Duration) {
			t.Helper()
			if granted, wait := p.use(n); granted != wantGranted || wait != wantWait {
				t.Errorf("%d granted, wait %v; want %d and %v", granted, wait, wantGranted, wantWait)
			}
		}
		use(8, 0, 50*time.Millisecond)
		time.Sleep(50 * time.Millisecond)
		use(8, 1, 0)
		use(8, 0, 100*time.Millisecond)
		time.Sleep(200 * time.Millisecond)
		use(1, 1, 0) // nobody else waits
		use(8, 1, 0) // a timer that fired late costs nothing
		time.Sleep(300 * time.Millisecond)
		use(8, 0, 0) // the process was stopped
		if p.slots != 0 {
			t.Errorf("%d slots are left", p.slots)
		}
	})
}

func TestAloneAtItsPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &Limiter{}
		l.processes.Store(4)
		p := &pace{Limiter: l, local: limit.NewPace(rate.NewLimiter(0, 1)), slots: 3}
		went := 0
		for began := time.Now(); time.Since(began) < 10*time.Second; {
			granted, wait := p.alone(t.Context(), limit.Quota{Limit: 20, Per: time.Second})
			went += granted
			time.Sleep(wait)
		}
		if went < 50 || went > 52 || p.slots != 0 {
			t.Errorf("%d went in 10 s at a quarter of 20/s; %d slots are left", went, p.slots)
		}
	})
}

// Once one question has no answer, nobody waits for another's.
func TestEndOfPeriodEndsWaits(t *testing.T) {
	server := miniredis.RunT(t)
	proxy := startProxy(t, server.Addr())
	p := paceFor(t, proxy.addr, ten, 2)
	proxy.hold()
	defer proxy.pass()
	connected := p.connected.Load()
	why := errors.New("another one failed")
	time.AfterFunc(10*time.Millisecond, func() { connected.end(why) })
	if _, err := p.reserve(connected, ten, 1); !errors.Is(err, why) {
		t.Errorf("waited until: %v", err)
	}
	if granted, wait := p.Take(context.Background(), 1); granted == 0 && wait > time.Second {
		t.Errorf("alone, %d granted and wait %v", granted, wait)
	}
}
