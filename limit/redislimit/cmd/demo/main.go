// Command demo shows processes that share a quota through Redis. It starts an
// API on loopback that accepts 100 calls a second, and processes that know
// nothing of that but share a Redis:
//
//	redis-server --save '' &
//	go run ./cmd/demo
//
// Kill and restart Redis meanwhile to see them go on.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit/redislimit/internal/fleet"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

func main() {
	fleet.Main()
	redis := flag.String("redis", "localhost:6379", "address of Redis")
	processes := flag.Int("processes", 2, "number of processes")
	callers := flag.Int("callers", 16, "callers of each process")
	rate := flag.Int("rate", 100, "calls a second that the API accepts")
	seconds := flag.Int("seconds", 15, "how long")
	flag.Parse()
	if err := run(*redis, max(*processes, 1), *callers, *rate, *seconds); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(redis string, processes, callers, rate, seconds int) error {
	api := fleet.NewAPI(qcloudtest.TokenBucket(float64(rate), rate))
	defer api.Close()
	var workers []*fleet.Worker
	defer func() {
		for _, w := range workers {
			w.Kill()
		}
	}()
	for i := range processes {
		w, err := fleet.Start(fleet.Config{
			Name: fmt.Sprintf("p%d", i+1), URL: api.URL, Redis: redis, Callers: callers,
		})
		if err != nil {
			return err
		}
		workers = append(workers, w)
	}
	fmt.Printf("%d processes with %d callers each; the API accepts %d/s\n", processes, callers, rate)
	told := make([]int, processes)
	before := api.Counts()
	for s := range seconds {
		time.Sleep(time.Second)
		now := api.Counts()
		second := fleet.Since(before, now)
		before = now
		var line strings.Builder
		for i, w := range workers {
			fmt.Fprintf(&line, "  %s %3d/s", w.Name, second[w.Name].Accepted)
			for _, r := range w.Reports()[told[i]:] {
				told[i]++
				fmt.Printf("      %s is %s %s\n", w.Name, r.Mode, r.Err)
			}
		}
		all := fleet.Total(second)
		fmt.Printf("%3d s%s   together %3d/s, %2d rejected\n", s+1, line.String(), all.Accepted, all.Rejected)
	}
	return nil
}
