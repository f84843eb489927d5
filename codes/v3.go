package codes

import (
	"slices"
	"strings"
)

// v3Table has one row for each public code of API 3.0 that has no counterpart in
// table: its class, and its meaning in Chinese and in English. The remedy is the
// class's. DryRunOperation answers a request that asked for no effect, which
// makes it a misuse of a call that expects one.
var v3Table = []v3Row{
	{"ActionOffline", ClassUnsupported, "接口已下线", "the action has been taken offline"},
	{"AuthFailure", ClassAuth, "身份验证失败", "the caller's identity could not be verified"},
	{"AuthFailure.InvalidAuthorization", ClassAuth,
		"Authorization 头部的格式不正确", "the Authorization header is malformed"},
	{"AuthFailure.InvalidSecretId", ClassAuth, "密钥不是云 API 密钥类型", "the key is not one for the cloud API"},
	{"AuthFailure.UnauthorizedOperation", ClassDenied,
		"未获得访问管理（CAM）的授权", "Cloud Access Management (CAM) does not allow the call"},
	{"DryRunOperation", ClassInvalid,
		"DryRun 请求：参数有效，未实际执行", "a dry run: the request would succeed, and nothing was executed"},
	{"FailedOperation", ClassFailed, "操作未能完成", "the operation could not be carried out"},
	{"InvalidAction", ClassInvalid, "接口名称无效", "the action's name is not valid"},
	{"InvalidParameterValue", ClassInvalid, "参数的取值无效", "a parameter has a wrong value"},
	{"InvalidRequest", ClassInvalid, "请求本身无效", "the request itself is not valid"},
	{"IpInBlacklist", ClassDenied, "来源 IP 在黑名单中", "the caller's address is on a blocklist"},
	{"IpNotInWhitelist", ClassDenied, "来源 IP 不在白名单中", "the caller's address is not on the allowlist"},
	{"LimitExceeded", ClassAccountState, "超过账号的配额上限", "a limit of the account is exceeded"},
	{"MissingParameter", ClassInvalid, "缺少必需的参数", "a required parameter is missing"},
	{"NoSuchProduct", ClassUnsupported, "没有该产品", "there is no such product"},
	{"NoSuchVersion", ClassUnsupported, "接口没有该版本", "the API has no such version"},
	{"OperationDenied", ClassDenied, "操作被拒绝", "the operation was refused"},
	{"RequestSizeLimitExceeded", ClassInvalid, "请求包过大", "the request is too large"},
	{"ResourceInUse", ClassConflict, "资源正被占用", "the resource is in use"},
	{"ResourceInsufficient", ClassUnsupported, "资源不足", "there are not enough resources"},
	{"ResourceUnavailable", ClassDomainState, "资源当前不可用", "the resource is not available"},
	{"ResponseSizeLimitExceeded", ClassInvalid, "返回包过大", "the response would be too large"},
	{"UnauthorizedOperation", ClassDenied, "未获授权的操作", "the operation is not permitted to the caller"},
	{"UnknownParameter", ClassInvalid, "出现了未定义的参数", "the action does not know a parameter"},
	{"UnsupportedOperation", ClassUnsupported, "不支持该操作", "the operation is not supported"},
	{"UnsupportedRegion", ClassUnsupported, "接口不支持所请求的地域", "the action is not offered in the region"},
}

type v3Row struct {
	code   string
	class  Class
	zh, en string
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
		if info, ok := exactV3(code); ok {
			return info, true
		}
	}
	return InfoV3{}, false
}

func exactV3(code string) (InfoV3, bool) {
	for _, row := range v3Table {
		if row.code == code {
			remedy := row.class.Text()
			return InfoV3{code, row.class, nil, Text{row.zh, remedy.RemedyZH, row.en, remedy.RemedyEN}}, true
		}
	}
	var info InfoV3
	for _, row := range table {
		if !slices.Contains(row.V3, code) {
			continue
		}
		if info.V2 == nil {
			info = InfoV3{Code: code, Class: row.Class, Text: row.Text}
		}
		info.V2 = append(info.V2, row.Code)
	}
	return info, info.V2 != nil
}

// AllV3 returns every known code of API 3.0 in alphabetical order. The caller
// may change the result.
func AllV3() []InfoV3 {
	var names []string
	for _, row := range v3Table {
		names = append(names, row.code)
	}
	for _, row := range table {
		names = append(names, row.V3...)
	}
	slices.Sort(names)
	var all []InfoV3
	for _, name := range slices.Compact(names) {
		info, _ := exactV3(name)
		all = append(all, info)
	}
	return all
}
