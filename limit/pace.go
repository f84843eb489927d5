package limit

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// Pace says when a key's attempts go at the rate that is known. Of each key's
// queue the head alone asks, one question at a time. One with a method Known()
// bool is asked only while that returns true, and else the limiter's own pace
// decides; it must not block. Probes of a closed key go by the Pace, too.
type Pace interface {
	// Take asks for the attempts of n that wait. It returns how many of them
	// may go now, and where none may, after how long to ask again. It may ask
	// somebody else, until ctx ends.
	Take(ctx context.Context, n int) (granted int, wait time.Duration)

	// SetQuota tells the quota that was told or documented for the key, at
	// each time that it is told. It must not block.
	SetQuota(q Quota)
}

// NewPace returns a Pace that asks l, and sets it to each quota that is told.
func NewPace(l *rate.Limiter) Pace { return local{l} }

type local struct{ *rate.Limiter }

func (l local) Take(_ context.Context, _ int) (int, time.Duration) {
	now := time.Now()
	if l.AllowN(now, 1) {
		return 1, 0
	}
	return 0, untilToken(l.Limiter, now)
}

func (l local) SetQuota(q Quota) { setRate(l.Limiter, time.Now(), q.Rate(), q.Burst) }

// untilToken is how long it is until l has a token.
func untilToken(l *rate.Limiter, now time.Time) time.Duration {
	missing := 1 - l.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return seconds(missing/float64(l.Limit())) + 1 // rounded up
}

// late is how late a timer may fire without costing a token.
const late = time.Millisecond

// setRate sets l's rate, and the burst that was told, or else 1 and as much as
// a timer that fires late would lose.
func setRate(l *rate.Limiter, now time.Time, r float64, burst int) {
	l.SetLimitAt(now, rate.Limit(r))
	l.SetBurstAt(now, max(burst, 1)+int(min(r*late.Seconds(), 1e9)))
}

func seconds(s float64) time.Duration { return time.Duration(min(s, 1e9) * float64(time.Second)) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
