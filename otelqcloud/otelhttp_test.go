package otelqcloud_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/otelqcloud"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// quick retries Internal at once.
func quick() *qcloudhttp.Policy { return exactly(codes.ClassInternal, time.Microsecond) }

// Below, otelhttp makes a span of each attempt; the events are in the caller's.
func TestOtelhttpBelow(t *testing.T) {
	tel := newTelemetry(t)
	srv := qcloudtest.NewServer()
	defer srv.Close()
	srv.Next(2, qcloudtest.Code(codes.InternalError))
	below := otelhttp.NewTransport(srv.Client().Transport,
		otelhttp.WithTracerProvider(otelqcloud.HideQuery(tel.tracer)), otelhttp.WithMeterProvider(tel.meters))
	rt := &qcloudhttp.Transport{Base: below, Policy: quick(), Observer: tel.observer()}
	tel.span(func(ctx context.Context) {
		if err := call(ctx, rt, srv.URL+"/v2/index.php?Action=GetDsaHostList"); err != nil {
			t.Error(err)
		}
	})
	ended := tel.spans.Ended()
	if len(ended) != 4 {
		t.Fatalf("%d spans, want one for each of 3 attempts and the parent", len(ended))
	}
	parent := ended[3]
	for _, span := range ended[:3] {
		if span.Parent().SpanID() != parent.SpanContext().SpanID() {
			t.Errorf("span %q is not the parent's child", span.Name())
		}
	}
	checkEvents(t, parent)
}

// Above, it makes one of each call, and the events are in that.
func TestOtelhttpAbove(t *testing.T) {
	tel := newTelemetry(t)
	srv := qcloudtest.NewServer()
	defer srv.Close()
	srv.Next(2, qcloudtest.Code(codes.InternalError))
	rt := otelhttp.NewTransport(
		&qcloudhttp.Transport{Base: srv.Client().Transport, Policy: quick(), Observer: tel.observer()},
		otelhttp.WithTracerProvider(tel.tracer), otelhttp.WithMeterProvider(tel.meters))
	if err := call(t.Context(), rt, srv.URL+"/v2/index.php?Action=GetDsaHostList"); err != nil {
		t.Fatal(err)
	}
	ended := tel.spans.Ended()
	if len(ended) != 1 {
		t.Fatalf("%d spans, want 1", len(ended))
	}
	checkEvents(t, ended[0])
}

// checkEvents wants two failures of 6000, their waits, and a success.
func checkEvents(t *testing.T, span sdktrace.ReadOnlySpan) {
	t.Helper()
	var got []string
	for _, e := range span.Events() {
		got = append(got, e.Name+" "+textOf(steady(e.Attributes)))
	}
	want := []string{
		"qcloud.attempt action=GetDsaHostList code=6000 error.type=Internal status_code=200",
		"qcloud.wait action=GetDsaHostList code=6000 error.type=Internal wait.cause=backoff",
		"qcloud.attempt action=GetDsaHostList code=6000 error.type=Internal http.request.resend_count=1 " +
			"status_code=200",
		"qcloud.wait action=GetDsaHostList code=6000 error.type=Internal wait.cause=backoff",
		"qcloud.attempt action=GetDsaHostList http.request.resend_count=2 status_code=200",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("events:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// steady leaves out what differs from run to run.
func steady(attrs []attribute.KeyValue) (kept []attribute.KeyValue) {
	for _, a := range attrs {
		key := string(a.Key)
		if !strings.HasSuffix(key, ".duration") && !strings.HasSuffix(key, ".until") && !strings.HasPrefix(key, "server.") {
			kept = append(kept, a)
		}
	}
	return kept
}

func TestGiveUpEvent(t *testing.T) {
	tel := newTelemetry(t)
	api := qcloudtest.NewAPI()
	api.Maintenance(true)
	rt := &qcloudhttp.Transport{Base: api.Transport(), Observer: tel.observer()}
	tel.span(func(ctx context.Context) {
		call(qcloudhttp.WithoutRetries(ctx), rt, dsaURL+"?Action=GetDsaHostList")
	})
	events := tel.spans.Ended()[0].Events()
	last := events[len(events)-1]
	want := "action=GetDsaHostList attempts=1 code=6200 error.type=Unavailable reason=attempts address=dsa.api.qcloud.com"
	if got := textOf(last.Attributes); last.Name != "qcloud.give_up" || got != want {
		t.Errorf("the last event is %s %s, want %s", last.Name, got, want)
	}
}

// A context without a span, or with one that is not recorded, gets no events
// and takes no harm.
func TestNoSpan(t *testing.T) {
	tel := newTelemetry(t)
	rt := &qcloudhttp.Transport{Base: qcloudtest.NewAPI().Transport(), Observer: tel.observer()}
	ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1},
	}))
	for _, ctx := range []context.Context{t.Context(), ctx} {
		if err := call(ctx, rt, dsaURL+"?Action=GetDsaHostList"); err != nil {
			t.Error(err)
		}
	}
	if n := len(tel.spans.Started()); n != 0 {
		t.Errorf("the Observer started %d spans", n)
	}
}

