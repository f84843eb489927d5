package limit_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// everyOther is a quota of which somebody else takes most in every other period.
type everyOther struct {
	quota, left quota
	start       time.Time
	period      time.Duration
}

func (e *everyOther) Take(now time.Time) bool {
	if now.Sub(e.start)/e.period%2 == 0 {
		return e.quota.Take(now)
	}
	return e.left.Take(now)
}

type none struct{}

func (none) Take(time.Time) bool { return false }

// changing is one quota until a time, and then another.
type changing struct {
	first, second quota
	at            time.Time
}

func (c *changing) Take(now time.Time) bool {
	if now.Before(c.at) {
		return c.first.Take(now)
	}
	return c.second.Take(now)
}

// rival is a quota of which somebody else asks for so much, too, at random in
// every other ten seconds.
type rival struct {
	quota       quota
	rate        float64
	start, next time.Time
	rng         *rand.Rand
}

func (r *rival) Take(now time.Time) bool {
	for ; !r.next.After(now); r.next = r.next.Add(time.Duration(r.rng.ExpFloat64() / r.rate * 1e9)) {
		if r.next.Sub(r.start)/(10*time.Second)%2 == 0 {
			r.quota.Take(r.next)
		}
	}
	return r.quota.Take(now)
}

// A job that keeps a quota busy for some minutes is done about as soon as the
// quota allows, with few rejections, whatever the quota is and however slow the
// API. The rates are none that the learner was tried on.
func TestJobsUnderUnknownQuotas(t *testing.T) {
	bucket := func(rate float64, burst int) quota { return one(qcloudtest.TokenBucket(rate, burst)) }
	fixed := func(n int, d time.Duration) quota { return one(qcloudtest.FixedWindow(n, d)) }
	sliding := func(n int, d time.Duration) quota { return one(qcloudtest.SlidingWindow(n, d)) }
	for _, test := range []struct {
		name           string
		quota          func() quota
		rtt            time.Duration
		callers, calls int
		ideal          time.Duration
		slower         float64 // at most so many times ideal
		rejected       float64 // at most so many of 100 attempts, the first flood aside
	}{
		{"bucket of 7/s, one caller",
			func() quota { return bucket(7, 7) },
			0, 1, 1400, 199 * time.Second, 1.05, 4},
		{"bucket of 7/s",
			func() quota { return bucket(7, 7) },
			0, 40, 1400, 199 * time.Second, 1.05, 4},
		{"bucket of 130/s, slow",
			func() quota { return bucket(130, 130) },
			700 * time.Millisecond, 300, 26000, 199 * time.Second, 1.1, 8},
		{"bucket of 35 a minute",
			func() quota { return bucket(35./60, 6) },
			0, 20, 141, 231 * time.Second, 1.15, 20},
		{"one in 0.7 s, one caller",
			func() quota { return bucket(1/0.7, 1) },
			0, 1, 280, 196 * time.Second, 1.2, 8},
		{"bucket of 6/s without a burst, one caller",
			func() quota { return bucket(6, 1) },
			0, 1, 1200, 200 * time.Second, 1.15, 8},
		{"60 in each second, very slow",
			func() quota { return fixed(60, time.Second) },
			4 * time.Second, 500, 12000, 204 * time.Second, 1.58, 8},
		{"13 in each second",
			func() quota { return fixed(13, time.Second) },
			0, 40, 2600, 200 * time.Second, 1.05, 5},
		{"13 in any second",
			func() quota { return sliding(13, time.Second) },
			0, 40, 2600, 200 * time.Second, 1.08, 5},
		{"310 in each second",
			func() quota { return fixed(310, time.Second) },
			0, 100, 31000, 100 * time.Second, 1.06, 4},
		{"70 in each 45 seconds",
			func() quota { return fixed(70, 45*time.Second) },
			0, 30, 490, 270 * time.Second, 1.1, 12},
		{"5 in each 12 seconds",
			func() quota { return fixed(5, 12*time.Second) },
			0, 4, 110, 252 * time.Second, 1.1, 50},
		{"70 in any 45 seconds",
			func() quota { return sliding(70, 45*time.Second) },
			0, 30, 490, 270 * time.Second, 1.15, 12},
		{"60 in any 12 seconds",
			func() quota { return sliding(60, 12*time.Second) },
			0, 40, 1200, 229 * time.Second, 1.3, 16},
		{"7000 in any 50 seconds, used up in a few",
			func() quota { return sliding(7000, 50*time.Second) },
			20 * time.Millisecond, 30, 35000, 200 * time.Second, 1.25, 5},
		{"200 in each 90 seconds, one caller",
			func() quota { return fixed(200, 90*time.Second) },
			0, 1, 1200, 450 * time.Second, 1.1, 6},
		{"from 40 to 160 in each 20 seconds", func() quota {
			return &changing{fixed(40, 20*time.Second), fixed(160, 20*time.Second), time.Now().Add(200 * time.Second)}
		}, 0, 40, 400 + 1600, 380 * time.Second, 1.1, 12},
		{"50 in each 20 seconds, later in each 100", func() quota {
			return &changing{fixed(50, 20*time.Second), fixed(50, 100*time.Second), time.Now().Add(600 * time.Second)}
		}, 0, 8, 1500 + 150, 800 * time.Second, 1.1, 20},
		{"90 in each 30 seconds, later 8/s", func() quota {
			return &changing{fixed(90, 30*time.Second), bucket(8, 8), time.Now().Add(120 * time.Second)}
		}, 0, 40, 360 + 1600, 320 * time.Second, 1.1, 8},
		{"90 in each 30 seconds, later 50/s", func() quota {
			return &changing{fixed(90, 30*time.Second), bucket(50, 50), time.Now().Add(120 * time.Second)}
		}, 0, 40, 360 + 10000, 320 * time.Second, 1.3, 20},
		{"from 30/s to 6/s", func() quota {
			return &changing{bucket(30, 30), bucket(6, 6), time.Now().Add(100 * time.Second)}
		}, 0, 40, 3600, 200 * time.Second, 1.08, 5},
		{"from 6/s to 30/s", func() quota {
			return &changing{bucket(6, 6), bucket(30, 30), time.Now().Add(100 * time.Second)}
		}, 0, 40, 3600, 200 * time.Second, 1.08, 5},
		{"from 40 to 4 in any second", func() quota {
			return &changing{sliding(40, time.Second), sliding(4, time.Second), time.Now().Add(100 * time.Second)}
		}, 0, 60, 4400, 200 * time.Second, 1.3, 8},
		{"25/s, somebody else asks for them in 10 of 20 seconds", func() quota {
			return &rival{bucket(25, 25), 25, time.Now(), time.Now(), rand.New(rand.NewPCG(1, 2))}
		}, 0, 60, 3000, 240 * time.Second, 1.0, 25},
		{"30/s, in 8 of 16 seconds", func() quota {
			return &everyOther{bucket(30, 30), none{}, time.Now(), 8 * time.Second}
		}, 0, 40, 3600, 230 * time.Second, 1.25, 20},
		{"24/s, in 10 of 20 seconds, else one in 4 seconds", func() quota {
			return &everyOther{bucket(24, 24), bucket(0.25, 1), time.Now(), 10 * time.Second}
		}, 0, 64, 2900, 240 * time.Second, 1.25, 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &api{gate: &limit.Adaptive{}, quota: test.quota(), rtt: test.rtt}
				took := p.work(t.Context(), test.callers, test.calls)
				slower := float64(took) / float64(test.ideal)
				rejected := 100 * float64(max(p.rejected-test.callers, 0)) / float64(p.attempts)
				t.Logf("%.3f times the ideal, %.1f %% rejected", slower, rejected)
				if p.failed > 0 || slower > test.slower || rejected > test.rejected {
					t.Errorf("%d failed, %.2f times the ideal, %.1f %% rejected", p.failed, slower, rejected)
				}
			})
		})
	}
}

