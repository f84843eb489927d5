package main

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/plotter"
)

// Colours that the colour-blind can tell apart, too (Okabe and Ito).
var (
	blue   = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	orange = color.RGBA{0xe6, 0x9f, 0x00, 0xff}
	red    = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	green  = color.RGBA{0x00, 0x9e, 0x73, 0xff}
	purple = color.RGBA{0xcc, 0x79, 0xa7, 0xff}
	grey   = color.RGBA{0x88, 0x88, 0x88, 0xff}
)

type panel struct {
	title, unit string
	lines       []line
}

// line is one curve. Its value at a page may need the page some time before.
type line struct {
	name  string
	color color.Color
	value func(earlier, later page) float64 // NaN: none
}

func panels() []panel {
	attempts := func(class string) func(page, page) float64 {
		return perSecond("qcloud_client_attempts_total", map[string]string{"error_type": class})
	}
	return []panel{
		{"attempts, by error.type", "per second", []line{
			{"success", green, attempts("")},
			{"Throttled", orange, attempts("Throttled")},
			{"Unavailable", red, attempts("Unavailable")},
			{"Internal", purple, attempts("Internal")},
		}},
		{"the learnt rate", "attempts per second", []line{
			{"the API's quota", grey, func(page, page) float64 { return quota }},
			{"learnt", blue, func(_, later page) float64 { return later.gauge("qcloud_client_rate_per_second") }},
		}},
		{"duration of calls", "seconds", []line{
			{"median", blue, quantileOf(.5, "qcloud_client_call_duration_seconds")},
			{"95 %", orange, quantileOf(.95, "qcloud_client_call_duration_seconds")},
			{"99 %", red, quantileOf(.99, "qcloud_client_call_duration_seconds")},
		}},
		{"retries and give-ups", "per second", []line{
			{"retries", blue, perSecond("qcloud_client_retries_total", nil)},
			{"give-ups", red, perSecond("qcloud_client_give_ups_total", nil)},
		}},
	}
}

// perSecond is rate(name{labels}[2s]).
func perSecond(name string, labels map[string]string) func(page, page) float64 {
	return func(earlier, later page) float64 {
		return (later.counter(name, labels) - earlier.counter(name, labels)) / (later.at - earlier.at).Seconds()
	}
}

func quantileOf(q float64, name string) func(page, page) float64 {
	return func(earlier, later page) float64 { return quantile(q, earlier, later, name) }
}

func (l line) points(pages []page) (points plotter.XYs) {
	for i := rateOver; i < len(pages); i++ {
		if y := l.value(pages[i-rateOver], pages[i]); !math.IsNaN(y) {
			points = append(points, plotter.XY{X: pages[i].at.Seconds(), Y: y})
		}
	}
	return points
}
