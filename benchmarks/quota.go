package main

import (
	"time"

	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// The quotas are qcloudtest's. All that depends on their form is in this file.
type quota = qcloudtest.Quota

func bucket(perSecond, burst int) quota            { return qcloudtest.TokenBucket(float64(perSecond), burst) }
func fixedWindow(n int, per time.Duration) quota   { return qcloudtest.FixedWindow(n, per) }
func slidingWindow(n int, per time.Duration) quota { return qcloudtest.SlidingWindow(n, per) }

// limitedBy has an API count all calls against q.
func limitedBy(q quota) qcloudtest.Option {
	return qcloudtest.WithQuotaFunc(func(string) qcloudtest.Quota { return q })
}

// dip is a bucket whose rate falls for the second minute.
func dip(perSecond, fallen, burst int) quota {
	return &phases{
		bucket(perSecond, burst), bucket(fallen, fallen), bucket(perSecond, burst),
		time.Minute, 2 * time.Minute, time.Time{},
	}
}

// phases are three quotas, one after the other.
type phases struct {
	first, second, third quota
	begin, end           time.Duration // of the second, since the first call
	start                time.Time
}

func (p *phases) Take(now time.Time) bool {
	if p.start.IsZero() {
		p.start = now
	}
	switch since := now.Sub(p.start); {
	case since < p.begin:
		return p.first.Take(now)
	case since < p.end:
		return p.second.Take(now)
	}
	return p.third.Take(now)
}

// idealTime is the time in which an unused quota lets n calls pass: that of a
// caller who knows to the millisecond when the next one does.
func idealTime(q quota, n int) time.Duration {
	start := time.Unix(0, 0)
	for since := time.Duration(0); ; since += time.Millisecond {
		for q.Take(start.Add(since)) {
			if n--; n == 0 {
				return since
			}
		}
	}
}