// every is a quota that has nothing to do with a rate: it rejects each n-th call.
type every struct{ n, i int }

func (e *every) Take(time.Time) bool {
	e.i++
	return e.i%e.n != 0
}

// atRandom rejects so much of all calls.
type atRandom struct {
	share float64
	rng   *rand.Rand
}

func (r *atRandom) Take(time.Time) bool { return r.rng.Float64() >= r.share }

// An API that rejects now and then, whatever the pace, costs a call little, and
// not more and more the longer a job takes: one caller waits a second after each
// rejection, at most, and several use each other's time.
func TestRejectionsWithoutAQuota(t *testing.T) {
	for _, test := range []struct {
		name    string
		quota   func() quota
		callers int
		slower  float64 // at most so many times what callers take who wait for a second
	}{
		{"each 10th, one caller", func() quota { return &every{n: 10} }, 1, 0.7},
		{"each 5th, one caller", func() quota { return &every{n: 5} }, 1, 0.7},
		{"each 3rd, one caller", func() quota { return &every{n: 3} }, 1, 0.8},
		{"one of 10, one caller", func() quota { return &atRandom{0.1, rand.New(rand.NewPCG(1, 2))} }, 1, 1.1},
		{"each 10th", func() quota { return &every{n: 10} }, 8, 1.6},
		{"each 5th", func() quota { return &every{n: 5} }, 8, 0.8},
		{"each 3rd", func() quota { return &every{n: 3} }, 8, 0.6},
		{"one of 10", func() quota { return &atRandom{0.1, rand.New(rand.NewPCG(1, 2))} }, 8, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &api{gate: &limit.Adaptive{}, quota: test.quota()}
				took := p.work(t.Context(), test.callers, 1000)
				plain := (1000*20*time.Millisecond + time.Duration(p.rejected)*1020*time.Millisecond) / time.Duration(test.callers)
				slower := float64(took) / float64(plain)
				t.Logf("%v, %.2f times %v", took, slower, plain)
				if p.failed > 0 || slower > test.slower {
					t.Errorf("%d failed, %v, %.2f times %v", p.failed, took, slower, plain)
				}
			})
		})
	}
}

