package words

import (
	"slices"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/prefixes"
)

// v3Meanings are API 3.0's public codes that v2 has neither a counterpart nor a
// code of the same name for.
var v3Meanings = []struct{ code, zh, en string }{
	{"ActionOffline", "接口已下线", "the action has been taken offline"},
	{"AuthFailure.InvalidAuthorization", "Authorization 头部的格式不正确", "the Authorization header is malformed"},
	{"AuthFailure.InvalidSecretId", "密钥不是云 API 密钥类型", "the key is not one for the cloud API"},
	{"AuthFailure.UnauthorizedOperation", "未获得访问管理（CAM）的授权", "Cloud Access Management (CAM) does not allow the call"},
	{"DryRunOperation", "DryRun 请求：参数有效，未实际执行", "a dry run: the request would succeed, and nothing was executed"},
	{"FailedOperation", "操作未能完成", "the operation could not be carried out"},
	{"InvalidParameterValue", "参数的取值不正确", "a parameter has a wrong value"},
	{"IpInBlacklist", "来源 IP 在黑名单中", "the caller's address is on a blocklist"},
	{"IpNotInWhitelist", "来源 IP 不在白名单中", "the caller's address is not on the allowlist"},
	{"LimitExceeded", "超过账号的配额上限", "a limit of the account is exceeded"},
	{"MissingParameter", "缺少必需的参数", "a required parameter is missing"},
	{"NoSuchProduct", "没有该产品", "there is no such product"},
	{"NoSuchVersion", "接口没有该版本", "the API has no such version"},
	{"OperationDenied", "操作被拒绝", "the operation was refused"},
	{"RequestSizeLimitExceeded", "请求包过大", "the request is too large"},
	{"ResourceInUse", "资源正被占用", "the resource is in use"},
	{"ResourceInsufficient", "资源不足", "there are not enough resources"},
	{"ResourceUnavailable", "资源当前不可用", "the resource is not available"},
	{"ResponseSizeLimitExceeded", "返回包过大", "the response would be too large"},
	{"UnauthorizedOperation", "未获授权的操作", "the operation is not permitted to the caller"},
	{"UnknownParameter", "出现了未定义的参数", "the action does not know a parameter"},
	{"UnsupportedOperation", "不支持该操作", "the operation is not supported"},
	{"UnsupportedRegion", "接口不支持所请求的地域", "the action is not offered in the region"},
}

// V3Codes returns the codes of API 3.0 that have a meaning here and no
// counterpart in v2.
func V3Codes() []string {
	var all []string
	for _, m := range v3Meanings {
		all = append(all, m.code)
	}
	return all
}

// V3 returns what a code of API 3.0 means that has no counterpart in v2: by
// itself, else by its prefix; "" where that is not known.
func (w *Words) V3(code string) (meaning string) {
	for prefix := range prefixes.Of(code) {
		i := slices.IndexFunc(v3Meanings, func(m struct{ code, zh, en string }) bool { return m.code == prefix })
		if i >= 0 && w.chinese {
			return v3Meanings[i].zh
		} else if i >= 0 {
			return v3Meanings[i].en
		}
		// Where v2 has the name too, it means the same.
		if same, ok := codes.ByName(prefix); ok && same.Name == prefix {
			meaning, _ = w.Code(same)
			return meaning
		}
	}
	return ""
}
