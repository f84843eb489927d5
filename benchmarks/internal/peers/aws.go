package peers

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
)

// sdkLoop is the AWS SDK's retry middleware around a RoundTripper. The SDK
// offers no transport with it, only its own clients.
type sdkLoop struct {
	next    http.RoundTripper
	attempt *retry.Attempt
}

// newAWS keeps the adaptive mode's rate limiter and retry quota as they are.
func newAWS(base http.RoundTripper, _ Settings) http.RoundTripper {
	mode := retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
		o.StandardOptions = append(o.StandardOptions, func(o *retry.StandardOptions) {
			o.MaxAttempts = 1 + Retries
			// 4400's codeDesc is one of the SDK's own throttling codes.
			o.Retryables = append(o.Retryables, retry.RetryableErrorCode{
				Codes: map[string]struct{}{"InternalError": {}, "ServiceUnavailable": {}},
			})
		})
	})
	clone := func(r any) any { return r.(*http.Request).Clone(r.(*http.Request).Context()) }
	return &sdkLoop{base, retry.NewAttemptMiddleware(ticking{mode}, clone)}
}

// ticking lets time pass while the adaptive mode waits for a token. It rounds
// its waits down, to none at last, and looks again at once; the virtual clock
// stands still meanwhile, so it would look forever.
type ticking struct{ *retry.AdaptiveMode }

func (m ticking) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	return m.AdaptiveMode.GetAttemptToken(tickingContext{ctx})
}

// tickingContext takes a microsecond for each wait that it may end.
type tickingContext struct{ context.Context }

func (c tickingContext) Done() <-chan struct{} {
	time.Sleep(time.Microsecond)
	return c.Context.Done()
}

func (l *sdkLoop) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	in, send := middleware.FinalizeInput{Request: req}, middleware.FinalizeHandlerFunc(l.send)
	out, _, err := l.attempt.HandleFinalize(ctx, in, send)
	if err != nil {
		return nil, err
	}
	return out.Result.(*http.Response), nil
}

// send makes one attempt. The API's failures are errors, as the SDK has them.
func (l *sdkLoop) send(_ context.Context, in middleware.FinalizeInput) (
	out middleware.FinalizeOutput, meta middleware.Metadata, err error,
) {
	resp, err := l.next.RoundTrip(in.Request.(*http.Request))
	if err == nil {
		err = decode(resp)
	}
	out.Result = resp
	return out, meta, err
}
