package qcloudtest

import (
	"cmp"
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

// timestampValidity is how far a Timestamp may be off: the newer of the vendor's two figures.
const timestampValidity = 5 * time.Minute

// process lets the gateway and the module answer, unless something has.
func (c *call) process() {
	if c.passed || c.reply != nil || c.ended() {
		return
	}
	c.passed = true
	do, f := c.gateway()
	if f != nil {
		c.answer(nil, f)
		return
	}
	do()
	c.api.mu.Lock()
	defer c.api.mu.Unlock()
	if c.api.tokens[c.token()] == c && !c.Executed {
		delete(c.api.tokens, c.token())
	}
}

// gateway makes the checks in the order that the package comment gives, and
// returns what is to be done for the call. It is one step for every other call,
// so of two calls with one Nonce exactly one gets through.
func (c *call) gateway() (do func(), f *failure) {
	c.api.mu.Lock()
	defer c.api.mu.Unlock()
	if do, f = c.find(); f != nil {
		return nil, f
	}
	if f := c.authenticate(); f != nil {
		return nil, f
	}
	limited := c.limited()
	if f := c.overQuota(limited, false); f != nil {
		return nil, f
	}
	if !c.spendNonce() {
		return nil, failureOf(codes.ReplayAttack)
	}
	switch first := c.api.tokens[c.token()]; {
	case first != nil && first.Executed:
		return func() { c.reply = c.render(first.data, nil) }, nil
	case first != nil:
		return nil, failureOfText("FailedOperation.ClientTokenInUse")
	}
	if f := c.overQuota(limited, true); f != nil {
		return nil, f
	}
	if c.token() != "" {
		c.api.tokens[c.token()] = c
	}
	return do, nil
}

// token is the key of a call's ClientToken, "" where it has none. It is kept for as
// long as the API lives, for the vendor does not say how long.
func (c *call) token() string {
	if c.Version != 3 || c.Params["ClientToken"] == "" {
		return ""
	}
	return c.Action + " " + c.Params["ClientToken"]
}

// find looks up what is to be done for a call's action.
func (c *call) find() (do func(), f *failure) {
	version, handler := choose(c, versions[0], c.http.Header.Get("X-TC-Version")), c.api.handlers[c.Action]
	switch {
	case c.api.maintenance.Load():
		return nil, failureOf(codes.ServiceUnavailable)
	case c.Action == "":
		example := choose(c, "GetDsaHostList", "DescribeDomains (API 2.0 is at "+path2+")")
		return nil, badParam(choose(c, "Action", "X-TC-Action"), "", example)
	case c.bad != nil:
		return nil, c.bad
	case c.Method != http.MethodPost && (c.Version == 3 || c.Method != http.MethodGet): // the vendor's 3.0 takes GET
		return nil, failureOf(codes.UnsupportedProtocol)
	case handler != nil:
		return func() {
			if c.run(handler(c.Request.clone())); c.reply == nil && !c.ended() {
				c.answer(nil, nil)
			}
		}, nil
	case !slices.Contains(versions, version):
		return nil, failureOfText("NoSuchVersion")
	}
	for _, row := range dsa {
		if row.names[slices.Index(versions, version)] == c.Action {
			return func() {
				c.api.mu.Lock()
				data, f := row.do(&c.api.module, time.Now(), c)
				c.api.mu.Unlock()
				c.answer(data, f)
			}, nil
		}
	}
	f = failureOf(codes.UnsupportedVersion)
	f.text = "InvalidAction"
	f.zh = "没有接口 " + c.Action + "：qcloudtest 只有包注释所列的接口，其它请用 API.Handle 提供。"
	f.en = "There is no action " + c.Action + ": qcloudtest has those of its package comment, API.Handle answers others."
	return nil, f
}

// authenticate checks who is calling, and when, where credentials are set.
// Package sign verifies the signature.
func (c *call) authenticate() *failure {
	if len(c.api.accounts) == 0 {
		return nil
	}
	readStamp, verify := sign.V1Stamp, sign.VerifyV1
	unsigned := failureOf(codes.AuthFailure)
	if c.Version == 3 {
		readStamp, verify = sign.TC3Stamp, sign.VerifyTC3
		unsigned.text = "AuthFailure.InvalidAuthorization"
	}
	stamp, signed := readStamp(c.http)
	acc, known := c.api.accounts[stamp.SecretID]
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
	case c.api.clock().Sub(stamp.Timestamp).Abs() > timestampValidity:
		return failureOf(codes.RequestExpired)
	}
	return nil
}

// spendNonce notes a call's Nonce, where Nonces are checked, and tells whether it
// was new.
func (c *call) spendNonce() bool {
	if c.Version != 2 || len(c.api.accounts) == 0 || c.Params["Nonce"] == "" {
		return true
	}
	key, now := request.Of(c.http).Account+" "+c.Params["Nonce"], c.api.clock()
	if until, spent := c.api.nonces[key]; spent && !now.After(until) {
		return false
	}
	c.api.nonces[key] = now.Add(2 * timestampValidity) // no Timestamp is valid for longer
	return true
}

// overQuota asks the quotas of the gateway, or those of the module.
func (c *call) overQuota(limited Call, module bool) *failure {
	for _, q := range c.api.quotas {
		if (q.Scope&ByDomain != 0) != module {
			continue
		}
		if !q.Allow(time.Now(), limited) {
			return q.rejection()
		}
		c.done = append(c.done, func() { q.done(limited) })
	}
	return nil
}

// limited is what the quotas know of a call.
func (c *call) limited() Call {
	info := request.Of(c.http)
	first, _, _ := strings.Cut(c.http.Header.Get("X-Forwarded-For"), ",")
	peer, _, _ := net.SplitHostPort(c.http.RemoteAddr)
	l := Call{Action: c.Action, Account: info.Account, Region: info.Region, Address: cmp.Or(first, peer)}
	if !request.ReadOnly(c.Action) {
		l.Domain = strings.ToLower(c.api.module.nameOf(c))
	}
	return l
}
