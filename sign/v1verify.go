package sign

import (
	"crypto/hmac"
	"net/http"
	"strconv"
	"time"
)

// Stamp is what a signature says besides "this is genuine". It is redacted in
// print, for it holds a SecretId.
type Stamp struct {
	opaque

	SecretID  string
	Nonce     string    // as sent; empty for TC3, which has none
	Timestamp time.Time // by the signer's clock, in whole seconds
}

// V1Stamp returns the stamp of a request that is signed by method v1, and false
// where SecretId, Nonce, Timestamp or Signature is missing or unreadable. It
// does not verify the signature. It works on a server's request before
// ParseForm, and on a client's request before and, through GetBody, after it was
// sent. A form body without GetBody is read into memory and put back, so pass a
// request that you may change.
func V1Stamp(req *http.Request) (Stamp, bool) {
	to, err := targetOf(req)
	if err != nil {
		return Stamp{}, false
	}
	ps, err := v1Params(req, to)
	if err != nil {
		return Stamp{}, false
	}
	return v1Stamp(ps)
}

// VerifyV1 checks a request's signature by method v1 with the secret key of its
// SecretId, which V1Stamp gives. The comparison takes constant time. Whether the
// timestamp is recent and the Nonce new is left to the caller.
//
// The errors are ErrUnsigned, ErrSignature, ErrUnsupported and those of reading
// the body. Call it before ParseForm; the body can be read again afterwards.
// Limit the body with http.MaxBytesReader where the client is not trusted.
func VerifyV1(req *http.Request, secretKey string) error {
	to, err := targetOf(req)
	if err != nil {
		return err
	}
	ps, err := v1Params(req, to)
	if err != nil {
		return err
	}
	if _, ok := v1Stamp(ps); !ok {
		return ErrUnsigned
	}
	got, _ := ps.only(keySignature)
	ps.sort()
	want, err := v1Signature(to, ps, secretKey)
	if err != nil {
		return err
	}
	if !hmac.Equal([]byte(got), []byte(want)) {
		return ErrSignature
	}
	return nil
}

func v1Stamp(ps params) (Stamp, bool) {
	id, hasID := ps.only(keySecretID)
	nonce, hasNonce := ps.only(keyNonce)
	timestamp, hasTimestamp := ps.only(keyTimestamp)
	_, signed := ps.only(keySignature)
	if !hasID || !hasNonce || !hasTimestamp || !signed {
		return Stamp{}, false
	}
	at, ok := parseTimestamp(timestamp)
	return Stamp{SecretID: id, Nonce: nonce, Timestamp: at}, ok
}

// parseTimestamp reads Unix seconds.
func parseTimestamp(s string) (time.Time, bool) {
	seconds, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0), true
}
