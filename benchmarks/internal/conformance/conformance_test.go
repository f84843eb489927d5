package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/qcloudtest/rttest"
)

type panicking struct{}

func (panicking) RoundTrip(*http.Request) (*http.Response, error) { panic("oh no") }

// The checks find what is wrong with a transport that is, and nothing with one
// that only hands on.
func TestExtremes(t *testing.T) {
	all := RunAll(context.Background(), []Subject{
		{"as it is", func(base http.RoundTripper) http.RoundTripper { return base }},
		{"panicking", func(http.RoundTripper) http.RoundTripper { return panicking{} }},
	})
	if n := all[0].Failed(); n != 0 {
		t.Errorf("%d duties are not kept by none: %v", n, all[0].Errs)
	}
	if n, want := all[1].Failed(), len(rttest.Checks()); n != want {
		t.Errorf("%d duties are not kept by a panic, want %d", n, want)
	}
}

func TestMarkdown(t *testing.T) {
	n := len(rttest.Checks())
	some := Result{"some", make([]error, n)}
	some.Errs[0] = errors.New("lost\nstack")
	some.Errs[1] = fmt.Errorf("%w: no", rttest.ErrNotApplicable)
	var got strings.Builder
	Markdown(&got, []Result{some, {"none", make([]error, n)}})
	first, second := rttest.Checks()[0].Name, rttest.Checks()[1].Name
	for _, want := range []string{
		"| check | some | none |\n", "| " + first + " | ✗ | ✓ |\n", "| " + second + " | – | ✓ |\n",
		"| **broken** | **1** | **0** |\n", "\nsome:\n\n- " + first + ": lost\n",
	} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("%q is missing in\n%s", want, got.String())
		}
	}
}

func TestSubjectsAreNamedApart(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range Subjects() {
		if seen[s.Name] || s.New(http.DefaultTransport) == nil {
			t.Errorf("%q", s.Name)
		}
		seen[s.Name] = true
	}
}
