package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/bubble"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/plot"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/scenario"
)

// bin is the time that one value of the drawing stands for.
const bin = 2 * time.Second

// goodput draws scenario E over time.
func goodput(args []string) {
	flags := flag.NewFlagSet("goodput", flag.ExitOnError)
	out := flags.String("o", "../docs/goodput.svg", "file to write")
	seed := flags.Uint64("seed", 1, "the run's seed")
	flags.Parse(args)
	bubble.Main(func(in bubble.Runner) error {
		chart := drawn(in, peers.Named(peers.Ours, "aws-sdk-go-v2 adaptive", "go-retryablehttp", "failsafe-go with limiter"), *seed)
		f, err := os.Create(*out)
		if err != nil {
			return err
		}
		if err := chart.SVG(f); err != nil {
			f.Close()
			return err
		}
		return f.Close()
	})
}

// drawn plays scenario E with each of the clients.
func drawn(in bubble.Runner, clients []peers.Peer, seed uint64) plot.Chart {
	e, _ := scenario.Named("E")
	chart := plot.Chart{
		Title: "9000 calls under a quota that the client does not know: 50/s, 10/s for a minute, 50/s",
		Bin:   bin, Top: 100, Limit: scenario.Fallen,
	}
	chart.Panels = make([]plot.Panel, len(clients))
	bubble.Each(len(clients), 2, func(i int) {
		in.Run(func() { chart.Panels[i] = panel(clients[i].Name, e.Play(clients[i], seed)) })
	})
	return chart
}

func panel(name string, r scenario.Run) plot.Panel {
	var good, bad []time.Duration
	for _, c := range r.Calls {
		if c.OK {
			good = append(good, c.End())
		}
	}
	for _, a := range r.Attempts {
		if a.Code != 0 {
			bad = append(bad, a.At)
		}
	}
	took := r.Time() * r.Ideal.Seconds()
	return plot.Panel{
		Name: name, Good: perSecond(good), Bad: perSecond(bad),
		Note: fmt.Sprintf("done after %.0f s, %.1f %% of attempts rejected, p99 %.1f s",
			math.Round(took), 100*r.RejectedShare(), r.Latency(0.99)),
	}
}

// perSecond counts the moments in each bin.
func perSecond(moments []time.Duration) []float64 {
	var rates []float64
	for _, at := range moments {
		i := int(at / bin)
		for len(rates) <= i {
			rates = append(rates, 0)
		}
		rates[i] += 1 / bin.Seconds()
	}
	return rates
}
