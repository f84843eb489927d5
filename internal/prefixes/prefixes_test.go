package prefixes_test

import (
	"slices"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/internal/prefixes"
)

func TestOf(t *testing.T) {
	for code, want := range map[string][]string{
		"": nil, ".": {"."}, "A": {"A"}, "A.B.C": {"A.B.C", "A.B", "A"}, "A..": {"A..", "A.", "A"}, ".A": {".A"},
	} {
		if got := slices.Collect(prefixes.Of(code)); !slices.Equal(got, want) {
			t.Errorf("%q: %q", code, got)
		}
	}
	for range prefixes.Of("A.B") {
		break // and no more is asked for
	}
}
