package redislimit

import (
	"context"
	"flag"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if text := os.Getenv(processEnv); text != "" {
		runProcess(text)
		return
	}
	redis.SetLogger(quiet{})
	flag.Parse()
	goleak.VerifyTestMain(m)
}

// quiet has go-redis say nothing of each connection that fails.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}
