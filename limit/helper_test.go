package limit_test

import (
	"context"
	"errors"
	"sync"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

var (
	firstTry = limit.Call{Host: "h", Action: "a", Attempt: 1}
	retry    = limit.Call{Host: "h", Action: "a", Attempt: 2}

	accepted   = limit.Answer{Outcome: limit.Accepted}
	throttled  = limit.Answer{Outcome: limit.Throttled}
	overloaded = limit.Answer{Outcome: limit.Overloaded}
)

// closed returns an Adaptive whose key of firstTry has just been rejected.
func closed() *limit.Adaptive {
	a := &limit.Adaptive{}
	a.Report(firstTry, throttled)
	return a
}

// acquirer is what Adaptive and Budget have in common.
type acquirer interface {
	Idle() bool
	Acquire(context.Context, limit.Call) (func(limit.Answer) bool, error)
	Report(limit.Call, limit.Answer)
}

// enter starts a call that waits, and is in its queue when enter returns.
func enter(ctx context.Context, g acquirer, c limit.Call, then func(func(limit.Answer) bool, error)) {
	go func() { then(g.Acquire(ctx, c)) }()
	synctest.Wait()
}

// pass lets the bubble's time go by until all that is due has happened.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// log collects what goroutines add.
type log[T any] struct {
	mu  sync.Mutex
	all []T
}

func (l *log[T]) add(v T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, v)
}

// delays returns the default Policy's delays of rejected calls, without jitter.
func delays(n int) time.Duration { return min(time.Second<<min(n-1, 8), 10*time.Second) }

// api is an API with a quota, and the callers that use it as a Transport does.
type api struct {
	gate   limit.Gate
	quota  quota
	answer limit.Answer  // of a rejection; zero: throttled
	rtt    time.Duration // 20 ms if zero
	call   limit.Call    // what the callers ask for; firstTry if zero

	mu       sync.Mutex
	attempts int
	rejected int
	failed   int
	passed   []time.Time     // when attempts were accepted
	took     []time.Duration // by the calls
}

// send makes one attempt.
func (p *api) send() limit.Answer {
	rtt := p.rtt
	if rtt == 0 {
		rtt = 20 * time.Millisecond
	}
	time.Sleep(rtt / 2)
	p.mu.Lock()
	now := time.Now()
	p.attempts++
	ok := p.quota.Take(now)
	if ok {
		p.passed = append(p.passed, now)
	} else {
		p.rejected++
	}
	p.mu.Unlock()
	time.Sleep(rtt / 2)
	switch {
	case ok:
		return accepted
	case p.answer != limit.Answer{}:
		return p.answer
	}
	return throttled
}

// one makes one call: until it is accepted, or five attempts counted, or the
// gate refuses.
func (p *api) one(ctx context.Context, c limit.Call) error {
	c.Begun, c.History, c.Delay, c.Patience = time.Now(), new(limit.History), delays, 2*time.Minute
	c.AnswerBy, _ = ctx.Deadline()
	defer func(began time.Time) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.took = append(p.took, time.Since(began))
	}(c.Begun)
	counted := 0
	for c.Attempt = 1; counted < 5; c.Attempt++ {
		done, err := p.gate.Acquire(ctx, c)
		if err != nil {
			return err
		}
		a := p.send()
		if counts := done(a); a.Outcome == limit.Accepted {
			return nil
		} else if counts {
			counted++
		}
	}
	return errors.New("no attempts left")
}

// work has so many callers make so many calls, one after another, and returns
// how long that took.
func (p *api) work(ctx context.Context, callers, calls int) time.Duration {
	began := time.Now()
	var left sync.Mutex
	var wg sync.WaitGroup
	c := p.call
	if c.Action == "" {
		c = firstTry
	}
	for range callers {
		wg.Go(func() {
			for {
				left.Lock()
				more := calls > 0 && ctx.Err() == nil
				calls--
				left.Unlock()
				if !more {
					return
				}
				err := p.one(ctx, c)
				if errors.Is(err, context.DeadlineExceeded) {
					return // it would be refused at once for ever
				}
				if err != nil {
					p.mu.Lock()
					p.failed++
					p.mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return time.Since(began)
}

// quota is what the fake API asks for each attempt.
type quota interface{ Take(now time.Time) bool }

// one makes a quota of the fake API's quota, which counts all calls together.
func one(q *qcloudtest.Quota) quota { return oneQuota{q} }

type oneQuota struct{ *qcloudtest.Quota }

func (q oneQuota) Take(now time.Time) bool { return q.Allow(now, qcloudtest.Call{}) }