func TestHideQuery(t *testing.T) {
	tel := newTelemetry(t)
	provider := otelqcloud.HideQuery(tel.tracer)
	const raw = "https://user:pass@dsa.api.qcloud.com/v2/index.php?SecretId=AKIDxxxxxxxxxxxx&Signature=abc#f"
	began := time.Unix(1, 0)
	ctx, parent := tel.tracer.Tracer("t").Start(t.Context(), "parent")
	ctx, span := provider.Tracer("t").Start(ctx, "root", trace.WithNewRoot(), trace.WithTimestamp(began),
		trace.WithSpanKind(trace.SpanKindClient), trace.WithLinks(trace.LinkFromContext(ctx)),
		trace.WithAttributes(attribute.String("url.full", raw), attribute.String("other", "kept")))
	span.SetAttributes(attribute.String("http.url", raw),
		attribute.String("http.target", "/v2/index.php?a=b"), attribute.String("url.query", "a=b"))
	span.RecordError(&url.Error{Op: "Get", URL: raw, Err: errors.New("refused")})
	span.SetStatus(otelcodes.Error, "Get "+raw+": refused")
	_, child := span.TracerProvider().Tracer("t").Start(ctx, "child",
		trace.WithAttributes(attribute.String("url.full", raw)))
	child.End()
	span.End()
	parent.End()

	ended := tel.spans.Ended()
	for _, s := range ended {
		out := textOf(s.Attributes()) + s.Status().Description + allEvents(s)
		for _, secret := range []string{"AKID", "abc", "a=b", "pass"} {
			if strings.Contains(out, secret) {
				t.Errorf("span %s holds %q of the URL: %s", s.Name(), secret, out)
			}
		}
	}
	root := ended[1]
	const clean = "https://dsa.api.qcloud.com/v2/index.php"
	want := "http.target=/v2/index.php http.url=" + clean + " other=kept url.full=" + clean + " url.query="
	if got := textOf(root.Attributes()); got != want {
		t.Errorf("attributes %s, want %s", got, want)
	}
	if root.Parent().IsValid() || !root.StartTime().Equal(began) ||
		root.SpanKind() != trace.SpanKindClient || len(root.Links()) != 1 {
		t.Errorf("the options of the span are lost: %+v", root)
	}
	if ended[0].Parent().SpanID() != root.SpanContext().SpanID() {
		t.Error("the child is not the hidden span's")
	}
}

func allEvents(s sdktrace.ReadOnlySpan) string {
	var b strings.Builder
	for _, e := range s.Events() {
		b.WriteString(" " + e.Name + " " + textOf(e.Attributes))
	}
	return b.String()
}
