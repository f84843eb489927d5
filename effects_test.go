package qcloudhttp

import (
	"testing"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A class that effects forgets would be permanent, with an unknown outcome: what
// only an unknown code is.
func TestEveryClassHasItsEffects(t *testing.T) {
	for class := range codes.ClassOK {
		if got := verdictOf(class); class != codes.ClassUnknown && !got.Retry && got.Executed == ExecutionUnknown {
			t.Errorf("effects has no row for %v", class)
		}
	}
}
