// Package plot draws what clients did over time as an SVG: a panel for each,
// below one another on one axis of time.
package plot

import (
	"fmt"
	"html"
	"io"
	"strings"
	"time"
)

// Chart is the drawing.
type Chart struct {
	Title  string
	Bin    time.Duration                          // that each value of a Panel stands for
	Limit  func(sinceStart time.Duration) float64 // a line in every panel, per second
	Top    float64                                // the greatest value shown, per second
	Panels []Panel
}

// Panel is one client's part.
type Panel struct {
	Name, Note string
	Good, Bad  []float64 // per second, one value for each bin
}

// Sizes in pixels, and colours that keep apart for the colour-blind too. The
// drawing brings its own background, for pages in dark mode.
const (
	width, left, right = 860, 46, 18
	head, high, gap    = 62, 78, 34
	foot               = 20

	paper, ink, faint   = "#ffffff", "#1f2328", "#d8dee4"
	muted               = "#59636e"
	good, bad, limiting = "#1f77b4", "#d1495b", "#1f2328"
)

// SVG writes the chart.
func (c Chart) SVG(w io.Writer) error {
	var b strings.Builder
	height := head + len(c.Panels)*(high+gap) + foot
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(c.Title))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="6" fill="%s"/>`+"\n", width, height, paper)
	text(&b, left, 24, ink, `font-size="14" font-weight="600"`, c.Title)
	c.legend(&b, 44)
	for i, p := range c.Panels {
		c.panel(&b, p, head+gap*3/4+i*(high+gap))
	}
	for s := time.Duration(0); s <= c.length(); s += 30 * time.Second {
		text(&b, c.x(s), height-foot+6, muted, `text-anchor="middle"`, fmt.Sprintf("%d s", int(s.Seconds())))
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (c Chart) legend(b *strings.Builder, y int) {
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="14" height="10" fill="%s" fill-opacity="0.75"/>`+"\n", left, y-9, good)
	text(b, left+20, y, muted, "", "successful calls per second")
	fmt.Fprintf(b, `<path d="M%d %dh18" stroke="%s" stroke-width="1.5"/>`+"\n", left+206, y-4, bad)
	text(b, left+230, y, muted, "", "rejected attempts per second")
	fmt.Fprintf(b, `<path d="M%d %dh18" stroke="%s" stroke-width="1.2" stroke-dasharray="4 3"/>`+"\n", left+428, y-4, limiting)
	text(b, left+452, y, muted, "", "the quota")
}

func (c Chart) panel(b *strings.Builder, p Panel, top int) {
	bottom := top + high
	text(b, left, top-6, ink, `font-weight="600"`, p.Name)
	text(b, width-right, top-6, muted, `text-anchor="end"`, p.Note)
	for v := 0.0; v <= c.Top; v += c.Top / 2 {
		y := c.y(v, bottom)
		fmt.Fprintf(b, `<path d="M%d %.1fH%d" stroke="%s"/>`+"\n", left, y, width-right, faint)
		text(b, left-8, int(y)+4, muted, `text-anchor="end"`, fmt.Sprintf("%.0f", v))
	}
	area := c.steps(p.Good, bottom)
	fmt.Fprintf(b, `<path d="M%d %d%s V%dZ" fill="%s" fill-opacity="0.75"/>`+"\n", left, bottom, area, bottom, good)
	fmt.Fprintf(b, `<path d="M%d %d%s" fill="none" stroke="%s" stroke-width="1.5"/>`+"\n", left, bottom, c.steps(p.Bad, bottom), bad)
	var limit []float64
	for at := time.Duration(0); at < c.length(); at += c.Bin {
		limit = append(limit, c.Limit(at))
	}
	fmt.Fprintf(b, `<path d="M%d %.1f%s" fill="none" stroke="%s" stroke-width="1.2" stroke-dasharray="4 3"/>`+"\n",
		left, c.y(limit[0], bottom), c.steps(limit, bottom), limiting)
}

// steps is the path of a staircase, but for its beginning.
func (c Chart) steps(values []float64, bottom int) string {
	var b strings.Builder
	for i, v := range values {
		if i == 0 || v != values[i-1] {
			fmt.Fprintf(&b, "V%.1f", c.y(min(v, c.Top), bottom))
		}
		if i+1 == len(values) || v != values[i+1] {
			fmt.Fprintf(&b, "H%d", c.x(time.Duration(i+1)*c.Bin))
		}
	}
	return b.String()
}

func (c Chart) x(at time.Duration) int {
	return left + int(float64(width-left-right)*at.Seconds()/c.length().Seconds()+0.5)
}

func (c Chart) y(v float64, bottom int) float64 { return float64(bottom) - v/c.Top*high }

func (c Chart) length() time.Duration {
	n := 0
	for _, p := range c.Panels {
		n = max(n, len(p.Good), len(p.Bad))
	}
	return time.Duration(n) * c.Bin
}

func text(b *strings.Builder, x, y int, colour, attributes, s string) {
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="%s" %s>%s</text>`+"\n", x, y, colour, attributes, html.EscapeString(s))
}
