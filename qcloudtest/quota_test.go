package qcloudtest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A call every 100 ms for five seconds: the numbers that pass in each second.
func TestQuotas(t *testing.T) {
	falling := TokenBucket(4, 1)
	falling.Scale = func(since time.Duration) float64 {
		if since >= 2*time.Second {
			return 0.5
		}
		return 1
	}
	for _, tt := range []struct {
		name  string
		quota *Quota
		want  [5]int
	}{
		{"fixed window", FixedWindow(3, 2*time.Second), [5]int{3, 0, 3, 0, 3}},
		{"sliding window", SlidingWindow(4, time.Second), [5]int{4, 4, 4, 4, 4}},
		{"sliding window of 2 s", SlidingWindow(4, 2*time.Second), [5]int{4, 0, 4, 0, 4}},
		{"token bucket", TokenBucket(2, 5), [5]int{6, 2, 2, 2, 2}},
		{"token bucket whose rate is halved", falling, [5]int{4, 3, 2, 2, 2}},
		{"none at all", FixedWindow(0, time.Second), [5]int{}},
		{"none in a sliding window", SlidingWindow(0, time.Second), [5]int{}},
		{"the zero Quota", &Quota{}, [5]int{}},
		{"in flight, without an end", InFlight(3), [5]int{3, 0, 0, 0, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := time.Unix(1700000059, 900e6)
			var got [5]int
			for call := range 50 {
				if tt.quota.Allow(now, Call{}) {
					got[call/10]++
				}
				now = now.Add(100 * time.Millisecond)
			}
			if got != tt.want {
				t.Errorf("passed %v, want %v", got, tt.want)
			}
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
		if got := q.Allow(start.Add(step.at), Call{}); got != step.want {
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
		if got := q.Allow(start.Add(step.at), Call{}); got != step.want {
			t.Errorf("at %v: %v", step.at, got)
		}
	}
}

// Calls that differ in what the scope names have counts of their own, and share
// one where they differ in anything else.
func TestScopes(t *testing.T) {
	base := Call{Action: "a", Account: "a", Region: "a", Address: "a", Domain: "a"}
	differ := map[Scope]Call{ByAction: base, ByAccount: base, ByRegion: base, ByAddress: base, ByDomain: base}
	for scope := range differ {
		c := base
		for part, field := range map[Scope]*string{
			ByAction: &c.Action, ByAccount: &c.Account, ByRegion: &c.Region, ByAddress: &c.Address, ByDomain: &c.Domain,
		} {
			if part == scope {
				*field = "b"
			}
		}
		differ[scope] = c
	}
	for _, scope := range []Scope{0, ByAction, ByAccount | ByRegion, ByAddress, ByDomain, ByAction | ByDomain} {
		for part, c := range differ {
			q := FixedWindow(1, time.Minute)
			q.Scope = scope
			q.Allow(time.Unix(0, 0), base)
			if got, want := q.Allow(time.Unix(0, 0), c), scope&part != 0; got != want {
				t.Errorf("scope %b: a call with another member %b passes: %v", scope, part, got)
			}
		}
	}
	q := FixedWindow(0, time.Minute)
	if q.Scope = ByDomain; !q.Allow(time.Unix(0, 0), Call{Action: "GetDsaHostList"}) {
		t.Error("a quota by domain limits a call that changes none")
	}
}

// What the quota knows of a call comes from the request, in both APIs.
func TestScopesOfRequests(t *testing.T) {
	for _, tt := range []struct {
		scope       Scope
		header      [2]string
		other       string // host of another request that has its own count
		code        string
		codeOfOther string
	}{
		{ByAccount | ByRegion, [2]string{"X-TC-Region", "ap-beijing"}, "", "RequestLimitExceeded.UinLimitExceeded", ""},
		{ByAccount | ByRegion, [2]string{}, "ecdn.ap-beijing.tencentcloudapi.com", "RequestLimitExceeded.UinLimitExceeded", ""},
		{ByAccount, [2]string{"X-TC-Region", "ap-beijing"}, "", "RequestLimitExceeded.GlobalRegionUinLimitExceeded",
			"RequestLimitExceeded.GlobalRegionUinLimitExceeded"},
		{ByAddress, [2]string{"X-Forwarded-For", "192.0.2.1, 10.0.0.1"}, "", "RequestLimitExceeded.IPLimitExceeded", ""},
		{ByAction | ByAccount, [2]string{}, "ecdn.ap-beijing.tencentcloudapi.com", "RequestLimitExceeded", "RequestLimitExceeded"},
	} {
		q := FixedWindow(1, time.Hour)
		q.Scope = tt.scope
		c := inMemory3(t, NewAPI(WithQuotas(q)))
		c.id, c.key = testID, testKey
		c.want("", "DescribeDomains", "")
		c.want(tt.code, "DescribeDomains", "")
		if tt.other != "" {
			c.url = "https://" + tt.other
		}
		req := c.request("DescribeDomains", "")
		if tt.header[0] != "" {
			req.Header.Set(tt.header[0], tt.header[1])
		}
		if _, code := c.send(req); code != tt.codeOfOther {
			t.Errorf("scope %b: %q to another, want %q", tt.scope, code, tt.codeOfOther)
		}
	}
	q := FixedWindow(1, time.Hour)
	q.Scope = ByAccount
	api := NewAPI(WithQuotas(q), WithCredentials(testID, testKey), WithCredentials("second", "key2"))
	c := signed(inMemory(t, api))
	c.want(0, 0, "GetDsaHostList")
	c.want(4400, 0, "GetFlushLog")
	c.id, c.key = "second", "key2"
	c.want(0, 0, "GetDsaHostList")
}

// A quota by domain is the module's: it answers 2010, after the Nonce was spent,
// and only to changes.
func TestQuotaByDomain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := SlidingWindow(1, 10*time.Second)
		q.Scope = ByDomain
		api := NewAPI(WithQuotas(q), WithDeployTime(0), WithDomain("a.example.com", "b.example.com"), WithCredentials(testID, testKey))
		c := signed(inMemory(t, api))
		id := fmt.Sprint(api.module.domains[0].id)
		c.want(0, 0, "OfflineDsaHost", "hostId", id)
		c.want(4000, 2010, "OnlineDsaHost", "host", "A.example.com", "Nonce", "7")
		c.want(4500, 0, "OnlineDsaHost", "host", "A.example.com", "Nonce", "7")
		c.want(0, 0, "GetDsaHostInfo", "hostId", id)
		c.want(0, 0, "OfflineDsaHost", "host", "b.example.com")
		c.want(4000, 2010, "FlushCache", "urlList", `["http://b.example.com/"]`)
		c3 := inMemory3(t, api)
		c3.id, c3.key = testID, testKey
		c3.want("LimitExceeded.EcdnDomainOpTooOften", "StartEcdnDomain", `{"Domain":"b.example.com"}`)
		time.Sleep(10 * time.Second)
		c3.want("", "StartEcdnDomain", `{"Domain":"b.example.com"}`)
	})
}

