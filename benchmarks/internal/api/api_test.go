package api

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// allowed are how many of n calls, each interval apart, a quota takes.
func allowed(q Quota, n int, interval time.Duration) int {
	taken := 0
	for i := range n {
		if q.Allow(time.Unix(0, 0).Add(time.Duration(i) * interval)) {
			taken++
		}
	}
	return taken
}

func TestQuotas(t *testing.T) {
	const ms = time.Millisecond
	for _, tc := range []struct {
		name     string
		q        Quota
		n        int
		interval time.Duration
		want     int
	}{
		{"bucket: its burst", &Bucket{Rate: Constant(50), Burst: 50}, 60, 0, 50},
		{"bucket: at its rate", &Bucket{Rate: Constant(50), Burst: 1}, 500, 20 * ms, 500},
		{"bucket: at twice its rate", &Bucket{Rate: Constant(50), Burst: 1}, 500, 10 * ms, 250},
		{"bucket: rejections charged", &Bucket{Rate: Constant(50), Burst: 1, Charge: true}, 500, 10 * ms, 1},
		{"fixed: one window", &Fixed{N: 5, Window: time.Second}, 10, 99 * ms, 5},
		{"fixed: two windows", &Fixed{N: 5, Window: time.Second}, 20, 100 * ms, 10},
		{"sliding: at its rate", &Sliding{N: 5, Window: time.Second}, 50, 200 * ms, 50},
		{"sliding: at twice its rate", &Sliding{N: 5, Window: time.Second}, 50, 100 * ms, 25},
		{"sliding: rejections charged", &Sliding{N: 5, Window: time.Second, Charge: true}, 50, 100 * ms, 5},
	} {
		if got := allowed(tc.q, tc.n, tc.interval); got != tc.want {
			t.Errorf("%s: %d of %d taken, want %d", tc.name, got, tc.n, tc.want)
		}
	}
}

// A fixed window opens at its border however full the end of the last one was.
func TestFixedWindowBorder(t *testing.T) {
	q := &Fixed{N: 2, Window: time.Second}
	var taken []bool
	for _, at := range []time.Duration{0, 900, 950, 999, 1000, 1001, 1002} {
		taken = append(taken, q.Allow(time.Unix(100, 0).Add(at*time.Millisecond)))
	}
	want := []bool{true, true, false, false, true, true, false}
	for i := range want {
		if taken[i] != want[i] {
			t.Fatalf("taken: %v, want %v", taken, want)
		}
	}
}

func TestIdeal(t *testing.T) {
	for name, tc := range map[string]struct {
		q    Quota
		n    int
		want time.Duration
	}{
		"within the burst": {&Bucket{Rate: Constant(50), Burst: 50}, 50, 0},
		"bucket":           {&Bucket{Rate: Constant(50), Burst: 50}, 6000, 119 * time.Second},
		"fixed":            {&Fixed{N: 1200, Window: time.Minute}, 4800, 3 * time.Minute},
		"sliding":          {&Sliding{N: 50, Window: time.Second}, 6000, 119 * time.Second},
	} {
		if got := Ideal(tc.q, tc.n); (got - tc.want).Abs() > time.Millisecond {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

func TestService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Service{
			Quota: &Fixed{N: 1, Window: time.Second}, Latency: 20 * time.Millisecond,
			Fails: func(since time.Duration, _ float64) bool { return since >= time.Second },
		}
		s.Start()
		for _, want := range []string{Success, Throttled} {
			began := time.Now()
			if got := get(t, s); got != want || time.Since(began) != s.Latency {
				t.Errorf("got %s after %v", got, time.Since(began))
			}
		}
		time.Sleep(time.Second)
		if got := get(t, s); got != Internal {
			t.Errorf("got %s in the outage", got)
		}
		want := []Arrival{{0, 0}, {20 * time.Millisecond, 4400}, {1040 * time.Millisecond, 6000}}
		for i, a := range s.Arrivals() {
			if a != want[i] {
				t.Errorf("arrival %d: %v, want %v", i, a, want[i])
			}
		}
	})
}

func get(t *testing.T, s *Service) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://api.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestServiceEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Service{Latency: time.Hour}
		s.Start()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://api.example/", nil)
		if _, err := s.RoundTrip(r); err != context.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
	})
}
