package otelqcloud

import (
	"context"
	"errors"
	"net/url"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/qcloudhttp/qcloudhttp"
)

// HideQuery returns a TracerProvider whose spans are p's, but hold no query
// string and no credential: in url.full, url.query and their predecessors, in
// recorded errors, and in the status. It is for instrumentation that sees
// signed requests, above all
//
//	otelhttp.NewTransport(base, otelhttp.WithTracerProvider(otelqcloud.HideQuery(p)))
func HideQuery(p trace.TracerProvider) trace.TracerProvider { return hidingProvider{p} }

type hidingProvider struct{ trace.TracerProvider }

func (p hidingProvider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return hidingTracer{p.TracerProvider.Tracer(name, opts...)}
}

type hidingTracer struct{ trace.Tracer }

func (t hidingTracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption,
) (context.Context, trace.Span) {
	ctx, span := t.Tracer.Start(ctx, name, hiddenOptions(opts)...)
	span = hidingSpan{span}
	return trace.ContextWithSpan(ctx, span), span
}

// hiddenOptions are opts with other attributes.
func hiddenOptions(opts []trace.SpanStartOption) []trace.SpanStartOption {
	c := trace.NewSpanStartConfig(opts...)
	clean := []trace.SpanStartOption{
		trace.WithAttributes(hidden(c.Attributes())...), trace.WithTimestamp(c.Timestamp()),
		trace.WithLinks(c.Links()...), trace.WithSpanKind(c.SpanKind()),
	}
	if c.NewRoot() {
		clean = append(clean, trace.WithNewRoot())
	}
	return clean
}

type hidingSpan struct{ trace.Span }

func (s hidingSpan) TracerProvider() trace.TracerProvider {
	return hidingProvider{s.Span.TracerProvider()}
}

func (s hidingSpan) SetAttributes(attrs ...attribute.KeyValue) {
	s.Span.SetAttributes(hidden(attrs)...)
}

func (s hidingSpan) SetStatus(code codes.Code, description string) {
	s.Span.SetStatus(code, qcloudhttp.Redact(errors.New(description)).Error())
}

func (s hidingSpan) RecordError(err error, opts ...trace.EventOption) {
	s.Span.RecordError(qcloudhttp.Redact(err), opts...)
}

// hidden returns attrs with the query cut out of the URLs.
func hidden(attrs []attribute.KeyValue) []attribute.KeyValue {
	clean := make([]attribute.KeyValue, len(attrs))
	for i, a := range attrs {
		switch a.Key {
		case "url.full", "http.url", "http.target":
			a.Value = attribute.StringValue(bare(a.Value.AsString()))
		case "url.query":
			a.Value = attribute.StringValue("")
		}
		clean[i] = a
	}
	return clean
}

func bare(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment = nil, "", false, ""
	return u.String()
}
