package qcloudtest

import "github.com/qcloudhttp/qcloudhttp/codes"

// texts3 are API 3.0's codes for those of API 2.0 that package codes names no
// counterpart for: the vendor's public codes, by meaning.
var texts3 = map[codes.Code]string{
	codes.InvalidParameter:           "InvalidParameter",
	codes.UnauthorizedAction:         "AuthFailure.UnauthorizedOperation",
	codes.UnauthorizedResource:       "AuthFailure.UnauthorizedOperation",
	codes.UnauthorizedActionResource: "AuthFailure.UnauthorizedOperation",
	codes.CAMFailure:                 "AuthFailure.UnauthorizedOperation",
	codes.AccessDenied:               "UnauthorizedOperation",
	codes.ReplayAttack:               "InvalidRequest", // API 3.0 has no Nonce
	codes.UnsupportedProtocol:        "UnsupportedProtocol",
	codes.ResourceNotFound:           "ResourceNotFound",
	codes.OperationFailed:            "FailedOperation",
	codes.PurchaseFailed:             "FailedOperation",
	codes.InsufficientBalance:        "FailedOperation",
	codes.PartialSuccess:             "FailedOperation",
	codes.QualificationNotApproved:   "FailedOperation",
	codes.UnsupportedVersion:         "InvalidAction",

	codes.SystemError:            "InternalError",
	codes.ParameterConfigError:   "InternalError",
	codes.UserNotFound:           "ResourceNotFound.EcdnUserNotExists", // of the ecdn SDK's list
	codes.UserExists:             "ResourceInUse",
	codes.NotVIPUser:             "UnauthorizedOperation",
	codes.UserUnderReview:        "UnauthorizedOperation",
	codes.DomainBanned:           "ResourceUnavailable",
	codes.OperationLimitExceeded: "LimitExceeded",
	codes.DomainBlacklisted:      "ResourceUnavailable",
	codes.ConfigDomainOffline:    "ResourceUnavailable",
	codes.ConfigDomainOnline:     "ResourceUnavailable",
	codes.ConfigDomainNotFound:   "ResourceNotFound",
}

// text3 is API 3.0's code, "" for success.
func (f *failure) text3() string {
	if f.text != "" || f.code == 0 {
		return f.text
	}
	c := f.module
	info, known := codes.Lookup(c)
	if !known { // no module code, or another product's
		c = f.code
		info, _ = codes.Lookup(c)
	}
	if len(info.V3) > 0 {
		return info.V3[0]
	}
	if text, ok := texts3[c]; ok {
		return text
	}
	return "InvalidParameter" // what is left are bad parameters of all sorts
}
