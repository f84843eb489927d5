package qcloudhttp

import "github.com/qcloudhttp/qcloudhttp/codes"

// gatewayCodes decide by themselves: the API's gateway answers them before the
// module runs, so nothing was executed and a module code beside them would say
// nothing.
var gatewayCodes = map[codes.Code]bool{
	codes.AuthFailure: true, codes.UnauthorizedAction: true, codes.UnauthorizedResource: true,
	codes.UnauthorizedActionResource: true, codes.SecretIDNotFound: true, codes.TokenFailure: true,
	codes.MFAFailure: true, codes.CAMFailure: true, codes.RequestExpired: true,
	codes.AccessDenied: true, codes.QuotaExceeded: true, codes.ReplayAttack: true,
	codes.UnsupportedProtocol: true, codes.UnsupportedVersion: true, codes.ServiceUnavailable: true,
}

// commonClasses is the class of every common code. 5200 is a judgement: its
// causes are an instance type or a stock that cannot be had.
var commonClasses = map[codes.Code]Class{
	codes.InvalidParameter:           Invalid,
	codes.AuthFailure:                Auth,
	codes.UnauthorizedAction:         Denied,
	codes.UnauthorizedResource:       Denied,
	codes.UnauthorizedActionResource: Denied,
	codes.SecretIDNotFound:           Auth,
	codes.TokenFailure:               Auth,
	codes.MFAFailure:                 Auth,
	codes.CAMFailure:                 Denied,
	codes.RequestExpired:             Stale,
	codes.AccessDenied:               Denied,
	codes.QuotaExceeded:              Throttled,
	codes.ReplayAttack:               Stale,
	codes.UnsupportedProtocol:        Unsupported,
	codes.ResourceNotFound:           NotFound,
	codes.OperationFailed:            Failed,
	codes.PurchaseFailed:             Unsupported,
	codes.InsufficientBalance:        Account,
	codes.PartialSuccess:             Partial,
	codes.QualificationNotApproved:   Account,
	codes.InternalError:              Internal,
	codes.UnsupportedVersion:         Unsupported,
	codes.ServiceUnavailable:         Unavailable,
}

// moduleClasses is the class of every module code of DSA and ECDN.
var moduleClasses = map[codes.Code]Class{
	codes.SystemError:             Internal,
	codes.CommandFailed:           Internal,
	codes.InvalidRequest:          Invalid,
	codes.InvalidAction:           Invalid,
	codes.InvalidRequestParameter: Invalid,
	codes.ParameterConfigError:    Internal,
	codes.OperationInProgress:     Busy,
	codes.InvalidModule:           Invalid,

	codes.UserNotFound:     Account,
	codes.UserExists:       Conflict,
	codes.UserBanned:       Account,
	codes.UserInArrears:    Account,
	codes.NotVIPUser:       Denied,
	codes.UserUnderReview:  Account,
	codes.PermissionDenied: Denied,
	codes.TooManyDomains:   Account,

	codes.DomainNotFound:        NotFound,
	codes.DomainExists:          Conflict,
	codes.DomainNotFiled:        Domain,
	codes.DomainLocked:          Domain,
	codes.DomainNotOnline:       Domain,
	codes.DomainOffline:         Domain,
	codes.DomainBanned:          Domain,
	codes.TooFrequent:           Throttled,
	codes.OperationLimit:        Throttled,
	codes.InvalidDomain:         Invalid,
	codes.TencentInternalDomain: Domain,
	codes.RestrictedDomain:      Domain,
	codes.DomainBlacklisted:     Domain,
	codes.DomainTooLong:         Invalid,

	codes.TooManyOrigins:    Origin,
	codes.OriginConflict:    Origin,
	codes.OriginBlacklisted: Origin,
	codes.OriginPrivateIP:   Origin,
	codes.OriginTooLong:     Origin,

	codes.InvalidProjectID:      Invalid,
	codes.InvalidHTTPS:          Invalid,
	codes.InvalidPlatform:       Invalid,
	codes.InvalidPidConfig:      Invalid,
	codes.InvalidResponseHeader: Invalid,
	codes.ResponseHeaderLimit:   Invalid,
	codes.InvalidExtension:      Invalid,

	codes.CertificateError:          Certificate,
	codes.CertificateUnparsable:     Certificate,
	codes.CertificateDomainMismatch: Certificate,
	codes.CertificateKeyMismatch:    Certificate,
	codes.CertificateExpired:        Certificate,
	codes.CertificateExpiring:       Certificate,
	codes.CertificateChainError:     Certificate,

	codes.InvalidStatTime:      Invalid,
	codes.InvalidStatMetric:    Invalid,
	codes.InvalidStatProjectID: Invalid,

	codes.ConfigSystemError:      Internal,
	codes.InvalidConfigParameter: Invalid,
	codes.InvalidConfigVersion:   Invalid,
	codes.InvalidConfigAction:    Invalid,
	codes.InvalidConfigToken:     Invalid,
	codes.ConfigDomainOffline:    Domain,
	codes.ConfigDomainOnline:     Domain,
	codes.InvalidConfigJSON:      Invalid,
	codes.ConfigDomainNotFound:   NotFound,
	codes.InvalidConfigHost:      Invalid,
	codes.InvalidConfigOrigin:    Origin,
	codes.InvalidOriginWeight:    Origin,
	codes.InvalidBackupOrigin:    Origin,
}

// v3Classes is the class of API 3.0's public codes. A sub-code that is not
// here falls back to its prefix. DryRunOperation answers a request that asked
// for no effect, which makes it a misuse of a call that expects one.
var v3Classes = map[string]Class{
	"AuthFailure":                       Auth,
	"AuthFailure.SignatureExpire":       Stale,
	"AuthFailure.UnauthorizedOperation": Denied,
	"DryRunOperation":                   Invalid,
	"FailedOperation":                   Failed,
	"InternalError":                     Internal,
	"InvalidAction":                     Invalid,
	"InvalidParameter":                  Invalid,
	"InvalidParameterValue":             Invalid,
	"InvalidRequest":                    Invalid,
	"IpInBlacklist":                     Denied,
	"IpNotInWhitelist":                  Denied,
	"LimitExceeded":                     Account,
	"MissingParameter":                  Invalid,
	"ActionOffline":                     Unsupported,
	"NoSuchProduct":                     Unsupported,
	"NoSuchVersion":                     Unsupported,
	"OperationDenied":                   Denied,
	"RequestLimitExceeded":              Throttled,
	"RequestSizeLimitExceeded":          Invalid,
	"ResourceInUse":                     Conflict,
	"ResourceInsufficient":              Unsupported,
	"ResourceNotFound":                  NotFound,
	"ResourceUnavailable":               Conflict,
	"ResponseSizeLimitExceeded":         Invalid,
	"ServiceUnavailable":                Unavailable,
	"UnauthorizedOperation":             Denied,
	"UnknownParameter":                  Invalid,
	"UnsupportedOperation":              Unsupported,
	"UnsupportedProtocol":               Unsupported,
	"UnsupportedRegion":                 Unsupported,
}
