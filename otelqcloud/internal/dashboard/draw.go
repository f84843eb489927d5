package main

import (
	"bytes"
	"image/color"
	"math"
	"os"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	width   = 24 * vg.Centimeter
	height  = 14 * vg.Centimeter
	columns = 2

	legendAt = 7 * vg.Centimeter // from the panel's left: after the outage
)

var (
	ink   = color.RGBA{0x2f, 0x36, 0x3d, 0xff}
	rule  = color.RGBA{0xe1, 0xe4, 0xe8, 0xff}
	shade = color.RGBA{0xfb, 0xe9, 0xe4, 0xff}
)

// drawPanels writes all panels into one picture.
func drawPanels(pages []page, length time.Duration, file string) error {
	all := panels()
	tiles := draw.Tiles{
		Rows: len(all) / columns, Cols: columns,
		PadX: 8 * vg.Millimeter, PadY: 7 * vg.Millimeter,
		PadTop: 4 * vg.Millimeter, PadBottom: 3 * vg.Millimeter, PadLeft: 3 * vg.Millimeter, PadRight: 5 * vg.Millimeter,
	}
	plots := make([][]*plot.Plot, tiles.Rows)
	for i, p := range all {
		pl, err := p.plot(pages, length)
		if err != nil {
			return err
		}
		plots[i/columns] = append(plots[i/columns], pl)
	}
	svg := vgsvg.New(width, height)
	canvas := draw.New(svg)
	canvas.SetColor(color.White)
	canvas.Fill(canvas.Rectangle.Path())
	for i, row := range plot.Align(plots, tiles, canvas) {
		for j, tile := range row {
			plots[i][j].Draw(tile)
		}
	}
	return write(svg, file)
}

func write(svg *vgsvg.Canvas, file string) error {
	var buf bytes.Buffer
	if _, err := svg.WriteTo(&buf); err != nil {
		return err
	}
	// Whoever looks at it may not have the font.
	picture := bytes.ReplaceAll(buf.Bytes(),
		[]byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	return os.WriteFile(file, picture, 0o644)
}

func (p panel) plot(pages []page, length time.Duration) (*plot.Plot, error) {
	pl := plot.New()
	style(pl)
	pl.Title.Text, pl.Y.Label.Text = p.title, p.unit
	curves, top := make([]*plotter.Line, len(p.lines)), 0.0
	for i, l := range p.lines {
		points := l.points(pages)
		for _, xy := range points {
			top = max(top, xy.Y)
		}
		curve, err := plotter.NewLine(points)
		if err != nil {
			return nil, err
		}
		curve.Color, curve.Width = l.color, vg.Points(1.5)
		curves[i] = curve
	}
	step := stepOf(top * 1.3) // room for the legend
	top = step * math.Ceil(top*1.3/step)
	pl.Y.Tick.Marker = multiples(step)
	if err := addActs(pl, length, top); err != nil {
		return nil, err
	}
	for i, curve := range curves {
		pl.Add(curve)
		pl.Legend.Add(p.lines[i].name, curve)
	}
	pl.X.Min, pl.X.Max, pl.Y.Min, pl.Y.Max = 0, length.Seconds(), 0, top
	return pl, nil
}

// stepOf is a round number that fits into top three to six times.
func stepOf(top float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(max(top, 1))))
	for _, share := range []float64{.2, .5, 1, 2} {
		if top <= 5*share*power {
			return share * power
		}
	}
	return 2 * power
}

// multiples puts the ticks.
func multiples(step float64) plot.Ticker {
	return plot.TickerFunc(func(low, high float64) (ticks []plot.Tick) {
		for y := math.Ceil(low/step) * step; y <= high; y += step {
			ticks = append(ticks, plot.Tick{Value: y, Label: strconv.FormatFloat(y, 'g', 4, 64)})
		}
		return ticks
	})
}

// addActs marks what happens to the API, behind the curves.
func addActs(pl *plot.Plot, length time.Duration, top float64) error {
	at := func(share float64) float64 { return share * length.Seconds() }
	from, to := at(outageBegins), at(outageEnds)
	box, err := plotter.NewPolygon(plotter.XYs{{X: from, Y: 0}, {X: to, Y: 0}, {X: to, Y: top}, {X: from, Y: top}})
	if err != nil {
		return err
	}
	box.Color, box.LineStyle.Width = shade, 0
	lines := plotter.NewGrid()
	lines.Horizontal.Color, lines.Vertical.Width = rule, 0
	rush, err := plotter.NewLine(plotter.XYs{{X: at(rushBegins), Y: 0}, {X: at(rushBegins), Y: top}})
	if err != nil {
		return err
	}
	rush.Color, rush.Dashes = grey, []vg.Length{vg.Points(2), vg.Points(3)}
	labels, err := plotter.NewLabels(plotter.XYLabels{
		XYs:    plotter.XYs{{X: at(rushBegins), Y: top * .93}, {X: from, Y: top * .93}},
		Labels: []string{" 32 callers", " outage"},
	})
	if err != nil {
		return err
	}
	for i := range labels.TextStyle {
		letters(&labels.TextStyle[i], 8)
		labels.TextStyle[i].Color = grey
	}
	pl.Add(box, lines, rush, labels)
	return nil
}

// style is that of all panels.
func style(pl *plot.Plot) {
	letters(&pl.Title.TextStyle, 11)
	pl.Title.Padding = vg.Points(6)
	pl.X.Label.Text = "seconds"
	for _, axis := range []*plot.Axis{&pl.X, &pl.Y} {
		letters(&axis.Label.TextStyle, 8.5)
		letters(&axis.Tick.Label, 8.5)
		axis.LineStyle.Color, axis.Tick.LineStyle.Color = grey, grey
		axis.Padding = 0
	}
	letters(&pl.Legend.TextStyle, 8.5)
	pl.Legend.Top, pl.Legend.Left = true, true
	pl.Legend.XOffs, pl.Legend.YOffs = legendAt, vg.Points(2)
	pl.Legend.ThumbnailWidth = vg.Points(14)
	pl.Legend.Padding = vg.Points(4)
}

func letters(s *text.Style, size float64) {
	s.Font = font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
	s.Color = ink
}
