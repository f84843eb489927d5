package rttest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A reference that retries and one that passes everything through keep every
// duty.
func TestReferences(t *testing.T) {
	fail := func(r *http.Request) (*http.Response, error) { return unavailable(1, r) }
	through := func(base http.RoundTripper) http.RoundTripper { return wrap(base, base.RoundTrip) }
	for name, cfg := range map[string]Config{
		"retrying":                      {New: newReference},
		"retrying what the config says": {New: newReference, Query: "Action=GetDsaHostList", Fail: fail, Long: 4 << 10},
		"passing through":               {New: through},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Run(t, cfg)
		})
	}
}

func newReference(base http.RoundTripper) http.RoundTripper { return &reference{base: base} }

// The suite finds the duty that a transport breaks, and no other, and there is
// such a transport for every duty.
func TestEachDutyBroken(t *testing.T) {
	found := make(map[string]bool)
	for name, broken := range brokenDuties {
		duty, _, _ := strings.Cut(name, ",")
		found[duty] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			breaches := breachesOf(t, Config{New: broken, Long: 4 << 10})
			if duty == "NoRedirect" { // the request that it makes is another one
				delete(breaches, "RequestPassed")
				delete(breaches, "ResponseRequest")
			}
			if got := slices.Sorted(maps.Keys(breaches)); !slices.Equal(got, []string{duty}) {
				t.Errorf("the duties said to be broken: %q, %v", got, breaches)
			}
		})
	}
	for duty := range duties {
		if !found[duty] && duty != "Head" { // which is ResponsePassed, of HEAD
			t.Errorf("no transport breaks %s", duty)
		}
	}
}

// breachesOf makes every check.
func breachesOf(t *testing.T, cfg Config) map[string]error {
	all := make(map[string]error)
	for _, c := range checks(cfg) {
		maps.Copy(all, c.run(t, cfg))
	}
	return all
}
