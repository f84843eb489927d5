package words

// chinese is for zh.
var chinese = Words{
	Lang:           "zh",
	Sep:            "；",
	Stop:           "；",
	Colon:          "：",
	GaveUp:         "qcloudhttp: 尝试 %d 次、历时 %v 后放弃：%s",
	UnknownOutcome: "无法确定请求是否已被执行，再次调用前请先查看当前状态",
	OwnWork:        "这可能是本次调用此前的某次尝试造成的",
	NoAnswer:       "没有收到完整的响应",
	NoTurn:         "排队未能及时轮到",
	Request:        " [请求 ID %s]",
	reasons: map[string]string{
		"attempts":    "已达到最大尝试次数",
		"elapsed":     "下一次尝试将超出策略的 MaxElapsed",
		"deadline":    "下一次尝试将晚于上下文的截止时间",
		"context":     "上下文已结束",
		"budget":      "重试预算已用尽，排队时间超过了本次调用的时限",
		"retry-after": "服务端要求的等待时间超过策略上限",
		"unsafe":      "该变更操作无法安全重发（API 2.0 请设置 Signer，API 3.0 请携带 ClientToken）",
		"arrived":     "Nonce 已被使用，说明此前的某次请求已经到达",
		"nonce-age":   "该请求的 Nonce 将过期，无法再安全重发",
		"stale":       "请求签名已失效；请设置 Transport.Signer，使每次尝试都重新签名",
		"body":        "请求体无法再次发送（请设置 GetBody，或调大 Policy.ReplayLimit）",
		"limiter":     "限流器拒绝了请求",
		"signer":      "签名失败",
	},
}
