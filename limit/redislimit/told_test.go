package redislimit

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

var (
	call   = limit.Call{Account: "1f0a5c", Region: "ap-guangzhou", Service: "cdn", Action: "DescribeDomains"}
	action = limit.Key{Account: call.Account, Region: call.Region, Service: call.Service, Action: call.Action}
	ten    = limit.Quota{Limit: 10, Per: time.Second}
)

// start makes a Limiter as a process of its own has it. Its time-out, where o
// has none, is one for busy machines.
func start(t *testing.T, addr string, o *Options) *Limiter {
	t.Helper()
	client := redis.NewClient(&redis.Options{
		Addr: addr, ContextTimeoutEnabled: true, MinRetryBackoff: -1, MaxRetryBackoff: -1,
	})
	if o == nil {
		o = &Options{}
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	l := New(client, o)
	t.Cleanup(func() {
		l.Close()
		client.Close()
	})
	return l
}

// attempt passes one attempt that the API answers so.
func attempt(t *testing.T, l *Limiter, a limit.Answer) {
	t.Helper()
	done, err := l.Acquire(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	done(a)
}

func rejected(q limit.Quota) limit.Answer { return limit.Answer{Outcome: limit.Throttled, Told: q} }

// paceOf returns the action's pace, which the first attempt made.
func paceOf(t *testing.T, l *Limiter) *pace {
	t.Helper()
	for _, p := range paces(l) {
		if p.id == idOf(action) {
			return p
		}
	}
	t.Fatal("the action has no pace")
	return nil
}

// eventually waits for what another goroutine does soon.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// subscribed waits until n processes hear what is told.
func subscribed(t *testing.T, server *miniredis.Miniredis, n int) {
	t.Helper()
	const channel = "{qcloudhttp}:told"
	eventually(t, "all have subscribed", func() bool { return server.PubSubNumSub(channel)[channel] == n })
}

// What the API tells one process, all know: those that run and those to come.
func TestToldRateReachesAll(t *testing.T) {
	server := miniredis.RunT(t)
	first, second := start(t, server.Addr(), nil), start(t, server.Addr(), nil)
	attempt(t, first, limit.Answer{Outcome: limit.Accepted})
	attempt(t, second, limit.Answer{Outcome: limit.Accepted})
	subscribed(t, server, 2)

	attempt(t, first, rejected(ten))
	eventually(t, "the other process knows the rate", func() bool { return paceOf(t, second).rate() == ten })
	eventually(t, "its key knows it", func() bool { return second.Rate(call) > 9.8 })
	third := start(t, server.Addr(), nil)
	subscribed(t, server, 3)
	attempt(t, third, limit.Answer{Outcome: limit.Accepted})
	eventually(t, "a new process knows the rate", func() bool { return paceOf(t, third).rate() == ten })
	for _, p := range []*pace{paceOf(t, second), paceOf(t, third)} {
		if p.own != (limit.Quota{}) {
			t.Errorf("what another process was told passes for the API's own word: %v", p.own)
		}
	}
}

// A subscription that was away reads what it missed.
func TestToldRateOutlivesTheSubscription(t *testing.T) {
	server := miniredis.RunT(t)
	l := start(t, server.Addr(), nil)
	attempt(t, l, limit.Answer{Outcome: limit.Accepted})
	subscribed(t, server, 1)
	server.Close()
	server.Set("{qcloudhttp}:told:"+idOf(action), "10/1s")
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the rate is read", func() bool { return paceOf(t, l).rate() == ten })
}

func TestForgedRates(t *testing.T) {
	server := miniredis.RunT(t)
	l := start(t, server.Addr(), nil)
	attempt(t, l, limit.Answer{Outcome: limit.Accepted})
	p := paceOf(t, l)
	subscribed(t, server, 1)
	forge := func(text string) { server.Publish("{qcloudhttp}:told", p.id+" "+text) }
	believes := func(what string, q limit.Quota) {
		t.Helper()
		eventually(t, what, func() bool { return p.rate() == q })
	}

	for _, nonsense := range []string{"", "x", "0/1s", "-1/1s", "5/0s", "5/-1s", "9999999999999/1s", "5/1ns", "5/9999h"} {
		if q := parse(nonsense); q != (limit.Quota{}) {
			t.Errorf("%q passes for %v", nonsense, q)
		}
	}
	forge("50/1s")
	believes("the first rate is believed", limit.Quota{Limit: 50, Per: time.Second})
	forge("50000/1s")
	forge("2/1m")
	forge("40/1s")
	believes("a plausible rate is believed", limit.Quota{Limit: 40, Per: time.Second})
	eventually(t, "the key knows it", func() bool { return l.Rate(call) > 39 && l.Rate(call) < 41 })

	attempt(t, l, rejected(ten))
	believes("the API's word counts more", ten)
	eventually(t, "Redis holds the API's word", func() bool {
		held, _ := server.Get("{qcloudhttp}:told:" + p.id)
		return held == "10/1s"
	})
	eventually(t, "a rate below is believed", func() bool {
		forge("11/1s")
		forge("9/1s") // once what was told above has gone round
		return p.rate() == limit.Quota{Limit: 9, Per: time.Second}
	})
}

// Which rates from Redis are believed.
func TestHear(t *testing.T) {
	quota := func(n int) limit.Quota { return limit.Quota{Limit: n, Per: time.Second} }
	for _, c := range []struct {
		name             string
		last, own, heard limit.Quota
		want             limit.Quota
	}{
		{"first", limit.Quota{}, limit.Quota{}, quota(1e6), quota(1e6)},
		{"999 times the last", quota(10), limit.Quota{}, quota(9990), quota(9990)},
		{"1000 times the last", quota(10), limit.Quota{}, quota(10000), quota(10)},
		{"a 1000th of the last", quota(10000), limit.Quota{}, quota(10), quota(10000)},
		{"above its own", quota(10), quota(10), quota(11), quota(10)},
		{"back to its own", quota(9), quota(10), quota(10), quota(10)},
		{"nothing", quota(10), limit.Quota{}, limit.Quota{}, quota(10)},
	} {
		told := limit.Quota{}
		p := &pace{quota: c.last, own: c.own, tell: func(q limit.Quota) { told = q }}
		p.hear(c.heard)
		if p.quota != c.want {
			t.Errorf("%s: %v, want %v", c.name, p.quota, c.want)
		}
		if changed := c.want != c.last; changed != (told == c.want) {
			t.Errorf("%s: the key was told %v", c.name, told)
		}
		if told.Rate() > 0 { // the key gives it back, which is nobody's word
			p.SetQuota(told)
			if p.own != c.own {
				t.Errorf("%s: the API's word is %v", c.name, p.own)
			}
		}
	}
}

// What a key gives back late does not pass for the API's word.
func TestHearAndBeTold(t *testing.T) {
	p := paceFor(t, miniredis.RunT(t).Addr(), limit.Quota{}, 1)
	nine := limit.Quota{Limit: 9, Per: time.Second}
	p.hear(nine)
	p.SetQuota(ten)  // the API
	p.SetQuota(nine) // the key
	if p.own != ten || p.quota != ten {
		t.Errorf("own %v, used %v", p.own, p.quota)
	}
	p.SetQuota(nine) // the API
	if p.own != nine || p.quota != nine {
		t.Errorf("own %v, used %v", p.own, p.quota)
	}
}

// Everything in Redis expires, and nothing names an account or an action.
func TestKeys(t *testing.T) {
	server := miniredis.RunT(t)
	l := start(t, server.Addr(), &Options{Prefix: "shop"})
	attempt(t, l, rejected(limit.Quota{Limit: 1000, Per: time.Second}))
	attempt(t, l, limit.Answer{Outcome: limit.Accepted}) // the probe
	attempt(t, l, limit.Answer{Outcome: limit.Accepted}) // by the schedule
	want := []string{"rate:{shop}:" + idOf(action), "{shop}:processes", "{shop}:told:" + idOf(action)}
	eventually(t, strings.Join(want, ", ")+" are there", func() bool { return len(server.Keys()) == 3 })
	for i, name := range server.Keys() {
		if name != want[i] {
			t.Errorf("key %s, want %s", name, want[i])
		}
		if server.TTL(name) <= 0 {
			t.Errorf("%s does not expire", name)
		}
		for _, secret := range []string{call.Account, call.Action, call.Service} {
			if strings.Contains(strings.TrimPrefix(server.Dump(), "-"), secret) {
				t.Errorf("Redis holds %q", secret)
			}
		}
	}
	if server.Exists("{qcloudhttp}:processes") {
		t.Error("the default prefix is used, too")
	}
}

// Machines have addresses of their own, so their quotas are not shared.
func TestAddressesAreNotShared(t *testing.T) {
	l := start(t, miniredis.RunT(t).Addr(), nil)
	if p := l.pace(limit.Key{Scope: limit.ScopeAddress}, nil); p != nil {
		t.Error("an address's quota is shared")
	}
	known := map[string]limit.Key{}
	for _, k := range []limit.Key{
		{}, {Scope: limit.ScopeRegion}, {Account: "a"}, {Region: "a"}, {Service: "a"}, {Action: "a"},
		{Account: "ab"}, {Account: "a", Region: "b"}, {Region: "a", Service: "b"},
	} {
		if other, ok := known[idOf(k)]; ok {
			t.Errorf("%v has the id of %v", k, other)
		}
		known[idOf(k)] = k
	}
}

// Where nobody told a rate, no attempt asks Redis.
func TestNoRateNoQuestion(t *testing.T) {
	server := miniredis.RunT(t)
	l := start(t, server.Addr(), nil)
	for range 20 {
		attempt(t, l, limit.Answer{Outcome: limit.Accepted})
	}
	if granted, wait := paceOf(t, l).Take(context.Background(), 7); granted != 7 || wait != 0 {
		t.Errorf("%d granted, wait %v", granted, wait)
	}
	if paceOf(t, l).Known() {
		t.Error("a rate is known")
	}
	if server.Exists("rate:{qcloudhttp}:" + idOf(action)) {
		t.Error("there is a schedule")
	}
}
