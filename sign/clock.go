package sign

import (
	"sync/atomic"
	"time"
)

// clock is the local clock, corrected by what a server said. The zero value is
// the local clock as it is.
type clock struct {
	skew atomic.Int64 // nanoseconds
}

// LearnTime corrects the signer's clock by the server's time, which the Date
// header of a response gives. Call it as soon as the header is there: what
// passes until then counts as a difference between the clocks. The zero time is
// ignored. LearnTime may be called at any time, from several goroutines; the last
// call holds for the signatures that follow.
//
// Only a server that is trusted as the API itself is should be believed, and
// best only when it rejects a timestamp (code 4200,
// AuthFailure.SignatureExpire).
func (c *clock) LearnTime(server time.Time) {
	if !server.IsZero() {
		c.skew.Store(int64(time.Until(server)))
	}
}

// Skew returns what is added to the local clock to get the timestamp of a
// signature: positive when the local clock is behind the server's, zero until
// LearnTime is called. From a Date header it is known to about a second.
func (c *clock) Skew() time.Duration { return time.Duration(c.skew.Load()) }

func (c *clock) now() time.Time { return time.Now().Add(c.Skew()) }