// The load of the first report: one caller and twenty, 300 calls.
func TestEachTenthIsRejected(t *testing.T) {
	for _, callers := range []int{1, 20} {
		synctest.Test(t, func(t *testing.T) {
			p := &api{gate: &limit.Adaptive{}, quota: &every{n: 10}}
			if took := p.work(t.Context(), callers, 300); p.failed > 0 || took > 30*time.Second {
				t.Errorf("%d callers: %d failed, %v", callers, p.failed, took)
			}
		})
	}
}

// A Retry-After that closes the key for a second at each rejection is paid for
// by fewer rejections.
func TestRetryAfterIsPaidFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &api{gate: &limit.Adaptive{}, quota: one(qcloudtest.TokenBucket(17, 17)),
			answer: limit.Answer{Outcome: limit.Throttled, RetryAfter: time.Second}}
		took := p.work(t.Context(), 30, 3400)
		t.Logf("%v, %d rejected", took, p.rejected)
		if p.failed > 0 || took > 215*time.Second || p.rejected > 80 {
			t.Errorf("%d failed, %d rejected, %v", p.failed, p.rejected, took)
		}
	})
}

// locked is a quota that several apis ask.
type locked struct {
	mu    sync.Mutex
	quota quota
}

func (l *locked) Take(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.quota.Take(now)
}

