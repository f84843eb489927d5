package request

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// shortest is how long a credential is at least: replacing shorter ones would
// mutilate a text that holds them by chance.
const shortest = 6

// Mask returns what puts *** in the place of the values in a request that no text
// may show, in every spelling that an echo of them may have: its query, its
// SecretId, SecretKey, Signature and Token parameters, and what its Authorization
// and X-TC-Token headers hold.
func Mask(r *http.Request) func(text string) string {
	query, authorization := r.URL.RawQuery, header(r.Header, "Authorization")
	_, signature, _ := strings.Cut(authorization, "Signature=")
	secrets := []string{
		query, unescape(query), authorization, credential(authorization), signature, header(r.Header, "X-Tc-Token"),
	}
	for pair := range strings.SplitSeq(query+"&"+form(r), "&") {
		key, value, _ := strings.Cut(pair, "=")
		switch strings.ToLower(key) {
		case "secretid", "secretkey", "signature", "token":
			secrets = append(secrets, value, unescape(value))
		}
	}
	var found []string
	for _, secret := range secrets {
		found = append(found, spellings(secret)...)
	}
	found = slices.DeleteFunc(found, func(s string) bool { return len(s) < shortest })
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
	return func(text string) string {
		for _, secret := range found {
			text = strings.ReplaceAll(text, secret, "***")
		}
		return text
	}
}

// inHTML escapes as package html does, whose tables are large.
var inHTML = strings.NewReplacer("&", "&amp;", "'", "&#39;", "<", "&lt;", ">", "&gt;", `"`, "&#34;")

// escapes matches percent escapes.
var escapes = regexp.MustCompile(`%[0-9A-F]{2}`)

// spellings returns s as it is, and as query, path, JSON and HTML have it.
func spellings(s string) []string {
	query, path := url.QueryEscape(s), url.PathEscape(s)
	return []string{
		s, strings.ReplaceAll(s, "+", " "), query, path,
		escapes.ReplaceAllStringFunc(query, strings.ToLower), escapes.ReplaceAllStringFunc(path, strings.ToLower),
		strings.ReplaceAll(s, "/", `\/`), strings.ReplaceAll(s, "&", `\u0026`),
		inHTML.Replace(s), strings.ReplaceAll(inHTML.Replace(s), "+", "&#43;"),
	}
}
