package redislimit_test

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/limit/redislimit"
)

// Every process of the account does the same. An account-wide rate is told; what
// the API tells of an action counts, too.
func Example() {
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
	defer client.Close()
	limiter := redislimit.New(client, &redislimit.Options{
		Quota: func(k limit.Key) limit.Quota {
			if k.Scope == limit.ScopeAccount {
				return limit.Quota{Limit: 50, Per: time.Second}
			}
			return limit.Quota{}
		},
		OnChange: func(shared bool, err error) {
			slog.Warn("the quota of the account", "shared", shared, "error", err)
		},
	})
	defer limiter.Close()

	api := &http.Client{Transport: &qcloudhttp.Transport{Limiter: limiter}}
	_ = api
}
