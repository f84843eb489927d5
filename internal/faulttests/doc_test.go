// Package faulttests drives qcloudhttp.Transport through what goes wrong, and
// uses it together with what its users have: faults on real sockets,
// cancellation at every point of a call, misuse, credentials in all that can be
// printed, the go-retryablehttp client, API 3.0, other RoundTrippers. It has
// tests only.
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
