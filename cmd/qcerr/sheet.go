package main

import (
	"errors"
	"regexp"
	"strings"
	"unicode"

	"github.com/qcloudhttp/qcloudhttp"
)

// lineWidth is where the lines of an explanation are broken, in columns.
const lineWidth = 80

// width is how many columns of a terminal s takes: two for an East Asian wide
// character (Unicode Standard Annex 11; as much of it as the texts here need),
// none for a combining mark.
func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana),
		r >= 0x3000 && r <= 0x303F,                             // CJK punctuation
		r >= 0xFF01 && r <= 0xFF60, r >= 0xFFE0 && r <= 0xFFE6, // full-width forms
		r >= 0x1F300 && r <= 0x1FAFF: // pictures
		return 2
	}
	return 1
}

// pad fills s up with spaces to a number of columns.
func pad(s string, columns int) string {
	return s + strings.Repeat(" ", max(columns-width(s), 0))
}

// clip shortens s to a number of columns.
func clip(s string, columns int) string {
	if width(s) <= columns {
		return s
	}
	n := 0
	for i, r := range s {
		if n += runeWidth(r); n >= columns {
			return s[:i] + "…"
		}
	}
	return s
}

// sheet is a title and labelled lines below it, aligned and wrapped.
type sheet struct {
	head string
	rows [][2]string
}

func (t *sheet) title(text string) { t.head = text }

// line adds texts under a label, which is not repeated.
func (t *sheet) line(label string, texts ...string) {
	for _, text := range texts {
		t.rows = append(t.rows, [2]string{label, text})
	}
}

func (t *sheet) String() string {
	labels := 0
	for _, row := range t.rows {
		labels = max(labels, width(row[0]))
	}
	var b strings.Builder
	b.WriteString(strings.Join(wrap(t.head, lineWidth), "\n  ") + "\n\n")
	indent := "\n" + strings.Repeat(" ", labels+4)
	last := ""
	for _, row := range t.rows {
		label := row[0]
		if label == last {
			label = ""
		}
		last = row[0]
		lines := wrap(row[1], lineWidth-labels-4)
		b.WriteString("  " + pad(label, labels) + "  " + strings.Join(lines, indent) + "\n")
	}
	return b.String()
}

// noLineStart may not begin a line in Chinese typesetting.
const noLineStart = "，。；：、？！）》”’%,.;:)"

// wrap breaks text into lines of so many columns: at spaces, and between wide
// characters.
func wrap(text string, columns int) []string {
	var lines []string
	line := ""
	for _, word := range segments(text) {
		if line != "" && width(line)+width(strings.TrimRight(word, " ")) > columns {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += word
	}
	return append(lines, strings.TrimRight(line, " "))
}

// segments cuts text into what a line may be broken between. Spaces belong to
// the segment before them.
func segments(text string) []string {
	var parts []string
	start := 0
	var prev rune
	for i, r := range text {
		breakable := prev == ' ' && r != ' ' || i > 0 && r != ' ' &&
			(runeWidth(prev) == 2 && prev != '（' && prev != '“' || runeWidth(r) == 2) &&
			!strings.ContainsRune(noLineStart, r)
		if breakable && i > start {
			parts = append(parts, text[start:i])
			start = i
		}
		prev = r
	}
	if start < len(text) {
		parts = append(parts, text[start:])
	}
	return parts
}

// messageLimit bounds how much of a foreign text is shown, in runes.
const messageLimit = 1000

// printable makes a foreign text safe to show: without credentials, in one
// line, without control characters, and not endless.
func printable(s string) string {
	s = qcloudhttp.Redact(errors.New(strings.ToValidUTF8(s, "\uFFFD"))).Error()
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > messageLimit {
		s = string(runes[:messageLimit]) + "…"
	}
	return strings.TrimSpace(s)
}

var plainWord = regexp.MustCompile(`^(-?\d{1,20}|[A-Za-z_.]{1,64})$`)

// repeatable returns an unknown input for a message about it, and false for
// one that may be anything, a key that was pasted by mistake for one.
func repeatable(s string) (string, bool) {
	if !plainWord.MatchString(s) || printable(s) != s {
		return "", false
	}
	return s, true
}
