package request

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// shortest is how long a credential is at least: replacing shorter ones would
// mutilate a text that holds them by chance.
const shortest = 6

// Credentials returns the values in a request that no text may show, as they
// are and escaped, the longest first: its query, its SecretId, Signature and
// Token parameters, and what its Authorization and X-TC-Token headers hold.
func Credentials(r *http.Request) []string {
	found := []string{r.URL.RawQuery}
	found = append(found, parameters(r.URL.RawQuery)...)
	if isForm(r) {
		found = append(found, parameters(string(peekBody(r)))...)
	}
	authorization := header(r.Header, "Authorization")
	_, signature, _ := strings.Cut(authorization, "Signature=")
	found = append(found, authorization, credential(authorization), signature, header(r.Header, "X-Tc-Token"))

	found = slices.DeleteFunc(found, func(s string) bool { return len(s) < shortest })
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(found)
}

// parameters returns the values of an encoded form's secret parameters.
func parameters(encoded string) (values []string) {
	for pair := range strings.SplitSeq(encoded, "&") {
		key, value, _ := strings.Cut(pair, "=")
		switch strings.ToLower(key) {
		case "secretid", "secretkey", "signature", "token":
			plain := unescape(value)
			values = append(values, value, plain, url.QueryEscape(plain), strings.ReplaceAll(plain, "/", `\/`)) // as JSON may have it
		}
	}
	return values
}
