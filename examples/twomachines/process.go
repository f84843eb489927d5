package main

import (
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/limit/redislimit"
)

// newClient is all that a program needs to share its quota.
func newClient(addr string) (api *http.Client, end func()) {
	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
	limiter := redislimit.New(client, &redislimit.Options{
		Prefix: "twomachines",
		OnChange: func(shared bool, err error) {
			log.Printf("process %d: shared %v: %v", os.Getpid(), shared, err)
		},
	})
	return &http.Client{Transport: &qcloudhttp.Transport{Limiter: limiter}}, func() {
		limiter.Close()
		client.Close()
	}
}

// process calls with 8 callers for a time.
func process(addr, endpoint string, lasts time.Duration) {
	api, end := newClient(addr)
	defer end()
	began := time.Now()
	form := url.Values{"Action": {"GetDsaHostList"}, "SecretId": {"AKIDexample"}}
	var callers sync.WaitGroup
	var calls atomic.Int64
	for range 8 {
		callers.Go(func() {
			for time.Since(began) < lasts {
				resp, err := api.PostForm(endpoint, form)
				if err != nil {
					log.Fatal(err)
				}
				resp.Body.Close()
				calls.Add(1)
			}
		})
	}
	callers.Wait()
	fmt.Printf("process %d made %d calls\n", os.Getpid(), calls.Load())
}
