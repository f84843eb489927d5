package rttest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
)

// A reference that retries and one that passes everything through keep every
// duty.
func TestReferences(t *testing.T) {
	t.Run("retrying", func(t *testing.T) {
		t.Parallel()
		Run(t, Config{Bubble: true, New: newReference})
	})
	t.Run("retrying, in real time", func(t *testing.T) {
		t.Parallel()
		Run(t, Config{New: newReference})
	})
	t.Run("retrying what the config says", func(t *testing.T) {
		t.Parallel()
		Run(t, Config{Bubble: true, New: newReference, Query: "Action=GetDsaHostList", Fail: unavailable})
	})
	t.Run("passing through", func(t *testing.T) {
		t.Parallel()
		Run(t, Config{Bubble: true, New: func(base http.RoundTripper) http.RoundTripper { return wrap(base, base.RoundTrip) }})
	})
}

func newReference(base http.RoundTripper) http.RoundTripper { return &reference{base: base} }

// Every check fails for a transport that breaks its duty, and no other does.
func TestEachDutyBroken(t *testing.T) {
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			broken := brokenDuties[c.Name]
			if broken == nil {
				t.Fatal("no transport breaks this duty")
			}
			var failed []string
			for name, err := range outcomes(t, Config{New: broken, Long: 4 << 10}) {
				if err != nil {
					t.Logf("%s: %v", name, err)
					failed = append(failed, name)
				}
			}
			if !slices.Equal(failed, []string{c.Name}) {
				t.Errorf("the checks that failed: %q", failed)
			}
		})
	}
	if len(brokenDuties) != len(Checks()) {
		t.Errorf("%d duties are broken, of %d", len(brokenDuties), len(Checks()))
	}
}

// outcomes runs every check. The errors of those that do not apply are left
// out.
func outcomes(t *testing.T, cfg Config) map[string]error {
	all := make(map[string]error)
	for _, c := range Checks() {
		var err error
		if c.Sockets {
			err = c.Run(t.Context(), cfg)
		} else {
			synctest.Test(t, func(t *testing.T) { err = c.Run(t.Context(), inBubble(cfg)) })
		}
		if errors.Is(err, ErrNotApplicable) {
			err = nil
		}
		all[c.Name] = err
	}
	return all
}

func TestPanicIsAFailure(t *testing.T) {
	cfg := Config{New: func(http.RoundTripper) http.RoundTripper {
		return roundTripFunc(func(*http.Request) (*http.Response, error) { panic("oh no") })
	}}
	for name, err := range outcomes(t, cfg) {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNilTransport(t *testing.T) {
	cfg := Config{New: func(http.RoundTripper) http.RoundTripper { return nil }}
	for name, err := range outcomes(t, cfg) {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, c := range Checks() {
		if c.Run(t.Context(), Config{}) == nil {
			t.Errorf("%s: no error without Config.New", c.Name)
		}
	}
}

func TestSkip(t *testing.T) {
	cfg := Config{New: newReference, Skip: map[string]string{"Head": "nobody needs it"}}
	for _, c := range Checks() {
		if c.Name != "Head" {
			continue
		}
		if err := c.Run(t.Context(), cfg); !errors.Is(err, ErrSkipped) {
			t.Errorf("%v is not ErrSkipped", err)
		}
	}
}

func TestNamesAndDocs(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range Checks() {
		if c.Name == "" || c.Doc == "" || seen[c.Name] {
			t.Errorf("name %q, doc %q, seen before %v", c.Name, c.Doc, seen[c.Name])
		}
		seen[c.Name] = true
	}
}

// A table of what an implementation keeps and breaks.
func ExampleCheck_Run() {
	forgetsHost := func(base http.RoundTripper) http.RoundTripper {
		return roundTripFunc(func(r *http.Request) (*http.Response, error) {
			r = r.Clone(r.Context())
			r.Host = ""
			return base.RoundTrip(r)
		})
	}
	for _, c := range Checks()[:3] {
		err := c.Run(context.Background(), Config{New: forgetsHost})
		fmt.Println(c.Name, err == nil)
	}
	// Output:
	// RequestUnmodified true
	// RequestPassed false
	// ContextPassed true
}
