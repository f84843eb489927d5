package limit_test

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

// What a Transport does with a Gate, for those who send requests themselves.
func ExampleAdaptive() {
	var quota limit.Adaptive
	send := func() limit.Outcome { return limit.Accepted } // your request

	for attempt := 1; attempt <= 5; attempt++ {
		ticket, err := quota.Acquire(context.Background(), limit.Call{Attempt: attempt})
		if err != nil {
			fmt.Println("gave up:", err)
			return
		}
		outcome := send()
		quota.Done(ticket, outcome)
		if outcome != limit.Throttled {
			fmt.Println("done, attempt", attempt)
			return
		}
	}
	// Output: done, attempt 1
}

// A limit that is known for one action; the others are learnt.
func ExamplePerAction() {
	limiter := &limit.PerAction{New: func(c limit.Call) limit.Limiter {
		if c.Action == "FlushCache" {
			return rate.NewLimiter(rate.Every(time.Hour), 1)
		}
		return nil
	}}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, action := range []string{"GetDsaHostList", "GetDsaHostList", "FlushCache", "FlushCache"} {
		t, err := limiter.Acquire(ctx, limit.Call{Action: action, Attempt: 1})
		if err != nil {
			fmt.Println(action, "has no turn before the deadline")
			continue
		}
		limiter.Done(t, limit.Accepted)
		fmt.Println(action)
	}
	// Output:
	// GetDsaHostList
	// GetDsaHostList
	// FlushCache
	// FlushCache has no turn before the deadline
}

// The documented 100 calls a minute for each action, kept from the start.
func ExampleDocumented() {
	limiter := limit.Documented()
	t, err := limiter.Acquire(context.Background(), limit.Call{Action: "GetDsaHostList", Attempt: 1})
	limiter.Done(t, limit.Accepted)
	fmt.Println(err)
	// Output: <nil>
}
