package qcloudhttp

import (
	"strings"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// words are the sentences of the error texts in one language.
type words struct {
	sep            string
	gaveUp         string // attempts, elapsed, reason
	unknownOutcome string
	ownWork        string
	explain        func(codes.Info) (meaning, remedy string)
	reasons        map[Reason]string
}

func wordsFor(lang string) *words {
	if lang == "zh" || strings.HasPrefix(lang, "zh-") || strings.HasPrefix(lang, "zh_") {
		return &chinese
	}
	return &english
}

func (w *words) reason(e *GiveUpError) string {
	text := w.reasons[e.Reason]
	if e.Reason == ReasonRetryAfter {
		text += " (" + e.RetryAfter.String() + ")"
	}
	return text
}

// advice says what the failure means, unless the API has said just that, and
// what to do, where that is known.
func (w *words) advice(e *Error) string {
	info, ok := e.Info()
	if !ok {
		return ""
	}
	meaning, remedy := w.explain(info)
	if strings.Contains(e.Message, meaning) {
		return remedy
	}
	return meaning + w.sep + remedy
}

var english = words{
	sep:            "; ",
	gaveUp:         "qcloudhttp: gave up after %d attempt(s) in %v: %s",
	unknownOutcome: "it is unknown whether the call was executed: look at the state before calling again",
	ownWork:        "an earlier attempt of this call may have done it",
	explain:        func(info codes.Info) (string, string) { return info.EN, info.RemedyEN },
	reasons: map[Reason]string{
		ReasonAttempts:   "no attempts left",
		ReasonElapsed:    "the next wait would exceed the policy's MaxElapsed",
		ReasonDeadline:   "the next wait would exceed the context's deadline",
		ReasonContext:    "the context ended",
		ReasonBudget:     "the retry budget is empty and the wait in line outlasted the call",
		ReasonRetryAfter: "the API asks for a longer wait than the policy allows",
		ReasonUnsafe:     "no resend of this mutation is safe (set a Signer, or send a ClientToken)",
		ReasonArrived:    "the Nonce was spent, so an earlier attempt had arrived",
		ReasonNonceAge:   "the request's Nonce would be too old for a safe resend",
		ReasonStale:      "the request's signature is spent; set Transport.Signer so that each attempt is signed anew",
		ReasonBody:       "the request's body cannot be sent again (set GetBody, or raise Policy.ReplayLimit)",
		ReasonLimiter:    "the limiter refused",
		ReasonSigner:     "the signer failed",
	},
}

var chinese = words{
	sep:            "；",
	gaveUp:         "qcloudhttp: 尝试 %d 次、历时 %v 后放弃：%s",
	unknownOutcome: "无法确定请求是否已被执行，再次调用前请先查看当前状态",
	ownWork:        "这可能是本次调用此前的某次尝试造成的",
	explain:        func(info codes.Info) (string, string) { return info.ZH, info.RemedyZH },
	reasons: map[Reason]string{
		ReasonAttempts:   "已达到最大尝试次数",
		ReasonElapsed:    "继续等待将超过策略的 MaxElapsed",
		ReasonDeadline:   "继续等待将超过上下文的截止时间",
		ReasonContext:    "上下文已结束",
		ReasonBudget:     "重试预算已用尽，排队时间超过了本次调用的时限",
		ReasonRetryAfter: "服务端要求的等待时间超过策略上限",
		ReasonUnsafe:     "该变更操作无法安全重发（请设置 Signer，或携带 ClientToken）",
		ReasonArrived:    "Nonce 已被使用，说明此前的某次请求已经到达",
		ReasonNonceAge:   "该请求的 Nonce 将过期，无法再安全重发",
		ReasonStale:      "请求签名已失效；请设置 Transport.Signer，使每次尝试都重新签名",
		ReasonBody:       "请求体无法再次发送（请设置 GetBody，或调大 Policy.ReplayLimit）",
		ReasonLimiter:    "限流器拒绝了请求",
		ReasonSigner:     "签名失败",
	},
}
