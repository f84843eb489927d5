package redislimit_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/qcloudhttp/qcloudhttp/limit/redislimit/internal/fleet"
)

func TestMain(m *testing.M) {
	fleet.Main()
	goleak.VerifyTestMain(m)
}
