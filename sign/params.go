package sign

import (
	"net/url"
	"slices"
	"strings"
)

// param is one decoded parameter of a query or a form.
type param struct{ key, value string }

// params keeps repeated parameters and their order, which url.Values and its
// Encode would keep too; unlike them it takes a semicolon as the ordinary
// character that it is for the API.
type params []param

// parseParams appends the parameters of a query or form to ps.
func parseParams(ps params, raw string) (params, error) {
	ps = slices.Grow(ps, strings.Count(raw, "&")+1)
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key, keyErr := url.QueryUnescape(key)
		value, valueErr := url.QueryUnescape(value)
		if keyErr != nil || valueErr != nil {
			return nil, unsupported("a parameter has an invalid percent-encoding")
		}
		ps = append(ps, param{key, value})
	}
	return ps, nil
}

// only returns the value of a parameter that is there exactly once and is not
// empty: of two, nobody knows which one the other side reads.
func (ps params) only(key string) (value string, ok bool) {
	for _, p := range ps {
		if p.key != key {
			continue
		}
		if ok {
			return "", false
		}
		value, ok = p.value, true
	}
	return value, ok && value != ""
}

func (ps params) has(key string) bool {
	return slices.ContainsFunc(ps, func(p param) bool { return p.key == key })
}

// sort orders by key, in bytes; equal keys keep their order.
func (ps params) sort() {
	slices.SortStableFunc(ps, func(a, b param) int { return strings.Compare(a.key, b.key) })
}

// encode escapes as RFC 3986 does, so that a space is %20: readers of queries
// and readers of forms agree on it, which they do not on "+".
func (ps params) encode() string {
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(escape(p.key))
		b.WriteByte('=')
		b.WriteString(escape(p.value))
	}
	return b.String()
}

func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
