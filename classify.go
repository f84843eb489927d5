package qcloudhttp

import (
	"net/http"
	"strings"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// Class groups failures by what can be done about them. The zero value is OK.
type Class uint8

// The classes. Their comments name the codes of the vendor's error-code page
// that belong to them; [Classify] applies the table.
const (
	OK          Class = iota // no failure
	Unknown                  // a code that no table knows: permanent
	Network                  // no answer, or one that broke off
	Throttled                // 4400, 2010, 2011: called too often
	Busy                     // 1014: an earlier operation is still running
	Unavailable              // 6200: in maintenance
	Internal                 // 6000, 1000, 1001, 1013, 10000: the API's own fault
	Failed                   // 5100: the operation failed, for a reason unnamed
	Stale                    // 4200, 4500: the signature's time or Nonce is spent
	Auth                     // 4100, 4104-4106: who is calling is not proven
	Denied                   // 4101-4103, 4110, 4300, 1104, 1112: known, and not allowed
	Account                  // 5300, 5500, 1100, 1102, 1103...: the account's own state
	Domain                   // 2002-2006, 2111-2113...: the domain's state
	Conflict                 // 2001, 1101: it exists already
	NotFound                 // 5000, 2000, 10107: it does not exist
	Origin                   // 2121-2125, 10109...: the origin servers
	Certificate              // 3000-3006: the certificate
	Invalid                  // 4000, 1010...: the request is wrong
	Partial                  // 5400: a batch was executed in part
	Unsupported              // 4600, 5200, 6100: not to be had here
)

var classNames = [...]string{
	"OK", "Unknown", "Network", "Throttled", "Busy", "Unavailable", "Internal",
	"Failed", "Stale", "Auth", "Denied", "Account", "Domain", "Conflict",
	"NotFound", "Origin", "Certificate", "Invalid", "Partial", "Unsupported",
}

// String returns the class's name, such as "Throttled".
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return "Unknown"
}

// Classes returns every class of failure, in the order of their constants.
func Classes() []Class {
	all := make([]Class, 0, len(classNames)-1)
	for c := Unknown; int(c) < len(classNames); c++ {
		all = append(all, c)
	}
	return all
}

// Execution says what is known of a failed call's effect. The zero value is
// ExecutionUnknown: nothing is promised.
type Execution uint8

const (
	ExecutionUnknown Execution = iota // it may have been executed: check the state
	NotExecuted                       // nothing was changed
	PartlyExecuted                    // some parts of a batch were executed: see Error.Body
)

// String returns "unknown", "no" or "partial".
func (x Execution) String() string {
	switch x {
	case NotExecuted:
		return "no"
	case PartlyExecuted:
		return "partial"
	}
	return "unknown"
}

// Failure is what is known of one failed attempt, as Classify sees it.
type Failure struct {
	StatusCode int        // HTTP status; 0: no response arrived
	Code       codes.Code // v2's top-level code; 0: none
	Module     codes.Code // the module code in v2's message; 0: none
	CodeDesc   string     // v2's codeDesc, or API 3.0's Code; "": none
	Message    string     // the API's message, as sent
	Host       string     // the request's host
	Action     string     // the request's action; "": not found

	// Product is the product whose table gives Module its meaning, such as
	// "dsa", "cdn" or "cvm". Empty means that which Host serves; where that is
	// no host of the vendor's, "dsa". See Policy.Product.
	Product string

	// Err is why no (whole) response arrived; nil where one did.
	Err error
}

// Verdict is what a Failure means.
type Verdict struct {
	Class Class

	// Retry reports whether sending the call again can help. The transport still
	// refuses where that is not safe: Failed for mutations; Stale without a
	// Signer; and a mutation whose Executed is ExecutionUnknown, unless API 2.0
	// answered a code, its Nonce can be sent again, or it has a ClientToken.
	Retry bool

	// Executed says whether this attempt may have had an effect. The zero value
	// is ExecutionUnknown: say NotExecuted of a code that rejects.
	Executed Execution
}

// Classify says what a failure means. It is pure. The order of decision is: no
// response; HTTP status, where there is no code; the codes that the API's
// gateway answers; the module code, where the product's table knows it (in the
// message's bracket, or as the top-level code); the common code; the HTTP statuses 408,
// 429, 502, 503, 504 and 514; Unknown.
//
// A Policy's Classify may wrap it to add the codes of another product.
func Classify(f Failure) Verdict {
	switch {
	case f.Code != 0:
		return classifyV2(f)
	case f.CodeDesc != "":
		return classifyV3(f.CodeDesc)
	case f.StatusCode == 0 || f.Err != nil:
		return Verdict{Class: Network, Retry: true}
	}
	return classifyStatus(f.StatusCode)
}

