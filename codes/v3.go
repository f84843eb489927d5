package codes

import (
	"slices"
	"strings"
)

// v3Table has one row for each prefix, which is what stands before a code's
// first dot, and for each public code without a counterpart in table: class,
// family, and the meaning in Chinese and in English where the vendor's list of
// public codes has it. The remedy is the class's. The first row that fits
// decides; an asterisk at the end stands for any letters. DryRunOperation
// answers a request that asked for no effect, which makes it a misuse of a call
// that expects one.
var v3Table = []v3Row{
	{"FailedOperation", ClassFailed, failed, "操作未能完成", "the operation could not be carried out"},
	{"InternalError", ClassInternal, internal, "", ""},
	{"InternalServerError", ClassInternal, internal, "", ""},
	{"ServiceUnavailable", ClassUnavailable, internal, "", ""},
	{"RequestLimitExceeded", ClassThrottled, limit, "", ""},
	{"LimitExceeded", ClassAccountState, limit, "超过账号的配额上限", "a limit of the account is exceeded"},
	{"ResourceInsufficient", ClassUnsupported, limit, "资源不足", "there are not enough resources"},
	{"ResourcesSoldOut", ClassUnsupported, limit, "", ""},
	{"OperationDenied", ClassDenied, denied, "操作被拒绝", "the operation was refused"},
	{"ResourceUnavailable", ClassDomainState, denied, "资源当前不可用", "the resource is not available"},
	{"ResourceInUse", ClassConflict, named, "资源正被占用", "the resource is in use"},
	{"ResourceNotFound", ClassNotFound, named, "", ""},
	{"UnsupportedOperation", ClassUnsupported, named, "不支持该操作", "the operation is not supported"},
	{"UnsupportedRegion", ClassUnsupported, named, "接口不支持所请求的地域", "the action is not offered in the region"},
	{"Unsupported*", ClassUnsupported, named, "", ""},
	{"NoSuchProduct", ClassUnsupported, named, "没有该产品", "there is no such product"},
	{"NoSuchVersion", ClassUnsupported, named, "接口没有该版本", "the API has no such version"},
	{"ActionOffline", ClassUnsupported, named, "接口已下线", "the action has been taken offline"},
	{"AuthFailure", ClassAuth, access, "身份验证失败", "the caller's identity could not be verified"},
	{"AuthFailure.InvalidAuthorization", ClassAuth, access,
		"Authorization 头部的格式不正确", "the Authorization header is malformed"},
	{"AuthFailure.InvalidSecretId", ClassAuth, access, "密钥不是云 API 密钥类型", "the key is not one for the cloud API"},
	{"AuthFailure.UnauthorizedOperation", ClassDenied, access,
		"未获得访问管理（CAM）的授权", "Cloud Access Management (CAM) does not allow the call"},
	{"UnauthorizedOperation", ClassDenied, access, "未获授权的操作", "the operation is not permitted to the caller"},
	{"Unauthorized*", ClassDenied, access, "", ""},
	{"IpInBlacklist", ClassDenied, access, "来源 IP 在黑名单中", "the caller's address is on a blocklist"},
	{"IpNotInWhitelist", ClassDenied, access, "来源 IP 不在白名单中", "the caller's address is not on the allowlist"},
	{"UnknownParameter", ClassInvalid, request, "出现了未定义的参数", "the action does not know a parameter"},
	{"InvalidAction", ClassInvalid, request, "接口名称无效", "the action's name is not valid"},
	{"InvalidParameterValue", ClassInvalid, request, "参数的取值无效", "a parameter has a wrong value"},
	{"InvalidRequest", ClassInvalid, request, "请求本身无效", "the request itself is not valid"},
	{"Invalid*", ClassInvalid, request, "", ""},
	{"MissingParameter", ClassInvalid, request, "缺少必需的参数", "a required parameter is missing"},
	{"Missing*", ClassInvalid, request, "", ""},
	{"RegionError", ClassInvalid, request, "", ""},
	{"DryRunOperation", ClassInvalid, request,
		"DryRun 请求：参数有效，未实际执行", "a dry run: the request would succeed, and nothing was executed"},
	{"RequestSizeLimitExceeded", ClassInvalid, request, "请求包过大", "the request is too large"},
	{"ResponseSizeLimitExceeded", ClassInvalid, request, "返回包过大", "the response would be too large"},
}

type v3Row struct {
	name   string
	class  Class
	under  family
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
		info := InfoV3{Code: code, Class: ClassifyV3(code, "").Class}
		for _, row := range v3Table {
			if row.name == code && row.en != "" {
				info.Text = info.Class.Text()
				info.ZH, info.EN = row.zh, row.en
				return info, true
			}
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
