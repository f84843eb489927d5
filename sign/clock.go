package sign

import (
	"sync/atomic"
	"time"
)

// skewTolerance is how far two clocks may seem apart before the difference is
// believed. A Date header has whole seconds and is read a network delay after
// it was written, and the API allows minutes, so there is nothing to gain below.
const skewTolerance = 2 * time.Second

// clock is the local clock, corrected by what a server said. The zero value is
// the local clock as it is.
type clock struct {
	skew atomic.Int64 // nanoseconds
}

// LearnTime corrects the signer's clock by the server's time, which the Date
// header of a response gives. Call it as soon as the header is there: what
// passes until then counts as a difference between the clocks.
//
// A server's time within 2 s of the corrected clock changes nothing, and one
// within 2 s of the local clock ends the correction, as after an NTP step. The
// zero time is ignored. LearnTime may be called at any time, from several
// goroutines; it holds for the signatures that follow.
//
// Only a server that is trusted as the API itself is should be believed, and
// best only when it rejects a timestamp (code 4200,
// AuthFailure.SignatureExpire).
func (c *clock) LearnTime(server time.Time) {
	if server.IsZero() || server.Sub(c.now()).Abs() <= skewTolerance {
		return
	}
	skew := time.Until(server)
	if skew.Abs() <= skewTolerance {
		skew = 0
	}
	c.skew.Store(int64(skew))
}

// Skew returns what is added to the local clock to get the timestamp of a
// signature: positive when the local clock is behind the server's, zero until
// LearnTime has found a difference.
func (c *clock) Skew() time.Duration { return time.Duration(c.skew.Load()) }

func (c *clock) now() time.Time { return time.Now().Add(c.Skew()) }
