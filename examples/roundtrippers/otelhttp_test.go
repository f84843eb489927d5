package main

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"

	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
				spans := tracetest.NewSpanRecorder()
				failed := !call(t, otelAboveAndBelow(api.Transport(), spans))

				started, ended := spans.Started(), spans.Ended()
				if len(ended) != len(started) || len(ended) != api.Total()+1 {
					t.Fatalf("%d spans begun, %d ended, %d attempts", len(started), len(ended), api.Total())
				}
				whole := started[0].SpanContext().SpanID()
				for _, span := range ended {
					if status := span.Status().Code; span.Name() == "call" && (status == otelcodes.Error) != failed {
						t.Errorf("status %s, the call failed: %t", status, failed)
					}
				}
				for _, attempt := range started[1:] {
					if attempt.Name() != "attempt" || attempt.Parent().SpanID() != whole {
						t.Errorf("%s is no part of the call", attempt.Name())
					}
				}
			})
		})
	}
}

// call reports whether a call of rt succeeds.
func call(t *testing.T, rt http.RoundTripper) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet,
		"https://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: rt}).Do(req)
	if err == nil {
		resp.Body.Close()
	}
	return err == nil
}
