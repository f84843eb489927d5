// Package prefixes takes API 3.0's codes apart: a FailedOperation.X is a
// FailedOperation.
package prefixes

import (
	"iter"
	"strings"
)

// Of yields a code and then what it falls back to: "A.B.C", "A.B", "A".
func Of(code string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for code := code; code != "" && yield(code); {
			code = code[:max(strings.LastIndexByte(code, '.'), 0)]
		}
	}
}
