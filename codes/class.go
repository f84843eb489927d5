package codes

// Class groups failures by what can be done about them. A Class is an error,
// as a Code is: errors.Is(err, codes.ClassThrottled) reports whether a call
// failed so. The zero value is ClassUnknown.
type Class uint8

// The classes. The numbers are codes of the vendor's error-code page.
const (
	ClassUnknown          Class = iota // a code that no table knows
	ClassThrottled                     // 4400, 2010, 2011: called too often
	ClassBusy                          // 1014: another operation is still running
	ClassUnavailable                   // 6200: in maintenance
	ClassInternal                      // 6000, 1000, 1001, 1013, 10000: the API's own fault
	ClassNetwork                       // no answer, or one that broke off
	ClassFailed                        // 5100: the operation failed, for a reason unnamed
	ClassSignatureExpired              // 4200: the signature's Timestamp is not accepted any more
	ClassReplayed                      // 4500: the Nonce was used before
	ClassAuth                          // 4100, 4104-4106: the credentials or the signature are wrong
	ClassDenied                        // 4101-4103, 4110, 4300, 1104, 1112: the caller has no permission
	ClassAccountState                  // 5300, 5500, 1100, 1102, 1103...: the account's own state
	ClassDomainState                   // 2002-2006, 2111-2113...: the domain's state
	ClassConflict                      // 2001, 1101: it exists already
	ClassNotFound                      // 5000, 2000, 10107: it does not exist
	ClassOriginConfig                  // 2121-2125, 10109...: the origin servers
	ClassCertificate                   // 3000-3006: the certificate
	ClassInvalid                       // 4000, 1010...: the request is wrong
	ClassPartial                       // 5400: a batch was executed in part
	ClassUnsupported                   // 4600, 5200, 6100: not offered
	ClassOK                            // no failure
)

var classNames = [...]string{
	"Unknown", "Throttled", "Busy", "Unavailable", "Internal", "Network", "Failed",
	"SignatureExpired", "Replayed", "Auth", "Denied", "AccountState", "DomainState",
	"Conflict", "NotFound", "OriginConfig", "Certificate", "Invalid", "Partial",
	"Unsupported", "OK",
}

// String returns the class's name, such as "Throttled".
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return "Unknown"
}

// Error returns the class's name.
func (c Class) Error() string { return c.String() }
