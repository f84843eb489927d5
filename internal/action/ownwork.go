package action

import (
	"slices"
	"strings"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// ownWork lists, by the verb of a mutation, the answers that an earlier
// attempt of the same call causes when it was executed unseen. That 2005
// answers a delete that has been done is a judgement, see the vendor facts.
var ownWork = []struct {
	verbs []string
	codes []codes.Code
}{
	{[]string{"Create", "Add", "Register"}, []codes.Code{2001, 1101}},
	{[]string{"Delete", "Remove"}, []codes.Code{2000, 2005, 5000, 10107}},
	{[]string{"Offline", "Stop"}, []codes.Code{2005, 10104}},
	{[]string{"Online", "Start"}, []codes.Code{10105}},
}

// FindsOwnWork reports whether a failure of the action with that code is what
// the action's own earlier execution would cause.
func FindsOwnWork(name string, code codes.Code) bool {
	for _, row := range ownWork {
		for _, verb := range row.verbs {
			if strings.HasPrefix(name, verb) {
				return slices.Contains(row.codes, code)
			}
		}
	}
	return false
}
