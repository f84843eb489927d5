package limit_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

func TestToldQuota(t *testing.T) {
	for message, want := range map[string]int{
		"Your current request times equals to `21` in a second, which exceeds the frequency limit `20` for a second. Please reduce the frequency of calls.": 20,
		"Your current request times equals to 7 in a second, which exceeds the frequency limit 5 for a second. Please reduce the frequency of calls.":       5,
		"request times equals to `11` in a second, which exceeds the frequency limit `10`":                                                                  10,
		"您当前每秒请求 `6` 次，超过了每秒频率上限 `5`，请稍后重试。":                                                                                                                5,
		"您当前每秒请求 41 次，超过了每秒频率上限 40，请稍后重试。":                                                                                                                  40,
		"您当前每秒请求 `41` 次，超过了每秒频率上限`100`次":                                                                                                                    100,
		"请求超过限额配置，请稍后重试。":                                                                                                                                   0,
		"exceeds the frequency limit `0`":                    0,
		"exceeds the frequency limit `99999999999999999999`": 0,
		"exceeds the limit of 3 domains":                     0,
		"":                                                   0,
	} {
		q, ok := limit.ToldQuota(message)
		if ok != (want > 0) || ok && (q != limit.Quota{Limit: want, Per: time.Second}) {
			t.Errorf("%q: %+v, %v", message, q, ok)
		}
	}
}

func FuzzToldQuota(f *testing.F) {
	f.Add("exceeds the frequency limit `10` for a second")
	f.Add("每秒频率上限 `5`")
	f.Fuzz(func(t *testing.T, message string) {
		if q, ok := limit.ToldQuota(message); ok != (q.Rate() > 0) {
			t.Errorf("%q: %+v, %v", message, q, ok)
		}
	})
}

func tells(n int) limit.Answer {
	return limit.Answer{Outcome: limit.Throttled, Told: limit.Quota{Limit: n, Per: time.Second}}
}

// After the first rejection that tells the quota hardly any attempt is
// rejected, and the quota is used.
func TestToldRateIsUsed(t *testing.T) {
	for name, of := range map[string]func() quota{
		"each second": func() quota { return one(qcloudtest.FixedWindow(7, time.Second)) },
		"any second":  func() quota { return one(qcloudtest.SlidingWindow(7, time.Second)) },
		"bucket":      func() quota { return one(qcloudtest.TokenBucket(7, 7)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &limit.Adaptive{}
				p := &api{gate: a, quota: of(), answer: tells(7)}
				took := p.work(t.Context(), 30, 700)
				if p.failed > 0 || p.rejected > 30+7 || took > 105*time.Second {
					t.Errorf("%d failed, %d rejected, %v", p.failed, p.rejected, took)
				}
				if s := a.States()[0]; s.Known != "told" || s.Rate < 6.9 || s.Rate > 7 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// It is never exceeded, and stays where slower attempts are rejected as often.
func TestToldRateBoundsThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &api{gate: &limit.Adaptive{}, quota: &atRandom{0.3, rand.New(rand.NewPCG(1, 2))},
			answer: limit.Answer{Outcome: limit.Throttled, Told: limit.Quota{Limit: 20, Per: time.Second}}}
		if took := p.work(t.Context(), 30, 2000); took > 10*time.Minute {
			t.Errorf("2000 calls at 20/s took %v", took)
		}
		for i := 50; i < len(p.passed)-25; i++ { // after the first flood
			if d := p.passed[i+25].Sub(p.passed[i]); d < time.Second {
				t.Fatalf("25 calls in %v", d)
			}
		}
	})
}

// Another number replaces the one before, also a higher one; and what others
// use of the quota is missed.
func TestToldRateChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{}
		for _, n := range []int{10, 4, 50} {
			a.Report(firstTry, tells(n))
			if s := a.States()[0]; s.Rate < 0.98*float64(n) || s.Rate > float64(n) {
				t.Errorf("told %d: %+v", n, s)
			} else if until := time.Now().Add(time.Second); !s.ClosedUntil.Equal(until) {
				t.Errorf("told %d: closed until %v, want %v", n, s.ClosedUntil, until) // by then what was used up is back
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{}
		p := &api{gate: a, quota: one(qcloudtest.TokenBucket(6, 6)), answer: tells(20)} // others use 14 of 20
		took := p.work(t.Context(), 30, 900)
		if p.failed > 0 || took > 165*time.Second || p.rejected > 150 {
			t.Errorf("%d failed, %d rejected, %v", p.failed, p.rejected, took)
		}
		p.quota = one(qcloudtest.TokenBucket(20, 20)) // they have gone
		if took := p.work(t.Context(), 30, 1800); took > 130*time.Second {
			t.Errorf("took %v when the others had gone", took)
		}
	})
}

// No minute holds more than the documented 100 calls, wherever it begins.
func TestDocumented(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := limit.Documented()
		p := &api{gate: a, quota: one(qcloudtest.SlidingWindow(100, time.Minute))}
		took := p.work(t.Context(), 400, 400)
		if p.rejected > 0 || p.failed > 0 || took > 5*time.Minute {
			t.Errorf("%d rejected, %d failed, %v", p.rejected, p.failed, took)
		}
		if s := a.States(); len(s) != 4 || s[0].Known != "documented" || s[1].Known != "" {
			t.Errorf("%+v", s)
		}
	})
}
