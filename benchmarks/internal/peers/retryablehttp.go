package peers

import (
	"context"
	"net/http"

	"github.com/hashicorp/go-retryablehttp"
)

func newRetryableHTTP(base http.RoundTripper, s Settings) http.RoundTripper {
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: base}
	client.Logger = nil
	client.RetryMax = Retries
	if s.Quick {
		client.RetryWaitMin, client.RetryWaitMax = quickWait, quickWait
	}
	if !s.ByStatus {
		client.CheckRetry = decodingCheckRetry
	}
	return client.StandardClient().Transport
}

// decodingCheckRetry is what users write by hand.
func decodingCheckRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	retry, checkErr := retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	if retry || checkErr != nil || err != nil {
		return retry, checkErr
	}
	return again(resp, nil, Settings{}), nil
}
