package quotasim

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// Open is a load of calls that arrive at a steady rate, whatever becomes of
// the ones before, at a service that fails now and then.
type Open struct {
	Gates    []limit.Gate // asked in this order before each attempt
	Rate     float64      // calls per second
	For      time.Duration
	Fails    func(sinceStart time.Duration, rng *rand.Rand) bool
	Quota    Quota // nil: none
	Latency  time.Duration
	Attempts int // at most, for a call; 0: 5
	Seed     uint64
}

// OpenCall is what became of one call.
type OpenCall struct {
	Start    time.Duration
	Latency  time.Duration
	Attempts []time.Duration // when each was sent
	OK       bool
}

// Run runs the load. It must be called in a synctest bubble.
func (o Open) Run() []OpenCall {
	start := time.Now()
	n := int(o.Rate * o.For.Seconds())
	calls := make([]OpenCall, n)
	var wg sync.WaitGroup
	for i := range calls {
		time.Sleep(time.Until(start.Add(time.Duration(float64(i) / o.Rate * float64(time.Second)))))
		wg.Go(func() {
			calls[i] = o.call(start, rand.New(rand.NewPCG(o.Seed, uint64(i))))
		})
	}
	wg.Wait()
	return calls
}

func (o Open) call(start time.Time, rng *rand.Rand) (c OpenCall) {
	most := o.Attempts
	if most == 0 {
		most = 5
	}
	begin := time.Now()
	c.Start = begin.Sub(start)
	defer func() { c.Latency = time.Since(begin) }()
	for attempt := 1; ; attempt++ {
		tickets := make([]limit.Ticket, len(o.Gates))
		for i, g := range o.Gates {
			t, err := g.Acquire(context.Background(), limit.Call{Host: "h", Action: "a", Attempt: attempt})
			if err != nil {
				return c
			}
			tickets[i] = t
		}
		c.Attempts = append(c.Attempts, time.Since(start))
		failed := o.Fails(time.Since(start), rng)
		out := limit.Accepted
		if failed {
			out = limit.Overloaded
		} else if o.Quota != nil && !o.Quota.Allow(time.Now()) {
			out = limit.Throttled
		}
		time.Sleep(time.Duration(float64(o.Latency) * (0.9 + 0.2*rng.Float64())))
		for i, g := range o.Gates {
			t := tickets[i]
			if t.State == nil {
				t.State = limit.Call{Host: "h", Action: "a", Attempt: attempt}
			}
			g.Done(t, out)
		}
		switch {
		case out == limit.Accepted:
			c.OK = true
			return c
		case attempt == most:
			return c
		case out == limit.Overloaded:
			d := 200e6 * math.Pow(1.5, float64(attempt-1))
			time.Sleep(time.Duration(d * (0.5 + rng.Float64())))
		}
	}
}
