package main

import (
	"slices"
	"strings"
	"testing"
)

func TestWidth(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "域名": 4, "（a）": 5, "é": 1, "e\u0301": 1, "✓": 1, "한글": 4} {
		if got := width(s); got != want {
			t.Errorf("width(%q) is %d, want %d", s, got, want)
		}
	}
	if got := pad("域名", 6); got != "域名  " {
		t.Errorf("pad gives %q", got)
	}
}

func TestWrap(t *testing.T) {
	for _, tc := range []struct {
		text    string
		columns int
		want    []string
	}{
		{"one two three", 7, []string{"one two", "three"}},
		{"one two three", 8, []string{"one two", "three"}},
		{"undividable", 4, []string{"undividable"}},
		{"域名没有备案。", 8, []string{"域名没有", "备案。"}},
		{"域名没有。", 8, []string{"域名没", "有。"}}, // no line begins with a full stop
		{"用 Nonce 重发", 8, []string{"用 Nonce", "重发"}},
		{"", 8, []string{""}},
	} {
		if got := wrap(tc.text, tc.columns); !slices.Equal(got, tc.want) {
			t.Errorf("wrap(%q, %d) is %q, want %q", tc.text, tc.columns, got, tc.want)
		}
	}
}

func TestClip(t *testing.T) {
	for s, want := range map[string]string{"": "", "four": "four", "fives": "fiv…", "域名": "域名", "域名a": "域…", "a域名": "a域…"} {
		if got := clip(s, 4); got != want {
			t.Errorf("clip(%q, 4) is %q, want %q", s, got, want)
		}
	}
}

// TestNoLineIsTooLong explains every code in both languages.
func TestNoLineIsTooLong(t *testing.T) {
	for _, e := range list(t) {
		for _, lang := range []string{"en", "zh"} {
			for line := range strings.Lines(qcerr(t, e["name"].(string), "-lang", lang).stdout) {
				if width(strings.TrimSpace(line)) > lineWidth {
					t.Errorf("%v: %d columns: %s", e["code"], width(line), line)
				}
			}
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"filed", "field", 2}, {"abc", "abc", 0}} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("distance(%q, %q) is %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}
