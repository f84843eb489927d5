package otelqcloud

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

const scope = "github.com/qcloudhttp/qcloudhttp/otelqcloud"

// requestBuckets are those that the conventions recommend for
// http.client.request.duration; waits for a quota last longer.
var (
	requestBuckets = []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10}
	waitBuckets    = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300}
)

type instruments struct {
	attempts, retries metric.Int64Counter
	recovered         metric.Int64Counter
	giveUps, unread   metric.Int64Counter

	call, queue, backoff metric.Float64Histogram
	request              metric.Float64Histogram // nil: not wanted
	rate                 metric.Float64Gauge
}

func newInstruments(c config) (instruments, error) {
	f := factory{Meter: c.provider.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL))}
	i := instruments{
		attempts:  f.counter("qcloud.client.attempts", "{attempt}", "Attempts that were answered, or failed."),
		retries:   f.counter("qcloud.client.retries", "{attempt}", "Attempts that were not a call's first."),
		recovered: f.counter("qcloud.client.recovered", "{call}", "Calls that succeeded after retries."),
		giveUps:   f.counter("qcloud.client.give_ups", "{call}", "Calls whose retrying ended."),
		unread:    f.counter("qcloud.client.unread", "{response}", "Responses passed on without their code."),
		call:      f.histogram("qcloud.client.call.duration", "Duration of whole calls, waits included.", waitBuckets),
		queue: f.histogram("qcloud.client.queue.duration", "Time of an attempt in the queues of limiter and retry budget.",
			waitBuckets),
		backoff: f.histogram("qcloud.client.backoff.duration", "Delays between attempts.", waitBuckets),
	}
	var err error
	i.rate, err = f.Float64Gauge("qcloud.client.rate", metric.WithUnit("{attempt}/s"),
		metric.WithDescription("The rate that paces a call; 0: nothing does."))
	f.errs = append(f.errs, err)
	if c.requestDuration {
		i.request = f.histogram("http.client.request.duration", "Duration of HTTP client requests.", requestBuckets)
	}
	return i, errors.Join(f.errs...)
}

// factory collects the errors of making instruments.
type factory struct {
	metric.Meter
	errs []error
}

func (f *factory) counter(name, unit, what string) metric.Int64Counter {
	c, err := f.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(what))
	f.errs = append(f.errs, err)
	return c
}

func (f *factory) histogram(name, what string, buckets []float64) metric.Float64Histogram {
	h, err := f.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(what),
		metric.WithExplicitBucketBoundaries(buckets...))
	f.errs = append(f.errs, err)
	return h
}
