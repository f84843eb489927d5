package otelqcloud_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	promclient "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/otelqcloud"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// The metrics as Prometheus scrapes them.
func ExampleNewObserver() {
	registry := promclient.NewRegistry()
	exporter, err := prometheus.New(prometheus.WithRegisterer(registry),
		prometheus.WithoutScopeInfo(), prometheus.WithoutTargetInfo())
	if err != nil {
		fmt.Println(err)
		return
	}
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(exporter)))

	observer, err := otelqcloud.NewObserver()
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &http.Client{Transport: &qcloudhttp.Transport{
		Base:     apiInTrouble(), // leave it out to call the real one
		Observer: observer,
	}}
	for _, action := range []string{"GetDsaHostList", "GetDsaHostInfo&hostId=7"} {
		resp, err := client.Get("https://dsa.api.qcloud.com/v2/index.php?Action=" + action)
		if err == nil {
			resp.Body.Close()
		}
	}

	metrics := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	defer metrics.Close()
	printCounters(metrics.URL)
	// Output:
	// qcloud_client_attempts_total{http_response_status_code="200",qcloud_action="GetDsaHostList",server_address="dsa.api.qcloud.com"} 1
	// qcloud_client_attempts_total{error_type="Internal",http_response_status_code="200",qcloud_action="GetDsaHostList",qcloud_code="6000",server_address="dsa.api.qcloud.com"} 1
	// qcloud_client_attempts_total{error_type="NotFound",http_response_status_code="200",qcloud_action="GetDsaHostInfo",qcloud_code="2000",server_address="dsa.api.qcloud.com"} 1
	// qcloud_client_retries_total{qcloud_action="GetDsaHostList",server_address="dsa.api.qcloud.com"} 1
}

func apiInTrouble() http.RoundTripper {
	api := qcloudtest.NewAPI()
	api.Next(1, qcloudtest.Code(codes.InternalError))
	return api.Transport()
}

// printCounters prints the counters of a page of metrics.
func printCounters(url string) {
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if name, _, _ := strings.Cut(lines.Text(), "{"); strings.HasSuffix(name, "_total") && !strings.HasPrefix(name, "#") {
			fmt.Println(lines.Text())
		}
	}
}
