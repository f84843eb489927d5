package redislimit

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// fake is a store with one open quota and plenty of turns.
type fake struct {
	mu      sync.Mutex
	mode    replyMode
	err     error // answered instead
	hang    bool  // no answer at all
	deaf    bool  // none for a second, whatever ctx says
	reports []report
	ids     []string
}

func (f *fake) answer(ctx context.Context) error {
	f.mu.Lock()
	hang, deaf, err := f.hang, f.deaf, f.err
	f.mu.Unlock()
	if deaf {
		time.Sleep(time.Second)
		return context.DeadlineExceeded
	}
	if hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

func (f *fake) exchange(ctx context.Context, _ string, r report) (reply, error) {
	if err := f.answer(ctx); err != nil {
		return reply{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reports = append(f.reports, r)
	if f.mode == inert {
		return reply{}, nil
	}
	return reply{mode: f.mode, gen: 7, turns: r.want, gap: time.Millisecond, rate: 1000}, nil
}

func (f *fake) limited(ctx context.Context, _ []string) ([]string, error) {
	if err := f.answer(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ids, nil
}

func (*fake) close() error { return nil }

func (f *fake) set(change func(*fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

var aCall = limit.Call{Account: "a", Host: "h", Action: "A", Attempt: 1}

// throttle tells l of a rejection, as Transport does while l is inert.
func throttle(l *Limiter) { l.Done(limit.Ticket{State: aCall}, limit.Throttled) }

// told collects changes.
type told struct {
	mu   sync.Mutex
	list []Mode
	errs []error
}

func (t *told) change(c Change) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.list, c.Mode)
	t.errs = append(t.errs, c.Err)
}

func (t *told) modes() []Mode {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.list)
}

// Whatever becomes of Redis, calls go on within 100 ms, and the change is told
// once, however many keys it hits.
func TestGoesOnWithoutRedis(t *testing.T) {
	for name, breakIt := range map[string]func(*fake){
		"hangs":               func(f *fake) { f.hang = true },
		"ignores its context": func(f *fake) { f.deaf = true },
		"fails":               func(f *fake) { f.err = errors.New("OOM command not allowed") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, changes := &fake{mode: open}, &told{}
				l := newLimiter(Config{OnChange: changes.change}, f)
				defer l.Close()
				keys := []limit.Call{aCall, {Host: "h", Action: "B", Attempt: 1}}
				pass := func() {
					for _, c := range keys {
						began := time.Now()
						ticket, err := l.Acquire(t.Context(), c)
						if err != nil {
							t.Fatal(err)
						}
						if waited := time.Since(began); waited > 100*time.Millisecond {
							t.Errorf("a call waited for %v", waited)
						}
						time.Sleep(time.Millisecond)
						l.Done(ticket, limit.Accepted)
					}
				}
				for _, c := range keys {
					l.Done(limit.Ticket{State: c}, limit.Throttled)
				}
				for range 3 {
					for range 100 {
						pass()
					}
					f.set(breakIt)
					for range 100 {
						pass()
					}
					f.set(func(f *fake) { f.hang, f.deaf, f.err = false, false, nil })
					for range 20 {
						pass()
						time.Sleep(100 * time.Millisecond)
					}
				}
				want := []Mode{Local, Shared, Local, Shared, Local, Shared}
				if got := changes.modes(); !slices.Equal(got, want) {
					t.Errorf("told %v, want %v", got, want)
				}
				for i, err := range changes.errs {
					if (err != nil) != (want[i] == Local) {
						t.Errorf("change %d has the error %v", i, err)
					}
				}
			})
		})
	}
}

// Calls that wait for a turn when Redis falls silent are let through too, and
// none of them twice.
func TestWaitingCallsGoOnWithoutRedis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{mode: open}
		l := newLimiter(Config{}, f)
		defer l.Close()
		if _, err := l.Acquire(t.Context(), aCall); err != nil {
			t.Fatal(err)
		}
		f.set(func(f *fake) { f.hang = true })
		throttle(l)
		var passed atomic.Int64
		var calls sync.WaitGroup
		for range 50 {
			calls.Go(func() {
				ticket, err := l.Acquire(t.Context(), aCall)
				if err != nil {
					t.Error(err)
				}
				passed.Add(1)
				time.Sleep(time.Millisecond)
				l.Done(ticket, limit.Accepted)
			})
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if passed.Load() == 0 {
			t.Error("no call went on within 100 ms")
		}
		calls.Wait()
		if n := passed.Load(); n != 50 {
			t.Errorf("%d calls passed, want 50", n)
		}
	})
}

func TestContextEnds(t *testing.T) {
	for _, mode := range []Mode{Shared, Local} {
		t.Run(mode.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{mode: closed}
				if mode == Local {
					f.err = errors.New("gone")
				}
				l := newLimiter(Config{}, f)
				defer l.Close()
				throttle(l)
				time.Sleep(time.Second)
				f.set(func(f *fake) { f.mode = closed })
				// In either mode one probe goes, and the next call must wait.
				if _, err := l.Acquire(t.Context(), aCall); err != nil {
					t.Fatal(err)
				}
				f.set(func(f *fake) { f.hang = mode == Shared })
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
				defer cancel()
				began := time.Now()
				_, err := l.Acquire(ctx, aCall)
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error %v", err)
				}
				if d := time.Since(began); d != 30*time.Millisecond {
					t.Errorf("returned after %v", d)
				}
				cancel()
				if _, err := l.Acquire(ctx, aCall); err == nil {
					t.Error("a call whose context has ended passed")
				}
			})
		})
	}
}

