package otelqcloud

import (
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
)

// An Option sets up what [NewObserver] returns.
type Option func(*config)

type config struct {
	provider        metric.MeterProvider
	requestDuration bool
}

func newConfig(opts []Option) (c config) {
	for _, opt := range opts {
		opt(&c)
	}
	if c.provider == nil {
		c.provider = otel.GetMeterProvider()
	}
	return c
}

// WithMeterProvider sets where the metrics go. The default, and nil, is
// otel.GetMeterProvider.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(c *config) { c.provider = p }
}

// WithRequestDuration adds http.client.request.duration: how long each attempt
// took, to the end of what was read of the body to find its code. It is off by
// default, for an otelhttp.Transport below records the metric under this name,
// and attempts would be counted twice. One above records whole calls under it.
func WithRequestDuration() Option {
	return func(c *config) { c.requestDuration = true }
}
