package main

import (
	"context"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/conformance"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/overhead"
)

// measureOverhead prints what a successful call costs.
func measureOverhead(args []string) {
	flags := flag.NewFlagSet("overhead", flag.ExitOnError)
	rounds := flags.Int("rounds", 15, "measurements of which the least counts")
	each := flags.Duration("time", 50*time.Millisecond, "how long each lasts")
	flags.Parse(args)
	testing.Init()
	if err := flag.Set("test.benchtime", each.String()); err != nil {
		fail(err)
	}
	clients, bodies := overhead.Clients(), overhead.Bodies()
	results, err := overhead.Measure(clients, bodies, max(*rounds, 1))
	if err != nil {
		fail(err)
	}
	overhead.Markdown(os.Stdout, clients, bodies, results)
}

// checkConformance prints which duties of a RoundTripper each client keeps.
func checkConformance(args []string) {
	flags := flag.NewFlagSet("conformance", flag.ExitOnError)
	flags.Parse(args)
	conformance.Markdown(os.Stdout, conformance.RunAll(context.Background(), conformance.Subjects()))
}
