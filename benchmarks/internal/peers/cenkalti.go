package peers

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// retrying is backoff.Retry around a RoundTripper, as people write it: the
// body is read once and sent by every attempt.
type retrying struct {
	next http.RoundTripper
	s    Settings
}

func newCenkalti(base http.RoundTripper, s Settings) http.RoundTripper {
	return &retrying{base, s}
}

var errAgain = errors.New("the API asks to try again")

func (t *retrying) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := readBody(req)
	if err != nil {
		return nil, err
	}
	attempt := func() (*http.Response, error) {
		r := req.Clone(req.Context())
		if body != nil {
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		resp, err := t.next.RoundTrip(r)
		switch {
		case err != nil:
			return nil, err
		case again(resp, nil, t.s):
			resp.Body.Close()
			return nil, errAgain
		}
		return resp, nil
	}
	return backoff.RetryWithData(attempt, backoff.WithContext(t.delays(), req.Context()))
}

func readBody(req *http.Request) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	defer req.Body.Close()
	return io.ReadAll(req.Body)
}

func (t *retrying) delays() backoff.BackOff {
	if t.s.Quick {
		return backoff.WithMaxRetries(backoff.NewConstantBackOff(quickWait), Retries)
	}
	return backoff.NewExponentialBackOff(backoff.WithMaxElapsedTime(15 * time.Minute))
}
