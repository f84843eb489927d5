package codes

import "slices"

// V3Codes returns every code of API 3.0 that has a row, in alphabetical order.
func V3Codes() []string {
	var names []string
	for _, row := range v3Table {
		if row.en != "" {
			names = append(names, row.name)
		}
	}
	for _, row := range table {
		names = append(names, row.V3...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
