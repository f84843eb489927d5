// Command roundtrippers shows where other RoundTrippers go: above the
// transport, where one sees calls, or below it, where one sees attempts.
//
//   - golang.org/x/oauth2 goes below: each attempt then has a token that is
//     valid at that moment. Above, one token has to last for all attempts and
//     the waits between them.
//   - otelhttp goes above for a span of each call, whose status is the call's
//     outcome; below for a span of each attempt. Below, the API's failures
//     look like successes, for they are HTTP 200. It may be in both places.
//
// A RoundTripper between the client and the transport that has no method
// CloseIdleConnections hides ours: then close those of the base.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"golang.org/x/oauth2"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

func main() {
	api := qcloudtest.NewAPI(qcloudtest.WithEnglish())

	fmt.Println("oauth2 below, the first two attempts failing:")
	api.Next(2, qcloudtest.Code(codes.InternalError))
	get(oauth2Below(api.Transport(), os.Stdout))

	fmt.Println("otelhttp above and below, the second attempt failing for good:")
	api.Next(1, qcloudtest.Code(codes.InternalError))
	api.Next(1, qcloudtest.Code(codes.AuthFailure))
	spans := tracetest.NewSpanRecorder()
	get(otelAboveAndBelow(api.Transport(), spans))
	for _, span := range spans.Ended() {
		fmt.Printf("  span %q, status %s\n", span.Name(), span.Status().Code)
	}
}

// oauth2Below is for an API behind a gateway that wants OAuth 2.0 tokens: every
// attempt gets a token of its own, which w shows.
func oauth2Below(base http.RoundTripper, w io.Writer) http.RoundTripper {
	once := &tokenSource{life: 0} // no token can be used twice
	return &qcloudhttp.Transport{Base: &oauth2.Transport{Source: once, Base: gateway{base, w}}}
}

// otelAboveAndBelow records one span for the call, and in it one for each
// attempt. Only the one above knows that a call failed.
func otelAboveAndBelow(base http.RoundTripper, spans *tracetest.SpanRecorder) http.RoundTripper {
	tracing := otelhttp.WithTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(spans)))
	attempts := &qcloudhttp.Transport{Base: otelhttp.NewTransport(base, tracing, named("attempt"))}
	return otelhttp.NewTransport(attempts, tracing, named("call"))
}

func named(name string) otelhttp.Option {
	return otelhttp.WithSpanNameFormatter(func(string, *http.Request) string { return name })
}

// tokenSource issues tokens that live for some time.
type tokenSource struct {
	life   time.Duration
	issued int
}

func (s *tokenSource) Token() (*oauth2.Token, error) {
	s.issued++
	return &oauth2.Token{AccessToken: fmt.Sprintf("token-%d", s.issued), Expiry: time.Now().Add(s.life)}, nil
}

// gateway shows the token of each request that passes.
type gateway struct {
	http.RoundTripper
	io.Writer
}

func (g gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	fmt.Fprintf(g, "  an attempt with %s\n", r.Header.Get("Authorization"))
	return g.RoundTripper.RoundTrip(r)
}

func get(rt http.RoundTripper) {
	client := &http.Client{Transport: rt}
	resp, err := client.Get("https://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList")
	if err != nil {
		fmt.Println("  the call failed:", err)
		return
	}
	resp.Body.Close()
	fmt.Println("  the call succeeded")
}
