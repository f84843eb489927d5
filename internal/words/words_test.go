package words_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/words"
)

func TestFor(t *testing.T) {
	for lang, chinese := range map[string]bool{
		"zh": true, "zh-CN": true, "zh_CN.UTF-8": true, "ZH": true, "zh.UTF-8": true,
		"": false, "en": false, "en-GB": false, "C.UTF-8": false, "zhuang": false,
	} {
		if got := words.For(lang) == words.For("zh"); got != chinese {
			t.Errorf("%q: Chinese is %t", lang, got)
		}
	}
}

func TestV3(t *testing.T) {
	en := words.For("en")
	for code, want := range map[string]string{
		"MissingParameter":             "a required parameter is missing",
		"MissingParameter.Nested.More": "a required parameter is missing",
		"NobodyKnows":                  "",
		"NobodyKnows.MissingParameter": "",
		"":                             "",
	} {
		if got := en.V3(code); got != want {
			t.Errorf("%s: %q", code, got)
		}
	}
	if en.V3("AuthFailure.Other") == "" {
		t.Error("a code of v2's name is not told")
	}
}

// Each language is whole, and itself.
func TestLanguages(t *testing.T) {
	han := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	}
	info, _ := codes.Lookup(codes.DomainNotFiled)
	for _, lang := range []string{"en", "zh"} {
		w := words.For(lang)
		meaning, remedy := w.Code(info)
		texts := []string{w.GaveUp, w.UnknownOutcome, w.OwnWork, w.NoAnswer, w.NoTurn, w.Request + meaning, meaning, remedy}
		for _, code := range words.V3Codes() {
			texts = append(texts, w.V3(code))
		}
		for _, text := range texts {
			if text == "" || han(text) != (lang == "zh") {
				t.Errorf("%s: %q", lang, text)
			}
		}
	}
}
