package redislimit

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	beatEvery = time.Second            // how often a process says that it is there
	tryEvery  = 250 * time.Millisecond // the same, while Redis is away
	beatMost  = 4                      // how many time-outs the watch waits for a beat
	absent    = 3                      // after how many beats a silent process counts no more
	tellAfter = 2                      // how many failed beats are told as an outage: one was late, perhaps
)

// period is a time in which Redis answers. Its end ends all waits for Redis.
type period struct {
	context.Context
	end context.CancelCauseFunc
}

func (l *Limiter) connect() {
	ctx, end := context.WithCancelCause(l.ctx)
	l.connected.Store(&period{ctx, end})
}

// suspect takes a command that failed. Everybody goes on without Redis at once;
// the watch finds out whether it was more than a new connection that took long,
// before anybody is told.
func (l *Limiter) suspect(p *period, err error) {
	p.end(err)
	select {
	case l.check <- struct{}{}:
	default:
	}
}

// watch says every second that this process is there, and finds out so whether
// Redis is. It alone begins a new period, and tells of an outage.
func (l *Limiter) watch() {
	self, fewer, failed := rand.Text(), 0, 0
	for {
		n, err := l.beat(self)
		every := beatEvery
		switch connected := l.connected.Load(); {
		case l.ctx.Err() != nil:
			return
		case err != nil:
			connected.end(err)
			every = tryEvery
			if failed++; failed == tellAfter {
				l.options.OnChange(false, err)
			}
		default:
			// After an outage all need some beats to come back.
			if fewer++; n >= l.processes.Load() || fewer >= absent {
				l.processes.Store(max(n, 1))
				fewer = 0
			}
			if connected.Err() != nil {
				l.connect()
				go l.readAll()
			}
			if failed >= tellAfter {
				l.options.OnChange(true, nil)
			}
			failed = 0
		}
		select {
		case <-time.After(every):
		case <-l.check:
		case <-l.ctx.Done():
		}
	}
}

// beat says that this process is there, and returns how many there are. It
// fails where a live connection does not answer in time.
func (l *Limiter) beat(self string) (processes int64, err error) {
	ctx, cancel := context.WithTimeoutCause(l.ctx, beatMost*l.options.Timeout, l.slow())
	defer cancel()
	var n *redis.IntCmd
	err = within(ctx, func() error {
		now, err := l.client.Time(ctx).Result() // it opens a connection where none is live
		if err != nil {
			return err
		}
		began := time.Now()
		_, err = l.client.Pipelined(ctx, func(c redis.Pipeliner) error {
			key := l.name("processes")
			c.ZRemRangeByScore(ctx, key, "-inf", strconv.FormatInt(now.Add(-absent*beatEvery).UnixMilli(), 10))
			c.ZAdd(ctx, key, redis.Z{Score: float64(now.UnixMilli()), Member: self})
			n = c.ZCard(ctx, key)
			c.Expire(ctx, key, time.Minute)
			return nil
		})
		if err == nil && time.Since(began) > l.options.Timeout {
			err = l.slow()
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return n.Val(), nil
}

func (l *Limiter) slow() error {
	return fmt.Errorf("redislimit: no answer within %v", l.options.Timeout)
}

// within calls f and waits for it until ctx ends: during an attempt, only a
// client with ContextTimeoutEnabled looks at the context.
func within(ctx context.Context, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
