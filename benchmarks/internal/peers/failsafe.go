package peers

import (
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go/adaptivelimiter"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// newFailsafe puts the limiter around the retries, so that a call keeps its
// permit until it has succeeded; the other way round it limits nothing here,
// because rejections come as quickly as successes. Without a queue it fails the
// calls beyond its limit, so it gets one that is long enough for all.
func newFailsafe(base http.RoundTripper, _ Settings) http.RoundTripper {
	limiter := adaptivelimiter.NewBuilder[*http.Response]().WithQueueing(1e5, 1e6).Build()
	retries := retrypolicy.NewBuilder[*http.Response]().
		HandleIf(again).
		WithDelayFunc(failsafehttp.DelayFunc).
		WithMaxRetries(Retries).
		ReturnLastFailure().
		WithBackoff(time.Second, 30*time.Second).
		WithJitterFactor(0.5).
		Build()
	return failsafehttp.NewRoundTripper(base, limiter, retries)
}
