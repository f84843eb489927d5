// Package retryafter reads the Retry-After header field (RFC 9110, 10.2.3).
package retryafter

import (
	"math"
	"net/http"
	"strings"
	"time"
)

// Of returns how long a response asks to wait, and false where it does not
// ask, or not in a form that the RFC knows. A date is compared with the
// response's own Date where it has one, so that the clocks need not agree; one
// in the past is a wait of 0. A number of seconds beyond what a Duration holds
// is the longest Duration.
func Of(h http.Header) (time.Duration, bool) {
	value := strings.Trim(h.Get("Retry-After"), " \t")
	if wait, ok := seconds(value); ok {
		return wait, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(at.Sub(now), 0), true
}

// seconds parses delay-seconds, one or more digits.
func seconds(s string) (time.Duration, bool) {
	const most = math.MaxInt64 / int64(time.Second)
	var n int64
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n = n*10 + int64(c-'0'); n > most {
			n = most + 1 // stays beyond it, and far from overflow
		}
	}
	if n > most {
		return math.MaxInt64, true
	}
	return time.Duration(n) * time.Second, s != ""
}
