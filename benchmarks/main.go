// Benchmarks compares qcloudhttp with other retrying HTTP clients.
//
//	go run . scenarios    # quotas and outages, in virtual time: a Markdown table for each
//	go run . goodput      # scenario E over time, as an SVG
//	go run . overhead     # what a successful call costs, in real time
//	go run . conformance  # what each client keeps of a RoundTripper's duties
//
// Each takes -h.
package main

import (
	"fmt"
	"os"
)

var commands = map[string]func(args []string){
	"scenarios":   scenarios,
	"goodput":     goodput,
	"overhead":    measureOverhead,
	"conformance": checkConformance,
}

func main() {
	if len(os.Args) > 1 {
		if run := commands[os.Args[1]]; run != nil {
			run(os.Args[2:])
			return
		}
	}
	fmt.Fprintln(os.Stderr, "usage: go run . scenarios|goodput|overhead|conformance [flags]")
	os.Exit(2)
}
