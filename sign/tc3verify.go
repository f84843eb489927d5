package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

// TC3Stamp returns the stamp of a request that is signed by TC3-HMAC-SHA256, and
// false where the Authorization or X-TC-Timestamp header is missing or
// unreadable. Its Nonce is empty. It does not verify the signature, and reads
// headers only.
func TC3Stamp(req *http.Request) (Stamp, bool) {
	auth, ok := parseTC3(req.Header.Get("Authorization"))
	if !ok {
		return Stamp{}, false
	}
	at, ok := parseTimestamp(req.Header.Get(headerTimestamp))
	return Stamp{SecretID: auth.secretID, Timestamp: at}, ok
}

// VerifyTC3 checks a request's TC3-HMAC-SHA256 signature with the secret key of
// its SecretId, which TC3Stamp gives. Content-Type and Host must be among the
// signed headers, and the scope's date that of the timestamp. The comparison
// takes constant time. Whether the timestamp is recent, and whether the scope
// names the right service, is left to the caller.
//
// The errors are ErrUnsigned, ErrSignature, ErrUnsupported and those of reading
// the body; the body can be read again afterwards. Limit it with
// http.MaxBytesReader where the client is not trusted.
func VerifyTC3(req *http.Request, secretKey string) error {
	stamp, ok := TC3Stamp(req)
	if !ok {
		return ErrUnsigned
	}
	auth, _ := parseTC3(req.Header.Get("Authorization"))
	if auth.date != tc3Date(stamp.Timestamp) || !auth.signs("content-type") || !auth.signs("host") {
		return ErrUnsigned
	}
	to, err := targetOf(req)
	if err != nil {
		return err
	}
	want, err := auth.sign(req, to, secretKey)
	if err != nil {
		return err
	}
	if !hmac.Equal([]byte(auth.signature), []byte(want)) {
		return ErrSignature
	}
	return nil
}

// tc3Authorization is the content of an Authorization header.
type tc3Authorization struct {
	secretID  string
	date      string // UTC, 2006-01-02
	service   string
	headers   []string // lower case, sorted
	signature string   // hex
}

func (a tc3Authorization) scope() string {
	return a.date + "/" + a.service + "/" + tc3Terminator
}

func (a tc3Authorization) signs(header string) bool { return slices.Contains(a.headers, header) }

func (a tc3Authorization) String() string {
	return tc3Algorithm +
		" Credential=" + a.secretID + "/" + a.scope() +
		", SignedHeaders=" + strings.Join(a.headers, ";") +
		", Signature=" + a.signature
}

// sign returns the signature that the request should have.
func (a tc3Authorization) sign(req *http.Request, to target, secretKey string) (string, error) {
	canonical, err := tc3Canonical(req, to, a.headers)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(canonical))
	text := tc3Algorithm + "\n" + req.Header.Get(headerTimestamp) + "\n" + a.scope() + "\n" + hex.EncodeToString(hash[:])
	key := hmacSHA256([]byte("TC3"+secretKey), a.date)
	key = hmacSHA256(key, a.service)
	key = hmacSHA256(key, tc3Terminator)
	return hex.EncodeToString(hmacSHA256(key, text)), nil
}

// parseTC3 reads an Authorization header. Names of headers out of order are
// malformed: the canonical request has no place for them.
func parseTC3(header string) (a tc3Authorization, ok bool) {
	rest, ok := strings.CutPrefix(header, tc3Algorithm+" ")
	if !ok {
		return a, false
	}
	fields := strings.Split(rest, ",")
	if len(fields) != 3 {
		return a, false
	}
	credential, hasCredential := strings.CutPrefix(strings.TrimSpace(fields[0]), "Credential=")
	headers, hasHeaders := strings.CutPrefix(strings.TrimSpace(fields[1]), "SignedHeaders=")
	signature, hasSignature := strings.CutPrefix(strings.TrimSpace(fields[2]), "Signature=")
	scope := strings.Split(credential, "/")
	if !hasCredential || !hasHeaders || !hasSignature || len(scope) != 4 || scope[0] == "" || scope[3] != tc3Terminator {
		return a, false
	}
	a = tc3Authorization{
		secretID:  scope[0],
		date:      scope[1],
		service:   scope[2],
		headers:   strings.Split(headers, ";"),
		signature: signature,
	}
	return a, slices.IsSorted(a.headers)
}
