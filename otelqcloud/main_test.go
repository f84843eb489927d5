package otelqcloud_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/otelqcloud"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const dsaURL = "http://dsa.api.qcloud.com/v2/index.php"

// telemetry is what a test reads back.
type telemetry struct {
	t      testing.TB
	reader *metric.ManualReader
	meters *metric.MeterProvider
	spans  *tracetest.SpanRecorder
	tracer *sdktrace.TracerProvider
}

func newTelemetry(t testing.TB) *telemetry {
	reader, spans := metric.NewManualReader(), tracetest.NewSpanRecorder()
	return &telemetry{
		t: t, reader: reader, spans: spans,
		meters: metric.NewMeterProvider(metric.WithReader(reader)),
		tracer: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)),
	}
}

func (tel *telemetry) observer(opts ...otelqcloud.Option) qcloudhttp.Observer {
	tel.t.Helper()
	o, err := otelqcloud.NewObserver(append(opts, otelqcloud.WithMeterProvider(tel.meters))...)
	if err != nil {
		tel.t.Fatal(err)
	}
	return o
}

// span runs f within a span.
func (tel *telemetry) span(f func(context.Context)) {
	ctx, span := tel.tracer.Tracer("test").Start(tel.t.Context(), "parent")
	defer span.End()
	f(ctx)
}

// points returns an instrument's points as "attributes: value", a histogram's
// value being "count sum".
func (tel *telemetry) points(name string) map[string]string {
	tel.t.Helper()
	var all metricdata.ResourceMetrics
	if err := tel.reader.Collect(context.Background(), &all); err != nil {
		tel.t.Fatal(err)
	}
	found := map[string]string{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name != name || !strings.HasSuffix(scope.Scope.Name, "otelqcloud") {
				continue
			}
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					found[text(p.Attributes)] = fmt.Sprint(p.Value)
				}
			case metricdata.Gauge[float64]:
				for _, p := range data.DataPoints {
					found[text(p.Attributes)] = fmt.Sprint(p.Value)
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					found[text(p.Attributes)] = fmt.Sprintf("%d %.4g", p.Count, p.Sum)
				}
			default:
				tel.t.Fatalf("%s is a %T", name, data)
			}
		}
	}
	return found
}

func text(set attribute.Set) string { return textOf(set.ToSlice()) }

// textOf sorts, and leaves out most prefixes: "action=X code=2002 address=h".
func textOf(attrs []attribute.KeyValue) string {
	var parts []string
	for _, a := range attrs {
		parts = append(parts, strings.TrimPrefix(string(a.Key), "qcloud.")+"="+a.Value.String())
	}
	slices.Sort(parts)
	short := strings.NewReplacer(" http.response.", " ", " server.", " ")
	return strings.TrimSpace(short.Replace(" " + strings.Join(parts, " ")))
}

func (tel *telemetry) want(name string, want map[string]string) {
	tel.t.Helper()
	got := tel.points(name)
	for attrs, value := range want {
		if got[attrs] != value {
			tel.t.Errorf("%s{%s} = %q, want %q", name, attrs, got[attrs], value)
		}
	}
	if len(got) != len(want) {
		tel.t.Errorf("%s has %d points, want %d: %v", name, len(got), len(want), got)
	}
}

func call(ctx context.Context, rt http.RoundTripper, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Transport: rt}).Do(req)
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	return err
}
