package redislimit_test

import (
	"log"
	"log/slog"
	"net/http"

	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/limit/redislimit"
)

// Every process of the account does the same. From the first rejection that
// any of them meets, all pace themselves together.
func Example() {
	limiter, err := redislimit.New(redislimit.Config{
		Redis: &redis.UniversalOptions{Addrs: []string{"localhost:6379"}},
		OnChange: func(c redislimit.Change) {
			if c.Mode == redislimit.Local {
				slog.Warn("the quota is not shared", "error", c.Err)
			} else {
				slog.Info("the quota is shared again")
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer limiter.Close()

	client := &http.Client{Transport: &qcloudhttp.Transport{Limiter: limiter}}
	_ = client
	// Output:
}
