package main

import (
	"errors"
	"strings"
	"unicode"

	"github.com/qcloudhttp/qcloudhttp"
)

// text is one text in both languages.
type text struct{ en, zh string }

// in returns the Chinese text for zh, the English one for every other language.
func (t text) in(lang string) string {
	if lang == "zh" {
		return t.zh
	}
	return t.en
}

var (
	remedyLabel   = text{"What to do", "处理办法"}
	classLabel    = text{"Class", "类别"}
	ruleLabel     = text{"Judged by", "判断依据"}
	retriedLabel  = text{"Retried", "是否重试"}
	executedLabel = text{"Executed", "是否已执行"}
	twinLabel     = text{"Similar", "含义相近"}
	v3Label       = text{"API 3.0", "API 3.0"}
	codesLabel    = text{"Codes", "错误码"}
	messageLabel  = text{"Message", "message"}
	requestLabel  = text{"Request ID", "请求 ID"}
	seenLabel     = text{"Seen", "出现"}
	noteLabel     = text{"Note", "说明"}

	colon = text{": ", "："}

	success   = text{"the call succeeded", "调用成功"}
	noFailure = text{"no failure of HTTP; the API's own are in the body", "不是 HTTP 的失败；API 的失败写在响应体里"}
	guessed   = text{"the text has no known code; its words suggest this one", "文中没有已知的错误码，此为根据用词推断"}
	seen      = text{"%d × (lines %d to %d)", "%d 次（第 %d 至 %d 行）"}
	others    = text{"%d more lines have other codes than the first %d", "另有 %d 行的错误码在最先出现的 %d 种之外"}

	unknownCode = text{"unknown code %s; qcerr list shows the known ones", "未知错误码 %s；qcerr list 列出已知的"}
	noCode      = text{"no code or message of the API is recognized in this text", "未在文中识别出 API 的错误码或 message"}
	noInput     = text{"there is nothing to explain", "没有可解释的内容"}
)

var conditionTexts = map[string]text{
	"":                 {"no", "否"},
	"always":           {"yes", "是"},
	"read-only":        {"actions that change nothing", "仅只读接口"},
	"signer":           {"where Transport.Signer is set", "仅在设置了 Transport.Signer 时"},
	"read-only-signer": {"actions that change nothing, where Transport.Signer is set", "仅只读接口，须设置 Transport.Signer"},
	"idempotent":       {"where a second run does no harm", "仅当重复执行无害时"},
}

var executedTexts = map[string]text{
	"no":      {"no: the attempt that got this answer changed nothing", "否：得到该响应的尝试没有任何改动"},
	"unknown": {"unknown: look at the state before calling again", "不确定：再次调用前请先查看当前状态"},
	"partial": {"in part: the response says under detail which parts failed", "部分：失败的部分见响应中的 detail"},
}

// ruleText tells the words of a code, which rules have in lower case, from a
// prefix or an exception, which is the code itself.
func ruleText(rule string) text {
	if strings.ToLower(rule) == rule {
		return text{`the words "%s"`, "词语“%s”"}
	}
	return text{"the name %s", "名称 %s"}
}

// primaryLanguage is the language in a name of a locale: zh in zh_CN.UTF-8.
func primaryLanguage(name string) string {
	end := strings.IndexAny(name+".", "-_.@")
	return strings.ToLower(name[:end])
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