func classifyV2(f Failure) Verdict {
	if f.Code.Gateway() {
		return classVerdict(commonClasses[f.Code])
	}
	v := Verdict{Class: Unknown}
	if class, known := moduleClasses[f.module()]; known && servesDSA(f) {
		v = classVerdict(class)
	} else if class, known := commonClasses[f.Code]; known {
		v = classVerdict(class)
	} else if failsAnywhere(f.StatusCode) && f.StatusCode != http.StatusInternalServerError {
		v = classifyStatus(f.StatusCode) // an unknown code does not outweigh it
	}
	if f.Code == codes.PartialSuccess {
		// Whatever the failed parts met, the others are done: sending the
		// whole batch again would repeat them.
		v.Retry, v.Executed = false, PartlyExecuted
	}
	return v
}

// module is the code that the product's table is asked for: that in the
// message's bracket, else a top-level code that the table has. The page's
// numbers never coincide.
func (f Failure) module() codes.Code {
	_, known := moduleClasses[f.Module]
	if _, top := moduleClasses[f.Code]; top && !known && servesDSA(f) {
		return f.Code
	}
	return f.Module
}

// classifyV3 looks a 3.0 code up as it is, then by its prefixes:
// FailedOperation.X is a FailedOperation.
func classifyV3(text string) Verdict {
	info, _ := codes.LookupV3(text)
	return classVerdict(classes[info.Class])
}

// classifyStatus judges a response without an envelope by RFC 9110 (428, 429
// and 511 by RFC 6585, 508 by RFC 5842). What answered may be a proxy that does
// not know whether the API executed the call. A status that is not listed
// counts as the x00 of its class (RFC 9110, 15).
func classifyStatus(status int) Verdict {
	switch status {
	case http.StatusTooManyRequests, statusCDNLimit:
		return classVerdict(Throttled)
	case http.StatusRequestTimeout:
		return classVerdict(Network)
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return Verdict{Class: Unavailable, Retry: true, Executed: ExecutionUnknown}
	case http.StatusUnauthorized, http.StatusProxyAuthRequired:
		return classVerdict(Auth)
	case http.StatusForbidden, http.StatusUnavailableForLegalReasons, http.StatusNetworkAuthenticationRequired:
		return classVerdict(Denied)
	case http.StatusNotFound, http.StatusGone:
		return classVerdict(NotFound)
	case http.StatusConflict:
		return classVerdict(Conflict)
	case http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusHTTPVersionNotSupported,
		http.StatusLoopDetected:
		return classVerdict(Unsupported)
	}
	switch {
	case status >= 500:
		return classVerdict(Internal)
	case status >= 400:
		return classVerdict(Invalid)
	}
	return Verdict{Class: OK, Executed: ExecutionUnknown}
}

// statusCDNLimit is what the vendor's CDN answers above its limit of accesses.
const statusCDNLimit = 514

// failsAnywhere reports whether a status is a failure whoever answers it: what
// a server says of its own state.
func failsAnywhere(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, statusCDNLimit, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// classVerdict is the class table of the design: what each class implies.
func classVerdict(c Class) Verdict {
	switch c {
	case Throttled, Busy, Unavailable, Stale:
		return Verdict{Class: c, Retry: true, Executed: NotExecuted}
	case Network, Internal, Failed:
		return Verdict{Class: c, Retry: true, Executed: ExecutionUnknown}
	case Partial:
		return Verdict{Class: c, Executed: PartlyExecuted}
	case OK, Unknown:
		return Verdict{Class: c, Executed: ExecutionUnknown}
	}
	return Verdict{Class: c, Executed: NotExecuted}
}

// vendorZones are the vendor's domains of API hosts. A product's host stands
// below one of them, with a region, "internal" or "intl" between the two where
// there is one: cvm.ap-guangzhou.tencentcloudapi.com.
var vendorZones = []string{
	"api.qcloud.com", "api.tencentyun.com",
	"tencentcloudapi.com", "tencentcloudapi.cn", "tencentcloudapi.com.cn",
}

// ProductOf returns the product that a host serves, and "" for a host that is
// not the vendor's, such as a test server or a proxy.
func ProductOf(host string) string {
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	host = strings.TrimSuffix(host, ".") // of a fully qualified name
	if host == "vod2.qcloud.com" {
		return "vod"
	}
	label, rest, _ := strings.Cut(host, ".")
	for _, zone := range vendorZones {
		if rest == zone || strings.HasSuffix(rest, "."+zone) {
			return label
		}
	}
	return ""
}

// servesDSA reports whether the page's module codes apply: they are DSA's and
// ECDN's, and mean other things elsewhere (1001 of CDN is not 1001 of DSA). A
// host that is not the vendor's is taken for one of them.
func servesDSA(f Failure) bool {
	product := strings.ToLower(f.Product)
	if product == "" {
		product = ProductOf(f.Host)
	}
	return product == "dsa" || product == "ecdn" || product == ""
}
