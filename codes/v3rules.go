package codes

// family is a set of groups of prefixes: what a code's prefix is worth beside its words.
type family uint8

const (
	failed   family = 1 << iota // FailedOperation: the operation did not succeed
	internal                    // InternalError: the service's own fault
	bare                        // a prefix that says nothing, or a code without a sub-code
	request                     // InvalidParameter, Missing...: the request names what is wrong
	named                       // ResourceInUse, Unsupported...: so does the resource
	denied                      // OperationDenied, ResourceUnavailable: something is in the way
	access                      // AuthFailure, Unauthorized...: who calls is
	limit                       // LimitExceeded, ResourceInsufficient: some quota is
	faults   = failed | internal | bare
	state    = named | denied
	anywhere = faults | request | state | access | limit
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
	{"ResponseSizeLimitExceeded", ClassInvalid, internal, // it was executed: the answer was ready
		"返回包过大", "the response would be too large"},
}

type v3Row struct {
	name   string
	class  Class
	under  family
	zh, en string
}

// v3Rule gives a class to the codes of some families that have one of its phrases.
type v3Rule struct {
	class Class
	under family
	words string // see phrase for how they are written
}

// v3Rules are tried in order over the words behind the prefix; the first that
// matches decides.
var v3Rules = []v3Rule{
	// Rates. A total of an hour or longer is a quota: waiting does not help.
	{ClassAccountState, faults | limit, `daily limit, daily quota, day limit, per day, one hour, 1d, 1h, monthly,
		rotate rate`},
	{ClassThrottled, anywhere, `too often, too frequent*, frequency limit*, too quickly, too many requests,
		restricted frequency, over frequency, freq over limit, freq limit, freq ctrl, freq cnt, qps limit,
		write traffic limit, rate limit exceeded, sending rate limit, req limited, action limited, request limit exceeded,
		^request limit$, ^access limit$, ^concurrent$, concurrency limit, restricted concurrency, engine server limit,
		code is limited, second limit, query limit$`},
	// Tasks that run. What is negated, a plain state or a number is not busy.
	{ClassUnsupported, anywhere, `not support*, unsupport*, un support*, nonsupport`},
	{ClassConflict, faults, `duplicate name`},
	{ClassDomainState, anywhere, `not run*, not in run*, not processing, stop processing, not pending,
		found running version, not locked, account * locked, user * locked, domain * locked, host * locked, deal locked,
		config locked, control locked, register unfinished, no icp, is to apply, bid * time out, update time out`},
	{ClassUnavailable, anywhere, `server busy, system busy, service busy, service is busy, over load, overload,
		service unavailable, temporary unavailable, temporary error, dependency unavailable, system upgrade, stop serving`},
	{ClassBusy, anywhere, `busy, in progress, in process, process ing, processing$, in operation, operating$, doing$,
		executing$, handling$, retrying$, task running, is running, already running, process running, running other,
		another operation, another request, other request, other operation, other update, has task$, mutex,
		operation * conflict, conflict operation, conflict action, locker conflict, concurrent conflict, locked,
		not complete*, lock fail*, lock error, lock instance, instance locking, queue full, unfinished, not finished,
		un done, slow down, temporary blocked, overwork, token in use, process in use, repeatedly, create * concurrent$,
		snapshot conflict, limit undo, download task$, deploying, creating, modifying, updating, upgrading, migrating,
		cloning, rollbacking, rebooting, starting$, stopping, terminating$, deleting$, shutting down, scanning$,
		gray publishing, is opening, activating, delivering$, loading$, ^initialization$, in transition, in activity,
		refresh activity$, live migrate, enter rescue mode, exit rescue mode, state pending, pending record, not in stable,
		try later, operate later, wait for, task conflict, flow conflict, job conflict, not ready, parsing not,
		in deleted state, upgrade task status, ipv 6 in config`},
	// What is said about the thing itself holds whatever the prefix says.
	{ClassAuth, access, `secret id not, secret key not, token not`},
	{ClassAccountState, access, `suspend*, is isolated`},
	{ClassCertificate, request, `cert no cert info, cert not pem, cert chain error, cert parse error, cert match error`},
	{ClassPartial, anywhere, `partial success`},
	{ClassNotFound, anywhere, `not found, notfound, not exist*, no exist*, non exist*, un exist*, not find, no * found,
		not fund, no record, no such, cannot find, not exit, not exsit, no object$`},
	{ClassAccountState, anywhere, `arrear*, balance insufficient, balance not, balance less, balance$, balance error,
		no banlance, banlance not, amount not enough, account not enough, ^not enough$, not enough money, no enough fund,
		insufficient funds, fund insufficient, owed, out of credit, fee negative, user too many`},
	{ClassFailed, faults, `get auth`},
	{ClassDenied, anywhere, `unauthorized, un auth*, no * privilege*, not authorized, no * permission, not permission,
		permission den*, auth fail*, permission error, without permission, with out permission, access denied, denied error,
		no auth, no payment, not permmit, invalid auth$, auth error, authentication failed, authorized fail, login failed,
		login timeout`},
	// An action that failed, whatever its object is called.
	{ClassInternal, anywhere, `cam exception, internal error, interface error, unknown error, server error,
		service error, network error, storage error, http error, system error, trade error, database exception,
		server get error, server timeout, response timeout, err * time out`},
	{ClassInternal, faults, `timeout, time out, timed out, timedout, unknow error, un know*, unknown$, db error,
		db failed, net failed, invalid error code`},
	{ClassInvalid, failed, `param error, check err*, check failed`},
	{ClassFailed, faults, `^call !, ^check !, ^create !, ^delete !, ^describe !, ^disable !, ^get !, ^isolate !, ^list !,
		^modify !, ^query !, ^reset !, ^send !, ^set !, ^start !, ^stop !, ^update !, ^upload !, cannot get, get * quota$`},
	{ClassFailed, anywhere &^ faults, `^access failed, ^access kms, ^attach !, ^call !, ^describe !, ^detach !, ^get !,
		^reset !, ^update !, ^failed get, ^failed to, batch * action error, scan * failed, post error, private zone,
		^query audit, api failed, call failed, create failed, delete failed, delivery failed, file failed, info failed,
		operate failed, order failed, query failed, request fail, resource failed, update failed`},
	{ClassConflict, anywhere, `exist*, duplicat*, in use*, exsit, not unique, already`},
	{ClassConflict, anywhere &^ request, `conflict*, repeat*, repetition, in using, is using, was using, used, occupied,
		bound, binded`},
	// A word that names the request's own fault, or a state that somebody must change.
	{ClassInvalid, internal, `not allow, not verified, not authenticated, not legal, not match$, not empty, not living,
		not detected, not begin, no init, no doc, too, oversized, overflow, out of, ^invalid, illegal role, forbidden,
		overdue, need, disabled, is limited, can not delete, password error, ^param$, ^param error, ^parameter error`},
	{ClassAccountState, internal, `over limit, out limit, quota max, quota usg, insufficient`},
	{ClassInvalid, failed, `size, length, overflow, resubmit, resolution, pixel, duration, fps, too, toolarge, oversize,
		blur, many, small, face*, detect*, photo, lip, silent, livess, card, undetected, light, similarity, open mouth,
		close eye`},
	{ClassAccountState, failed | bare, `quota, limit*, exceed*, isolate*, excceed, full, exhausted, insufficient, lack,
		suspended, freeze, overdue, restrictions`},
	{ClassInvalid, failed, `not, no, non, null, empty, must, need, only, required, missing, cannot, un opened,
		un qualified, unable, unauthenticated, unregistered, region unavailable, zone unavailable, address unavailable,
		deprecated, discontinued, across versions, unmodifiable, unreturnable, unusable, forbid*, reject*, disable*,
		mismatch*, inconsisten*, param*, prohibit, deny, denied, illegal, invalid, in valid, inavlid, wrong, incorrect,
		mis match, different, sensitive, blacklist, black list, malformed, unknown field, unknown target, id error,
		name error, page error, sign error, path error, coordinate`},
	{ClassDomainState, failed, `expire*, close*, protect*, outdated, offline, stop, ended, started, finished, signed,
		completed, referred, released, deployed, added, attached, changed, reserved, checked, restriction, constraint,
		contains, lose, on working, been done, pending$, in enterprise`},
	{ClassFailed, failed, `^create, ^delete, ^describe, ^get, ^modify, ^query, ^set, ^list, ^update, ^alter, ^un, ^add`},
	{ClassInvalid, failed, `^cert*, verif*, pars*, format, xml fail, syntax, grammar, decode, type, quality, password,
		out, risk, bind by, ^qr code`},
	{ClassDomainState, failed, `status, state, has, hasrun, hasstop, is, enabled, in organization`},
	{ClassFailed, bare, `error$, failed$, failure$, failed operation`},
}

