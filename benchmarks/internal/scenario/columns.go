package scenario

import (
	"fmt"
	"math"
	"time"
)

// Column is one figure of a scenario's table.
type Column struct {
	Head string
	Of   func(Run) float64
	Goal *Goal // for ours; nil: none
	text func(float64) string
}

// Text is the figure as it is printed.
func (c Column) Text(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return c.text(v)
}

// Goal bounds a figure.
type Goal struct {
	Bound   float64
	AtLeast bool // else at most
}

// Met reports whether v is within the goal.
func (g Goal) Met(v float64) bool {
	if g.AtLeast {
		return v >= g.Bound
	}
	return v <= g.Bound
}

func atMost(v float64) *Goal  { return &Goal{Bound: v} }
func atLeast(v float64) *Goal { return &Goal{Bound: v, AtLeast: true} }

func ratio(v float64) string   { return fmt.Sprintf("%.2f", v) }
func times(v float64) string   { return fmt.Sprintf("%.3f", v) }
func percent(v float64) string { return fmt.Sprintf("%.2f %%", 100*v) }

func count(v float64) string {
	if v != 0 && v < 10 {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func seconds(v float64) string {
	d := time.Duration(v * float64(time.Second))
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", v)
	}
	return fmt.Sprintf("%.0f s", v)
}

func quantile(q float64) func(Run) float64 {
	return func(r Run) float64 { return r.Latency(q) }
}

// closed are the columns of a closed load. A p99 of 0 is no goal.
func closed(time, rejected, p99, callers float64) []Column {
	columns := []Column{
		{"time / ideal", Run.Time, atMost(time), times},
		{"rejected", Run.RejectedShare, atMost(rejected), percent},
		{"failed calls", Run.Failed, atMost(0), count},
		{"p50", quantile(0.5), nil, seconds},
		{"p99", quantile(0.99), atMost(p99), seconds},
		{"calls per caller, max/min", Run.CallerSpread, atMost(callers), ratio},
		{"attempts per call", Run.AttemptsPerCall, nil, ratio},
	}
	if p99 == 0 {
		columns[4].Goal = nil
	}
	return columns
}

func clients(bound float64) Column {
	return Column{"calls per process, max/min", Run.ClientSpread, atMost(bound), ratio}
}

func outage() []Column {
	return []Column{
		{"attempts per call in the outage", Run.AttemptsInOutage, atMost(0.2), ratio},
		{"failed calls", Run.Failed, atMost(0), count},
		{"peak after it, attempts/s", Run.PeakAfterOutage, atMost(400), count},
		{"new calls prompt after", Run.PromptAfterOutage, atMost(10), seconds},
		{"p50", quantile(0.5), nil, seconds},
		{"p99", quantile(0.99), nil, seconds},
	}
}

func flaky() []Column {
	return []Column{
		{"succeeded", Run.SuccessShare, atLeast(0.999), percent},
		{"p50", quantile(0.5), nil, seconds},
		{"p99", quantile(0.99), atMost(3), seconds},
		{"attempts per call", Run.AttemptsPerCall, nil, ratio},
	}
}

// light's bound on the latency is the slowest answer of the service.
func light() []Column {
	return []Column{
		{"failed calls", Run.Failed, atMost(0), count},
		{"p50", quantile(0.5), nil, seconds},
		{"slowest", quantile(1), atMost(Latency.Seconds() * (1 + jitter)), seconds},
		{"attempts per call", Run.AttemptsPerCall, atMost(1), ratio},
	}
}
