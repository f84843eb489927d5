package main

import (
	"github.com/qcloudhttp/qcloudhttp"
)

var chinese = words{
	lang: "zh",
	usage: `qcerr 解释腾讯云 DSA API 的错误码和响应。

` + commandLine + `
可以解释：
  2002                                  错误码
  DomainNotFiled                        错误码的名称，或 codes.DomainNotFiled
  Throttled                             类别，或 ErrThrottled
  ResourceUnavailable.CdnHostNoIcp      API 3.0 的错误码
  'HTTP 502'                            HTTP 状态码
  '(2002)请求的域名尚未备案'            message，或任何含有错误码的文字
  curl -si "$url" | qcerr               响应，带不带响应头均可，
                                        也可以是 gzip 或 deflate

list 列出全部错误码。demo 在本机启动一个测试用 API，用几秒钟演示
qcloudhttp.Transport 如何应对各种失败。加上 -endpoint 则签名调用真实 API 的只读
接口，密钥取自环境变量，以下列第一组齐全的为准：
  QCLOUD_SECRET_ID、QCLOUD_SECRET_KEY，可另有 QCLOUD_TOKEN
  TENCENTCLOUD_SECRET_ID、TENCENTCLOUD_SECRET_KEY，可另有 TENCENTCLOUD_TOKEN
  SecretId、SecretKey

选项：
  -lang zh|en     语言，默认取自 LC_ALL、LC_MESSAGES、LANG
  --json          输出 JSON，含中英文
  --retryable     只列会重试的错误码
  --class CLASS   只列某一类，例如 Throttled
  -endpoint URL   例如 https://dsa.api.qcloud.com/v2/index.php

--json 的字段（list 输出由这样的对象组成的数组）：
  code            错误码；成功，以及 scope 为 v3、http、class 时为 0
  scope           common | module | v3（v2 中没有对应的 API 3.0 错误码）
                  | http（HTTP 状态码）| class（类别）
  name            例如 DomainNotFiled；v3 为其错误码，http 如 Bad Gateway
  class           类别，如 Throttled、Domain；成功为 OK
  retryable       Transport 是否可能重试
  condition       何时重试：always 总是 | read-only 仅只读接口 | signer 须重新
                  签名 | idempotent 变更操作须不会被执行两次；不重试则没有此项
  executed        是否已执行：no | unknown | partial；code 为 0 时是 yes
  zh、en          含义
  remedy_zh、remedy_en    处理办法
  why_zh、why_en  重试或不重试的原因
  twins           含义相近的错误码
  v3              API 3.0 中对应的错误码
  codes           类别所含的错误码
  response        所解释的响应的内容：status_code、code、module、code_desc、
                  message、request_id、common（解释模块错误码时，公共错误码的
                  条目）

退出状态：0 已解释；1 未知错误码，或演示失败；2 用法错误。
`,
	shortUsage: commandLine + "  qcerr help\n",

	wrongFlag:  "该命令不支持 -%s",
	noFlag:     "没有选项 %s",
	noValue:    "选项 %s 须带取值",
	wrongBool:  "选项 %s 只能取 true 或 false",
	wrongLang:  "-lang 只能取 zh 或 en",
	wrongClass: "没有类别 %s，可用的类别有 %s",
	tooMany:    "一次只能解释一个错误码或一段文字；含空格的文字请加引号",
	noInput:    "没有可解释的内容",
	noArgument: "该命令只接受选项，不接受其他参数",

	unknownNumber: "未知错误码 %s：不在 DSA API 的错误码之列，可用 qcerr list 查看全部",
	unknownName:   "未知错误码 %s：既不是错误码名称，也不是 API 3.0 的错误码，可用 qcerr list 查看全部名称",
	noCode:        "这段文字里没有 API 的错误码，也不是 API 的响应",
	didYouMean:    "是否想查 %s？",
	compressed:    "响应体经过压缩（%s）：请用 curl --compressed 获取",

	class:      "类别",
	remedy:     "处理",
	retried:    "是否重试",
	executed:   "是否已执行",
	twins:      "含义相近",
	v3:         "API 3.0",
	inGo:       "Go 代码",
	codes:      "错误码",
	said:       "message",
	request:    "请求 ID",
	common:     "公共错误码",
	module:     "模块错误码",
	otherTable: "不在 DSA 和 ECDN 的错误码表中：属于其他产品，或是新增的",
	decides:    "更为具体，以它为准",
	notCounted: "不起作用：%d 由网关返回，模块尚未运行",
	titled:     "%s（%s）",
	success:    "调用成功，不是错误",
	sep:        "；",
	colon:      "：",

	conditions: map[string]string{
		"":         "否：",
		always:     "是：",
		readOnly:   "仅只读接口：",
		needSigner: "仅在设置了 Transport.Signer 时：",
		idempotent: "只读接口，以及不会被执行两次的变更操作（v2：以相同 Nonce 重发；3.0：带 ClientToken；或请求未曾发出）：",
	},
	delays:     "首次等待约 %s，逐次延长，最长约 %s",
	inTurn:     "使用默认限流器时按顺序排队，此后按 API 所能接受的频率放行；所设的 Limiter 不会自行调整频率时，%s",
	delaysOnce: "，最多 %d 次",
	executions: map[string]string{
		"no":      "否：没有任何改动",
		"unknown": "不确定：若是变更操作，再次调用前请先查看当前状态",
		"partial": "部分：失败的部分见响应中的 detail",
		"yes":     "是",
	},
	retryWords: map[string]string{"": "否", always: "是", readOnly: "仅只读", needSigner: "须重签", idempotent: "须幂等"},

	scopes: map[string]string{"common": "公共错误码", "module": "DSA 和 ECDN 的模块错误码", scopeV3: "API 3.0 错误码", scopeHTTP: "HTTP", scopeClass: "类别"},
	noCodes: map[qcloudhttp.Class]string{
		qcloudhttp.Network: "没有错误码属于 Network：它表示根本没有收到响应，或响应中断，也就无从得知错误码",
		qcloudhttp.Unknown: "表中没有错误码属于 Unknown：它用于各表之外的错误码",
	},
	noneRetried: "该类别的错误码都不会重试",

	listHead:      []string{"错误码", "范围", "名称", "类别", "重试", "已执行", "含义"},
	scopeWords:    map[string]string{"common": "公共", "module": "模块"},
	executedWords: map[string]string{"no": "否", "unknown": "不确定", "partial": "部分"},

	plain: [2]string{"就 HTTP 而言不是失败；API 的失败写在响应体的 code 里", "把完整的响应交给 qcerr。"},
	whys: map[qcloudhttp.Class]string{
		qcloudhttp.OK:          "响应原样交给调用者，除非响应体中写有失败",
		qcloudhttp.Unknown:     "含义未知，再次尝试可能有害",
		qcloudhttp.Network:     "连接会断开，也会恢复",
		qcloudhttp.Throttled:   "被拒绝是因为频率而非内容",
		qcloudhttp.Busy:        "正在进行的操作数分钟后会自行结束",
		qcloudhttp.Unavailable: "服务会恢复",
		qcloudhttp.Internal:    "错在服务端，通常很快恢复；但请求可能已经执行，变更操作因此可能遇到自己先前的结果（2001、2000、2005），Error.OwnWork 会指明",
		qcloudhttp.Failed:      "原因不明，变更操作可能已经生效",
		qcloudhttp.Stale:       "原样重发仍会被拒，重新签名则不会",
		qcloudhttp.Auth:        "须先改正密钥或签名",
		qcloudhttp.Denied:      "获得授权之前都会被拒",
		qcloudhttp.Account:     "须先改变账号的状态或限额",
		qcloudhttp.Domain:      "须先改变域名的状态",
		qcloudhttp.Conflict:    "再次尝试仍会遇到同样的冲突",
		qcloudhttp.NotFound:    "再次调用也不会使它出现",
		qcloudhttp.Origin:      "须先改正源站设置",
		qcloudhttp.Certificate: "须先改正证书",
		qcloudhttp.Invalid:     "同样的请求只会得到同样的结果，须先改正",
		qcloudhttp.Partial:     "重发整批会重复已完成的部分，只应重发失败的部分",
		qcloudhttp.Unsupported: "不提供的东西再次调用也没有",
	},

	demo: chineseDemo,
}
