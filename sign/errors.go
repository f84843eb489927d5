package sign

import (
	"errors"
	"fmt"
)

// Errors that callers can tell apart with [errors.Is]. The errors returned may
// say more, but never quote the request or the credentials. Sign returns the first
// three of them, the Provider's error, and errors of reading the body, among them
// the cause of the request's context.
var (
	// ErrNoCredentials says that the signer's Credentials are nil, or that the
	// SecretId or SecretKey of what they return is empty.
	ErrNoCredentials = errors.New("sign: no credentials: SecretId and SecretKey must not be empty")

	// ErrUnsupported says that the API defines no signature for such a request
	// (its method, its kind of body, a body that is too large), or that the
	// signer's configuration names an unknown method. Trying again cannot help.
	ErrUnsupported = errors.New("sign: request cannot be signed")

	// ErrFIPS is the ErrUnsupported of GODEBUG=fips140=only, under which crypto/hmac
	// computes no HmacSHA1 and takes no key of less than 14 bytes.
	ErrFIPS = unsupported("FIPS 140-only mode forbids this signature; V1 needs HmacSHA256 as its Method")

	// ErrUnsigned says that a request to be verified holds no signature, or an
	// incomplete, repeated or malformed one.
	ErrUnsigned = errors.New("sign: request holds no complete signature")

	// ErrSignature says that the signature does not match the request: another
	// key signed it, or it was changed afterwards.
	ErrSignature = errors.New("sign: signature does not match")
)

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnsupported, fmt.Sprintf(format, args...))
}
