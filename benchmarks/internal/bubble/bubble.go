// Package bubble runs programs in the virtual time of [testing/synctest].
//
// A bubble needs a *testing.T, which only the testing package makes. Main
// borrows one by [testing.Main], so that the comparison is a command with
// flags and a standard output of its own, and not a test that prints.
package bubble

import (
	"os"
	"sync"
	"testing"
	"testing/synctest"
)

// Runner runs functions in bubbles.
type Runner struct{ t *testing.T }

// In returns a Runner for a test.
func In(t *testing.T) Runner { return Runner{t} }

// Run calls f in a bubble of its own and returns when f and all goroutines
// that it started have ended. It may be called from several goroutines.
func (r Runner) Run(f func()) {
	synctest.Test(r.t, func(*testing.T) { f() })
}

// Each calls f for 0 to n-1, at most workers at a time.
func Each(n, workers int, f func(int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(workers, n) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// Main calls f and ends the program: with status 1 where f returns an error.
// Flags must have been parsed from a set other than flag.CommandLine.
func Main(f func(Runner) error) {
	// What testing itself prints ("PASS") is not part of the result.
	own := os.Stdout
	run := func(t *testing.T) {
		os.Stdout = own
		err := f(Runner{t})
		os.Stdout = os.Stderr
		if err != nil {
			t.Error(err)
		}
	}
	os.Stdout = os.Stderr
	os.Args = os.Args[:1]
	all := func(_, _ string) (bool, error) { return true, nil }
	testing.Main(all, []testing.InternalTest{{Name: "Main", F: run}}, nil, nil)
}
