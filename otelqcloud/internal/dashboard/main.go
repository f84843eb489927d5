// Command dashboard runs a program against a DSA API on loopback that meets a
// quota and an outage, scrapes its metrics as Prometheus would, and draws them:
//
//	cd otelqcloud/internal/dashboard && go run . -o ../../../docs/metrics.svg
//
// It takes a minute. With -log the program's log goes to standard output.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"time"
)

func main() {
	out := flag.String("o", "metrics.svg", "the picture to write")
	length := flag.Duration("t", time.Minute, "how long to run")
	log := flag.Bool("log", false, "log to standard output")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	level := slog.LevelError + 1
	if *log {
		level = slog.LevelInfo
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: level}))
	if err := run(ctx, logger, *length, *out); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, logger *slog.Logger, length time.Duration, out string) error {
	demo, err := newDemo(logger)
	if err != nil {
		return err
	}
	defer demo.close()
	playing, end := context.WithCancel(ctx)
	defer end()
	go demo.play(playing, length)
	ctx, cancel := context.WithTimeout(ctx, length) // the calls that are cut off in the end are not in the picture
	defer cancel()
	history, err := demo.watch(ctx)
	if err != nil {
		return err
	}
	return drawPanels(history, length, out)
}
