package action

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// shortest is how long a credential is at least: replacing shorter ones would
// mutilate a text that holds them by chance.
const shortest = 6

// Credentials is what a request carries that no text may show. It is taken from
// the request at little cost, for most errors are never printed.
type Credentials struct {
	query, form, authorization, token string
}

// CredentialsOf takes the credentials of r.
func CredentialsOf(r *http.Request) Credentials {
	c := Credentials{
		query:         r.URL.RawQuery,
		authorization: header(r.Header, "Authorization"),
		token:         header(r.Header, "X-Tc-Token"),
	}
	if r.GetBody != nil && mediaType(r) == "application/x-www-form-urlencoded" {
		c.form = string(peekBody(r))
	}
	return c
}

// Hide returns text without the query, without the values of the parameters
// SecretId, Signature and Token, and without what the headers Authorization and
// X-TC-Token hold, as they are and escaped.
func (c Credentials) Hide(text string) string {
	for _, secret := range c.secrets() {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}

// secrets returns the longest first, for it may hold others.
func (c Credentials) secrets() []string {
	_, signature, _ := strings.Cut(c.authorization, "Signature=")
	all := []string{c.query, c.authorization, credential(c.authorization), signature, c.token}
	all = append(append(all, parameters(c.query)...), parameters(c.form)...)

	all = slices.DeleteFunc(all, func(s string) bool { return len(s) < shortest })
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
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
