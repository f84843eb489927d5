package qcloudtest

import (
	"testing"
	"testing/synctest"
	"time"
)

// A call every 100 ms for five seconds: the numbers that pass in each second.
func TestQuotas(t *testing.T) {
	for _, tt := range []struct {
		name  string
		quota Quota
		want  [5]int
	}{
		{"fixed window", FixedWindow(3, 2*time.Second), [5]int{3, 0, 3, 0, 3}},
		{"sliding window", SlidingWindow(4, time.Second), [5]int{4, 4, 4, 4, 4}},
		{"sliding window of 2 s", SlidingWindow(4, 2*time.Second), [5]int{4, 0, 4, 0, 4}},
		{"token bucket", TokenBucket(2, 5), [5]int{6, 2, 2, 2, 2}},
		{"none at all", FixedWindow(0, time.Second), [5]int{}},
		{"none in a sliding window", SlidingWindow(0, time.Second), [5]int{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := inMemory(t, NewAPI(WithQuotaFunc(func(string) Quota { return tt.quota })))
				var got [5]int
				for second := range got {
					for range 10 {
						switch a := c.call("GetDsaHostList"); a.Code {
						case 0:
							got[second]++
						case 4400:
						default:
							t.Fatalf("answer %+v", a)
						}
						time.Sleep(100 * time.Millisecond)
					}
				}
				if got != tt.want {
					t.Errorf("passed %v, want %v", got, tt.want)
				}
			})
		})
	}
}

// The sliding window counts from each call, not from a mark on the clock.
func TestSlidingWindowEdges(t *testing.T) {
	start := time.Unix(0, 0)
	q := SlidingWindow(2, time.Second)
	for _, step := range []struct {
		at   time.Duration
		want bool
	}{
		{0, true}, {900 * time.Millisecond, true}, {999 * time.Millisecond, false},
		{time.Second, true}, {1899 * time.Millisecond, false}, {1900 * time.Millisecond, true},
	} {
		if got := q.Take(start.Add(step.at)); got != step.want {
			t.Errorf("at %v: %v", step.at, got)
		}
	}
}

// A fixed window starts at the first call, wherever on the clock that is, and
// the next ones where it ends, also when nothing is called for a while.
func TestFixedWindowEdges(t *testing.T) {
	start := time.Unix(1700000059, 900e6) // shortly before the clock's next minute
	q := FixedWindow(2, time.Minute)
	for _, step := range []struct {
		at   time.Duration
		want bool
	}{
		{0, true}, {200 * time.Millisecond, true}, {59 * time.Second, false},
		{time.Minute, true}, {time.Minute + 30*time.Second, true}, {2*time.Minute - 1, false},
		{10*time.Minute + 59*time.Second, true}, {11*time.Minute - 1, true}, {11 * time.Minute, true},
	} {
		if got := q.Take(start.Add(step.at)); got != step.want {
			t.Errorf("at %v: %v", step.at, got)
		}
	}
}

func TestQuotaIsPerAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI(WithQuotaFunc(func(action string) Quota {
			if action == "GetDsaUserInfo" {
				return nil
			}
			return FixedWindow(1, time.Minute)
		}))
		c := inMemory(t, api)
		c.want(0, 0, "GetDsaHostList")
		c.want(0, 0, "GetFlushLog")
		c.want(4400, 0, "GetDsaHostList")
		c.want(4400, 0, "GetFlushLog")
		for range 5 {
			c.want(0, 0, "GetDsaUserInfo")
		}
		time.Sleep(time.Minute)
		c.want(0, 0, "GetDsaHostList")
		inMemory3(t, api).want("", "DescribeDomains", "")
		inMemory3(t, api).want("RequestLimitExceeded", "DescribeDomains", "")
	})
}
