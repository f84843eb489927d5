package sign

import (
	"crypto/hmac"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
// sent. A form body without GetBody is read into memory, 1 MiB at most, and put
// back, so pass a request that you may change.
func V1Stamp(req *http.Request) (Stamp, bool) {
	_, ps, _ := v1Request(req) // none after an error
	return v1Stamp(ps)
}

// VerifyV1 checks a request's signature by method v1 with the secret key of its
// SecretId, which V1Stamp gives. It accepts what the vendor's documents say, where
// "_" in the name of a parameter is signed as ".", and what its Go SDK does, which
// signs the name as it is. The comparison takes constant time. Whether the
// timestamp is recent and the Nonce new is left to the caller.
//
// The errors are ErrUnsigned, ErrSignature, ErrUnsupported (a body of more than
// 1 MiB, too) and those of reading the body. Call it before ParseForm; the body
// can be read again afterwards.
func VerifyV1(req *http.Request, secretKey string) error {
	to, ps, err := v1Request(req)
	if err != nil {
		return err
	}
	if _, ok := v1Stamp(ps); !ok {
		return ErrUnsigned
	}
	for _, underscore := range []string{".", "_"} {
		want, err := v1Signature(to, ps, secretKey, underscore)
		if err != nil {
			return err
		}
		if hmac.Equal([]byte(ps.Get(keySignature)), []byte(want)) {
			return nil
		}
	}
	return ErrSignature
}

// v1Stamp wants each parameter exactly once: of two, nobody knows which one the
// other side reads.
func v1Stamp(ps url.Values) (Stamp, bool) {
	for _, key := range []string{keySecretID, keyNonce, keyTimestamp, keySignature} {
		if len(ps[key]) != 1 || ps[key][0] == "" {
			return Stamp{}, false
		}
	}
	return stampOf(ps.Get(keySecretID), ps.Get(keyNonce), ps.Get(keyTimestamp))
}

// stampOf reads the Timestamp, in Unix seconds.
func stampOf(id, nonce, timestamp string) (Stamp, bool) {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	return Stamp{SecretID: id, Nonce: nonce, Timestamp: time.Unix(seconds, 0)}, err == nil
}

// TC3Stamp returns the stamp of a request that is signed by TC3-HMAC-SHA256, and
// false where the Authorization or X-TC-Timestamp header is missing or
// unreadable. Its Nonce is empty. It does not verify the signature, and reads
// headers only.
func TC3Stamp(req *http.Request) (Stamp, bool) {
	_, stamp, ok := parseTC3(req.Header)
	return stamp, ok
}

// VerifyTC3 checks a request's TC3-HMAC-SHA256 signature with the secret key of
// its SecretId, which TC3Stamp gives. Content-Type and Host must be among the
// signed headers, and the scope's date that of the timestamp. The path is not
// signed, nor is the body with X-TC-Content-SHA256: UNSIGNED-PAYLOAD. The
// comparison takes constant time. Whether the timestamp is recent, and whether
// the scope names the right service, is left to the caller.
//
// The errors are ErrUnsigned, ErrSignature, ErrUnsupported (a body of more than
// 10 MiB, too) and those of reading the body, which can be read again afterwards.
func VerifyTC3(req *http.Request, secretKey string) error {
	auth, stamp, ok := parseTC3(req.Header)
	if !ok || auth.date != tc3Date(stamp.Timestamp) ||
		!slices.Contains(auth.headers, "content-type") || !slices.Contains(auth.headers, "host") {
		return ErrUnsigned
	}
	to, err := targetOf(req)
	if err != nil {
		return err
	}
	payload, err := readPayload(req)
	if err != nil {
		return err
	}
	want, err := auth.sign(req, to, payload, secretKey)
	if err == nil && !hmac.Equal([]byte(auth.signature), []byte(want)) {
		return ErrSignature
	}
	return err
}

var tc3Header = regexp.MustCompile("^" + tc3Algorithm +
	" +Credential=([^/,]+)/([^/,]*)/([^/,]*)/" + tc3Terminator + " *, *SignedHeaders=([^,]*), *Signature=([^,]*)$")

// parseTC3 reads an Authorization header and the timestamp that belongs to it.
// Names of headers out of order are malformed: the canonical request has no place
// for them.
func parseTC3(h http.Header) (a tc3Authorization, stamp Stamp, ok bool) {
	m := tc3Header.FindStringSubmatch(h.Get("Authorization"))
	if m == nil {
		return a, stamp, false
	}
	a = tc3Authorization{m[1], m[2], m[3], strings.Split(m[4], ";"), m[5]}
	stamp, ok = stampOf(a.secretID, "", h.Get(headerTimestamp))
	return a, stamp, ok && slices.IsSorted(a.headers)
}
