package main

import (
	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// demoWords are the demo's texts in one language.
type demoWords struct {
	intro string // the API's URL; first and longest delay here, for Busy and for Unavailable; attempts here, elsewhere
	acts  []string
	head  []string

	done, doneAfter        string
	causes                 map[qcloudhttp.WaitCause]string
	inLine                 string // the learnt rate
	gaveUp, permanent      string
	reasons                map[qcloudhttp.Reason]string // after gaveUp
	short                  map[codes.Code]string        // meanings that fit the column; nil: they all do
	noAnswer               string
	deploymentOver, backUp string

	quotaDone, deployed, flushed, survived string
	cutBefore, cutAfter, checked, typed    string
	failed, allMet                         string

	summary, calls, attempts, byClass, waited, time string
	ofCalls, ofAttempts, together                   string

	remoteIntro, noCredentials, badEndpoint, answered string
}

var englishDemo = demoWords{
	intro: `A DSA API runs in this process, on %s.
Several workers call it through one http.Client with

    Transport: &qcloudhttp.Transport{
        Signer: &sign.V1{...}, Policy: ..., Observer: ...,
    }

The API answers HTTP 200 to everything, the failures are in the bodies. Below is
a line for every attempt, and for every wait before the next one; WAIT beside an
attempt is the time that it was held back in the limiter's line.

The policy is the default, with shorter delays so that the demo ends soon:
%s to %s in place of %s to %s (Busy) and %s to %s (Unavailable),
each spread by half either way,
and with up to %d attempts a call in place of %d.
`,
	acts: []string{
		"1. Four workers, and a quota of 10 calls a second that nobody told them (4400)",
		"2. A change during another's deployment (1014), and one too soon (2010)",
		"3. The API is down for maintenance (6200), and unwell when it comes back (6000)",
		"4. Connections break in two mutations: the resend carries the same Nonce",
		"5. What no retry can help comes back at once, as a typed error (2002, 4100)",
	},
	head: []string{"TIME", "WORKER", "ACTION", "TRY", "CODE", "CLASS", "WAIT", "OUTCOME"},

	done:      "done",
	doneAfter: "done after %s",
	causes: map[qcloudhttp.WaitCause]string{
		qcloudhttp.WaitBackoff:    "backs off",
		qcloudhttp.WaitRetryAfter: "as Retry-After asks",
		qcloudhttp.WaitLimiter:    "in line at the limiter",
		qcloudhttp.WaitBudget:     "in line behind probes",
	},
	inLine:    "in line, %.1f calls/s",
	permanent: "permanent: no retry",
	gaveUp:    "gave up: %s",
	reasons: map[qcloudhttp.Reason]string{
		qcloudhttp.ReasonAttempts:   "no tries left",
		qcloudhttp.ReasonElapsed:    "MaxElapsed",
		qcloudhttp.ReasonDeadline:   "the deadline",
		qcloudhttp.ReasonContext:    "context ended",
		qcloudhttp.ReasonBudget:     "retry budget",
		qcloudhttp.ReasonRetryAfter: "Retry-After",
		qcloudhttp.ReasonUnsafe:     "unsafe resend",
		qcloudhttp.ReasonArrived:    "had arrived",
		qcloudhttp.ReasonNonceAge:   "old Nonce",
		qcloudhttp.ReasonStale:      "old signature",
		qcloudhttp.ReasonBody:       "body is gone",
		qcloudhttp.ReasonLimiter:    "the limiter",
		qcloudhttp.ReasonSigner:     "the signer",
	},
	short: map[codes.Code]string{
		codes.QuotaExceeded:       "quota used up",
		codes.TooFrequent:         "too soon",
		codes.OperationInProgress: "another still runs",
		codes.ServiceUnavailable:  "down for maintenance",
		codes.InternalError:       "error in the server",
		codes.ReplayAttack:        "taken for a replay",
		codes.DomainNotFiled:      "no ICP filing",
		codes.AuthFailure:         "signature rejected",
	},
	noAnswer: "no whole answer",

	deploymentOver: "deployment is over",
	backUp:         "maintenance is over",

	quotaDone: "%d of %d calls were answered; %d attempts were rejected while the limiter looked for the pace",
	deployed:  "OnlineDsaHost was refused with 1014 until the deployment was over (%d times), then executed once",
	flushed:   "FlushCache was refused with 2010 twice, then executed once",
	survived:  "%d of %d calls outlasted the outage: %d answers were 6200, %d were 6000",
	cutBefore: "%s: cut off before it was executed. The resend, byte for byte the same, was executed: exactly once",
	cutAfter:  "%s: cut off after it was executed. The resend was refused for its Nonce (4500), so it was executed exactly once all the same; the caller is told by errors.Is(err, qcloudhttp.ErrOutcomeUnknown)",
	checked:   "%s: a look at the state shows that it is there",
	typed:     "%d: one attempt, one typed error",
	failed:    "%d expectation(s) not met: %s",
	allMet:    "all %d expectations were met",

	summary: "Summary", calls: "calls", attempts: "attempts", byClass: "by class", waited: "waited", time: "time",
	ofCalls:    "%d done, %d failed",
	ofAttempts: "%d of them rejected or broken",
	together:   "in all workers together",

	remoteIntro:   "The read-only actions of %s, signed with the credentials of the environment.",
	noCredentials: "demo -endpoint needs credentials: set QCLOUD_SECRET_ID and QCLOUD_SECRET_KEY, or TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or SecretId and SecretKey",
	badEndpoint:   "-endpoint wants a URL such as https://dsa.api.qcloud.com/v2/index.php, by https (http only on loopback), without query and user",
	answered:      "%d of %d actions were answered",
}

var chineseDemo = demoWords{
	intro: `本进程内运行着一个 DSA API（%s），
几个协程通过同一个 http.Client 调用它：

    Transport: &qcloudhttp.Transport{
        Signer: &sign.V1{...}, Policy: ..., Observer: ...,
    }

API 对所有请求都返回 HTTP 200，失败写在响应体里。下面每次尝试一行，每次重试前
的等待一行；尝试一行中的“等待”是它在限流器中排队的时间。

策略为默认值，只是缩短了间隔以便尽快演示完：
%s 至 %s，默认为 %s 至 %s（Busy）、%s 至 %s（Unavailable）；
各上下浮动一半；
每次调用最多尝试 %d 次，默认 %d 次。
`,
	acts: []string{
		"1. 四个协程遇到事先不知道的配额：每秒 10 次（4400）",
		"2. 前一项变更仍在部署（1014）；操作过于频繁（2010）",
		"3. API 停机维护（6200），恢复时仍不稳定（6000）",
		"4. 两次变更操作中途断线：重发时使用相同的 Nonce",
		"5. 重试无济于事的失败立即以有类型的错误返回（2002、4100）",
	},
	head: []string{"时间", "协程", "接口", "次", "代码", "类别", "等待", "结果"},

	done:      "成功",
	doneAfter: "成功，历时 %s",
	causes: map[qcloudhttp.WaitCause]string{
		qcloudhttp.WaitBackoff:    "退避",
		qcloudhttp.WaitRetryAfter: "按 Retry-After 等待",
		qcloudhttp.WaitLimiter:    "在限流器中排队",
		qcloudhttp.WaitBudget:     "排在中断的探测之后",
	},
	inLine:    "排队，每秒 %.1f 次",
	permanent: "重试无用，不再发送",
	gaveUp:    "放弃：%s",
	reasons: map[qcloudhttp.Reason]string{
		qcloudhttp.ReasonAttempts:   "尝试次数用尽",
		qcloudhttp.ReasonElapsed:    "总时长超限",
		qcloudhttp.ReasonDeadline:   "将过截止时间",
		qcloudhttp.ReasonContext:    "上下文已结束",
		qcloudhttp.ReasonBudget:     "重试预算用尽",
		qcloudhttp.ReasonRetryAfter: "须等待过久",
		qcloudhttp.ReasonUnsafe:     "无法安全重发",
		qcloudhttp.ReasonArrived:    "首次尝试已到达",
		qcloudhttp.ReasonNonceAge:   "Nonce 将过期",
		qcloudhttp.ReasonStale:      "签名已失效",
		qcloudhttp.ReasonBody:       "请求体无法重发",
		qcloudhttp.ReasonLimiter:    "限流器拒绝",
		qcloudhttp.ReasonSigner:     "签名失败",
	},
	noAnswer: "响应缺失或不完整",

	deploymentOver: "部署完成",
	backUp:         "维护结束",

	quotaDone: "%d/%d 次调用得到结果；限流器摸索节奏期间有 %d 次尝试被拒",
	deployed:  "OnlineDsaHost 在部署完成前被 1014 拒绝 %d 次，之后执行了一次",
	flushed:   "FlushCache 被 2010 拒绝两次，之后执行了一次",
	survived:  "%d/%d 次调用撑过了停机：收到 6200 共 %d 次，6000 共 %d 次",
	cutBefore: "%s：执行前断线，逐字节相同的重发得到执行：恰好一次",
	cutAfter:  "%s：执行后断线，重发因 Nonce 相同被拒（4500），因此仍是恰好执行一次；调用者由 errors.Is(err, qcloudhttp.ErrOutcomeUnknown) 得知",
	checked:   "%s：查询状态，确认已创建",
	typed:     "%d：只尝试一次，返回一个有类型的错误",
	failed:    "%d 项未达预期：%s",
	allMet:    "%d 项均如预期",

	summary: "小结", calls: "调用", attempts: "尝试", byClass: "按类别", waited: "等待", time: "用时",
	ofCalls:    "成功 %d，失败 %d",
	ofAttempts: "其中 %d 次被拒或中断",
	together:   "各协程合计",

	remoteIntro:   "以环境变量中的密钥签名，调用 %s 的只读接口。",
	noCredentials: "demo -endpoint 需要密钥：请设置 QCLOUD_SECRET_ID 和 QCLOUD_SECRET_KEY，或 TENCENTCLOUD_SECRET_ID 和 TENCENTCLOUD_SECRET_KEY，或 SecretId 和 SecretKey",
	badEndpoint:   "-endpoint 须为 URL，例如 https://dsa.api.qcloud.com/v2/index.php，须用 https（仅本机可用 http），不得含查询参数和用户名",
	answered:      "%d/%d 个接口得到结果",
}