// v3Doubts are words of codes that are spoken after the work, or while it is
// done. What names the request's own fault by its prefix is spoken before.
var v3Doubts = []v3Rule{{under: faults | denied | limit, words: `timeout, time out, timed out, timedout, partial,
		partly, submitted, created, order processing, repeat request, duplicate, duplicated, result, response, success,
		succ`}}

// v3Arrived are answers to a repeated request: the first one arrived.
var v3Arrived = []v3Rule{{under: anywhere, words: `^client token in use$, ^request in progress$,
	^idempotent processing$, ^duplicate request$, ^duplicated request$`}}

// v3Rates tells whose rate a Throttled code speaks of.
var v3Rates = []v3Rule{
	RateRegion:  {under: anywhere, words: `^uin limit`},
	RateAccount: {under: anywhere, words: `^global region`},
	RateAddress: {under: anywhere, words: `^iplimit, ^ip limit`},
	RateResource: {under: anywhere, words: `host op, domain op, device op, product op, rule op, topic op, phone number,
		caller, send sms, delivery frequency, verify code, exceeded 30s`},
}

// v3Exceptions are codes whose words do not say what they mean, in one product or in all.
var v3Exceptions = map[string]struct {
	product string // empty: in every one
	class   Class
}{
	"AuthFailure.SignatureExpire": {"", ClassSignatureExpired}, // by API 3.0's own gateway, as the next
	"LimitExceeded.ReplayAttack":  {"", ClassReplayed},

	// Rates that are called otherwise, and what is called a rate and is none.
	"InternalError.ExceedMaxLimit":             {"tts", ClassThrottled},
	"InvalidParameter.Common":                  {"dnspod", ClassThrottled},
	"InvalidParameter.OverLimit":               {"sts", ClassThrottled},
	"LimitExceeded.IndexOperating":             {"", ClassThrottled},
	"LimitExceeded.OrderLimitError":            {"ape", ClassThrottled},
	"LimitExceeded.Search":                     {"yunsou", ClassThrottled},
	"LimitExceeded.TagQuotaLimitExceeded":      {"cbs", ClassThrottled},
	"RequestLimitExceeded.RepeatRequest":       {"", ClassThrottled},
	"RequestLimitExceeded.BatchImportOverflow": {"", ClassInvalid}, // a size

	// Passing states that are called otherwise, and what sounds like one and stays.
	"FailedOperation.FunctionStatusError":                 {"scf", ClassBusy},
	"FailedOperation.LabRunning":                          {"", ClassBusy},
	"FailedOperation.Migration":                           {"gaap", ClassBusy},
	"FailedOperation.TdsqlPaused":                         {"", ClassBusy},
	"InvalidParameterValue.InvalidImageState":             {"cvm", ClassBusy},
	"LimitExceeded.MidasOrder":                            {"", ClassBusy},
	"OperationDenied.AccelerationDomainStatusNotInOnline": {"", ClassBusy},
	"OperationDenied.ConflictStatus":                      {"cdb", ClassBusy},
	"ResourceInUse.Diagnose":                              {"es", ClassBusy},
	"ResourceInUse.Midas":                                 {"", ClassBusy},
	"ResourceUnavailable.RoomStatistics":                  {"", ClassBusy},
	"UnsupportedOperation.DeleteVpnConnInvalidState":      {"", ClassBusy},
	"UnsupportedOperation.FrequencyTopicDeleteOperate":    {"", ClassBusy},
	"UnsupportedOperation.ImageOccupied":                  {"", ClassBusy},
	"UnsupportedOperation.Inspection":                     {"redis", ClassBusy},
	"UnsupportedOperation.InvalidLifecycleDataTaskStatus": {"", ClassBusy},
	"UnsupportedOperation.TagAllocate":                    {"vpc", ClassBusy},
	"UnsupportedOperation.TagFree":                        {"vpc", ClassBusy},
	"ResourceUnavailable.NotReady":                        {"", ClassUnsupported}, // not activated

	// Faults that are called otherwise, and what sounds like one and is none.
	"FailedOperation.ResourceBusy":          {"nlp", ClassUnavailable},
	"InvalidParameter.RequestTimeout":       {"tcss", ClassInternal},
	"ResourceNotFound.SystemConfigNotFound": {"", ClassInternal},
	"FailedOperation.GenerateImageFailed":   {"", ClassInvalid}, // the picture was censored
}
