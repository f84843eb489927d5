package qcloudtest

import (
	"cmp"

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
	info, known := codes.LookupV3(text)
	if !known {
		return codes.OperationFailed, words{text, text}
	}
	meaning := words{info.ZH, info.EN}
	if len(info.V2) > 0 {
		return info.V2[0], meaning
	}
	return cmp.Or(public3[info.Code], codes.OperationFailed), meaning
}

// public3 are the common codes of API 2.0 that come nearest to API 3.0's public
// codes, where package codes names no counterpart and it is not OperationFailed.
var public3 = map[string]codes.Code{
	"ActionOffline":                     codes.UnsupportedVersion,
	"AuthFailure":                       codes.AuthFailure,
	"AuthFailure.InvalidAuthorization":  codes.AuthFailure,
	"AuthFailure.InvalidSecretId":       codes.AuthFailure,
	"AuthFailure.UnauthorizedOperation": codes.UnauthorizedAction,
	"InvalidAction":                     codes.UnsupportedVersion,
	"InvalidParameterValue":             codes.InvalidParameter,
	"InvalidRequest":                    codes.InvalidParameter,
	"IpInBlacklist":                     codes.AccessDenied,
	"IpNotInWhitelist":                  codes.AccessDenied,
	"MissingParameter":                  codes.InvalidParameter,
	"NoSuchProduct":                     codes.UnsupportedVersion,
	"NoSuchVersion":                     codes.UnsupportedVersion,
	"RequestSizeLimitExceeded":          codes.InvalidParameter,
	"UnauthorizedOperation":             codes.AccessDenied,
	"UnknownParameter":                  codes.InvalidParameter,
	"UnsupportedRegion":                 codes.InvalidParameter,
}
