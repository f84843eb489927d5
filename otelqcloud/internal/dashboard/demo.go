package main

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	promclient "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/otelqcloud"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// quota is what the API allows a second; the program is not told.
const quota = 40

// The acts, as shares of the whole run.
const (
	rushBegins   = 0.15 // many callers: the quota is met
	outageBegins = 0.55
	outageEnds   = 0.65
)

// demo is a program with its API, and the page of its metrics.
type demo struct {
	api     *qcloudtest.Server
	metrics *httptest.Server
	client  *http.Client
}

func newDemo(logger *slog.Logger) (*demo, error) {
	registry := promclient.NewRegistry()
	exporter, err := prometheus.New(prometheus.WithRegisterer(registry),
		prometheus.WithoutScopeInfo(), prometheus.WithoutTargetInfo())
	if err != nil {
		return nil, err
	}
	observer, err := otelqcloud.NewObserver(
		otelqcloud.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(exporter))))
	if err != nil {
		return nil, err
	}
	api := qcloudtest.NewServer(qcloudtest.WithEnglish(), qcloudtest.WithQuotas(qcloudtest.TokenBucket(quota, quota)))
	api.OnRequest(func(qcloudtest.Request) []qcloudtest.Step {
		latency := qcloudtest.Delay(20 * time.Millisecond)
		if rand.IntN(50) == 0 {
			return []qcloudtest.Step{latency, qcloudtest.Code(codes.InternalError)}
		}
		return []qcloudtest.Step{latency}
	})
	return &demo{
		api:     api,
		metrics: httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})),
		client: &http.Client{Transport: &qcloudhttp.Transport{
			Base:     api.Client().Transport,
			Observer: qcloudhttp.Observers(observer, qcloudhttp.LogTo(logger)),
		}},
	}, nil
}

func (d *demo) close() {
	d.api.Close()
	d.metrics.Close()
}

// play runs the acts.
func (d *demo) play(ctx context.Context, length time.Duration) {
	at := func(share float64) time.Duration { return time.Duration(share * float64(length)) }
	time.AfterFunc(at(outageBegins), func() { d.api.Maintenance(true) })
	time.AfterFunc(at(outageEnds), func() { d.api.Maintenance(false) })
	var callers sync.WaitGroup
	for i := range 32 {
		callers.Go(func() {
			if i >= 2 {
				sleep(ctx, at(rushBegins))
			}
			for ctx.Err() == nil {
				d.call(ctx)
				sleep(ctx, time.Duration(rand.IntN(100))*time.Millisecond)
			}
		})
	}
	callers.Wait()
}

// call has little patience: in an outage that lasts it gives up.
func (d *demo) call(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.api.URL+"/v2/index.php?Action=GetDsaHostList", nil)
	if err != nil {
		return
	}
	if resp, err := d.client.Do(req); err == nil {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
