package action

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// readOnlyVerbs begin the names of actions that change nothing.
var readOnlyVerbs = []string{
	"Get", "Describe", "List", "Query", "Check", "Inquiry", "Inquire", "Search", "Count",
}

// ReadOnly reports whether an action's name begins with a read-only verb as a
// word of its own: CheckDomain does, CheckoutOrder does not.
func ReadOnly(name string) bool {
	for _, verb := range readOnlyVerbs {
		if rest, ok := strings.CutPrefix(name, verb); ok {
			next, _ := utf8.DecodeRuneInString(rest)
			if !unicode.IsLower(next) {
				return true
			}
		}
	}
	return false
}

// SafeMethod reports whether RFC 9110, 9.2.1 calls the method safe. It decides
// for requests that name no action and so are no calls of the API; for actions
// it says nothing, as v2 sends mutations by GET.
func SafeMethod(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}
