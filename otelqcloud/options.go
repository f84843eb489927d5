package otelqcloud

import (
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
)

// An Option sets up what [NewObserver] returns.
type Option func(*config)

type config struct {
	provider        metric.MeterProvider
	maxValues       int
	requestDuration bool
}

const defaultMaxValues = 100

func newConfig(opts []Option) config {
	c := config{maxValues: defaultMaxValues}
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

// WithMaxValues sets how many hosts, actions and codes, of each, are told
// apart. The default is 100; zero or less means the default.
func WithMaxValues(n int) Option {
	return func(c *config) {
		if n > 0 {
			c.maxValues = n
		}
	}
}

// WithRequestDuration adds http.client.request.duration: how long each attempt
// took, to the end of what was read of the body to find its code. It is off by
// default, for an otelhttp.Transport below records the metric under this name,
// and attempts would be counted twice. One above records whole calls under it.
func WithRequestDuration() Option {
	return func(c *config) { c.requestDuration = true }
}
