package roundtrippers_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// otelhttp above and below: one span for the call, and in it one for each
// attempt. Only the one above knows that the call failed.
func Example_otelhttpAboveAndBelow() {
	srv := qcloudtest.NewServer()
	defer srv.Close()
	srv.Next(1, qcloudtest.Code(codes.InternalError))
	srv.Next(1, qcloudtest.Code(codes.AuthFailure))

	spans, tracing := record()
	below := otelhttp.NewTransport(http.DefaultTransport, tracing, named("attempt"))
	client := &http.Client{
		Transport: otelhttp.NewTransport(&qcloudhttp.Transport{Base: below}, tracing, named("call")),
	}
	_, err := client.Get(srv.URL + "/v2/index.php?Action=GetDsaHostList")
	fmt.Println(err != nil)
	for _, span := range spans.Ended() {
		fmt.Println(span.Name(), span.Status().Code)
	}
	// Output:
	// true
	// attempt Unset
	// attempt Unset
	// call Error
}

// record returns where spans are kept, and an option that keeps them there.
func record() (*tracetest.SpanRecorder, otelhttp.Option) {
	spans := tracetest.NewSpanRecorder()
	return spans, otelhttp.WithTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(spans)))
}

func named(name string) otelhttp.Option {
	return otelhttp.WithSpanNameFormatter(func(string, *http.Request) string { return name })
}

// The span of an attempt ends with its response's body. The transport closes
// all bodies, so every span that was begun has ended after the call.
func TestEverySpanEnds(t *testing.T) {
	for name, step := range map[string]qcloudtest.Step{
		"passes": qcloudtest.Code(codes.InternalError), "stays": qcloudtest.Code(codes.DomainNotFiled),
		"no answer": qcloudtest.Drop(), "cut off": qcloudtest.Cut(9), "proxy": qcloudtest.Status(502),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := qcloudtest.NewAPI()
				api.Next(3, step)
				spans, tracing := record()
				below := otelhttp.NewTransport(api.Transport(), tracing, named("attempt"))
				rt := otelhttp.NewTransport(&qcloudhttp.Transport{Base: below}, tracing, named("call"))
				call(t, rt)

				started, ended := spans.Started(), spans.Ended()
				if len(ended) != len(started) || len(ended) != api.Total()+1 {
					t.Fatalf("%d spans begun, %d ended, %d attempts", len(started), len(ended), api.Total())
				}
				whole := started[0].SpanContext().SpanID()
				for _, attempt := range started[1:] {
					if attempt.Name() != "attempt" || attempt.Parent().SpanID() != whole {
						t.Errorf("%s is no part of the call", attempt.Name())
					}
				}
			})
		})
	}
}

func call(t *testing.T, rt http.RoundTripper) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet,
		"https://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := (&http.Client{Transport: rt}).Do(req); err == nil {
		resp.Body.Close()
	}
}
