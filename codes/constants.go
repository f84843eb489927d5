package codes

// Common codes, the same for every product of the API. 4101-4106 and 4110 are on
// the vendor's newer list only.
const (
	InvalidParameter Code = 4000 // a request parameter is missing or invalid

	AuthFailure                Code = 4100 // the request's signature was rejected
	UnauthorizedAction         Code = 4101 // the sub-account may not call this action
	UnauthorizedResource       Code = 4102 // the sub-account may not access this resource
	UnauthorizedActionResource Code = 4103 // the sub-account may not use this action on this resource
	SecretIDNotFound           Code = 4104 // the SecretId does not exist
	TokenFailure               Code = 4105 // the token of the temporary credentials is not valid
	MFAFailure                 Code = 4106 // multi-factor authentication failed
	CAMFailure                 Code = 4110 // CAM refused the request for another reason

	RequestExpired      Code = 4200 // the request's Timestamp is outside the accepted period
	AccessDenied        Code = 4300 // the account is banned or the action is not open to it
	QuotaExceeded       Code = 4400 // the quota of calls is used up
	ReplayAttack        Code = 4500 // the request counts as a replay: its Nonce was used before or its Timestamp is too far off
	UnsupportedProtocol Code = 4600 // the request's protocol is not supported

	ResourceNotFound         Code = 5000 // the resource does not exist or belongs to another account
	OperationFailed          Code = 5100 // the operation on the resource failed
	PurchaseFailed           Code = 5200 // the purchase failed, perhaps for lack of stock or an unsupported configuration
	InsufficientBalance      Code = 5300 // the balance is too low for the purchase
	PartialSuccess           Code = 5400 // only a part of the batch succeeded
	QualificationNotApproved Code = 5500 // the account's qualification is not approved, so nothing was bought

	InternalError      Code = 6000 // the server had an internal error
	UnsupportedVersion Code = 6100 // this version does not offer the action, or the action is under maintenance
	ServiceUnavailable Code = 6200 // the API is down for maintenance
)

// Module codes of DSA and ECDN: the system, the account, the domain's state and
// the pace of calls.
const (
	SystemError             Code = 1000 // the DSA system had an internal error
	CommandFailed           Code = 1001 // the command failed to execute
	InvalidRequest          Code = 1010 // the request as a whole is not valid
	InvalidAction           Code = 1011 // the action's name is not valid
	InvalidRequestParameter Code = 1012 // a parameter of the action is invalid
	ParameterConfigError    Code = 1013 // the service's configuration of parameters is wrong
	OperationInProgress     Code = 1014 // an operation is still running
	InvalidModule           Code = 1015 // the module's name is wrong

	UserNotFound     Code = 1100 // the account is not a user of DSA yet
	UserExists       Code = 1101 // the account is a user of DSA already
	UserBanned       Code = 1102 // the account is banned
	UserInArrears    Code = 1103 // the account is in arrears
	NotVIPUser       Code = 1104 // the operation is open to VIP customers only
	UserUnderReview  Code = 1110 // the account is still under review
	PermissionDenied Code = 1112 // the account lacks permission for this operation
	TooManyDomains   Code = 1120 // the account has too many accelerated domains

	DomainNotFound  Code = 2000 // the accelerated domain does not exist
	DomainExists    Code = 2001 // the domain has been added before
	DomainNotFiled  Code = 2002 // the domain has no ICP filing
	DomainLocked    Code = 2003 // the domain is locked
	DomainNotOnline Code = 2004 // the domain is not online yet
	DomainOffline   Code = 2005 // the domain is offline
	DomainBanned    Code = 2006 // the domain is banned

	TooFrequent    Code = 2010 // operations come too often
	OperationLimit Code = 2011 // the system's limit of operations is reached
)

// Module codes of DSA and ECDN: settings of a domain, certificates, statistics,
// and the ECDN configuration system (10000-10113).
const (
	InvalidDomain         Code = 2100 // the domain parameter is not valid
	TencentInternalDomain Code = 2111 // the domain is one of Tencent's own
	RestrictedDomain      Code = 2112 // the domain is restricted
	DomainBlacklisted     Code = 2113 // the domain is on the system's blacklist
	DomainTooLong         Code = 2114 // the domain name is too long

	TooManyOrigins    Code = 2121 // there are too many origins
	OriginConflict    Code = 2122 // the origin conflicts with the accelerated domain
	OriginBlacklisted Code = 2123 // the origin is on the system's blacklist
	OriginPrivateIP   Code = 2124 // the origin is a private IP address
	OriginTooLong     Code = 2125 // the origin is too long

	InvalidProjectID      Code = 2130 // the projectId in the domain's configuration is not valid
	InvalidHTTPS          Code = 2140 // the HTTPS parameter is not valid
	InvalidPlatform       Code = 2150 // the Platform parameter is not valid
	InvalidPidConfig      Code = 2160 // the PidConfig parameter is not valid
	InvalidResponseHeader Code = 2170 // the custom HTTP response headers are not valid
	ResponseHeaderLimit   Code = 2171 // the custom HTTP response headers exceed the limit
	InvalidExtension      Code = 2180 // the Extension parameter is not valid

	CertificateError          Code = 3000 // there is an error in the certificate
	CertificateUnparsable     Code = 3001 // the certificate cannot be parsed
	CertificateDomainMismatch Code = 3002 // the certificate does not cover the domain
	CertificateKeyMismatch    Code = 3003 // the private key does not belong to the certificate
	CertificateExpired        Code = 3004 // the certificate has expired
	CertificateExpiring       Code = 3005 // the certificate is about to expire
	CertificateChainError     Code = 3006 // the certificate chain is wrong

	InvalidStatTime      Code = 9000 // the time parameter is not valid
	InvalidStatMetric    Code = 9001 // the Metric parameter is not valid
	InvalidStatProjectID Code = 9002 // the projectId in the statistics query is not valid

	ConfigSystemError      Code = 10000 // the ECDN configuration system had an error
	InvalidConfigParameter Code = 10100 // a parameter of the ECDN configuration is not valid
	InvalidConfigVersion   Code = 10101 // the Version of the ECDN configuration is not valid
	InvalidConfigAction    Code = 10102 // the Action of the ECDN configuration is not valid
	InvalidConfigToken     Code = 10103 // the Token of the ECDN configuration is not valid
	ConfigDomainOffline    Code = 10104 // the domain of the ECDN configuration is offline
	ConfigDomainOnline     Code = 10105 // the domain of the ECDN configuration is online already
	InvalidConfigJSON      Code = 10106 // the ECDN configuration is not valid JSON
	ConfigDomainNotFound   Code = 10107 // the domain of the ECDN configuration does not exist
	InvalidConfigHost      Code = 10108 // the HOST of the ECDN configuration is not valid
	InvalidConfigOrigin    Code = 10109 // the origin of the ECDN configuration is not valid
	InvalidOriginWeight    Code = 10112 // the weight of an origin is not valid
	InvalidBackupOrigin    Code = 10113 // the setting of primary and backup origins is not valid
)
