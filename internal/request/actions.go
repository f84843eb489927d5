package request

import (
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// readOnlyVerbs begin the names of actions that change nothing.
var readOnlyVerbs = []string{
	"Get", "Describe", "List", "Query", "Check", "Inquiry", "Inquire", "Search", "Count",
}

// ReadOnly reports whether an action's name begins with a read-only verb as a
// word of its own: CheckDomain does, CheckoutOrder does not. Those that do, and
// change something all the same, are in effects.
func ReadOnly(name string) bool { return reads(name) && effects[name] == "" }

func reads(name string) bool {
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

// RepeatableMethod reports whether RFC 9110, 9.2.2 calls the method
// idempotent. It decides for requests that name no action.
func RepeatableMethod(method string) bool {
	return SafeMethod(method) || method == http.MethodPut || method == http.MethodDelete
}

// Creates reports whether an action makes something, by its name: what it made
// already is answered with a conflict.
func Creates(action string) bool {
	return begins(action, "Create", "Add", "Register", "Bind", "Attach")
}

// Deletes reports whether an action takes something away, by its name: what is
// gone already is answered with not found.
func Deletes(action string) bool {
	return begins(action, "Delete", "Remove", "Terminate", "Unbind", "Detach", "Unregister")
}

func begins(name string, verbs ...string) bool {
	return slices.ContainsFunc(verbs, func(verb string) bool { return strings.HasPrefix(name, verb) })
}
