package limit_test

import (
	"context"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

func BenchmarkInert(b *testing.B) {
	for name, g := range map[string]limit.Gate{"Adaptive": &limit.Adaptive{}, "PerAction": &limit.PerAction{}, "PerHost": &limit.PerHost{}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					t, _ := g.Acquire(context.Background(), firstTry)
					g.Done(t, limit.Accepted)
				}
			})
		})
	}
}

// A PerAction that limits another key, and so looks every call up.
func BenchmarkOtherKeyActive(b *testing.B) {
	p := &limit.PerAction{}
	throttled(p, limit.Call{Host: "h", Action: "other"})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			t, _ := p.Acquire(context.Background(), firstTry)
			t.State = firstTry
			p.Done(t, limit.Abandoned)
		}
	})
}

// A million calls that join the line and leave it.
func BenchmarkJoinAndLeave(b *testing.B) {
	a := closed()
	a.Done(limit.Ticket{}, limit.Throttled)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	live, stop := context.WithCancel(context.Background())
	defer stop()
	go func() { _ = a.Wait(live) }()
	b.ReportAllocs()
	for b.Loop() {
		_, _ = a.Acquire(ctx, firstTry)
	}
}
