package peers

import (
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/adaptivelimiter"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

func newFailsafe(base http.RoundTripper, s Settings) http.RoundTripper {
	return failsafehttp.NewRoundTripper(base, failsafeRetries(s))
}

// newFailsafeLimited puts the limiter around the retries, so that a call keeps
// its permit until it has succeeded; the other way round it limits nothing
// here, because rejections come as quickly as successes. Without a queue it
// fails the calls beyond its limit, so it gets one that is long enough for all.
func newFailsafeLimited(base http.RoundTripper, s Settings) http.RoundTripper {
	limiter := adaptivelimiter.NewBuilder[*http.Response]().WithQueueing(1e5, 1e6).Build()
	return failsafehttp.NewRoundTripper(base, limiter, failsafeRetries(s))
}

func failsafeRetries(s Settings) failsafe.Policy[*http.Response] {
	builder := failsafehttp.NewRetryPolicyBuilder()
	if !s.ByStatus {
		builder = retrypolicy.NewBuilder[*http.Response]().
			HandleIf(func(resp *http.Response, err error) bool { return again(resp, err, s) }).
			WithDelayFunc(failsafehttp.DelayFunc)
	}
	builder = builder.WithMaxRetries(Retries).ReturnLastFailure()
	if s.Quick {
		return builder.WithDelay(quickWait).Build()
	}
	return builder.WithBackoff(time.Second, 30*time.Second).WithJitterFactor(0.5).Build()
}
