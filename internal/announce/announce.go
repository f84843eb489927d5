// Package announce tells of waits that last.
package announce

import (
	"sync"
	"time"
)

// Watch calls tell, from a goroutine of its own, when a wait that begins now
// has lasted for first, with the end that is to be expected then; and again,
// ever less often, when the wait lasts longer than was told. Estimate is asked
// how long the wait will take from now, 0 where it cannot tell: then it ends at
// latest, as does one that would take longer. Panics in both are recovered.
// After stop returns neither is called any more.
func Watch(first time.Duration, latest time.Time, estimate func() time.Duration, tell func(now, until time.Time)) (stop func()) {
	w := &watch{latest: latest, estimate: estimate, tell: tell, pause: first}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expect(time.Now())
	w.timer = time.AfterFunc(first, w.announce)
	return w.stop
}

type watch struct {
	latest   time.Time
	estimate func() time.Duration
	tell     func(now, until time.Time)

	mu    sync.Mutex
	timer *time.Timer
	until time.Time     // what is expected
	pause time.Duration // between the last announcement and the next
	over  bool
}

// spare is for how long a wait may exceed what was told of it.
const spare = time.Second

func (w *watch) announce() {
	defer func() { _ = recover() }()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	now := time.Now()
	if !w.until.After(now) {
		w.expect(now)
	}
	w.pause = max(w.until.Sub(now)+spare, 2*w.pause)
	w.timer.Reset(w.pause)
	w.tell(now, w.until)
}

func (w *watch) expect(now time.Time) {
	w.until = w.latest
	if wait := w.estimate(); wait > 0 && now.Add(wait).Before(w.latest) {
		w.until = now.Add(wait)
	}
}

func (w *watch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	w.timer.Stop()
}
