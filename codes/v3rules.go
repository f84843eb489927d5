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
	{ClassAccountState, faults | limit, `daily limit, daily quota, day limit, per day, one hour, 1d, 1h, monthly`},
	{ClassThrottled, anywhere, `too often, too frequent, too frequently, too quickly, too many requests, frequency limit,
		frequency limited, restricted frequency, over frequency, freq over limit, freq limit, freq ctrl, freq cnt, qps limit,
		write traffic limit, rate limit exceeded, sending rate limit, req limited, action limited, request limit exceeded,
		^request limit$, ^access limit$, ^concurrent$, concurrency limit, restricted concurrency`},
	// Tasks that run. What is negated, a plain state or a number is not busy.
	{ClassUnsupported, anywhere, `not support, not supported, unsupported, unsupport, un support, un supported,
		nonsupport`},
	{ClassConflict, faults, `duplicate name`},
	{ClassDomainState, anywhere, `not running, not in running, not in runing, not processing, stop processing,
		not pending, pending delete, found running version, not locked, account * locked, user * locked, domain * locked,
		host * locked, deal locked, config locked, control locked`},
	{ClassUnavailable, anywhere, `server busy, system busy, service busy, service is busy, server overload, over load,
		overload, service unavailable, temporary unavailable, temporary error, dependency unavailable, system upgrade,
		stop serving`},
	{ClassBusy, anywhere, `busy, in progress, in process, process ing, processing$, in operation, operating$, doing$,
		executing$, handling$, retrying$, task running, is running, already running, process running, running other,
		another operation, another process, another request, other request, other operation, other update, latest operation,
		last operation, has task$, mutex, operation conflict, operation in conflict, conflict operation, conflict action,
		locker conflict, concurrent conflict, locked, lock fail, lock failed, lock error, lock instance, instance locking,
		queue full, unfinished, not finished, not completed, not complete, un done, slow down, temporary blocked, overwork`},
	{ClassBusy, anywhere, `deploying, creating, modifying, updating, upgrading, migrating, cloning, rollbacking,
		rebooting, starting$, stopping, terminating$, deleting$, shutting down, scanning$, gray publishing, is opening,
		activating, delivering$, loading$, ^initialization$, in transition, in activity, refresh activity$, live migrate,
		enter rescue mode, exit rescue mode, state pending, pending record, not in stable, try later, operate later,
		wait for`},
	{ClassBusy, faults | state, `task conflict, flow conflict, job conflict, not ready`},
	{ClassDomainState, faults, `pending$`},
	// What is said about the thing itself holds whatever the prefix says.
	{ClassAuth, access, `secret id not, secret key not, token not`},
	{ClassAccountState, access, `is suspended, is isolated, suspend, due to arrears`},
	{ClassCertificate, request, `cert no cert info, cert not pem, cert chain error, cert parse error, cert match error`},
	{ClassPartial, anywhere, `partial success`},
	{ClassNotFound, anywhere, `not found, notfound, not exist, not exists, not existed, not existent, no exist, non exist,
		un exist, not find, no found, not fund, no record, no such, cannot find, no row found, not exit, not exsit,
		no object$`},
	{ClassAccountState, anywhere, `insufficient balance, account balance, balance insufficient, balance not, balance less,
		low balance, no balance, balance error, no banlance, banlance not, amount not enough, account not enough,
		^not enough$, not enough money, no enough fund, insufficient funds, fund insufficient, arrears, arrear, owed,
		out of credit, fee negative`},
	{ClassAccountState, anywhere &^ request, `balance$`},
	{ClassFailed, faults, `get auth`},
	{ClassFailed, access, `cam exception, ^access kms`},
	{ClassDenied, anywhere, `unauthorized, un authorized, not authorized, no permission, no * permission, not permission,
		permission denied, permission deny, permission error, without permission, with out permission, access denied,
		denied error, no auth, no privilege, no * privilege, no privileges, no payment, not permmit, invalid auth$, un auth,
		auth error, auth fail, auth failed, auth failure, authentication failed, authorized fail, login failed`},
	// An action that failed, whatever its object is called.
	{ClassInternal, faults, `timeout, time out, timed out, timedout, internal error, server error, system error,
		unknown error, unknow error, un know error, unknown$, un known$, db error, db failed, net failed`},
	{ClassInternal, state | limit, `server timeout, response timeout, err * time out, internal error, unknown error,
		service error, network error, storage error, system error, trade error, database exception`},
	{ClassInternal, request, `internal error, interface error, system error, server error, service error, http error`},
	{ClassFailed, request, `batch * action error, update failed, operate failed, scan * failed, request fail,
		query failed, database exception, delete failed, order failed, info failed, ^get !, ^update !`},
	{ClassInvalid, failed, `param error, parameter error, parse error, parse failed, decode failed, format error,
		syntax error, check error, check err, check failed`},
	{ClassFailed, faults, `^access !, ^bind !, ^call !, ^cancel !, ^check !, ^create !, ^delete !, ^describe !,
		^disable !, ^enable !, ^get !, ^isolate !, ^list !, ^modify !, ^query !, ^reset !, ^send !, ^set !, ^start !,
		^stop !, ^submit !, ^un !, ^untag !, ^update !, ^upload !, cannot get, get * quota$`},
	{ClassFailed, state | limit, `^access !, ^attach !, ^call !, ^describe !, ^detach !, ^get !, ^list !, ^query !,
		^reset !, ^failed get, ^failed to, call failed, api failed, create failed, delivery failed, post error, private zone,
		resource failed, file failed`},
	{ClassConflict, anywhere, `exist, exists, existed, exsit, not unique, duplicate, duplicated, duplicates, duplication,
		already, in use, in used`},
	{ClassConflict, anywhere &^ request, `conflict, conflicts, repeat, repeated, repetition, in using, is using,
		was using, is used, used in, used, occupied, bound, binded`},
	// A word that names the request's own fault, or a state that somebody must change.
	{ClassInvalid, internal, `not allow, not verified, not authenticated, not legal, not match$, not empty, not living,
		not detected, not begin, no init, no doc, too, oversized, overflow, out of, ^invalid, illegal role, forbidden,
		overdue, need, disabled, is limited, can not delete, password error, ^param$, ^param error, ^parameter error`},
	{ClassAccountState, internal, `over limit, out limit, quota max, quota usg, insufficient`},
	{ClassInvalid, failed, `size, length, overflow, resubmit, resolution, pixel, duration, fps, too, toolarge, oversize,
		blur, many, small, face, faces, photo, lip, silent, livess, card, detect, detected, undetected, light, similarity,
		open mouth, close eye, multiple`},
	{ClassAccountState, failed | bare, `quota, limited, limit, exceed, exceeded, exceeds, excceed, full, exhausted,
		insufficient, lack, isolated, isolate, suspended, freeze, overdue, restrictions`},
	{ClassInvalid, failed, `not, no, non, null, empty, must, need, only, required, missing, cannot, can, un opened,
		un qualified, unable, unauthenticated, unregistered, region unavailable, zone unavailable, address unavailable,
		deprecated, discontinued, across versions, unmodifiable, unreturnable, unusable, forbid, forbided, forbidden,
		prohibit, reject, rejected, deny, denied, disable, disabled, illegal, invalid, in valid, inavlid, wrong, incorrect,
		bad, poor, mismatch, mis match, mismatched, inconsistent, inconsistency, different, sensitive, blacklist, black list,
		param, params, parameter, parameters, malformed, unknown field, unknown target, id error, name error, page error,
		sign error, path error, coordinate`},
	{ClassDomainState, failed, `expired, expire, outdated, closed, close, offline, stop, ended, started, finished, signed,
		completed, referred, released, deployed, added, attached, changed, reserved, checked, protect, protection,
		restriction, constraint, contains, lose, on working, been done, in enterprise`},
	{ClassFailed, failed, `^create, ^delete, ^describe, ^get, ^modify, ^query, ^set, ^list, ^update, ^alter, ^un, ^add`},
	{ClassInvalid, failed, `^certificate, ^cert, format, xml fail, syntax, grammar, parse, parsing, decode, type, quality,
		password, verify, verification, out, risk, bind by, ^qr code`},
	{ClassDomainState, failed, `status, state, has, hasrun, hasstop, is, enabled, in organization`},
	{ClassFailed, bare, `error$, failed$, failure$, failed operation`},
}

// v3Doubts are words of codes that are spoken after the work, or while it is
// done. What names the request's own fault by its prefix is spoken before.
var v3Doubts = []v3Rule{{under: faults | denied | limit, words: `timeout, time out, timed out, timedout, partial,
		partly, submitted, created, duplicate, duplicated, result, response, success, succ`}}

// v3Rates tells whose rate a Throttled code speaks of.
var v3Rates = []v3Rule{
	RateRegion:  {under: anywhere, words: `^uin limit`},
	RateAccount: {under: anywhere, words: `^global region`},
	RateAddress: {under: anywhere, words: `^iplimit, ^ip limit`},
	RateResource: {under: anywhere, words: `host op, domain op, device op, product op, rule op, topic op, phone number,
		caller, send sms, delivery frequency, verify code, exceeded 30s`},
}
