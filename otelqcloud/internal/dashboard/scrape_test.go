package main

import (
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

const first = `
# TYPE calls_seconds histogram
calls_seconds_bucket{action="a",le="1"} 10
calls_seconds_bucket{action="a",le="2"} 10
calls_seconds_bucket{action="a",le="+Inf"} 10
calls_seconds_sum{action="a"} 5
calls_seconds_count{action="a"} 10
# TYPE attempts_total counter
attempts_total{error_type="Busy"} 3
attempts_total{action="x"} 1
# TYPE rate gauge
rate 7.5
`

const second = `
# TYPE calls_seconds histogram
calls_seconds_bucket{action="a",le="1"} 12
calls_seconds_bucket{action="a",le="2"} 18
calls_seconds_bucket{action="a",le="+Inf"} 20
calls_seconds_sum{action="a"} 20
calls_seconds_count{action="a"} 20
# TYPE attempts_total counter
attempts_total{error_type="Busy"} 9
attempts_total{action="x"} 5
`

func TestPages(t *testing.T) {
	var pages []page
	for i, body := range []string{first, second} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(body)) }))
		families, err := scrape(srv.URL)
		srv.Close()
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page{time.Duration(i) * 2 * time.Second, families})
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"rate of a label's value", perSecond("attempts_total", map[string]string{"error_type": "Busy"})(pages[0], pages[1]), 3},
		{"rate without the label", perSecond("attempts_total", map[string]string{"error_type": ""})(pages[0], pages[1]), 2},
		{"rate of all", perSecond("attempts_total", nil)(pages[0], pages[1]), 5},
		// 10 calls between the pages: 2 up to 1 s, 6 up to 2 s, 2 beyond.
		{"median", quantile(.5, pages[0], pages[1], "calls_seconds"), 1.5},
		{"beyond the last bound", quantile(.99, pages[0], pages[1], "calls_seconds"), 2},
		{"quantile of nothing", quantile(.5, pages[1], pages[1], "calls_seconds"), math.NaN()},
		{"gauge", pages[0].gauge("rate"), 7.5},
		{"no gauge", pages[1].gauge("rate"), math.NaN()},
	} {
		if c.got != c.want && !(math.IsNaN(c.got) && math.IsNaN(c.want)) {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestStepOf(t *testing.T) {
	for top, want := range map[float64]float64{0: .2, 4.2: 1, 7: 2, 15: 5, 52: 20, 100: 20, 101: 50} {
		if got := stepOf(top); got != want {
			t.Errorf("stepOf(%v) = %v, want %v", top, got, want)
		}
	}
}
