package redislimit

import (
	"context"
	"sync/atomic"
	"time"
)

// watchEvery is how often, at most, Redis is asked which quotas are limited.
// Calls trigger it, so that no goroutine runs while there are none.
const watchEvery = time.Second

// watch is how a Limiter learns that other processes have been throttled.
type watch struct {
	next   atomic.Int64 // when to look again, in ns since 1970
	down   atomic.Bool
	looked atomic.Bool   // the first look is over
	first  chan struct{} // closed when it is
}

func (w *watch) due(now time.Time) bool { return now.UnixNano() >= w.next.Load() }

// await looks for the first time: the calls with which a process begins wait
// for that, or they would come as a burst upon a quota that others share
// carefully. It returns when that is over, or fails, or ctx ends.
func (l *Limiter) await(ctx context.Context) {
	if !l.look() {
		return // closed
	}
	timer := time.NewTimer(l.timeout)
	defer timer.Stop()
	select {
	case <-l.watch.first:
	case <-timer.C:
	case <-l.ctx.Done():
	case <-ctx.Done():
	}
}

func (w *watch) over() {
	if w.looked.CompareAndSwap(false, true) {
		close(w.first)
	}
}

// look exchanges the list of limited quotas with Redis, in the background.
// It returns false if l is closed.
func (l *Limiter) look() bool {
	next := l.watch.next.Load()
	now := time.Now().UnixNano()
	if now < next || !l.watch.next.CompareAndSwap(next, now+int64(watchEvery)) {
		return true
	}
	return l.background(func() {
		defer l.watch.over()
		l.sweep(now)
		ctx, cancel := context.WithTimeout(l.ctx, l.timeout)
		defer cancel()
		late := time.AfterFunc(l.timeout, func() { l.blind(errSlow) })
		ids, err := l.store.limited(ctx, l.touched(now))
		late.Stop()
		switch {
		case l.ctx.Err() != nil: // closed
		case err != nil:
			l.blind(plain(err))
		default:
			l.learnOf(ids)
			if l.watch.down.CompareAndSwap(true, false) {
				l.changes.rose()
			}
		}
	})
}

// blind notes that Redis can't be asked.
func (l *Limiter) blind(err error) {
	if l.watch.down.CompareAndSwap(false, true) {
		l.changes.fell(err)
	}
}

// touched returns the IDs of the quotas that this process shares just now.
func (l *Limiter) touched(now int64) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	for _, q := range l.quotas {
		if now-q.shared.Load() < int64(2*watchEvery) {
			ids = append(ids, q.id)
		}
	}
	return ids
}

func (l *Limiter) learnOf(ids []string) {
	remote := make(map[string]bool, len(ids))
	for _, id := range ids {
		remote[id] = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remote = remote
	l.count()
}
