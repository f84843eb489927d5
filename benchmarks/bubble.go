package main

import (
	"os"
	"testing"
	"testing/synctest"
)

// inBubbles calls f with a function that runs others in the virtual time of
// testing/synctest, and ends the program: with status 1 where f fails. Only the
// testing package makes the *testing.T that a bubble needs, so one is borrowed
// from [testing.Main]. Flags must have been parsed from a set other than
// flag.CommandLine.
func inBubbles(f func(run func(func())) error) {
	out := os.Stdout // where testing prints "PASS", which is no part of the result
	test := func(t *testing.T) {
		os.Stdout = out
		err := f(func(g func()) { synctest.Test(t, func(*testing.T) { g() }) })
		os.Stdout = os.Stderr
		if err != nil {
			t.Error(err)
		}
	}
	os.Stdout = os.Stderr
	os.Args = os.Args[:1]
	all := func(_, _ string) (bool, error) { return true, nil }
	testing.Main(all, []testing.InternalTest{{Name: "goodput", F: test}}, nil, nil)
}
