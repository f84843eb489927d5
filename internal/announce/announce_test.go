package announce_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/internal/announce"
)

// told collects, in seconds since its beginning, when a wait of a length was
// announced and until when.
func told(t *testing.T, length, latest time.Duration, estimate func() time.Duration) (got [][2]float64) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		stop := announce.Watch(time.Second, began.Add(latest), estimate, func(now, until time.Time) {
			got = append(got, [2]float64{now.Sub(began).Seconds(), until.Sub(began).Seconds()})
		})
		time.Sleep(length)
		stop()
		time.Sleep(time.Hour) // nothing comes any more
	})
	return got
}

func TestWatch(t *testing.T) {
	always := func(d time.Duration) func() time.Duration { return func() time.Duration { return d } }
	for name, test := range map[string]struct {
		length, latest time.Duration
		estimate       func() time.Duration
		want           [][2]float64
	}{
		"short":           {900 * time.Millisecond, time.Minute, always(3 * time.Second), nil},
		"as expected":     {3 * time.Second, time.Minute, always(3 * time.Second), [][2]float64{{1, 3}}},
		"longer":          {20 * time.Second, time.Minute, always(3 * time.Second), [][2]float64{{1, 3}, {4, 7}, {10, 13}}},
		"unknown":         {40 * time.Second, time.Minute, always(0), [][2]float64{{1, 60}}},
		"over the latest": {5 * time.Second, 10 * time.Second, always(time.Hour), [][2]float64{{1, 10}}},
	} {
		if got := told(t, test.length, test.latest, test.estimate); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// A panic in a timer's goroutine would end the process.
func TestWatchSurvivesPanics(t *testing.T) {
	asked := 0
	told(t, time.Minute, time.Hour, func() time.Duration {
		if asked++; asked > 1 {
			panic("oh no")
		}
		return time.Second / 2
	})
	if asked < 2 {
		t.Error("the estimate was not asked again")
	}
	synctest.Test(t, func(t *testing.T) {
		stop := announce.Watch(time.Second, time.Now().Add(time.Minute), func() time.Duration { return 0 },
			func(time.Time, time.Time) { panic("oh no") })
		time.Sleep(10 * time.Second)
		stop()
	})
}
