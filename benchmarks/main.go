// Benchmarks compares qcloudhttp with other retrying HTTP clients.
//
//	go run . goodput   # quotas that nobody told the clients, in virtual time
//	go run . overhead  # what a successful call costs, in real time
//
// Both print Markdown tables, and take -h.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	commands := map[string]func(args []string) error{"goodput": goodput, "overhead": overhead}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: go run . goodput|overhead [flags]")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// table writes a Markdown table whose columns, but for the first, are numbers.
func table(w io.Writer, heads []string, rows [][]string) {
	row := func(cells []string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }
	rule := []string{"---"}
	for range heads[1:] {
		rule = append(rule, "---:")
	}
	row(heads)
	row(rule)
	for _, cells := range rows {
		row(cells)
	}
}
