package peers

import (
	"context"
	"net/http"

	"github.com/hashicorp/go-retryablehttp"
)

func newRetryableHTTP(base http.RoundTripper, _ Settings) http.RoundTripper {
	return retryable(base, Retries, decodingCheckRetry)
}

// ByStatus is go-retryablehttp with its defaults, which leave the body alone.
func ByStatus(base http.RoundTripper) http.RoundTripper {
	return retryable(base, 4, retryablehttp.DefaultRetryPolicy)
}

func retryable(base http.RoundTripper, retries int, check retryablehttp.CheckRetry) http.RoundTripper {
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: base}
	client.Logger, client.RetryMax, client.CheckRetry = nil, retries, check
	return client.StandardClient().Transport
}

// decodingCheckRetry is what users write by hand.
func decodingCheckRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	retry, checkErr := retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	if retry || checkErr != nil || err != nil {
		return retry, checkErr
	}
	return again(resp, nil), nil
}
