package limit

import (
	"regexp"
	"strconv"
	"time"
)

// Quota is a quota as somebody tells it: so many attempts in a time.
type Quota struct {
	Limit int           // attempts
	Per   time.Duration // in this time
	Burst int           // at once; zero means 1
}

// Rate returns the quota in attempts per second, 0 for the zero Quota.
func (q Quota) Rate() float64 {
	if q.Limit <= 0 || q.Per <= 0 {
		return 0
	}
	return float64(q.Limit) / q.Per.Seconds()
}

// told matches API 3.0's two sentences: "request times equals to `11` in a
// second, which exceeds the frequency limit `10` for a second", and the same
// in Chinese. The back-quotes are lost on some ways.
var told = regexp.MustCompile("(?i)frequency limit(?: of)?\\s*`?\\s*(\\d+)`?|每秒频率上限\\s*`?\\s*(\\d+)")

// ToldQuota reads the quota out of a rejection's message, as API 3.0 writes it
// in English and in Chinese. It reports whether there was one.
func ToldQuota(message string) (Quota, bool) {
	m := told.FindStringSubmatch(message)
	if m == nil {
		return Quota{}, false
	}
	n, err := strconv.Atoi(m[1] + m[2])
	return Quota{Limit: n, Per: time.Second}, err == nil && n > 0 && n <= 1e9
}
