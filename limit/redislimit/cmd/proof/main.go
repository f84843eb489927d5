// Command proof measures what redislimit promises: four processes with 16
// callers each share a quota of 200 calls a second that none of them knows.
// It needs redis-server and prints its figures; it fails if together they use
// less than 95 % of the quota, or more than 3 % of their attempts are rejected.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/limit/redislimit/internal/fleet"
	"github.com/qcloudhttp/qcloudhttp/limit/redislimit/internal/redistest"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

const (
	rate    = 200
	callers = 16
)

var (
	warmUp  = flag.Duration("warmup", 5*time.Second, "time before the measurement")
	measure = flag.Duration("measure", 20*time.Second, "time of the measurement")
)

func main() {
	fleet.Main()
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
		os.Exit(1)
	}
}

func run() error {
	r, err := redistest.Start()
	if err != nil {
		return err
	}
	defer r.Close()

	fmt.Printf("load %s\n\n", load())
	fmt.Printf("4 processes, %d callers each, quota %d/s\n", callers, rate)
	shared, err := steady("shared through Redis", r.Addr)
	if err != nil {
		return err
	}
	if _, err := steady("each by itself", ""); err != nil {
		return err
	}
	fmt.Printf("\na process joins, one is killed\n")
	if err := change(r.Addr); err != nil {
		return err
	}
	used, rejected := shares(shared, *measure)
	if used < 0.95 || rejected > 0.03 {
		return fmt.Errorf("%.1f %% used, %.2f %% rejected", 100*used, 100*rejected)
	}
	return nil
}

// steady measures four processes.
func steady(title, redis string) (map[string]fleet.Count, error) {
	api := fleet.NewAPI(qcloudtest.TokenBucket(rate, rate))
	defer api.Close()
	var workers []*fleet.Worker
	defer func() {
		for _, w := range workers {
			w.Kill()
		}
	}()
	for i := range 4 {
		w, err := start(api, redis, i)
		if err != nil {
			return nil, err
		}
		workers = append(workers, w)
	}
	time.Sleep(*warmUp)
	before, began := api.Counts(), time.Now()
	time.Sleep(*measure)
	counts, took := fleet.Since(before, api.Counts()), time.Since(began)
	show(title, counts, took)
	for _, w := range workers {
		for _, report := range w.Reports() {
			fmt.Printf("    %s went %s %s\n", w.Name, report.Mode, report.Err)
		}
	}
	return counts, nil
}

// change measures two processes, then three, then two again.
func change(redis string) error {
	api := fleet.NewAPI(qcloudtest.TokenBucket(rate, rate))
	defer api.Close()
	var workers []*fleet.Worker
	defer func() {
		for _, w := range workers[1:] {
			w.Kill()
		}
	}()
	add := func() error {
		w, err := start(api, redis, len(workers))
		if err == nil {
			workers = append(workers, w)
		}
		return err
	}
	phase := func(title string, d time.Duration) {
		before, began := api.Counts(), time.Now()
		time.Sleep(d)
		show(title, fleet.Since(before, api.Counts()), time.Since(began))
	}
	if err := add(); err != nil {
		return err
	}
	if err := add(); err != nil {
		return err
	}
	time.Sleep(*warmUp)
	phase("two", *measure/4)
	if err := add(); err != nil {
		return err
	}
	phase("the 2 s after a third joined", 2*time.Second)
	phase("three", *measure/4)
	workers[0].Kill()
	phase("the 2 s after one was killed", 2*time.Second)
	phase("two", *measure/4)
	return nil
}

func start(api *fleet.API, redis string, i int) (*fleet.Worker, error) {
	return fleet.Start(fleet.Config{
		Name: fmt.Sprintf("p%d", i+1), URL: api.URL, Redis: redis, Callers: callers,
	})
}

func show(title string, counts map[string]fleet.Count, took time.Duration) {
	used, rejected := shares(counts, took)
	var each []string
	for name, c := range counts {
		if c.Accepted > 0 {
			each = append(each, fmt.Sprintf("%s %.1f/s", name, float64(c.Accepted)/took.Seconds()))
		}
	}
	slices.Sort(each)
	fmt.Printf("  %-30s %5.1f %% of the quota, %5.2f %% rejected;  %s;  load %s\n",
		title, 100*used, 100*rejected, strings.Join(each, ", "), load())
}

func shares(counts map[string]fleet.Count, took time.Duration) (used, rejected float64) {
	all := fleet.Total(counts)
	return float64(all.Accepted) / (rate * took.Seconds()),
		float64(all.Rejected) / float64(max(all.Accepted+all.Rejected, 1))
}

// load is how busy the machine is: the mean number of runnable processes in
// the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}
