package main

import (
	"slices"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/bubble"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
)

func TestChoose(t *testing.T) {
	all, err := choose("")
	if err != nil || len(all) != 11 {
		t.Errorf("%d scenarios, %v", len(all), err)
	}
	some, err := choose("B2,I")
	if err != nil || len(some) != 2 || some[0].Name != "B2" || some[1].Name != "I" {
		t.Errorf("%v, %v", some, err)
	}
	if _, err := choose("Z"); err == nil {
		t.Error("no error for a scenario that is none")
	}
}

func TestMatching(t *testing.T) {
	if n, all := len(matching("")), len(peers.All()); n != all {
		t.Errorf("%d clients of %d", n, all)
	}
	if got := matching("aws,qcloud"); len(got) != 2 || got[0].Name != peers.Ours {
		t.Errorf("%v", got)
	}
}

func TestPerSecond(t *testing.T) {
	const s = time.Second
	got := perSecond([]time.Duration{0, s, 5 * s, 5 * s})
	if want := []float64{1, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDrawn(t *testing.T) {
	chart := drawn(bubble.In(t), peers.Named(peers.Ours), 1)
	if len(chart.Panels) != 1 || len(chart.Panels[0].Good) < 100 {
		t.Fatalf("%+v", chart.Panels)
	}
	total := 0.0
	for _, rate := range chart.Panels[0].Good {
		total += rate * bin.Seconds()
	}
	if total != 9000 {
		t.Errorf("%v successes are drawn, of 9000", total)
	}
}
