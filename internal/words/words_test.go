package words_test

import (
	"strings"
	"testing"
	"unicode"

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

// Each language is whole, and itself.
func TestLanguages(t *testing.T) {
	han := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	}
	for _, lang := range []string{"en", "zh"} {
		w := words.For(lang)
		for _, text := range []string{w.GaveUp, w.UnknownOutcome, w.OwnWork, w.NoAnswer, w.NoTurn, w.Reason("unsafe")} {
			if text == "" || han(text) != (lang == "zh") {
				t.Errorf("%s: %q", lang, text)
			}
		}
	}
}
