package main

import (
	"slices"
	"strings"
	"sync"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// maxSuggestions bounds how many names are offered for a misspelt one.
const maxSuggestions = 3

// longestName is longer than any name that there is.
const longestName = 64

// closeTo returns the names that a misspelt one may stand for, the likeliest
// first: those at a small edit distance, and those that contain it.
func closeTo(name string) []string {
	type candidate struct {
		name     string
		distance int
	}
	if len(name) > longestName {
		return nil
	}
	var found []candidate
	low := strings.ToLower(name)
	farthest := max(2, len(low)/5)
	for _, known := range knownNames() {
		other := strings.ToLower(known)
		d := abs(len(low) - len(other)) // the distance is no less
		if d <= farthest {
			d = distance(low, other)
		}
		if len(low) >= 4 && strings.Contains(other, low) {
			d = min(d, 2)
		}
		if d <= farthest {
			found = append(found, candidate{known, d})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.distance - b.distance })
	var names []string
	for _, c := range found[:min(len(found), maxSuggestions)] {
		names = append(names, c.name)
	}
	return names
}

func abs(n int) int { return max(n, -n) }

// knownNames are all names that can be explained and that a table lists.
var knownNames = sync.OnceValue(func() []string {
	var names []string
	for _, info := range codes.All() {
		names = append(append(names, info.Name), info.V3...)
	}
	for _, info := range codes.AllV3() {
		names = append(names, info.Code)
	}
	for _, class := range qcloudhttp.Classes() {
		names = append(names, class.String())
	}
	slices.Sort(names)
	return slices.Compact(names)
})

// distance is the Levenshtein distance of two short strings, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
