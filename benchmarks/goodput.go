package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
)

// goodput prints, for each quota, how well each client uses it.
func goodput(args []string) error {
	flags := flag.NewFlagSet("goodput", flag.ExitOnError)
	seeds := flags.Int("seeds", 3, "runs of which the figures are the mean")
	only := flags.String("only", "", "one quota, such as B (default: all)")
	flags.Parse(args)
	chosen := slices.DeleteFunc(scenarios(), func(s scenario) bool { return *only != "" && s.name != *only })
	if len(chosen) == 0 || *seeds < 1 {
		return fmt.Errorf("nothing to run: -only %q, -seeds %d", *only, *seeds)
	}
	inBubbles(func(run func(func())) error {
		for _, s := range chosen {
			fmt.Printf("### %s: %s\n\n", s.name, s.title)
			table(os.Stdout, heads, compare(run, s, peers.All(), *seeds))
			fmt.Println()
		}
		return nil
	})
	return nil
}

var heads = []string{
	"client", "time / ideal", "rejected", "failed calls", "p50", "p99", "calls of a caller, most / fewest",
}

// compare returns a row for each client: its name and the means of its figures.
func compare(run func(func()), s scenario, clients []peers.Peer, seeds int) [][]string {
	formats := []string{"%.2f", "%.1f %%", "%.0f", "%.2f s", "%.1f s", "%.2f"}
	var rows [][]string
	for _, p := range clients {
		sums := make([]float64, len(formats))
		for seed := range seeds {
			var r result
			run(func() { r = s.play(p, uint64(seed+1)) })
			for i, v := range []float64{
				r.time(), 100 * r.rejectedShare(), r.failed(), r.latency(0.5), r.latency(0.99), r.callerSpread(),
			} {
				sums[i] += v
			}
		}
		cells := []string{p.Name}
		for i, format := range formats {
			cell := "–"
			if mean := sums[i] / float64(seeds); !math.IsNaN(mean) {
				cell = fmt.Sprintf(format, mean)
			}
			cells = append(cells, cell)
		}
		rows = append(rows, cells)
	}
	return rows
}
