package qcloudtest

import "time"

// A Quota decides whether one more call may pass. Take is called once for each
// call that got as far as the quota, with non-decreasing times and never
// concurrently, and counts the call as it sees fit.
type Quota interface {
	Take(now time.Time) bool
}

// FixedWindow lets n calls pass in each window of the given length. The first
// window starts at the first call and each other at the end of the one before,
// so that a test which is shorter than a window sees one allowance, whatever
// the clock says. Rejected calls cost nothing.
func FixedWindow(n int, per time.Duration) Quota {
	return &fixedWindow{n: n, per: max(per, 1)}
}

type fixedWindow struct {
	n     int
	per   time.Duration
	start time.Time
	used  int
}

func (q *fixedWindow) Take(now time.Time) bool {
	if q.start.IsZero() {
		q.start = now
	}
	if age := now.Sub(q.start); age >= q.per {
		q.start, q.used = q.start.Add(age-age%q.per), 0
	}
	if q.used >= q.n {
		return false
	}
	q.used++
	return true
}

// SlidingWindow lets a call pass when fewer than n passed in the time before
// it. Rejected calls cost nothing. It remembers n times.
func SlidingWindow(n int, per time.Duration) Quota {
	return &slidingWindow{n: n, per: per}
}

type slidingWindow struct {
	n      int
	per    time.Duration
	passed []time.Time // a ring, once it is full
	next   int
}

func (q *slidingWindow) Take(now time.Time) bool {
	if q.n <= 0 {
		return false
	}
	if len(q.passed) < q.n {
		q.passed = append(q.passed, now)
		return true
	}
	if now.Sub(q.passed[q.next]) < q.per {
		return false
	}
	q.passed[q.next] = now
	q.next = (q.next + 1) % q.n
	return true
}

// TokenBucket starts with burst tokens and gains perSecond of them each second,
// up to burst; a call that passes takes one. Rejected calls cost nothing.
func TokenBucket(perSecond float64, burst int) Quota {
	return &tokenBucket{rate: perSecond, burst: float64(burst), tokens: float64(burst)}
}

type tokenBucket struct {
	rate, burst, tokens float64
	last                time.Time
}

func (q *tokenBucket) Take(now time.Time) bool {
	if !q.last.IsZero() {
		q.tokens = min(q.burst, q.tokens+now.Sub(q.last).Seconds()*q.rate)
	}
	q.last = now
	const rounding = 1e-9 // 0.1 s of 10/s is a token, whatever the float says
	if q.tokens < 1-rounding {
		return false
	}
	q.tokens--
	return true
}
