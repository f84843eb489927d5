package main

import "strings"

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
	if primary(lang) == "zh" {
		return &chinese
	}
	return &english
}

func isEnglish(lang string) bool { return primary(lang) == "en" }

// primary is the part of a language's name that says which one it is.
func primary(lang string) string {
	if i := strings.IndexAny(lang, "-_.@"); i >= 0 {
		lang = lang[:i]
	}
	return strings.ToLower(lang)
}
