package otelqcloud_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	promclient "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/otelqcloud"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

const (
	secretID  = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
	secretKey = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
	token     = "b8c1a2d3temporarytokenEXAMPLE"
	inQuery   = "parameterOfTheQuery"
)

// TestNoSecretInMetricsAndSpans runs signed calls of both APIs into faults,
// with otelhttp above and below, and looks for the credentials and the query
// in the page of metrics and in the spans.
func TestNoSecretInMetricsAndSpans(t *testing.T) {
	srv := qcloudtest.NewServer(qcloudtest.WithCredentials(secretID, secretKey, token))
	defer srv.Close()
	echo := httptest.NewServer(http.HandlerFunc(echoAll))
	defer echo.Close()
	gone := httptest.NewServer(nil)
	gone.Close()

	registry, tel := promclient.NewRegistry(), newTelemetry(t)
	exporter, err := prometheus.New(prometheus.WithRegisterer(registry))
	if err != nil {
		t.Fatal(err)
	}
	tel.meters = metric.NewMeterProvider(metric.WithReader(exporter))
	seen := &spy{base: srv.Client().Transport, secrets: map[string]bool{}}
	seen.note(secretID, secretKey, token, inQuery)
	defer srv.Client().CloseIdleConnections()
	hide := []otelhttp.Option{
		otelhttp.WithTracerProvider(otelqcloud.HideQuery(tel.tracer)), otelhttp.WithMeterProvider(tel.meters),
	}
	observer := tel.observer(otelqcloud.WithRequestDuration())
	for _, signer := range []qcloudhttp.Signer{
		&sign.V1{Credentials: sign.Static(secretID, secretKey, token)},
		&sign.V1{Credentials: sign.Static(secretID, "wrong", token)},
		&sign.TC3{Credentials: sign.Static(secretID, secretKey, token)},
	} {
		ours := &qcloudhttp.Transport{
			Base: otelhttp.NewTransport(seen, hide...), Signer: signer, Observer: observer,
			Policy: impatient(), Limiter: unlimited{},
		}
		presigned := &presigner{signer, otelhttp.NewTransport(&qcloudhttp.Transport{
			Base: seen, Observer: observer, Policy: impatient(), Limiter: unlimited{},
		}, hide...)}
		for _, rt := range []http.RoundTripper{ours, presigned} {
			tel.span(func(ctx context.Context) {
				for _, steps := range faults() {
					srv.OnRequest(func(qcloudtest.Request) []qcloudtest.Step { return steps })
					callBoth(ctx, rt, srv.URL)
				}
				srv.OnRequest(nil)
				for _, endpoint := range []string{srv.URL, echo.URL, gone.URL} {
					callBoth(ctx, rt, endpoint)
				}
			})
		}
	}

	out := scrape(t, registry)
	spans, err := json.Marshal(tracetest.SpanStubsFromReadOnlySpans(tel.spans.Ended()))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out, "\n"); n < 100 || len(tel.spans.Ended()) < 100 || len(seen.secrets) < 100 {
		t.Fatalf("%d lines of metrics, %d spans, %d secrets: the test tests too little",
			n, len(tel.spans.Ended()), len(seen.secrets))
	}
	out += string(spans)
	for secret := range seen.secrets {
		if at := strings.Index(out, secret); at >= 0 {
			t.Errorf("%d times %q, first in:\n%s", strings.Count(out, secret), secret, out[max(0, at-200):at+len(secret)])
		}
	}
}

func faults() [][]qcloudtest.Step {
	return [][]qcloudtest.Step{
		{qcloudtest.Drop()}, {qcloudtest.Cut(20)}, {qcloudtest.Status(http.StatusBadGateway)},
		{qcloudtest.Code(codes.InternalError)}, {qcloudtest.Code(codes.QuotaExceeded)},
		{qcloudtest.Code(codes.DomainNotFiled)},
	}
}

// callBoth calls both APIs; each ignores what is the other's.
func callBoth(ctx context.Context, rt http.RoundTripper, endpoint string) {
	call(ctx, rt, endpoint+"/v2/index.php?Action=GetDsaHostList&host="+inQuery)
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/?trace="+inQuery, strings.NewReader(""))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-TC-Action", "DescribeDomains")
	if resp, err := (&http.Client{Transport: rt}).Do(req); err == nil {
		resp.Body.Close()
	}
}

// echoAll tells the client what it was sent, in every member of the envelope.
func echoAll(w http.ResponseWriter, r *http.Request) {
	r.ParseForm()
	said := fmt.Sprintf("http://%s%s SecretId=%s Signature=%s Token=%s Authorization: %s", r.Host, r.URL,
		r.Form.Get("SecretId"), r.Form.Get("Signature"), r.Form.Get("Token"), r.Header.Get("Authorization"))
	failure := map[string]string{"Code": said, "Message": said}
	if r.Form.Get("SecretId") != "" {
		json.NewEncoder(w).Encode(map[string]any{"code": 4100, "codeDesc": said, "message": said, "requestId": said})
		return
	}
	json.NewEncoder(w).Encode(map[string]any{"Response": map[string]any{"Error": failure, "RequestId": said}})
}

// presigner signs once, above all that is tested.
type presigner struct {
	signer qcloudhttp.Signer
	next   http.RoundTripper
}

func (p *presigner) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if err := p.signer.Sign(r); err != nil {
		return nil, err
	}
	return p.next.RoundTrip(r)
}

// spy notes the secrets of every request that is sent.
type spy struct {
	base    http.RoundTripper
	secrets map[string]bool
}

func (s *spy) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := r.URL.RawQuery
	s.note(sent, r.Header.Get("Authorization"))
	if r.GetBody != nil {
		body, _ := r.GetBody()
		form, _ := io.ReadAll(body)
		sent += "&" + string(form)
	}
	for pair := range strings.SplitSeq(sent, "&") {
		if key, value, _ := strings.Cut(pair, "="); key == "Signature" {
			plain, _ := url.QueryUnescape(value)
			s.note(value, plain)
		}
	}
	_, signature, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
	s.note(signature)
	return s.base.RoundTrip(r)
}

func (s *spy) note(values ...string) {
	for _, v := range values {
		if v != "" {
			s.secrets[v] = true
		}
	}
}

// impatient makes three attempts without pauses.
func impatient() *qcloudhttp.Policy {
	return &qcloudhttp.Policy{MaxAttempts: 3, RetryBudget: -1, MaxDelay: time.Microsecond}
}

type unlimited struct{}

func (unlimited) Wait(context.Context) error { return nil }

// scrape returns the page of metrics.
func scrape(t *testing.T, registry *promclient.Registry) string {
	rec := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}).
		ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if rec.Code != http.StatusOK {
		t.Fatal(rec.Body.String())
	}
	return rec.Body.String()
}
