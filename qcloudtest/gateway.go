package qcloudtest

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/request"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// process lets the gateway and the module answer, unless something has.
func (x *exchange) process() {
	if x.passed || x.reply != nil || x.ended() {
		return
	}
	x.passed = true
	a, c := x.api, x.call
	do, f := a.gateway(c, time.Now())
	if f != nil {
		x.answer(nil, f, false)
		return
	}
	do(x)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tokens[c.token()] == c && !c.Executed {
		delete(a.tokens, c.token())
	}
}

// gateway makes the checks in the order that the package comment gives, and
// returns what is to be done for the call. It is one step for every other call,
// so of two calls with one Nonce exactly one gets through.
func (a *API) gateway(c *call, now time.Time) (do func(*exchange), f *failure) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.maintenance {
		return nil, failureOf(codes.ServiceUnavailable)
	}
	if do, f = a.find(c); f != nil {
		return nil, f
	}
	clock := now.Add(a.clockOffset)
	if f := a.authenticate(c, clock); f != nil {
		return nil, f
	}
	limited := a.limited(c)
	if f := a.overQuota(c, limited, now, false); f != nil {
		return nil, f
	}
	if !a.spendNonce(c, clock) {
		return nil, failureOf(codes.ReplayAttack)
	}
	switch first := a.tokens[c.token()]; {
	case first != nil && first.Executed:
		return func(x *exchange) { x.answer(first.data, nil, false) }, nil
	case first != nil:
		return nil, failureOfText("FailedOperation.ClientTokenInUse")
	}
	if f := a.overQuota(c, limited, now, true); f != nil {
		return nil, f
	}
	if c.token() != "" {
		a.tokens[c.token()] = c
	}
	return do, nil
}

// token is the key of a call's ClientToken, "" where it has none. It stands for
// the first executed call for as long as the API lives; the vendor does not say
// how long.
func (c *call) token() string {
	if c.Version != 3 || c.Params["ClientToken"] == "" {
		return ""
	}
	return c.Action + " " + c.Params["ClientToken"]
}

// find looks up what is to be done for a call's action.
func (a *API) find(c *call) (do func(*exchange), f *failure) {
	version, handler := choose(c, versions[0], c.http.Header.Get("X-TC-Version")), a.handlers[c.Action]
	switch {
	case c.Action == "":
		example := choose(c, "GetDsaHostList", "DescribeDomains (API 2.0 is at "+path2+")")
		return nil, badParam(choose(c, "Action", "X-TC-Action"), "", example)
	case c.bad != nil:
		return nil, c.bad
	case c.Method != http.MethodPost && (c.Version == 3 || c.Method != http.MethodGet): // the vendor's 3.0 takes GET
		return nil, failureOf(codes.UnsupportedProtocol)
	case handler != nil:
		return func(x *exchange) {
			if x.run(handler(c.Request.clone())); x.reply == nil && !x.ended() {
				x.answer(nil, nil, true)
			}
		}, nil
	case !slices.Contains(versions, version):
		return nil, failureOfText("NoSuchVersion")
	}
	for _, row := range dsa {
		if row.names[slices.Index(versions, version)] == c.Action {
			return func(x *exchange) { x.perform(row.do) }, nil
		}
	}
	f = failureOf(codes.UnsupportedVersion)
	f.text = "InvalidAction"
	f.zh = "没有接口 " + c.Action + "：qcloudtest 只有包注释所列的接口，其它请用 API.Handle 提供。"
	f.en = "There is no action " + c.Action + ": qcloudtest has those of its package comment, API.Handle answers others."
	return nil, f
}

// perform has the module execute an action, at once.
func (x *exchange) perform(do action) {
	x.api.mu.Lock()
	data, f := do(x.api.module, time.Now(), x.call)
	x.api.mu.Unlock()
	x.answer(data, f, f == nil)
}

// authenticate checks who is calling, and when, where credentials are set.
// Package sign verifies the signature.
func (a *API) authenticate(c *call, clock time.Time) *failure {
	if len(a.cfg.accounts) == 0 {
		return nil
	}
	readStamp, verify := sign.V1Stamp, sign.VerifyV1
	unsigned := failureOf(codes.AuthFailure)
	if c.Version == 3 {
		readStamp, verify = sign.TC3Stamp, sign.VerifyTC3
		unsigned.text = "AuthFailure.InvalidAuthorization"
	}
	stamp, signed := readStamp(c.http)
	acc, known := a.cfg.accounts[stamp.SecretID]
	nonce, err := strconv.ParseUint(stamp.Nonce, 10, 64)
	switch {
	case !signed:
		return unsigned
	case !known:
		return failureOf(codes.SecretIDNotFound)
	case verify(c.http, acc.key) != nil, c.Version == 2 && (err != nil || nonce == 0): // a positive integer
		return failureOf(codes.AuthFailure)
	case request.SessionToken(c.http) != acc.token:
		return failureOf(codes.TokenFailure)
	case clock.Sub(stamp.Timestamp).Abs() > timestampValidity:
		return failureOf(codes.RequestExpired)
	}
	return nil
}

// spendNonce notes a call's Nonce, where Nonces are checked, until its Timestamp
// has expired, and tells whether it was new.
func (a *API) spendNonce(c *call, clock time.Time) bool {
	if c.Version != 2 || len(a.cfg.accounts) == 0 || c.Params["Nonce"] == "" {
		return true
	}
	key := request.Of(c.http).Account + " " + c.Params["Nonce"]
	if until, spent := a.nonces[key]; spent && !clock.After(until) {
		return false
	}
	ts, err := strconv.ParseInt(c.Params["Timestamp"], 10, 64)
	if err != nil {
		ts = clock.Unix()
	}
	a.nonces[key] = time.Unix(ts, 0).Add(timestampValidity)
	return true
}

// overQuota asks the quotas of the gateway, or those of the module.
func (a *API) overQuota(c *call, limited Call, now time.Time, module bool) *failure {
	for _, q := range a.cfg.quotas {
		if (q.Scope&ByDomain != 0) != module {
			continue
		}
		if !q.Allow(now, limited) {
			return q.rejection()
		}
		c.done = append(c.done, func() { q.done(limited) })
	}
	return nil
}

// limited is what the quotas know of a call.
func (a *API) limited(c *call) Call {
	info := request.Of(c.http)
	l := Call{Action: c.Action, Account: info.Account, Region: info.Region}
	l.Address, _, _ = net.SplitHostPort(c.http.RemoteAddr)
	if first, _, _ := strings.Cut(c.http.Header.Get("X-Forwarded-For"), ","); first != "" {
		l.Address = first
	}
	if !request.ReadOnly(c.Action) {
		l.Domain = strings.ToLower(a.module.nameOf(c))
	}
	return l
}
