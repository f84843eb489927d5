package codes

// Gateway reports whether c is one that the API's gateway answers, before the
// module runs: nothing was executed, and a module code beside it would say
// nothing. They are 4100-4106, 4110, 4200, 4300, 4400, 4500, 4600, 6100 and
// 6200; which of them never reach the module is a judgement from the page's
// texts.
func (c Code) Gateway() bool {
	switch c {
	case AuthFailure, UnauthorizedAction, UnauthorizedResource, UnauthorizedActionResource,
		SecretIDNotFound, TokenFailure, MFAFailure, CAMFailure, RequestExpired, AccessDenied,
		QuotaExceeded, ReplayAttack, UnsupportedProtocol, UnsupportedVersion, ServiceUnavailable:
		return true
	}
	return false
}
