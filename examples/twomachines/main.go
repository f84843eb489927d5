// Command twomachines shows two processes that share an account's quota through
// Redis, on an embedded API whose rejections tell the rate. The Redis is an
// embedded one, too; -redis host:port uses yours. What to copy is in process.go.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

const rate = 20 // calls a second

func main() {
	addr := flag.String("redis", "", "host:port of a Redis; empty: an embedded one")
	lasts := flag.Duration("for", 5*time.Second, "how long the processes call")
	endpoint := flag.String("endpoint", "", "of the API; the command sets it for the processes that it starts")
	flag.Parse()
	if *endpoint != "" {
		process(*addr, *endpoint, *lasts)
		return
	}
	if *addr == "" {
		server, err := miniredis.Run()
		if err != nil {
			log.Fatal(err)
		}
		defer server.Close()
		*addr = server.Addr()
	}
	quota := qcloudtest.FixedWindow(rate, time.Second)
	quota.Tells = true
	api := qcloudtest.NewServer(qcloudtest.WithQuotas(quota))
	defer api.Close()

	fmt.Printf("two processes, each with 8 callers, for %v; the account's quota is %d calls a second\n", *lasts, rate)
	began := time.Now()
	var running []*exec.Cmd
	for range 2 {
		cmd := exec.Command(os.Args[0], "-redis", *addr, "-for", lasts.String(), "-endpoint", api.Endpoint())
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			log.Fatal(err)
		}
		running = append(running, cmd)
	}
	for _, cmd := range running {
		if err := cmd.Wait(); err != nil {
			log.Fatal(err)
		}
	}
	all, accepted := len(api.Requests()), api.Executed("GetDsaHostList")
	fmt.Printf("the API accepted %d calls, %.1f a second, and rejected %d\n",
		accepted, float64(accepted)/time.Since(began).Seconds(), all-accepted)
}
