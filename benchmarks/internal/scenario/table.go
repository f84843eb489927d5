package scenario

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/bubble"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
)

// Table is a scenario's figures: the means over the seeds.
type Table struct {
	Scenario Scenario
	Peers    []peers.Peer
	Figures  [][]float64 // of each peer and column
}

// Play plays the scenario with each peer and each of the seeds 1 to n. A peer
// that has to be told a quota takes no part where there is none.
func Play(in bubble.Runner, s Scenario, clients []peers.Peer, n int) Table {
	t := Table{Scenario: s}
	for _, p := range clients {
		if p.Told && s.Told.Rate == 0 {
			continue
		}
		t.Peers = append(t.Peers, p)
	}
	t.Figures = make([][]float64, len(t.Peers))
	bubble.Each(len(t.Peers), 2, func(i int) { t.Figures[i] = means(in, s, t.Peers[i], n) })
	return t
}

func means(in bubble.Runner, s Scenario, p peers.Peer, n int) []float64 {
	figures := make([]float64, len(s.Columns))
	for seed := range n {
		in.Run(func() {
			r := s.Play(p, uint64(seed+1))
			for i, c := range s.Columns {
				figures[i] += c.Of(r) / float64(n)
			}
		})
	}
	return figures
}

// Missed names the goals that ours missed, with its figures.
func (t Table) Missed() []string {
	var missed []string
	for p, peer := range t.Peers {
		if peer.Name != peers.Ours {
			continue
		}
		for i, c := range t.Scenario.Columns {
			if v := t.Figures[p][i]; c.Goal != nil && (math.IsNaN(v) || !c.Goal.Met(v)) {
				missed = append(missed, fmt.Sprintf("%s %s", c.Head, c.Text(v)))
			}
		}
	}
	return missed
}

// Markdown writes the table.
func (t Table) Markdown(w io.Writer) {
	fmt.Fprintf(w, "### %s: %s\n\n", t.Scenario.Name, t.Scenario.Title)
	heads, rule, goals := []string{"client"}, []string{"---"}, []string{"*goal for qcloudhttp*"}
	for _, c := range t.Scenario.Columns {
		heads, rule = append(heads, c.Head), append(rule, "---:")
		goals = append(goals, goalText(c))
	}
	row(w, heads)
	row(w, rule)
	row(w, goals)
	for p, peer := range t.Peers {
		cells := []string{peer.Name}
		for i, c := range t.Scenario.Columns {
			cells = append(cells, c.Text(t.Figures[p][i]))
		}
		row(w, cells)
	}
	if missed := t.Missed(); len(missed) > 0 {
		fmt.Fprintf(w, "\nqcloudhttp misses its goal: %s.\n\n", strings.Join(missed, ", "))
	} else {
		fmt.Fprint(w, "\nqcloudhttp meets its goals.\n\n")
	}
}

func goalText(c Column) string {
	switch {
	case c.Goal == nil:
		return ""
	case c.Goal.AtLeast:
		return "≥ " + c.Text(c.Goal.Bound)
	case c.Goal.Bound == 0:
		return "0"
	}
	return "≤ " + c.Text(c.Goal.Bound)
}

func row(w io.Writer, cells []string) {
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}
