package qcloudtest

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// The signatures are verified by this package's own reading of the vendor's
// rules, not by package sign, so that each is a check of the other.

// verifyV1 checks the signature of an API 2.0 call. The host may have been
// signed with its port or without.
func verifyV1(key string, c *call) bool {
	newHash, ok := v1Hash(c.params["SignatureMethod"])
	if !ok {
		return false
	}
	hosts := []string{c.Host}
	if name, _, err := net.SplitHostPort(c.Host); err == nil {
		hosts = append(hosts, name)
	}
	return slices.ContainsFunc(hosts, func(host string) bool {
		mac := hmac.New(newHash, []byte(key))
		mac.Write([]byte(v1Source(c.Method, host, c.Path, c.params)))
		want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		return hmac.Equal([]byte(want), []byte(c.params["Signature"]))
	})
}

func v1Hash(method string) (func() hash.Hash, bool) {
	switch method {
	case "", "HmacSHA1":
		return sha1.New, true
	case "HmacSHA256":
		return sha256.New, true
	}
	return nil, false
}

// v1Source is the string that API 2.0's signature is made of.
func v1Source(method, host, path string, params map[string]string) string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(params)) {
		if k != "Signature" {
			pairs = append(pairs, strings.ReplaceAll(k, "_", ".")+"="+params[k])
		}
	}
	return method + host + path + "?" + strings.Join(pairs, "&")
}

const tc3Algorithm = "TC3-HMAC-SHA256"

// tc3Credential is what an Authorization header of TC3 says.
type tc3Credential struct {
	secretID, date, service string
	signedHeaders           []string
	signature               string
}

// parseTC3 reads "TC3-HMAC-SHA256 Credential=ID/date/service/tc3_request,
// SignedHeaders=content-type;host, Signature=hex".
func parseTC3(authorization string) (tc3Credential, bool) {
	rest, ok := strings.CutPrefix(authorization, tc3Algorithm+" ")
	if !ok {
		return tc3Credential{}, false
	}
	fields := make(map[string]string)
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/")
	if len(scope) != 4 || scope[3] != "tc3_request" || scope[2] == "" {
		return tc3Credential{}, false
	}
	headers := strings.Split(fields["SignedHeaders"], ";")
	if !slices.Contains(headers, "content-type") || !slices.Contains(headers, "host") {
		return tc3Credential{}, false
	}
	return tc3Credential{scope[0], scope[1], scope[2], headers, fields["Signature"]}, true
}

// authenticate3 checks an API 3.0 call. There is no Nonce.
func (a *API) authenticate3(c *call, clock time.Time) *failure {
	cred, ok := parseTC3(c.http.Header.Get("Authorization"))
	if !ok {
		return &failure{code: codes.AuthFailure, text: "AuthFailure.InvalidAuthorization"}
	}
	acc, ok := a.cfg.accounts[cred.secretID]
	if !ok {
		return failureOf(codes.SecretIDNotFound)
	}
	if c.http.Header.Get("X-TC-Token") != acc.token {
		return failureOf(codes.TokenFailure)
	}
	timestamp := c.http.Header.Get("X-TC-Timestamp")
	if !a.timely(timestamp, clock) {
		return failureOf(codes.RequestExpired)
	}
	if !cred.verify(acc.key, timestamp, c.http, c.body) {
		return failureOf(codes.AuthFailure)
	}
	return nil
}

func (cred tc3Credential) verify(key, timestamp string, r *http.Request, body []byte) bool {
	ts, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || time.Unix(ts, 0).UTC().Format(time.DateOnly) != cred.date {
		return false
	}
	canonical := sha256.Sum256([]byte(tc3Canonical(r, cred.signedHeaders, body)))
	scope := cred.date + "/" + cred.service + "/tc3_request"
	source := strings.Join([]string{tc3Algorithm, timestamp, scope, hex.EncodeToString(canonical[:])}, "\n")

	k := []byte("TC3" + key)
	for _, part := range []string{cred.date, cred.service, "tc3_request", source} {
		mac := hmac.New(sha256.New, k)
		mac.Write([]byte(part))
		k = mac.Sum(nil)
	}
	return hmac.Equal([]byte(hex.EncodeToString(k)), []byte(cred.signature))
}

// tc3Canonical is the canonical request of a POST: the path is always "/" and
// the query empty. Values of headers count in lower case.
func tc3Canonical(r *http.Request, signedHeaders []string, body []byte) string {
	var headers strings.Builder
	for _, name := range signedHeaders {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		headers.WriteString(name + ":" + strings.ToLower(strings.TrimSpace(value)) + "\n")
	}
	sum := sha256.Sum256(body)
	return strings.Join([]string{
		http.MethodPost, "/", "", headers.String(),
		strings.Join(signedHeaders, ";"), hex.EncodeToString(sum[:]),
	}, "\n")
}
