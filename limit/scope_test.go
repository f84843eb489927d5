package limit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// A rejection closes what its scope covers, and nothing else.
func TestScopesCover(t *testing.T) {
	base := limit.Call{Account: "me", Region: "r1", Service: "cvm", Host: "h1", Action: "a"}
	for _, test := range []struct {
		scope  limit.Scope
		closed string
	}{
		{limit.ScopeAction, "host"}, // the service tells v3's calls apart, not the host
		{limit.ScopeRegion, "host action service"},
		{limit.ScopeAccount, "host action service region"},
		{limit.ScopeAddress, "host action service region account"},
		{limit.ScopeResource, ""},
	} {
		for other, change := range map[string]func(*limit.Call){
			"host":    func(c *limit.Call) { c.Host = "h2" },
			"action":  func(c *limit.Call) { c.Action = "b" },
			"service": func(c *limit.Call) { c.Service = "cbs" },
			"region":  func(c *limit.Call) { c.Region = "r2" },
			"account": func(c *limit.Call) { c.Account = "you" },
		} {
			synctest.Test(t, func(t *testing.T) {
				a := &limit.Adaptive{}
				a.Report(base, limit.Answer{Outcome: limit.Throttled, Scope: test.scope})
				c := base
				change(&c)
				start := time.Now()
				done, err := a.Acquire(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				waited := time.Since(start) > 0
				if want := slices.Contains(strings.Fields(test.closed), other); waited != want {
					t.Errorf("%v closed; another %s waited: %v", test.scope, other, waited)
				}
				done(accepted)
			})
		}
	}
	synctest.Test(t, func(t *testing.T) { // v2 names no service
		a := &limit.Adaptive{}
		a.Report(limit.Call{Host: "h1", Action: "a"}, throttled)
		start := time.Now()
		if _, err := a.Acquire(t.Context(), limit.Call{Host: "h2", Action: "a"}); err != nil || time.Since(start) > 0 {
			t.Error("another host of v2 waited")
		}
	})
}

// A call that several keys cover waits for all of them, and costs each one: ten
// actions of 2/s under an account of 8/s go at 8/s together and none faster
// than 2/s. Nobody overtakes an older call of the same action.
func TestCallCostsEveryKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{Quota: func(k limit.Key) limit.Quota {
			switch k.Scope {
			case limit.ScopeAction:
				return limit.Quota{Limit: 2, Per: time.Second}
			case limit.ScopeAccount:
				return limit.Quota{Limit: 8, Per: time.Second}
			}
			return limit.Quota{}
		}}
		type sent struct {
			action, call int
			at           time.Duration
		}
		var all log[sent]
		start := time.Now()
		for action := range 10 {
			for call := range 16 {
				c := limit.Call{Account: "me", Action: fmt.Sprint(action), Begun: start.Add(time.Duration(call*10+action) * time.Microsecond)}
				enter(t.Context(), a, c, func(done func(limit.Answer) bool, err error) {
					all.add(sent{action, call, time.Since(start)})
					time.Sleep(20 * time.Millisecond)
					done(accepted)
				})
			}
		}
		pass(time.Minute)
		if len(all.all) != 160 {
			t.Fatalf("%d went", len(all.all))
		}
		last := map[int]sent{}
		for i, s := range all.all {
			if i >= 10 && s.at-all.all[i-9].at < 990*time.Millisecond { // 8/s
				t.Errorf("the account's calls %d to %d went within %v", i-9, i, s.at-all.all[i-9].at)
			}
			if before, seen := last[s.action]; seen {
				if s.call != before.call+1 || s.at-before.at < 499*time.Millisecond {
					t.Errorf("%+v after %+v", s, before)
				}
			}
			last[s.action] = s
		}
		if end := all.all[159].at; end > 21*time.Second { // 160 of 8/s
			t.Errorf("all went in %v", end)
		}
	})
}

// A scope that closes while calls wait for another holds them too.
func TestScopeThatClosesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{}
		c := limit.Call{Account: "me", Region: "r", Action: "a"}
		a.Report(c, throttled)
		start := time.Now()
		var at log[time.Duration]
		enter(t.Context(), a, c, func(done func(limit.Answer) bool, err error) {
			at.add(time.Since(start))
			done(accepted)
		})
		other := c
		other.Action = "b"
		a.Report(other, limit.Answer{Outcome: limit.Throttled, Scope: limit.ScopeAccount, RetryAfter: 30 * time.Second})
		pass(time.Minute)
		if len(at.all) != 1 || at.all[0] != 30*time.Second {
			t.Errorf("went at %v", at.all)
		}
		if s := a.States(); len(s) != 2 || s[0].Scope != limit.ScopeAction || s[1].Scope != limit.ScopeAccount {
			t.Errorf("%+v", s)
		}
	})
}

// A call that waits for one key says nothing of a higher rate of another.
func TestWaitForAnotherKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := limit.Call{Account: "me", Region: "r", Host: "h", Action: "a", Attempt: 1}
		p := &api{gate: &limit.Adaptive{}, quota: one(qcloudtest.TokenBucket(50, 50)), call: c}
		for range 2 {
			for _, answer := range []limit.Answer{accepted, {Outcome: limit.Throttled, Scope: limit.ScopeRegion}} {
				done, err := p.gate.Acquire(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				done(answer)
			}
		}
		if took := p.work(t.Context(), 20, 10000); p.failed > 0 || took > 215*time.Second {
			t.Errorf("%d failed, %v", p.failed, took)
		}
		for _, s := range p.gate.(*limit.Adaptive).States() {
			if s.Rate > 2000 {
				t.Errorf("%+v", s)
			}
		}
	})
}

// Keys are bounded; the one used least recently goes, but none in use.
func TestKeysAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{}
		call := func(i int) limit.Call { return limit.Call{Host: fmt.Sprint(i), Action: "a"} }
		a.Report(call(0), throttled)
		held, err := a.Acquire(t.Context(), call(0))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 1030 {
			time.Sleep(time.Millisecond)
			a.Report(call(i+1), throttled)
		}
		kept := map[string]bool{}
		for _, s := range a.States() {
			kept[s.Service] = true
		}
		if len(kept) != 1024 || !kept["0"] || kept["7"] || !kept["8"] || !kept["1030"] {
			t.Errorf("kept %d: %v", len(kept), kept)
		}
		held(accepted)
	})
}
