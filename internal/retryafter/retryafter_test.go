package retryafter_test

import (
	"math"
	"math/big"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp/internal/retryafter"
)

func header(value, date string) http.Header {
	h := http.Header{"Retry-After": {value}}
	if date != "" {
		h.Set("Date", date)
	}
	return h
}

func TestOf(t *testing.T) {
	const date = "Fri, 31 Dec 1999 23:59:00 GMT"
	for _, test := range []struct {
		value, date string
		wait        time.Duration
		ok          bool
	}{
		{"120", "", 2 * time.Minute, true},
		{" 120\t", "", 2 * time.Minute, true},
		{"0", "", 0, true},
		{"99999999999999999999999999", "", math.MaxInt64, true},
		{"9223372037", "", math.MaxInt64, true},
		{"9223372036", "", 9223372036 * time.Second, true},
		{"", "", 0, false},
		{"-1", "", 0, false},
		{"+1", "", 0, false},
		{"1.5", "", 0, false},
		{"soon", "", 0, false},
		{"Fri, 31 Dec 1999 23:59:59 GMT", date, 59 * time.Second, true},
		{"Friday, 31-Dec-99 23:59:59 GMT", date, 59 * time.Second, true},
		{"Fri Dec 31 23:59:59 1999", date, 59 * time.Second, true},
		{"Fri, 31 Dec 1999 23:58:00 GMT", date, 0, true},
		{"Fri, 31 Dec 1999 23:59:59 GMT", "", 0, true}, // long past by our own clock
	} {
		wait, ok := retryafter.Of(header(test.value, test.date))
		if wait != test.wait || ok != test.ok {
			t.Errorf("%q at %q: got %v, %v", test.value, test.date, wait, ok)
		}
	}
	if _, ok := retryafter.Of(http.Header{}); ok {
		t.Error("a response without the field asks to wait")
	}
}

// FuzzOf compares seconds with math/big, dates with http.ParseTime.
func FuzzOf(f *testing.F) {
	for _, seed := range []string{"120", "0", "-1", "", "007", "9223372036854775807", "Fri, 31 Dec 1999 23:59:59 GMT"} {
		f.Add(seed, "Fri, 31 Dec 1999 23:59:00 GMT")
	}
	digits := regexp.MustCompile(`^[0-9]+$`)
	f.Fuzz(func(t *testing.T, value, date string) {
		wait, ok := retryafter.Of(http.Header{"Retry-After": {value}, "Date": {date}})
		if wait < 0 || !ok && wait != 0 {
			t.Fatalf("%q: got %v, %v", value, wait, ok)
		}
		if digits.MatchString(value) {
			n, _ := new(big.Int).SetString(value, 10)
			want := new(big.Int).Mul(n, big.NewInt(int64(time.Second)))
			if !want.IsInt64() {
				want = big.NewInt(math.MaxInt64)
			}
			if !ok || int64(wait) != want.Int64() {
				t.Fatalf("%q: got %v, %v", value, wait, ok)
			}
			return
		}
		at, err := http.ParseTime(value)
		now, dateErr := http.ParseTime(date)
		if err == nil && dateErr == nil && (!ok || wait != max(at.Sub(now), 0)) {
			t.Fatalf("%q at %q: got %v, %v", value, date, wait, ok)
		}
	})
}
