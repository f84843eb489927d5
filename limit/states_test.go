package limit_test

import (
	"encoding/json"
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
