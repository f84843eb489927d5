package main

import (
	"os"
	"strings"
	"testing"
)

// The loop that docs/sdk.md shows as "before" is the one that is tested here.
func TestTheDocShowsTheTestedLoop(t *testing.T) {
	code, err := os.ReadFile("before_test.go")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../docs/sdk.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"func sendWithRetries(", "func passes("} {
		_, rest, found := strings.Cut(string(code), name)
		body, _, ended := strings.Cut(rest, "\n}\n")
		if !found || !ended {
			t.Fatalf("before_test.go has no %s", name)
		}
		if !strings.Contains(string(doc), "\n"+name+body+"\n}\n") {
			t.Errorf("docs/sdk.md shows another %s", name)
		}
	}
}
