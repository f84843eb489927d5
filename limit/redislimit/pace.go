package redislimit

import (
	"context"
	"runtime"
	"sync"
	"time"
	"weak"

	"github.com/go-redis/redis_rate/v10"
	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

const (
	atOnce = 100 * time.Millisecond // whose attempts are asked for at once, and sent at once after a quiet time
	ahead  = 500 * time.Millisecond // whose slots all processes together reserve
	stale  = time.Second            // how late a slot may be used
	margin = 1.01                   // by which the quota's time is longer, for the network delays some attempts
)

// pace is the limit.Pace of one key. Its queue's head takes slots, for those
// who wait with it, from the schedule in Redis.
type pace struct {
	*Limiter
	id   string
	tell func(limit.Quota)

	mu    sync.Mutex
	quota limit.Quota // that is used
	own   limit.Quota // that the API told this process last
	heard limit.Quota // that another process told, until the key has been told of it

	local    limit.Pace // without Redis
	slots    int        // reserved in Redis and not used yet
	next     time.Time  // when the first of them may be used; the others follow
	interval time.Duration
	expires  time.Time // when none may be used any more
}

func (l *Limiter) pace(k limit.Key, tell func(limit.Quota)) limit.Pace {
	if k.Scope == limit.ScopeAddress {
		return nil // machines have addresses of their own
	}
	p := &pace{Limiter: l, id: idOf(k), tell: tell, local: limit.NewPace(rate.NewLimiter(0, 1))}
	if l.options.Quota != nil {
		p.quota = l.options.Quota(k)
	}
	self := weak.Make(p)
	l.paces.Store(p.id, self)
	runtime.AddCleanup(p, func(id string) { l.paces.CompareAndDelete(id, self) }, p.id)
	go l.read(p)
	return p
}

// Known reports whether somebody told a rate: until then the limiter learns alone.
func (p *pace) Known() bool { return p.rate().Rate() > 0 }

func (p *pace) rate() limit.Quota {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.quota
}

// Take implements limit.Pace. It asks Redis for the time-out at most.
func (p *pace) Take(ctx context.Context, n int) (granted int, wait time.Duration) {
	q, connected := p.rate(), p.connected.Load()
	switch {
	case q.Rate() <= 0:
		return n, 0
	case connected.Err() != nil:
		return p.alone(ctx, q)
	}
	if granted, wait = p.use(n); granted > 0 || wait > 0 {
		return granted, wait
	}
	retry, err := p.reserve(connected, q, n)
	switch {
	case err != nil:
		p.suspect(connected, err)
		return p.alone(ctx, q)
	case retry > 0:
		return 0, min(retry, ahead)
	}
	return p.use(n)
}

// alone takes this process's part of the rate.
func (p *pace) alone(ctx context.Context, q limit.Quota) (granted int, wait time.Duration) {
	p.slots = 0
	p.local.SetQuota(limit.Quota{Limit: q.Limit, Per: q.Per * time.Duration(p.processes.Load())})
	return p.local.Take(ctx, 1)
}

// use uses at most n of the slots whose time has come, and where there are
// none, says how long it is until the first.
func (p *pace) use(n int) (granted int, wait time.Duration) {
	now := time.Now()
	if now.After(p.expires) { // the process was stopped
		p.slots = 0
	}
	for p.slots > 0 && granted < n && !p.next.After(now) {
		p.slots, p.next = p.slots-1, p.next.Add(p.interval)
		granted++
	}
	if granted == 0 && p.slots > 0 {
		wait = p.next.Sub(now)
	}
	return granted, wait
}

// reserve takes the schedule's next slots for at most n attempts. GCRA's bucket
// is so large that the schedule runs ahead of time, and ResetAfter tells when
// its last slot ends: so nobody has to ask twice, and all get their turn.
// Where even that is full, it returns after how long to ask again.
func (p *pace) reserve(connected *period, q limit.Quota, n int) (retry time.Duration, err error) {
	interval := max(time.Duration(float64(q.Per)*margin/float64(q.Limit)), time.Microsecond)
	worth := func(d time.Duration) int { return int(d / interval) }
	processes := int(p.processes.Load())
	burst := max(worth(atOnce), q.Burst, 1)
	most := burst + 2*max(worth(ahead), processes)
	n = max(min(n, worth(atOnce), worth(ahead)/processes), 1)

	ctx, cancel := context.WithTimeoutCause(connected, p.options.Timeout, p.slow())
	defer cancel()
	var r *redis_rate.Result
	err = within(ctx, func() (err error) {
		schedule := redis_rate.Limit{Rate: q.Limit, Period: interval * time.Duration(q.Limit), Burst: most}
		r, err = p.gcra.AllowN(ctx, p.name(p.id), schedule, n)
		return err
	})
	now := time.Now()
	switch {
	case err != nil:
		return 0, err
	case r.Allowed == 0:
		// A schedule far ahead is that of a lower rate, or nonsense; 292 years ahead is negative.
		if r.ResetAfter > time.Duration(most+1)*interval || r.ResetAfter < 0 {
			go p.gcra.Reset(p.ctx, p.name(p.id))
		}
		return max(r.RetryAfter, time.Millisecond), nil
	}
	p.slots, p.interval = n, interval
	p.next = now.Add(r.ResetAfter - time.Duration(n+burst-1)*interval)
	p.expires = now.Add(max(r.ResetAfter-time.Duration(burst)*interval, 0) + stale)
	return 0, nil
}
