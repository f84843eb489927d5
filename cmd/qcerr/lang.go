package main

import (
	"regexp"

	texts "github.com/qcloudhttp/qcloudhttp/internal/words"
)

// systemLanguage is the reader's language as POSIX has it: the first of these
// variables that is set decides.
func systemLanguage(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := env(name); value != "" {
			return value
		}
	}
	return ""
}

// wordsFor returns the texts of a language such as "zh", "zh_CN.UTF-8" or
// "en-GB": Chinese or, for every other language, English.
func wordsFor(lang string) *words {
	if texts.Primary(lang) == "zh" {
		return &chinese
	}
	return &english
}

// spoken reports whether there are texts in a language.
func spoken(lang string) bool { return texts.Primary(lang) == "zh" || texts.Primary(lang) == "en" }

var langFlag = regexp.MustCompile(`^--?lang(?:=(.*))?$`)

// setLanguage looks for -lang ahead of all else, so that the help and the
// errors of the flags before it are in that language, too.
func (c *cli) setLanguage(args []string) {
	for i, arg := range args {
		m := langFlag.FindStringSubmatch(arg)
		if m == nil {
			continue
		}
		lang := m[1]
		if lang == "" && i+1 < len(args) {
			lang = args[i+1]
		}
		if spoken(lang) {
			c.words = wordsFor(lang)
		}
	}
}
