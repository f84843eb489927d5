// Package words holds the sentences that errors are told in, in English and in
// Chinese. Those of codes and classes are in package codes.
package words

import "strings"

// Words are the sentences of one language.
type Words struct {
	Lang           string // "en" or "zh"
	Sep            string // between clauses
	Stop           string // before what to do
	Colon          string // before an explanation
	GaveUp         string // attempts, elapsed, reason
	UnknownOutcome string
	OwnWork        string // why a failure may be none
	NoAnswer       string
	NoTurn         string // in line
	Request        string // the request's ID

	reasons map[string]string
}

// For returns the words of a language such as "zh", "zh_CN.UTF-8" or "en-GB":
// Chinese or, for every other language, English.
func For(lang string) *Words {
	if Primary(lang) == "zh" {
		return &chinese
	}
	return &english
}

// Primary is the part of a language's name that says which one it is.
func Primary(lang string) string {
	if i := strings.IndexAny(lang, "-_.@"); i >= 0 {
		lang = lang[:i]
	}
	return strings.ToLower(lang)
}

// Reason says why retrying ended; "" for a reason that it does not know.
func (w *Words) Reason(reason string) string { return w.reasons[reason] }
