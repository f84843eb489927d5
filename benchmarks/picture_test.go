package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

var update = flag.Bool("update", false, "draw docs/quota.svg anew")

// panel is one chart of docs/quota.svg: calls under a quota that nobody told.
type panel struct {
	title          string
	callers, calls int
	quota          func() *qcloudtest.Quota
	message        string        // of the rejections
	within         time.Duration // the calls are done in it, at the latest
}

var panels = []panel{
	{"100 a minute, 300 calls at once", 300, 300, fixed(100, time.Minute), "quota exceeded", 150 * time.Second},
	{"10 a second, and the rejection says so; 300 calls at once", 300, 300, fixed(10, time.Second),
		"request times equals to `11` in a second, which exceeds the frequency limit `10`", 33 * time.Second},
	{"5 a second, a lone caller, 200 calls", 1, 200, fixed(5, time.Second), "quota exceeded", 60 * time.Second},
}

// The pictures of docs/quota.md are measured: all calls are done with the default
// Transport, in the time that each panel says.
func TestPicture(t *testing.T) {
	var svg strings.Builder
	height := 130*len(panels) + 30
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 %d" `, height)
	fmt.Fprint(&svg, `font-family="sans-serif" font-size="11">`)
	fmt.Fprintf(&svg, `<rect width="660" height="%d" fill="#fff"/>`, height)
	fmt.Fprint(&svg, `<text x="40" y="16"><tspan fill="#2a7">▮ accepted</tspan> <tspan fill="#c33">▮ rejected</tspan>`,
		` <tspan fill="#36c">— calls that wait</tspan></text>`)
	for i, p := range panels {
		r := p.play(t)
		if p.within < r.last() || r.failed() > 0 {
			t.Errorf("%s: %v calls failed, the last one ended after %v", p.title, r.failed(), r.last())
		}
		fmt.Fprintf(&svg, `<g transform="translate(40 %d)">`, 45+130*i)
		title := fmt.Sprintf("%s: %d attempts, %.0f%% of them rejected", p.title, len(r.attempts), 100*r.rejectedShare())
		draw(&svg, title, r)
		fmt.Fprint(&svg, `</g>`)
	}
	fmt.Fprintln(&svg, `</svg>`)
	if *update {
		if err := os.WriteFile("../docs/quota.svg", []byte(svg.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// play makes the panel's calls with the default Transport.
func (p panel) play(t *testing.T) (r result) {
	synctest.Test(t, func(t *testing.T) {
		api, q, latencies := qcloudtest.NewAPI(), p.quota(), delays(1)
		api.OnRequest(func(req qcloudtest.Request) []qcloudtest.Step {
			steps := latencies(req)
			if q.Allow(time.Now(), qcloudtest.Call{}) {
				return steps
			}
			return append(steps[1:], qcloudtest.Code(codes.QuotaExceeded, p.message))
		})
		client := &http.Client{Transport: &qcloudhttp.Transport{Base: api.Transport()}}
		r.callers = p.callers
		r.calls = makeCalls(t.Context(), []*http.Client{client}, p.callers, p.calls, endpoint)
		r.attempts = api.Requests()
	})
	return r
}

// last is when the last call ended.
func (r result) last() (last time.Duration) {
	for _, c := range r.calls {
		last = max(last, c.end)
	}
	return last
}

// draw draws a chart of 580 by 80: a bar for the attempts of each sixtieth of the
// time, and a line for the calls that wait. On its left stands the highest bar but
// for the first, on its right the longest queue.
func draw(svg *strings.Builder, title string, r result) {
	const bins, width, height = 60, 580.0, 80.0
	var accepted, rejected, waiting [bins]float64
	last, began := r.last(), r.attempts[0].Time
	bin := func(d time.Duration) int { return min(int(bins*d.Seconds()/last.Seconds()), bins-1) }
	for _, a := range r.attempts {
		if at := bin(a.Time.Sub(began)); a.Code == 0 {
			accepted[at]++
		} else {
			rejected[at]++
		}
	}
	for _, c := range r.calls {
		for at := bin(c.start); at < bin(c.end); at++ {
			waiting[at]++
		}
	}
	most, queue := 1.0, 1.0
	for at := range bins {
		queue = max(queue, waiting[at])
		if at > 0 { // the first flood may leave the chart
			most = max(most, accepted[at]+rejected[at])
		}
	}
	bar := func(at int, from, n float64, color string) {
		from, to := min(from/most, 1.1), min((from+n)/most, 1.1)
		if to > from {
			fmt.Fprintf(svg, `<rect x="%.1f" y="%.1f" width="8.5" height="%.1f" fill="%s"/>`,
				width/bins*float64(at), height*(1-to), height*(to-from), color)
		}
	}
	var line []string
	for at := range bins {
		bar(at, 0, accepted[at], "#2a7")
		bar(at, accepted[at], rejected[at], "#c33")
		line = append(line, fmt.Sprintf("%.1f,%.1f", width/bins*(float64(at)+0.5), height*(1-waiting[at]/queue)))
	}
	fmt.Fprintf(svg, `<text y="-14">%s</text><polyline points="%s" fill="none" stroke="#36c" stroke-width="1.5"/>`,
		title, strings.Join(line, " "))
	fmt.Fprint(svg, `<path d="M0 0V80H580" fill="none" stroke="#888"/>`)
	fmt.Fprintf(svg, `<text x="-4" y="9" text-anchor="end">%.0f</text>`, most)
	fmt.Fprintf(svg, `<text x="584" y="9" fill="#36c">%.0f</text><text y="93">0</text>`, queue)
	fmt.Fprintf(svg, `<text x="580" y="93" text-anchor="end">%.0f s</text>`, last.Seconds())
}
