package limit_test

import (
	"context"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/limit"
)

func BenchmarkIdle(b *testing.B) {
	for name, g := range map[string]acquirer{"Adaptive": &limit.Adaptive{}, "Budget": &limit.Budget{}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if !g.Idle() {
						b.Fail()
					}
				}
			})
		})
	}
}

// An Adaptive that limits another key, and so looks every call up.
func BenchmarkOtherKey(b *testing.B) {
	a := &limit.Adaptive{}
	a.Report(limit.Call{Host: "h", Action: "other"}, throttled)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			done, _ := a.Acquire(context.Background(), firstTry)
			done(accepted)
		}
	})
}

// Calls that join a queue and leave it.
func BenchmarkJoinAndLeave(b *testing.B) {
	a := closed()
	a.Report(firstTry, limit.Answer{Outcome: limit.Throttled, RetryAfter: 1 << 40})
	b.ReportAllocs()
	for b.Loop() {
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		_, _ = a.Acquire(ctx, firstTry)
	}
}
