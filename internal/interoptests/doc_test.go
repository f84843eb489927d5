// Package interoptests uses qcloudhttp together with what its users have: the
// go-retryablehttp client, API 3.0, other RoundTrippers. It has tests only.
package interoptests

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
