// Package faulttests drives qcloudhttp.Transport through what goes wrong: the
// conformance suite, faults on real sockets, cancellation at every point of a
// call, and misuse. It has tests only.
package faulttests

import (
	"io"
	"log"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // net/http reports there what servers send unasked
	goleak.VerifyTestMain(m)
}
