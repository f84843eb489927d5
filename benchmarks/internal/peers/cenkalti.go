package peers

import (
	"errors"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// retrying is backoff.Retry with its defaults, but up to 15 minutes, around a
// RoundTripper, as people write it.
type retrying struct{ next http.RoundTripper }

func newCenkalti(base http.RoundTripper, _ Settings) http.RoundTripper { return retrying{base} }

var errAgain = errors.New("the API asks to try again")

func (t retrying) RoundTrip(req *http.Request) (*http.Response, error) {
	attempt := func() (*http.Response, error) {
		resp, err := t.next.RoundTrip(req.Clone(req.Context()))
		if err == nil && again(resp, nil) {
			resp.Body.Close()
			return nil, errAgain
		}
		return resp, err
	}
	delays := backoff.NewExponentialBackOff(backoff.WithMaxElapsedTime(15 * time.Minute))
	return backoff.RetryWithData(attempt, backoff.WithContext(delays, req.Context()))
}
