package main

import (
	"strings"
	"testing"
	"testing/synctest"
)

// Every URL is purged, by one execution of each call, and nothing is logged.
func TestPurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		purge(&out)
		if want := "purged 1000 URLs of 1000; 100 calls were executed\n"; out.String() != want {
			t.Errorf("got %q", out.String())
		}
	})
}
