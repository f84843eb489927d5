package qcloudtest

import (
	"encoding/json"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// Limits that the vendor mentions without figures; these are this package's.
const (
	maxName    = 253 // of a name in DNS, RFC 1035
	maxOrigins = 16
)

// checkName wants a host name of at least two labels.
func checkName(name string) *failure {
	if len(name) > maxName {
		return failureOf(codes.DomainTooLong)
	}
	labels := strings.Split(name, ".")
	if len(labels) < 2 {
		return failureOf(codes.InvalidDomain)
	}
	for _, label := range labels {
		if !validLabel(label) {
			return failureOf(codes.InvalidDomain)
		}
	}
	return nil
}

func validLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

// check looks at the values that are set; name is the domain's.
func (s setting) check(name string) *failure {
	if s.origin != nil {
		if f := checkOrigins(*s.origin, name); f != nil {
			return f
		}
	}
	if s.projectID != nil && *s.projectID < 0 {
		return failureOf(codes.InvalidProjectID)
	}
	if s.https != nil {
		if _, ok := httpsType(*s.https); !ok {
			return failureOf(codes.InvalidHTTPS)
		}
	}
	if s.rspHeader != nil && !json.Valid([]byte(*s.rspHeader)) {
		return failureOf(codes.InvalidResponseHeader)
	}
	return nil
}

// checkOrigins wants hosts or addresses, each with a port or without, with
// commas between them.
func checkOrigins(list, name string) *failure {
	origins := strings.Split(list, ",")
	if len(origins) > maxOrigins {
		return failureOf(codes.TooManyOrigins)
	}
	for _, origin := range origins {
		if f := checkOrigin(strings.TrimSpace(origin), name); f != nil {
			return f
		}
	}
	return nil
}

func checkOrigin(origin, name string) *failure {
	host := origin
	if h, port, err := net.SplitHostPort(origin); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return failureOf(codes.InvalidConfigOrigin)
		}
		host = h
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsUnspecified() {
			return failureOf(codes.OriginPrivateIP)
		}
		return nil
	}
	switch {
	case strings.EqualFold(host, name):
		return failureOf(codes.OriginConflict)
	case checkName(host) != nil:
		return failureOf(codes.InvalidConfigOrigin)
	}
	return nil
}

// httpsType reads the type of an https setting: 0 off, 2 on with plain HTTP to
// the origin, 4 on with the request's protocol.
func httpsType(setting string) (int, bool) {
	if setting == "" {
		return 0, true
	}
	var v struct {
		Type *int `json:"type"`
	}
	if json.Unmarshal([]byte(setting), &v) != nil || v.Type == nil {
		return 0, false
	}
	return *v.Type, *v.Type == 0 || *v.Type == 2 || *v.Type == 4
}
