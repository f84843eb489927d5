package main

import (
	"time"

	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// The quotas are qcloudtest's. All that depends on their form is in this file.
type quota = *qcloudtest.Quota

func bucket(perSecond, burst int) quota            { return qcloudtest.TokenBucket(float64(perSecond), burst) }
func fixedWindow(n int, per time.Duration) quota   { return qcloudtest.FixedWindow(n, per) }
func slidingWindow(n int, per time.Duration) quota { return qcloudtest.SlidingWindow(n, per) }

// dip is a bucket whose rate falls to a part of it for the second minute.
func dip(perSecond, fallen, burst int) quota {
	q := bucket(perSecond, burst)
	q.Scale = func(since time.Duration) float64 {
		if since >= time.Minute && since < 2*time.Minute {
			return float64(fallen) / float64(perSecond)
		}
		return 1
	}
	return q
}

// idealTime is the time in which an unused quota lets n calls pass: that of a
// caller who knows to the millisecond when the next one does.
func idealTime(q quota, n int) time.Duration {
	start := time.Unix(0, 0)
	for since := time.Duration(0); ; since += time.Millisecond {
		for q.Allow(start.Add(since), qcloudtest.Call{}) {
			if n--; n == 0 {
				return since
			}
		}
	}
}
