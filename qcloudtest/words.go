package qcloudtest

import (
	"strings"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// words are a message in both languages.
type words struct{ zh, en string }

// wordsOf is the meaning of a code of API 2.0, nothing for success.
func wordsOf(c codes.Code) words {
	info, _ := codes.Lookup(c)
	return words{info.ZH, info.EN}
}

// failureOfText is the failure that API 3.0 names by text. API 2.0 has it as
// the codeDesc of 5100.
func failureOfText(version int, text string) *failure {
	f := failureOf(codes.OperationFailed)
	if version == 3 {
		c, _ := nearest(text)
		f = failureOf(c)
	}
	f.text = text
	return f
}

// nearest is the code of API 2.0 that comes nearest to one of API 3.0, and what
// the latter means. A text that is unknown altogether speaks for itself.
func nearest(text string) (codes.Code, words) {
	if v2 := codes.FromV3(text); len(v2) > 0 {
		return v2[0], wordsOf(v2[0])
	}
	for part, more := text, true; more; part, more = parent(part) {
		p, ok := public3[part]
		switch {
		case ok && p.words == words{}:
			return p.code, wordsOf(p.code)
		case ok:
			return p.code, p.words
		}
	}
	return codes.OperationFailed, words{text, text}
}

// parent is "A" for "A.B", and false for "A".
func parent(text string) (string, bool) {
	dot := strings.LastIndexByte(text, '.')
	return text[:max(dot, 0)], dot >= 0
}

// public3 are API 3.0's public codes that package codes names no counterpart
// for: the nearest common code of API 2.0, and the meaning where it is another.
var public3 = map[string]struct {
	code codes.Code
	words
}{
	"ActionOffline":                     {codes.UnsupportedVersion, words{"接口已下线", "the action has been taken offline"}},
	"AuthFailure":                       {code: codes.AuthFailure},
	"AuthFailure.InvalidAuthorization":  {codes.AuthFailure, words{"请求头 Authorization 不符合规范", "the Authorization header is malformed"}},
	"AuthFailure.InvalidSecretId":       {codes.AuthFailure, words{"密钥类型不可用于该接口", "the key is not of the kind that the action takes"}},
	"AuthFailure.UnauthorizedOperation": {code: codes.UnauthorizedAction},
	"DryRunOperation":                   {codes.OperationFailed, words{"试运行：请求会成功，但带有 DryRun 参数", "a dry run: without the parameter DryRun the request would succeed"}},
	"FailedOperation":                   {code: codes.OperationFailed},
	"InvalidAction":                     {code: codes.UnsupportedVersion},
	"InvalidParameter":                  {code: codes.InvalidParameter},
	"InvalidParameterValue":             {codes.InvalidParameter, words{"参数取值错误", "a parameter's value is invalid"}},
	"InvalidRequest":                    {codes.InvalidParameter, words{"请求体格式错误", "the request's body is malformed"}},
	"IpInBlacklist":                     {codes.AccessDenied, words{"IP 地址在黑名单中", "the IP address is on the blacklist"}},
	"IpNotInWhitelist":                  {codes.AccessDenied, words{"IP 地址不在白名单中", "the IP address is not on the whitelist"}},
	"LimitExceeded":                     {codes.OperationFailed, words{"超过配额限制", "a limit of the account is exceeded"}},
	"MissingParameter":                  {codes.InvalidParameter, words{"缺少参数", "a parameter is missing"}},
	"NoSuchProduct":                     {codes.UnsupportedVersion, words{"产品不存在", "there is no such product"}},
	"NoSuchVersion":                     {codes.UnsupportedVersion, words{"接口版本不存在", "the API has no such version"}},
	"RequestSizeLimitExceeded":          {codes.InvalidParameter, words{"请求包超过限制大小", "the request is too large"}},
	"ResourceInUse":                     {codes.OperationFailed, words{"资源被占用", "the resource is in use"}},
	"ResourceInsufficient":              {codes.OperationFailed, words{"资源不足", "the resources do not suffice"}},
	"ResourceNotFound":                  {code: codes.ResourceNotFound},
	"ResourceUnavailable":               {codes.OperationFailed, words{"资源不可用", "the resource is not available"}},
	"ResponseSizeLimitExceeded":         {codes.OperationFailed, words{"返回包超过限制大小", "the response would be too large"}},
	"UnauthorizedOperation":             {codes.AccessDenied, words{"未授权的操作", "the operation is not authorised"}},
	"UnknownParameter":                  {codes.InvalidParameter, words{"未知参数", "a parameter is unknown"}},
	"UnsupportedOperation":              {codes.OperationFailed, words{"操作不受支持", "the operation is not supported"}},
	"UnsupportedProtocol":               {code: codes.UnsupportedProtocol},
	"UnsupportedRegion":                 {codes.InvalidParameter, words{"接口不支持所传地域", "the action does not support the region"}},
}
