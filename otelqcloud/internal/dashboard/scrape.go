package main

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// page is the metrics at one time.
type page struct {
	at       time.Duration // since the start
	families map[string]*dto.MetricFamily
}

const (
	scrapeEvery = 500 * time.Millisecond
	rateOver    = 4 // pages, as in rate(x[2s])
)

// watch scrapes the metrics until ctx ends.
func (d *demo) watch(ctx context.Context) ([]page, error) {
	began, ticks := time.Now(), time.NewTicker(scrapeEvery)
	defer ticks.Stop()
	var pages []page
	for {
		select {
		case <-ctx.Done():
			return pages, nil
		case <-ticks.C:
		}
		families, err := scrape(d.metrics.URL)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page{time.Since(began), families})
	}
}

func scrape(url string) (map[string]*dto.MetricFamily, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("scrape: %s", resp.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(resp.Body)
}

// each calls f with the metrics of a family that have all the labels.
func (p page) each(name string, labels map[string]string, f func(*dto.Metric)) {
	family := p.families[name]
	for _, m := range family.GetMetric() {
		has := map[string]string{}
		for _, l := range m.GetLabel() {
			has[l.GetName()] = l.GetValue()
		}
		matches := true
		for k, v := range labels {
			matches = matches && has[k] == v
		}
		if matches {
			f(m)
		}
	}
}

// counter is the sum of a family's counters with the labels.
func (p page) counter(name string, labels map[string]string) (sum float64) {
	p.each(name, labels, func(m *dto.Metric) { sum += m.GetCounter().GetValue() })
	return sum
}

// gauge is NaN where there is none.
func (p page) gauge(name string) float64 {
	value := math.NaN()
	p.each(name, nil, func(m *dto.Metric) { value = m.GetGauge().GetValue() })
	return value
}

// buckets are a histogram's cumulative counts by upper bound, in order.
func (p page) buckets(name string) (bounds, counts []float64) {
	p.each(name, nil, func(m *dto.Metric) {
		for i, b := range m.GetHistogram().GetBucket() {
			if i == len(bounds) {
				bounds, counts = append(bounds, b.GetUpperBound()), append(counts, 0)
			}
			counts[i] += float64(b.GetCumulativeCount())
		}
	})
	return bounds, counts
}

// quantile is histogram_quantile(q, rate(name[...])): NaN where nothing was
// recorded.
func quantile(q float64, earlier, later page, name string) float64 {
	bounds, counts := later.buckets(name)
	_, before := earlier.buckets(name)
	for i := range counts {
		if i < len(before) {
			counts[i] -= before[i]
		}
	}
	if len(counts) == 0 || counts[len(counts)-1] <= 0 {
		return math.NaN()
	}
	rank, below, lower := q*counts[len(counts)-1], 0.0, 0.0
	for i, n := range counts {
		if n >= rank {
			if math.IsInf(bounds[i], 1) {
				return lower
			}
			return lower + (bounds[i]-lower)*(rank-below)/(n-below)
		}
		below, lower = n, bounds[i]
	}
	return lower
}