// Processes that know nothing of each other use a quota up together, and none
// is left behind for good.
func TestTwoProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quota := &locked{quota: one(qcloudtest.TokenBucket(14, 14))}
		var both []*api
		var wg sync.WaitGroup
		for range 2 {
			p := &api{gate: &limit.Adaptive{}, quota: quota}
			both = append(both, p)
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			wg.Go(func() { p.work(ctx, 20, 1e6) })
			time.Sleep(20 * time.Second) // the second one comes later
		}
		wg.Wait()
		one, two := len(both[0].passed), len(both[1].passed)
		rejected := 100 * (both[0].rejected + both[1].rejected) / (both[0].attempts + both[1].attempts)
		t.Logf("%d and %d calls, %d %% rejected", one, two, rejected)
		if one+two < 3300 || two < one/3 || one < two/3 || rejected > 12 {
			t.Errorf("%d and %d calls, %d %% rejected", one, two, rejected)
		}
	})
}

// More calls than the quota allows, each with a deadline, do not use it up for
// answers that come too late: nearly all of it goes to calls that make it.
func TestDeadlinesUnderOverload(t *testing.T) {
	for _, test := range []struct {
		quota    quota
		rate     float64 // of the quota
		rtt      time.Duration
		deadline time.Duration
		done     float64 // at least so much of the quota
	}{
		{one(qcloudtest.TokenBucket(12, 12)), 12, 400 * time.Millisecond, 2 * time.Second, 0.9},
		{one(qcloudtest.FixedWindow(80, time.Second)), 80, 400 * time.Millisecond, 700 * time.Millisecond, 0.85},
		{one(qcloudtest.SlidingWindow(500, 4*time.Second)), 125, 100 * time.Millisecond, 15 * time.Second, 0.6},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &api{gate: &limit.Adaptive{}, quota: test.quota, rtt: test.rtt}
			rng := rand.New(rand.NewPCG(1, 2))
			var done atomic.Int64
			var wg sync.WaitGroup
			const minutes = 4
			for began := time.Now(); time.Since(began) < minutes*time.Minute; {
				time.Sleep(time.Duration(rng.ExpFloat64() / test.rate / 1.4 * 1e9))
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
					defer cancel()
					if p.one(ctx, firstTry) == nil && ctx.Err() == nil {
						done.Add(1)
					}
				})
			}
			wg.Wait()
			share := float64(done.Load()) / (test.rate * 60 * minutes)
			rejected := 100 * p.rejected / p.attempts
			t.Logf("%.2f of the quota, %d %% rejected", share, rejected)
			if share < test.done || rejected > 20 {
				t.Errorf("%.2f of the quota, %d %% rejected", share, rejected)
			}
		})
	}
}

// A job that comes back finds its rate again at once, though the time between
// says nothing of the quota.
func TestTimeInWhichNobodyAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &api{gate: &limit.Adaptive{}, quota: one(qcloudtest.TokenBucket(11, 11))}
		for job := range 6 {
			took := p.work(t.Context(), 15, 230) // 20 s of it
			t.Logf("job %d: %v", job, took)
			if job > 0 && took > 24*time.Second {
				t.Errorf("job %d took %v", job, took)
			}
			time.Sleep(5 * time.Minute)
		}
	})
}

// Nor does it where the quota was exhausted and everybody left.
func TestTimeInWhichNobodyAsksOfAClosedKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &api{gate: &limit.Adaptive{}, quota: one(qcloudtest.FixedWindow(11, time.Second))}
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond) // in the second closed time
		defer cancel()
		p.work(ctx, 15, 1000)
		if s := p.gate.(*limit.Adaptive).States(); len(s) != 1 || s[0].ClosedUntil.IsZero() || s[0].Rate > 0 || len(p.passed) != 22 {
			t.Errorf("%d calls, %+v", len(p.passed), s)
		}
		time.Sleep(10 * time.Minute)
		if took := p.work(t.Context(), 15, 230); took > 60*time.Second {
			t.Errorf("the job took %v", took)
		}
	})
}