// The first calls of a process wait for the news of other processes, but not
// longer than the timeout.
func TestFirstLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{mode: open, ids: []string{keyOf(aCall).id()}}
		l := newLimiter(Config{}, f)
		ticket, err := l.Acquire(t.Context(), aCall)
		if err != nil || ticket.State == nil {
			t.Errorf("a call passed unseen, or failed: %v", err)
		}
		l.Close()

		l = newLimiter(Config{}, &fake{hang: true})
		defer l.Close()
		began := time.Now()
		if _, err := l.Acquire(t.Context(), aCall); err != nil {
			t.Error(err)
		}
		if d := time.Since(began); d != defaultTimeout {
			t.Errorf("the first call waited for %v", d)
		}
		synctest.Wait()
		if !l.Inert() {
			t.Error("not inert after the first look failed")
		}
	})
}

// While nothing is limited Redis is asked once a second, and not at all
// without calls.
func TestInert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		l := newLimiter(Config{}, f)
		defer l.Close()
		seen := 0
		for range 3000 {
			if !l.Inert() {
				seen++
				ticket, err := l.Acquire(t.Context(), aCall)
				if err != nil || ticket != (limit.Ticket{}) {
					t.Fatalf("ticket %v, error %v", ticket, err)
				}
			}
			time.Sleep(time.Millisecond)
		}
		if seen < 3 || seen > 4 {
			t.Errorf("%d of 3000 calls in 3 s were seen", seen)
		}
		if len(f.reports) != 0 {
			t.Errorf("%d reports", len(f.reports))
		}
	})
}

// When Redis has forgotten the quota, so does the Limiter: calls that wait go,
// and outcomes that come late are taken.
func TestForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{mode: open}
		l := newLimiter(Config{}, f)
		defer l.Close()
		throttle(l)
		ticket, err := l.Acquire(t.Context(), aCall)
		if err != nil || ticket.State == nil {
			t.Fatalf("ticket %v, error %v", ticket, err)
		}
		f.set(func(f *fake) { f.mode = inert })
		time.Sleep(2 * time.Second)
		if _, err := l.Acquire(t.Context(), aCall); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if !l.Inert() || l.Rate(aCall) != 0 || l.Estimate(aCall) != 0 {
			t.Error("not inert")
		}
		l.Done(ticket, limit.Accepted)
		if !l.Inert() {
			t.Error("a late success woke it")
		}
		f.set(func(f *fake) { f.mode = closed })
		l.Done(ticket, limit.Throttled)
		if l.Inert() {
			t.Error("a late rejection did not wake it")
		}
	})
}

// What Redis lost it is given back: the rate, as long as it matters.
func TestSeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{mode: open}
		l := newLimiter(Config{}, f)
		defer l.Close()
		throttle(l)
		for range 3 {
			ticket, err := l.Acquire(t.Context(), aCall)
			if err != nil {
				t.Fatal(err)
			}
			l.Done(ticket, limit.Accepted)
			time.Sleep(100 * time.Millisecond)
		}
		l.Close()
		if first := f.reports[0]; first.seed != 0 || first.rejected != 1 {
			t.Errorf("first report %+v", first)
		}
		if !slices.ContainsFunc(f.reports, func(r report) bool {
			return r.seed == 1000 && len(r.accepted) > 0 && r.acceptedGen == 7
		}) {
			t.Errorf("no report of an accepted attempt with a seed: %+v", f.reports)
		}
		for i, r := range f.reports {
			if r.seq != int64(i+1) {
				t.Errorf("report %d has the number %d", i+1, r.seq)
			}
		}
	})
}

// What a process learnt while Redis was away, it tells.
func TestSeedOfLocal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{mode: open, err: errors.New("gone")}
		l := newLimiter(Config{}, f)
		throttle(l)
		for range 100 {
			ticket, err := l.Acquire(t.Context(), aCall)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
			l.Done(ticket, limit.Accepted)
		}
		f.set(func(f *fake) { f.err = nil })
		if _, err := l.Acquire(t.Context(), aCall); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		l.Close()
		if len(f.reports) == 0 || f.reports[0].seed == 0 {
			t.Errorf("reports %+v", f.reports)
		}
	})
}

// After Close, calls go on under local limiters, those that wait included.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, changes := &fake{mode: open}, &told{}
		l := newLimiter(Config{OnChange: changes.change}, f)
		throttle(l)
		if _, err := l.Acquire(t.Context(), aCall); err != nil {
			t.Fatal(err)
		}
		f.set(func(f *fake) { f.hang = true })
		done := make(chan error)
		throttle(l)
		go func() {
			for range 2 {
				_, err := l.Acquire(t.Context(), aCall)
				done <- err
			}
		}()
		synctest.Wait()
		for range 2 {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if d := time.Since(began); d > 3*time.Second {
			t.Errorf("calls went on after %v", d)
		}
		other := limit.Call{Host: "h", Action: "B", Attempt: 1}
		l.Done(limit.Ticket{State: other}, limit.Throttled)
		if err := l.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := l.Acquire(t.Context(), other); err != nil {
			t.Error(err)
		}
		if got := changes.modes(); len(got) != 0 {
			t.Errorf("told %v", got)
		}
	})
}

func TestEvicts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(Config{MaxKeys: 2}, &fake{mode: open})
		defer l.Close()
		call := func(action string) limit.Call { return limit.Call{Action: action, Attempt: 1} }
		for _, action := range []string{"A", "B", "C"} {
			l.Done(limit.Ticket{State: call(action)}, limit.Throttled)
			time.Sleep(10 * time.Millisecond)
		}
		for action, want := range map[string]bool{"A": false, "B": true, "C": true} {
			if got := l.Rate(call(action)) > 0; got != want {
				t.Errorf("%s is kept: %v", action, got)
			}
		}
	})
}
