package otelqcloud_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
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
	// qcloud_client_attempts_total{qcloud_action="GetDsaHostList"} 1
	// qcloud_client_attempts_total{error_type="Internal",qcloud_action="GetDsaHostList",qcloud_code="6000"} 1
	// qcloud_client_attempts_total{error_type="NotFound",qcloud_action="GetDsaHostInfo",qcloud_code="2000"} 1
	// qcloud_client_recovered_total{qcloud_action="GetDsaHostList"} 1
	// qcloud_client_retries_total{qcloud_action="GetDsaHostList"} 1
}

func apiInTrouble() http.RoundTripper {
	api := qcloudtest.NewAPI()
	api.Next(1, qcloudtest.Code(codes.InternalError))
	return api.Transport()
}

// labels are those that have one value in the example.
var labels = regexp.MustCompile(`(http_response_status_code="[0-9]*",?)|(,server_address="[^"]*")`)

// printCounters prints the counters of a page of metrics, without labels.
func printCounters(url string) {
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if name, _, _ := strings.Cut(lines.Text(), "{"); strings.HasSuffix(name, "_total") && name[0] != '#' {
			fmt.Println(labels.ReplaceAllString(lines.Text(), ""))
		}
	}
}
