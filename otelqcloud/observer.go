package otelqcloud

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/qcloudhttp/qcloudhttp"
)

// NewObserver returns an Observer that records metrics and span events; see
// the package comment for which. One may serve many Transports, and
// qcloudhttp.Observers joins it with others. The error is the
// MeterProvider's.
func NewObserver(opts ...Option) (qcloudhttp.Observer, error) {
	i, err := newInstruments(newConfig(opts))
	if err != nil {
		return nil, err
	}
	return &observer{i}, nil
}

type observer struct{ instruments }

// Observe records e.
func (o *observer) Observe(ctx context.Context, e qcloudhttp.Event) {
	span := trace.SpanFromContext(ctx)
	switch e.Kind {
	case qcloudhttp.EventAttempt:
		o.attempt(ctx, span, &e)
	case qcloudhttp.EventWait:
		o.wait(ctx, span, &e)
	case qcloudhttp.EventEnd:
		o.end(ctx, span, &e)
	}
}

func (o *observer) attempt(ctx context.Context, span trace.Span, e *qcloudhttp.Event) {
	attrs := called(e)
	to := with(attrs)
	if e.Attempt > 1 {
		o.retries.Add(ctx, 1, to)
	}
	o.queue.Record(ctx, e.Queued.Seconds(), to)
	o.rate.Record(ctx, e.Rate, to)
	if e.Unread {
		o.unread.Add(ctx, 1, to)
	}

	outcome := failed(slices.Clone(attrs), e.Err)
	if e.StatusCode != 0 {
		outcome = append(outcome, semconv.HTTPResponseStatusCode(e.StatusCode))
	}
	o.attempts.Add(ctx, 1, with(outcome))
	if o.request != nil {
		o.request.Record(ctx, e.Duration.Seconds(), with(standard(e)))
	}
	if span.IsRecording() {
		span.AddEvent("qcloud.attempt", trace.WithAttributes(attemptDetails(outcome, e)...))
	}
}

// standard are the attributes that the conventions ask of an HTTP client's
// request.
func standard(e *qcloudhttp.Event) []attribute.KeyValue {
	attrs := failed(server([]attribute.KeyValue{method(e.Method)}, e), e.Err)
	attrs = slices.DeleteFunc(attrs, func(a attribute.KeyValue) bool { return a.Key == codeKey })
	if e.StatusCode != 0 {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(e.StatusCode))
	}
	return attrs
}

// method bounds what http.request.method may be: the API knows these two.
func method(name string) attribute.KeyValue {
	switch name {
	case "", "GET":
		return semconv.HTTPRequestMethodGet
	case "POST":
		return semconv.HTTPRequestMethodPost
	}
	return semconv.HTTPRequestMethodOther
}

func attemptDetails(attrs []attribute.KeyValue, e *qcloudhttp.Event) []attribute.KeyValue {
	attrs = append(attrs, tookKey.Float64(e.Duration.Seconds()))
	if e.Attempt > 1 {
		attrs = append(attrs, semconv.HTTPRequestResendCount(e.Attempt-1))
	}
	if e.Unread {
		attrs = append(attrs, unreadKey.Bool(true))
	}
	if e.Queued > 0 {
		attrs = append(attrs, queuedKey.Float64(e.Queued.Seconds()))
	}
	return attrs
}

func (o *observer) wait(ctx context.Context, span trace.Span, e *qcloudhttp.Event) {
	attrs := append(called(e), causeKey.String(string(e.Cause)))
	if e.Cause == qcloudhttp.WaitBackoff || e.Cause == qcloudhttp.WaitRetryAfter {
		o.backoff.Record(ctx, e.Wait.Seconds(), with(attrs))
	}
	if !span.IsRecording() {
		return
	}
	details := failed(attrs, e.Err)
	if !e.Until.IsZero() {
		details = append(details, waitKey.Float64(e.Wait.Seconds()), untilKey.String(e.Until.Format(time.RFC3339Nano)))
	}
	span.AddEvent("qcloud.wait", trace.WithAttributes(details...))
}

func (o *observer) end(ctx context.Context, span trace.Span, e *qcloudhttp.Event) {
	outcome := failed(called(e), e.Err)
	o.call.Record(ctx, e.Elapsed.Seconds(), with(outcome))
	if e.Err == nil && e.Attempt > 1 {
		o.recovered.Add(ctx, 1, with(outcome))
	}
	var gaveUp *qcloudhttp.GiveUpError
	if !errors.As(e.Err, &gaveUp) {
		return
	}
	outcome = append(outcome, reasonKey.String(string(gaveUp.Reason)))
	o.giveUps.Add(ctx, 1, with(outcome))
	if span.IsRecording() {
		span.AddEvent("qcloud.give_up", trace.WithAttributes(append(outcome, attemptKey.Int(e.Attempt))...))
	}
}

// with may change the order of attrs.
func with(attrs []attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(attrs...))
}
