package qcloudtest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// tokenLife is how long API 3.0's ClientToken stands for the call that first
// carried it. The vendor does not say.
const tokenLife = 24 * time.Hour

// action is something the API can do.
type action struct {
	mutates bool
	run     func(m *module, now time.Time, c *call) (any, *failure)
}

// process answers a call: the gateway's checks, then the module. All of it is
// one step for every other call, so of two calls with one Nonce exactly one
// gets through.
func (a *API) process(c *call) *reply {
	a.mu.Lock()
	defer a.mu.Unlock()
	data, f := a.answer(c, time.Now())
	r := a.render(c, data, f)
	*c.slot = c.Request
	return r
}

func (a *API) answer(c *call, now time.Time) (any, *failure) {
	act, f := a.gateway(c, now)
	if f != nil {
		return nil, f
	}
	token := ""
	if c.Version == 3 && act.mutates && c.Params["ClientToken"] != "" {
		token = c.Action + " " + c.Params["ClientToken"]
	}
	if data, ok := a.tokens.get(token, now); ok && token != "" {
		return data, nil
	}
	data, f := a.module.do(act, now, c)
	if f != nil && !f.partly {
		return nil, f
	}
	c.Executed = true
	a.log.executed[c.Action]++
	if token != "" && f == nil {
		a.tokens.put(token, data, now, now.Add(tokenLife))
	}
	return data, f
}

// gateway makes the checks in the order that the package comment gives, and
// finds the action.
func (a *API) gateway(c *call, now time.Time) (action, *failure) {
	if a.maintenance {
		return action{}, failureOf(codes.ServiceUnavailable)
	}
	act, f := c.find()
	if f != nil {
		return action{}, f
	}
	clock := now.Add(a.clockOffset)
	if len(a.cfg.accounts) > 0 {
		if f := a.authenticate(c, clock); f != nil {
			return action{}, f
		}
	}
	if !a.withinQuota(c.Action, now) {
		return action{}, failureOf(codes.QuotaExceeded)
	}
	if c.Version == 2 && len(a.cfg.accounts) > 0 {
		if _, spent := a.nonces.get(c.nonceKey(), clock); spent {
			return action{}, failureOf(codes.ReplayAttack)
		}
		a.putNonce(c, clock)
	}
	return act, nil
}

// find looks the action up.
func (c *call) find() (action, *failure) {
	if c.Version == 3 {
		return c.find3()
	}
	switch {
	case c.Method != http.MethodGet && c.Method != http.MethodPost:
		return action{}, failureOf(codes.UnsupportedProtocol)
	case c.bad != nil:
		return action{}, c.bad
	case c.Action == "":
		return action{}, missing("Action")
	}
	act, ok := actions2[c.Action]
	if !ok {
		return action{}, failureOf(codes.UnsupportedVersion)
	}
	return act, nil
}

func (a *API) authenticate(c *call, clock time.Time) *failure {
	if c.Version == 3 {
		return a.authenticate3(c, clock)
	}
	acc, ok := a.cfg.accounts[c.params["SecretId"]]
	if !ok || !validNonce(c.params["Nonce"]) || !verifyV1(acc.key, c) {
		return failureOf(codes.AuthFailure)
	}
	if c.params["Token"] != acc.token {
		return failureOf(codes.TokenFailure)
	}
	if !a.timely(c.params["Timestamp"], clock) {
		return failureOf(codes.RequestExpired)
	}
	return nil
}

// timely tells whether a Timestamp, in seconds, is near enough to the API's
// clock.
func (a *API) timely(timestamp string, clock time.Time) bool {
	ts, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return false
	}
	off := clock.Sub(time.Unix(ts, 0))
	return off.Abs() <= a.cfg.validity
}

func (a *API) withinQuota(action string, now time.Time) bool {
	if a.cfg.quota == nil {
		return true
	}
	q, ok := a.quotas[action]
	if !ok {
		q = a.cfg.quota(action)
		a.quotas[action] = q
	}
	return q == nil || q.Take(now)
}

func (c *call) nonceKey() string { return c.params["SecretId"] + " " + c.params["Nonce"] }

// validNonce tells whether a Nonce is what the vendor asks for, a positive
// integer.
func validNonce(s string) bool {
	n, err := strconv.ParseUint(s, 10, 64)
	return err == nil && n > 0
}

// putNonce remembers a Nonce until its request's Timestamp has expired.
func (a *API) putNonce(c *call, clock time.Time) {
	until := clock
	if ts, err := strconv.ParseInt(c.params["Timestamp"], 10, 64); err == nil {
		until = time.Unix(ts, 0)
	}
	a.nonces.put(c.nonceKey(), struct{}{}, clock, until.Add(a.cfg.validity))
}

// spendNonce is for requests that a script answers in the module's place.
func (a *API) spendNonce(c *call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.Version == 2 && len(a.cfg.accounts) > 0 && c.params["Nonce"] != "" {
		a.putNonce(c, time.Now().Add(a.clockOffset))
	}
}
