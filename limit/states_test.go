package limit_test

import (
	"encoding/json"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

func TestStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{}
		c := limit.Call{Account: "5e88", Region: "ap-guangzhou", Service: "cvm", Action: "RunInstances"}
		a.Report(c, limit.Answer{Outcome: limit.Throttled, Told: limit.Quota{Limit: 10, Per: time.Second}, RetryAfter: 30 * time.Second})
		for range 21 {
			enter(t.Context(), a, c, func(done func(limit.Answer) bool, _ error) {})
		}
		got, err := json.Marshal(a.States())
		want := `[{"scope":"action","account":"5e88","region":"ap-guangzhou","service":"cvm","action":"RunInstances",` +
			`"known":"told","rate":9.9,"queue":21,"inFlight":0,"estimate":32121212121,"closedUntil":"2000-01-01T00:00:30Z"}]`
		if err != nil || string(got) != want {
			t.Errorf("%v\n%s, want\n%s", err, got, want)
		}
		if d := a.Estimate(c); d < 32*time.Second || d > 33*time.Second {
			t.Errorf("estimate %v", d)
		}
		if r := a.Rate(c); r != 9.9 {
			t.Errorf("rate %v", r)
		}
		other := c
		other.Action = "DescribeInstances"
		if a.Estimate(other) != 0 || a.Rate(other) != 0 {
			t.Error("another action has an estimate")
		}
		pass(time.Hour)
	})
}

// Two quotas cover a call: the slower one tells its rate, the longer wait its
// estimate. A key of unknown rate tells no more than its Retry-After.
func TestStatesOfTwoKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{}
		c := limit.Call{Account: "5e88", Region: "ap-guangzhou", Service: "cvm", Action: "RunInstances"}
		tell := func(scope limit.Scope, n int, retryAfter time.Duration) {
			a.Report(c, limit.Answer{Outcome: limit.Throttled, Scope: scope,
				Told: limit.Quota{Limit: n, Per: time.Second}, RetryAfter: retryAfter})
		}
		tell(limit.ScopeRegion, 20, 40*time.Second)
		tell(limit.ScopeAction, 10, 0)
		other := c
		other.Action = "DescribeInstances"
		a.Report(other, limit.Answer{Outcome: limit.Throttled, RetryAfter: 50 * time.Second})

		all := a.States()
		var names []string
		for _, s := range all {
			names = append(names, s.Scope.String()+" "+s.Action)
		}
		if want := []string{"action DescribeInstances", "action RunInstances", "region "}; !slices.Equal(names, want) {
			t.Errorf("%q, want %q", names, want)
		}
		now := time.Now()
		if s := all[0]; s.Known != "" || s.Rate != 0 || s.Estimate != 50*time.Second || !s.ClosedUntil.Equal(now.Add(50*time.Second)) {
			t.Errorf("of unknown rate: %+v", s)
		}
		if s := all[1]; s.Estimate != time.Second || s.Allowance != 0 || s.Window != 0 {
			t.Errorf("told: %+v", s)
		}
		if r, d := a.Rate(c), a.Estimate(c); r != 9.9 || d != 40*time.Second {
			t.Errorf("rate %v, estimate %v", r, d)
		}
		if r, d := a.Rate(other), a.Estimate(other); r != 19.8 || d != 50*time.Second {
			t.Errorf("the other's rate %v, estimate %v", r, d)
		}
		pass(time.Minute)
		enter(t.Context(), a, c, func(done func(limit.Answer) bool, _ error) { pass(time.Second); done(accepted) })
		pass(500 * time.Millisecond)
		if s := a.States()[1]; s.InFlight != 1 || s.Queue != 0 {
			t.Errorf("in flight: %+v", s)
		}
		pass(time.Second)
		if s := a.States()[1]; s.InFlight != 0 || !s.ClosedUntil.IsZero() {
			t.Errorf("open: %+v", s)
		}
	})
}

// A policy without delays under a server that answers at once: time is short, and
// no rate is infinite, which JSON does not know.
func TestStatesWithoutDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &limit.Adaptive{}
		c := firstTry
		c.History, c.Delay = &limit.History{}, func(int) time.Duration { return 0 }
		a.Report(c, throttled)
		for _, answer := range []limit.Answer{accepted, accepted, throttled, accepted} {
			done, err := a.Acquire(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			done(answer)
		}
		if _, err := json.Marshal(a.States()); err != nil {
			t.Error(err)
		}
	})
}
