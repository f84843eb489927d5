package qcloudhttp

import (
	"context"
	"net/http"

	"github.com/hashicorp/go-retryablehttp"
)

// NewRetryableClient returns a client for programs built on go-retryablehttp: over a
// Transport with base and p, or over base, a *Transport whose calls follow p then. The
// Transport retries, not the client. Errors are a *url.Error around a *Error or
// *GiveUpError.
func NewRetryableClient(base http.RoundTripper, p *Policy) *retryablehttp.Client {
	t, ours := base.(*Transport)
	if !ours {
		t = &Transport{Base: base, Policy: p}
	}
	var rt http.RoundTripper = t
	if ours && p != nil {
		rt = withPolicy{t, p}
	}
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: rt}
	client.Logger = nil
	client.RetryMax = 0
	client.CheckRetry = func(context.Context, *http.Response, error) (bool, error) { return false, nil }
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return client
}

// withPolicy has a Transport follow another policy.
type withPolicy struct {
	*Transport
	policy *Policy
}

func (w withPolicy) RoundTrip(r *http.Request) (*http.Response, error) {
	return w.Transport.RoundTrip(r.WithContext(WithPolicy(r.Context(), w.policy)))
}
