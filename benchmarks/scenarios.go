package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/bubble"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/scenario"
)

// scenarios prints one Markdown table for each scenario.
func scenarios(args []string) {
	flags := flag.NewFlagSet("scenarios", flag.ExitOnError)
	seeds := flags.Int("seeds", 3, "runs of which the figures are the mean")
	only := flags.String("only", "", "scenarios, such as A,B2 (default: all)")
	clients := flags.String("clients", "", "parts of the clients' names, such as qcloudhttp,aws (default: all)")
	strict := flags.Bool("strict", false, "exit with status 1 where qcloudhttp misses a goal")
	flags.Parse(args)
	chosen, err := choose(*only)
	if err != nil {
		fail(err)
	}
	bubble.Main(func(in bubble.Runner) error {
		var missed []string
		for _, s := range chosen {
			t := scenario.Play(in, s, matching(*clients), max(*seeds, 1))
			t.Markdown(os.Stdout)
			if len(t.Missed()) > 0 {
				missed = append(missed, t.Scenario.Name)
			}
		}
		if *strict && len(missed) > 0 {
			return fmt.Errorf("goals missed in %s", strings.Join(missed, ", "))
		}
		return nil
	})
}

func choose(names string) ([]scenario.Scenario, error) {
	if names == "" {
		return scenario.All(), nil
	}
	var chosen []scenario.Scenario
	for name := range strings.SplitSeq(names, ",") {
		s, ok := scenario.Named(name)
		if !ok {
			return nil, fmt.Errorf("no scenario is called %q", name)
		}
		chosen = append(chosen, s)
	}
	return chosen, nil
}

// matching returns the peers whose names contain one of the parts.
func matching(parts string) []peers.Peer {
	var chosen []peers.Peer
	for _, p := range peers.All() {
		for part := range strings.SplitSeq(parts, ",") {
			if strings.Contains(p.Name, part) {
				chosen = append(chosen, p)
				break
			}
		}
	}
	return chosen
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