// In flight is what has passed and has not been answered, whatever the way.
func TestInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI(WithQuotas(InFlight(2)), WithDomain("www.example.com"))
		api.OnRequest(func(Request) []Step { return []Step{Execute(), Delay(time.Second)} })
		c := inMemory(t, api)
		var wg sync.WaitGroup
		var mu sync.Mutex
		answers := map[int]int{}
		for range 5 {
			wg.Go(func() {
				a := c.call("GetDsaHostList")
				mu.Lock()
				answers[a.Code]++
				mu.Unlock()
			})
		}
		wg.Wait()
		if answers[0] != 2 || answers[4400] != 3 {
			t.Errorf("answers %v to five calls at once, want 2 and 3", answers)
		}
		for range 3 { // one after another, and those that break off, are no more than one
			api.Next(1, Execute(), Drop())
			if _, err := c.try(c.request("GetDsaHostList")); err == nil {
				t.Error("an answer in spite of Drop")
			}
			c.want(0, 0, "GetDsaHostList")
		}
	})
	q := InFlight(1) // what was rejected is not in flight
	now := time.Unix(0, 0)
	if !q.Allow(now, Call{}) || q.Allow(now, Call{}) {
		t.Error("not one in flight")
	}
	q.done(Call{})
	if !q.Allow(now, Call{}) || q.Allow(now, Call{}) {
		t.Error("not one in flight after the end of one")
	}
}

// A call that one quota rejects is not in flight for another.
func TestRejectedCallIsNotInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, NewAPI(WithQuotas(InFlight(1)), WithQuota(1, time.Minute)))
		c.want(0, 0, "GetDsaHostList")
		c.want(4400, 0, "GetDsaHostList")
		time.Sleep(time.Minute)
		c.want(0, 0, "GetDsaHostList")
	})
}

// The limit is told in the language of the account or of the request, where it
// is one of a second.
func TestQuotaTells(t *testing.T) {
	for name, tt := range map[string]struct {
		quota *Quota
		told  string
	}{
		"window of a second": {FixedWindow(0, time.Second), ""},
		"one a second":       {FixedWindow(1, time.Second), "`2` in a second, which exceeds the frequency limit `1` for"},
		"bucket of 20":       {TokenBucket(20, 1), "`21` in a second, which exceeds the frequency limit `20` for"},
		"bucket of 1.5":      {TokenBucket(1.5, 1), ""},
		"minute":             {FixedWindow(1, time.Minute), ""},
		"in flight":          {InFlight(0), ""},
	} {
		t.Run(name, func(t *testing.T) {
			tt.quota.Tells = true
			c := inMemory3(t, NewAPI(WithQuotas(tt.quota), WithEnglish()))
			c.send(c.request("DescribeDomains", ""))
			code, message := c.message3()
			want := failureOf(codes.QuotaExceeded).en
			if tt.told != "" {
				want = "Your current request times equals to " + tt.told + " a second. Please reduce the frequency of calls."
			}
			if code != "RequestLimitExceeded" || message != want {
				t.Errorf("%s %q, want %q", code, message, want)
			}
		})
	}
	q := FixedWindow(5, time.Second)
	q.Tells = true
	for _, want := range []string{"", "", "", "", "", "您当前每秒请求 `6` 次，超过了每秒频率上限 `5`，请稍后重试。"} {
		a := inMemory(t, NewAPI(WithQuotas(q))).call("GetDsaHostList")
		if !strings.HasPrefix(a.Message, want) || (a.Code == 4400) != (want != "") {
			t.Errorf("%d %q, want %q", a.Code, a.Message, want)
		}
	}
}

func TestQuotaIsPerAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := NewAPI(WithQuota(1, time.Minute))
		c := inMemory(t, api)
		c.want(0, 0, "GetDsaHostList")
		c.want(0, 0, "GetFlushLog")
		c.want(4400, 0, "GetDsaHostList")
		c.want(4400, 0, "GetFlushLog")
		time.Sleep(time.Minute)
		c.want(0, 0, "GetDsaHostList")
		inMemory3(t, api).want("", "DescribeDomains", "")
		inMemory3(t, api).want("RequestLimitExceeded", "DescribeDomains", "")
	})
}
