package codes

import (
	"slices"
	"strings"
)

// v3Texts has one row for each public code of API 3.0 that has no counterpart in
// table: its meaning in Chinese and in English. Class and remedy are those that
// the rules give it.
var v3Texts = map[string][2]string{
	"ActionOffline":                     {"接口已下线", "the action has been taken offline"},
	"AuthFailure":                       {"身份验证失败", "the caller's identity could not be verified"},
	"AuthFailure.InvalidAuthorization":  {"Authorization 头部的格式不正确", "the Authorization header is malformed"},
	"AuthFailure.InvalidSecretId":       {"密钥不是云 API 密钥类型", "the key is not one for the cloud API"},
	"AuthFailure.UnauthorizedOperation": {"未获得访问管理（CAM）的授权", "Cloud Access Management (CAM) does not allow the call"},
	"DryRunOperation":                   {"DryRun 请求：参数有效，未实际执行", "a dry run: the request would succeed, and nothing was executed"},
	"FailedOperation":                   {"操作未能完成", "the operation could not be carried out"},
	"InvalidAction":                     {"接口名称无效", "the action's name is not valid"},
	"InvalidParameterValue":             {"参数的取值无效", "a parameter has a wrong value"},
	"InvalidRequest":                    {"请求本身无效", "the request itself is not valid"},
	"IpInBlacklist":                     {"来源 IP 在黑名单中", "the caller's address is on a blocklist"},
	"IpNotInWhitelist":                  {"来源 IP 不在白名单中", "the caller's address is not on the allowlist"},
	"LimitExceeded":                     {"超过账号的配额上限", "a limit of the account is exceeded"},
	"MissingParameter":                  {"缺少必需的参数", "a required parameter is missing"},
	"NoSuchProduct":                     {"没有该产品", "there is no such product"},
	"NoSuchVersion":                     {"接口没有该版本", "the API has no such version"},
	"OperationDenied":                   {"操作被拒绝", "the operation was refused"},
	"RequestSizeLimitExceeded":          {"请求包过大", "the request is too large"},
	"ResourceInUse":                     {"资源正被占用", "the resource is in use"},
	"ResourceInsufficient":              {"资源不足", "there are not enough resources"},
	"ResourceUnavailable":               {"资源当前不可用", "the resource is not available"},
	"ResponseSizeLimitExceeded":         {"返回包过大", "the response would be too large"},
	"UnauthorizedOperation":             {"未获授权的操作", "the operation is not permitted to the caller"},
	"UnknownParameter":                  {"出现了未定义的参数", "the action does not know a parameter"},
	"UnsupportedOperation":              {"不支持该操作", "the operation is not supported"},
	"UnsupportedRegion":                 {"接口不支持所请求的地域", "the action is not offered in the region"},
}

// InfoV3 is what is known about one code of API 3.0.
type InfoV3 struct {
	Code  string // as the vendor writes it
	Class Class
	V2    []Code // the counterparts in API 2.0, the nearest first; nil: there are none
	Text
}

// LookupV3 returns what is known about a code of API 3.0. A code without an
// entry of its own counts as its parent: "RequestLimitExceeded.UinLimitExceeded"
// is "RequestLimitExceeded". The second result is false where no parent has an
// entry either. Codes are compared with regard to letter case. The caller may
// change the result.
func LookupV3(code string) (InfoV3, bool) {
	for ; code != ""; code = code[:max(strings.LastIndexByte(code, '.'), 0)] {
		info := InfoV3{Code: code, Class: ClassifyV3(code, "").Class}
		if text, ok := v3Texts[code]; ok {
			info.Text = info.Class.Text()
			info.ZH, info.EN = text[0], text[1]
			return info, true
		}
		for _, row := range table {
			if slices.Contains(row.V3, code) {
				info.V2 = append(info.V2, row.Code)
			}
		}
		if info.V2 != nil {
			info.Text = info.V2[0].row().Text
			return info, true
		}
	}
	return InfoV3{}, false
}
