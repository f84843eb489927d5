package otelqcloud_test

import (
	"context"
	"testing"

	"github.com/qcloudhttp/qcloudhttp"
)

// BenchmarkObserve is what the Observer adds to a call that succeeds at once.
func BenchmarkObserve(b *testing.B) {
	o := newTelemetry(b).observer()
	e := qcloudhttp.Event{Host: "dsa.api.qcloud.com", Action: "GetDsaHostList", Method: "GET", Attempt: 1, StatusCode: 200}
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		e.Kind = qcloudhttp.EventAttempt
		o.Observe(ctx, e)
		e.Kind = qcloudhttp.EventEnd
		o.Observe(ctx, e)
	}
}
