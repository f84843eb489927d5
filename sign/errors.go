package sign

import "errors"

// Errors that callers can tell apart with [errors.Is]. The errors returned may
// say more, but never quote the request or the credentials.
var (
	// ErrNoCredentials says that SecretID or SecretKey is empty.
	ErrNoCredentials = errors.New("sign: SecretID and SecretKey must not be empty")

	// ErrUnsupported says that the API defines no signature for such a request
	// (its method, its kind of body), or that the signer's configuration names
	// an unknown method. Trying again cannot help.
	ErrUnsupported = errors.New("sign: request cannot be signed")

	// ErrUnsigned says that a request to be verified holds no signature, or an
	// incomplete, repeated or malformed one.
	ErrUnsigned = errors.New("sign: request holds no complete signature")

	// ErrSignature says that the signature does not match the request: another
	// key signed it, or it was changed afterwards.
	ErrSignature = errors.New("sign: signature does not match")
)
