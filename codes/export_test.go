package codes

import (
	"maps"
	"slices"
)

// V3Codes returns every code of API 3.0 that has a row, in alphabetical order.
func V3Codes() []string {
	names := slices.Collect(maps.Keys(v3Texts))
	for _, row := range table {
		names = append(names, row.V3...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
