package codes

// family is a set of groups of prefixes: what a code's prefix is worth beside its words.
type family uint8

const (
	failed   family = 1 << iota // FailedOperation: the operation did not succeed
	internal                    // InternalError and the like: the service's own fault
	bare                        // a prefix that says nothing, or a code without a sub-code
	request                     // InvalidParameter, Missing...: the request names what is wrong
	state                       // OperationDenied, ResourceUnavailable...: what is named is in the way
	access                      // AuthFailure, Unauthorized...: who calls is in the way
	limit                       // LimitExceeded, ResourceInsufficient: some quota
	faults   = failed | internal | bare
	anywhere = faults | request | state | access | limit
)

// v3Prefix is what the text before a code's first dot means by itself.
type v3Prefix struct {
	text   string // an asterisk at its end stands for any letters
	class  Class
	family family
	keeps  bool // no word below it raises a doubt whether the call was executed
}

// v3Prefixes are tried in order. They decide where no rule does.
var v3Prefixes = []v3Prefix{
	{"FailedOperation", ClassFailed, failed, false},
	{"InternalError", ClassInternal, internal, false},
	{"InternalServerError", ClassInternal, internal, false},
	{"ServiceUnavailable", ClassUnavailable, internal, false},
	{"RequestLimitExceeded", ClassThrottled, limit, false},
	{"LimitExceeded", ClassAccountState, limit, false},
	{"ResourceInsufficient", ClassUnsupported, limit, false},
	{"ResourcesSoldOut", ClassUnsupported, limit, false},
	{"OperationDenied", ClassDenied, state, false},
	{"ResourceUnavailable", ClassDomainState, state, false},
	{"ResourceInUse", ClassConflict, state, true},
	{"ResourceNotFound", ClassNotFound, state, true},
	{"Unsupported*", ClassUnsupported, state, true},
	{"NoSuch*", ClassUnsupported, state, true},
	{"ActionOffline", ClassUnsupported, state, true},
	{"AuthFailure", ClassAuth, access, true},
	{"Unauthorized*", ClassDenied, access, true},
	{"IpInBlacklist", ClassDenied, access, true},
	{"IpNotInWhitelist", ClassDenied, access, true},
	{"ResponseSizeLimitExceeded", ClassInvalid, request, false}, // the answer was ready
	{"RequestSizeLimitExceeded", ClassInvalid, request, true},
	{"DryRunOperation", ClassInvalid, request, true}, // nothing was asked for
	{"RegionError", ClassInvalid, request, true},
	{"UnknownParameter", ClassInvalid, request, true},
	{"Invalid*", ClassInvalid, request, true},
	{"Missing*", ClassInvalid, request, true},
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
	{ClassAccountState, faults | limit, "daily, day limit, per day, one hour, 1d, 1h, 24h, month, monthly"},
	{ClassThrottled, anywhere, "too often, too frequent, too frequently, too quickly, frequent request, too many requests," +
		"frequency limit, frequency limited, restricted frequency, over frequency, freq over limit, freq limit, freq ctrl," +
		"freq cnt, qps limit, write traffic limit, rate limit exceeded, sending rate limit, rate limited, req limited," +
		"action limited, request limit exceeded, ^request limit$, ^access limit$, ^concurrent$, concurrency limit," +
		"restricted concurrency, concurrent * over limit"},

	// Tasks that run. What is negated, a plain state or a number is not busy.
	{ClassUnsupported, anywhere, "not support, not supported, unsupported, unsupport, un support, un supported, nonsupport"},
	{ClassConflict, faults, "duplicate name"},
	{ClassDomainState, anywhere, "not running, not in running, not in runing, not processing, stop processing, not pending," +
		"pending delete, pending deleted, running version, not locked, locked time, account locked, account * locked," +
		"user locked, user * locked, domain * locked, host * locked, deal locked, config locked, control locked"},
	{ClassAccountState, faults | limit, "running task$, running task exceed, running monitor, running round, processing tasks"},
	{ClassUnavailable, anywhere, "server busy, system busy, service busy, service is busy, server overload, over load," +
		"overload, service unavailable, temporary unavailable, temporary error, dependency unavailable, system upgrade," +
		"stop serving"},
	{ClassBusy, anywhere, "busy, in progress, in process, process ing, processing$, processing status, in operation," +
		"in operating, is operating, operating$, doing$, executing$, in executing, handling$, retrying$, task running," +
		"is running, already running, process running, running other, another operation, another process, another request," +
		"other request, other operation, other update, other oder, latest operation, last operation, has task$, mutex," +
		"operation conflict, operation in conflict, conflict operation, action conflict, conflict action, locker conflict," +
		"concurrent conflict, locked, lock fail, lock failed, lock error, lock instance, instance locking, queue full," +
		"unfinished, not finished, not completed, not complete, un done"},
	{ClassBusy, anywhere, "deploying, creating, modifying, updating, upgrading, migrating, cloning, rollbacking, rebooting," +
		"starting$, stopping, terminating$, deleting$, shutting down, scanning$, gray publishing, is opening, activating," +
		"delivering$, loading$, ^initialization$, in transition, in activity, refresh activity$, live migrate," +
		"enter rescue mode, exit rescue mode, state pending, pending record, not in stable, try later, operate later, wait for"},
	{ClassBusy, faults | state, "task conflict, flow conflict, job conflict, not ready"},
	{ClassDomainState, faults, "pending$"},

	// What is said about the thing itself holds whatever the prefix says.
	{ClassPartial, anywhere, "partial success"},
	{ClassNotFound, anywhere, "not found, notfound, not exist, not exists, not existed, not existent, no exist, non exist," +
		"un exist, not find, no found, not fund, no record, no such, cannot find, no row found"},
	{ClassAccountState, anywhere, "insufficient balance, account balance, balance insufficient, balance not, balance less," +
		"low balance, no balance, no banlance, banlance not, not enough money, no enough fund, insufficient funds," +
		"fund insufficient, arrears, arrear, owed, out of credit, fee negative"},
	{ClassDenied, anywhere, "unauthorized, un authorized, not authorized, no permission, no * permission, not permission," +
		"permission denied, permission deny, permission error, without permission, with out permission, access denied," +
		"denied error, no auth, no privilege, no * privilege, no privileges, un auth, auth error, auth fail, auth failed," +
		"auth failure, authentication failed, authorized fail"},

	// An action that failed, whatever its object is called.
	{ClassInternal, faults, "timeout, time out, timed out, timedout, internal error, internal server error, server error," +
		"system error, unknown error, unknow error, un know error, unknown$, un known$, db error, db failed, net failed"},
	{ClassInternal, state | limit, "server timeout, response timeout, err * time out, internal error, unknown error," +
		"service error, network error, storage error"},
	{ClassInternal, request, "internal error, interface error, system error, server error, service error, http error," +
		"batch * action error, update failed, operate failed, scan * failed, request fail, ^get !, ^update !"},
	{ClassInvalid, failed | bare, "param error, params error, parameter error, parse error, parse failed, decode failed," +
		"format error, syntax error, check error, check err"},
	{ClassFailed, faults, "^access !, ^bind !, ^call !, ^cancel !, ^check !, ^create !, ^delete !, ^describe !, ^get !," +
		"^isolate !, ^list !, ^modify !, ^query !, ^reset !, ^send !, ^set !, ^start !, ^stop !, ^submit !, ^un !," +
		"^unbind !, ^untag !, ^update !, ^upload !, cannot get"},
	{ClassFailed, state | limit, "^access !, ^attach !, ^call !, ^describe !, ^detach !, ^get !, ^list !, ^query !, ^reset !," +
		"^failed get, ^failed to, call failed, api failed, create failed, create task, modify audit, delivery failed"},
	{ClassConflict, anywhere, "exist, exists, existed, duplicate, duplicated, duplicates, duplication, already, in use, in used"},
	{ClassConflict, anywhere &^ request, "conflict, conflicts, repeat, repeated, repetition, in using, is using, was using," +
		"is used, used in, used, occupied, bound, binded"},

	// A word that names the request's own fault, or a state that somebody must change.
	{ClassInvalid, internal, "not allow, not verified, not authenticated, not legal, not match$, not unique, not empty," +
		"not permmit, not living, not detected, not begin, no init, no doc, too, oversized, out of, ^invalid, illegal role," +
		"forbidden, overdue, need, disabled, is famous, is limited, can not delete, password error, ^param$, ^param error," +
		"^parameter error"},
	{ClassAccountState, internal, "over limit, out limit, quota max, quota usg, insufficient"},
	{ClassInvalid, failed | bare, "size, length, resolution, pixel, duration, fps, too, toolarge, oversize, blur, face, faces," +
		"photo, lip, silent, lives, livess, card, detect, detected, undetected, light, similarity, open mouth, close eye," +
		"first action, multiple, many people, body small"},
	{ClassAccountState, failed | bare, "quota, limited, limit, exceed, exceeded, exceeds, full, exhausted, insufficient, lack," +
		"isolated, isolate, suspended, freeze, overdue, restrictions"},
	{ClassUnsupported, failed, "region unavailable, zone unavailable, address unavailable, deprecated, discontinued, across"},
	{ClassInvalid, failed | bare, "not, no, non, null, empty, must, need, only, required, missing, cannot, can, un, unable," +
		"unauthenticated, unregistered, unmodifiable, unreturnable, unusable, forbid, forbided, forbidden, prohibit, reject," +
		"rejected, deny, denied, disable, disabled, illegal, invalid, in valid, inavlid, wrong, incorrect, bad, poor, mismatch," +
		"mis match, mismatched, inconsistent, inconsistency, different, sensitive, blacklist, black list, param, params," +
		"parameter, parameters, malformed, unknown field, unknown target, id error, name error, side error, mode error," +
		"page error, sign error, path error, coordinate, allowed one"},
	{ClassDomainState, failed | bare, "expired, expire, outdated, closed, close, offline, stop, ended, started, finished," +
		"signed, completed, referred, released, deployed, added, attached, changed, reserved, checked, protect, protection," +
		"restriction, constraint, contains, cannnot, lose, lost, on working, been done"},
	{ClassFailed, failed, "^create, ^delete, ^describe, ^get, ^modify, ^query, ^set, ^list, ^update, ^alter, ^un, ^add"},
	{ClassCertificate, failed, "^certificate, ^cert"},
	{ClassInvalid, failed | bare, "format, syntax, grammar, parse, parsing, decode, type, quality, password, verify," +
		"verification, out, over, risk, by, ^qr code"},
	{ClassDomainState, failed | bare, "status, state, has, have, hasrun, hasstop, is, be, enabled, remained, in organization"},
	{ClassFailed, bare, "error$, failed$, failure$"},
}
