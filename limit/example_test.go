package limit_test

import (
	"context"
	"expvar"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// What a Transport does with a Gate, for those who send requests themselves.
func ExampleAdaptive() {
	var quotas limit.Adaptive
	send := func() limit.Answer { return limit.Answer{Outcome: limit.Accepted} } // your request

	call := limit.Call{
		Host: "dsa.api.qcloud.com", Action: "GetDsaHostList", Begun: time.Now(), History: new(limit.History),
	}
	for call.Attempt = 1; ; call.Attempt++ {
		done, err := quotas.Acquire(context.Background(), call)
		if err != nil {
			fmt.Println("gave up:", err)
			return
		}
		answer := send()
		done(answer)
		if answer.Outcome != limit.Throttled {
			fmt.Println("done, attempt", call.Attempt)
			return
		}
	}
	// Output: done, attempt 1
}

// The documented 100 calls a minute for each action, kept from the start.
func ExampleDocumented() {
	limiter := limit.Documented()
	done, err := limiter.Acquire(context.Background(), limit.Call{Host: "dsa.api.qcloud.com", Action: "GetDsaHostList"})
	done(limit.Answer{Outcome: limit.Accepted})
	fmt.Println(err, limiter.States()[0].Known)
	// Output: <nil> documented
}

// A quota that you know of one action; the others are learnt.
func ExampleAdaptive_quota() {
	limiter := &limit.Adaptive{Quota: func(k limit.Key) limit.Quota {
		if k.Action == "FlushCache" {
			return limit.Quota{Limit: 1, Per: time.Hour}
		}
		return limit.Quota{}
	}}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, action := range []string{"GetDsaHostList", "GetDsaHostList", "FlushCache", "FlushCache"} {
		done, err := limiter.Acquire(ctx, limit.Call{Action: action})
		if err != nil {
			fmt.Println(action+":", err)
			continue
		}
		done(limit.Answer{Outcome: limit.Accepted})
		fmt.Println(action)
	}
	// Output:
	// GetDsaHostList
	// GetDsaHostList
	// FlushCache
	// FlushCache: the quota's next attempt would come too late for the deadline
}

// All keys under one *rate.Limiter of yours.
func ExampleNewPace() {
	all := rate.NewLimiter(50, 1)
	limiter := &limit.Adaptive{Pace: func(k limit.Key, _ func(limit.Quota)) limit.Pace {
		if k.Scope == limit.ScopeAddress {
			return limit.NewPace(all)
		}
		return nil
	}}
	fmt.Println(limiter.Wait(context.Background()))
	// Output: <nil>
}

// What the limiter knows, among the program's other variables.
func ExampleAdaptive_States() {
	limiter := &limit.Adaptive{} // a Transport's Limiter
	expvar.Publish("quotas", expvar.Func(func() any { return limiter.States() }))
	fmt.Println(expvar.Get("quotas"))
	// Output: []
}