// A few calls at once are done soon after the quota allows.
func TestAFewAtOnce(t *testing.T) {
	for _, test := range []struct {
		name  string
		quota quota
		calls int
		ideal time.Duration
		over  time.Duration // at most
	}{
		{"8 in each second", one(qcloudtest.FixedWindow(8, time.Second)), 30, 3 * time.Second, 1500 * time.Millisecond},
		{"3 in any second", one(qcloudtest.SlidingWindow(3, time.Second)), 10, 3 * time.Second, 1500 * time.Millisecond},
		{"30 in any second", one(qcloudtest.SlidingWindow(30, time.Second)), 40, time.Second, 150 * time.Millisecond},
		{"bucket of 4/s", one(qcloudtest.TokenBucket(4, 4)), 15, 11 * time.Second / 4, 1500 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &api{gate: &limit.Adaptive{}, quota: test.quota}
				took := p.work(t.Context(), test.calls, test.calls)
				t.Logf("%v over the ideal", took-test.ideal)
				if p.failed > 0 || took > test.ideal+test.over {
					t.Errorf("%d failed, took %v", p.failed, took)
				}
			})
		})
	}
}

// Jobs under a minute's quota, each up to the end of it, are done whatever the
// time between them is: that says nothing of the quota's length.
func TestJobsUnderAMinutesQuota(t *testing.T) {
	for _, callers := range []int{16, 520} {
		for _, every := range []time.Duration{10 * time.Minute, 57 * time.Minute} {
			synctest.Test(t, func(t *testing.T) {
				p := &api{gate: &limit.Adaptive{}, quota: one(qcloudtest.FixedWindow(130, time.Minute))}
				for job := range 5 {
					p.rejected = 0
					next := time.Now().Add(every)
					took := p.work(t.Context(), callers, 520)
					t.Logf("%d callers, job %d: %v, %d rejected", callers, job, took, p.rejected)
					if p.failed > 0 || took > 4*time.Minute+10*time.Second || job > 0 && p.rejected > 99 {
						t.Errorf("%d callers, job %d: %d failed, %v, %d rejected", callers, job, p.failed, took, p.rejected)
					}
					time.Sleep(time.Until(next))
				}
			})
		}
	}
}

// What was learnt stays: the second job begins at the pace of the first, and a
// day later all is forgotten.
func TestRemembersForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{}
		p := &api{gate: a, quota: one(qcloudtest.FixedWindow(9, time.Second))}
		p.work(t.Context(), 30, 900)
		before := p.rejected
		time.Sleep(time.Hour)
		p.work(t.Context(), 30, 900)
		if again := p.rejected - before; again > 60 {
			t.Errorf("%d rejected the first time, %d the second", before, again)
		}
		for _, after := range []time.Duration{23 * time.Hour, 25 * time.Hour} {
			time.Sleep(after)
			done, err := a.Acquire(t.Context(), firstTry)
			if err != nil {
				t.Fatal(err)
			}
			done(accepted)
			if s := a.States()[0]; (s.Rate > 0) != (after < 24*time.Hour) {
				t.Errorf("after %v: %+v", after, s)
			}
		}
	})
}

// A thousand calls at once over 100 a minute are all done, in the order in
// which they began, at the quota's pace, and States says how long it takes.
func TestAThousandOverAHundredAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{}
		p := &api{gate: a, quota: one(qcloudtest.FixedWindow(100, time.Minute))}
		go func() {
			time.Sleep(4*time.Minute + 30*time.Second)
			s := a.States()[0]
			if s.Queue < 450 || s.Queue > 520 || s.Estimate < 4*time.Minute || s.Estimate > 6*time.Minute {
				t.Errorf("after four and a half minutes %+v", s)
			}
			if s.Known != "learnt" || s.Allowance < 99 || s.Allowance > 101 || s.Window < 54*time.Second || s.Window > 66*time.Second {
				t.Errorf("after four and a half minutes %+v", s)
			}
		}()
		took := p.work(t.Context(), 1000, 1000)
		if p.failed > 0 || took > 9*time.Minute+30*time.Second {
			t.Errorf("%d failed, took %v", p.failed, took)
		}
		if p.rejected > 900+160 {
			t.Errorf("%d rejected after the flood", p.rejected-900)
		}
	})
}
