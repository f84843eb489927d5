package request

import "testing"

// Each row is of a name that would be called read-only without it.
func TestEffectsAreOfNamesThatRead(t *testing.T) {
	for name, reason := range effects {
		if !reads(name) || reason == "" {
			t.Errorf("%s: %q", name, reason)
		}
	}
}
