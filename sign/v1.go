package sign

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The signature methods of API 2.0.
const (
	HmacSHA1   = "HmacSHA1"
	HmacSHA256 = "HmacSHA256"
)

// Parameters that belong to the signature and not to the call.
const (
	keySecretID  = "SecretId"
	keyToken     = "Token"
	keyNonce     = "Nonce"
	keyTimestamp = "Timestamp"
	keyMethod    = "SignatureMethod"
	keySignature = "Signature"
)

var signatureKeys = []string{keySecretID, keyToken, keyNonce, keyTimestamp, keyMethod, keySignature}

// V1 signs requests to API 2.0 (https://*.api.qcloud.com/v2/index.php) by
// signature method v1. Use it by pointer, set its fields before the first use
// and leave them alone afterwards; then it is safe for concurrent use.
type V1 struct {
	opaque
	clock

	SecretID  string
	SecretKey string
	Token     string // session token of temporary credentials; empty for permanent ones

	// Method is HmacSHA1 or HmacSHA256. The default is HmacSHA1.
	Method string

	// Provider, when set, is asked for the credentials of each signature, and
	// the three fields above are ignored.
	Provider Provider
}

// Sign adds SecretId, Nonce, Timestamp, Signature, Token where there is one, and
// SignatureMethod for HmacSHA256 or where the request has that parameter
// already. Values of these six that are in the request are replaced. Every
// other parameter goes out with the value it has, sorted by key, its encoding
// normalised.
//
// A GET request is signed in its query, a POST request in its form body, which
// is read into memory. The API documents POST parameters in the body alone, so
// those in the query of a POST request move into the form, ahead of what is
// there. Afterwards Body, GetBody and ContentLength are those of the signed
// form.
//
// The errors are ErrNoCredentials, the Provider's error, ErrUnsupported (another
// method than GET and POST, a body that is not
// application/x-www-form-urlencoded, an unknown Method, HmacSHA1 under
// GODEBUG=fips140=only: set Method to HmacSHA256) and errors of reading the body. The request must not be used after an error.
func (s *V1) Sign(req *http.Request) error {
	creds, err := s.Provider.current(req.Context(),
		Credentials{SecretID: s.SecretID, SecretKey: s.SecretKey, Token: s.Token})
	if err != nil {
		return err
	}
	to, err := targetOf(req)
	if err != nil {
		return err
	}
	ps, err := v1Params(req, to)
	if err != nil {
		return err
	}
	ps = s.stamp(ps, creds)
	signature, err := v1Signature(to, ps, creds.SecretKey)
	if err != nil {
		return err
	}
	setV1Params(req, to, append(ps, param{keySignature, signature}))
	return nil
}

// stamp replaces the signature's parameters, but for Signature itself, which it
// drops, and sorts.
func (s *V1) stamp(ps params, creds Credentials) params {
	method := cmp.Or(s.Method, HmacSHA1)
	nameMethod := method != HmacSHA1 || ps.has(keyMethod)
	ps = slices.DeleteFunc(ps, func(p param) bool { return slices.Contains(signatureKeys, p.key) })
	ps = append(ps,
		param{keySecretID, creds.SecretID},
		param{keyNonce, nonce()},
		param{keyTimestamp, strconv.FormatInt(s.now().Unix(), 10)},
	)
	if nameMethod {
		ps = append(ps, param{keyMethod, method})
	}
	if creds.Token != "" {
		ps = append(ps, param{keyToken, creds.Token})
	}
	ps.sort()
	return ps
}

// nonce returns 63 random bits as a positive integer in decimal, which is what
// the vendor asks for; its Go SDK sends as many. A Nonce need not be secret, only
// new within the time in which a Timestamp is valid: n Nonces of one account in
// that time have two that are the same with a probability below n²/2^64.
func nonce() string { return strconv.FormatInt(rand.Int64N(math.MaxInt64)+1, 10) }

// v1Params returns all parameters of a request: the query's, then the form's.
func v1Params(req *http.Request, to target) (params, error) {
	ps, err := parseParams(nil, req.URL.RawQuery)
	if err != nil || to.method == http.MethodGet {
		return ps, err
	}
	if err := checkForm(req); err != nil {
		return nil, err
	}
	form, err := readBody(req)
	if err != nil {
		return nil, err
	}
	return parseParams(ps, string(form))
}

func setV1Params(req *http.Request, to target, ps params) {
	encoded := ps.encode()
	if to.method == http.MethodGet {
		req.URL.RawQuery = encoded
		return
	}
	req.URL.RawQuery = ""
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	if req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", formType)
	}
	setBody(req, []byte(encoded))
}

// v1Signature signs parameters that are in order already. A process that only
// may use FIPS 140-3's algorithms panics where it is asked for SHA-1.
func v1Signature(to target, ps params, secretKey string) (signature string, err error) {
	defer func() {
		if refused := recover(); refused != nil {
			err = fmt.Errorf("%w: %v", ErrUnsupported, refused)
		}
	}()
	newHash, err := v1Hash(ps)
	if err != nil {
		return "", err
	}
	mac := hmac.New(newHash, []byte(secretKey))
	mac.Write([]byte(v1Source(to, ps)))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

func v1Hash(ps params) (func() hash.Hash, error) {
	method, named := ps.only(keyMethod)
	switch {
	case !ps.has(keyMethod), named && method == HmacSHA1:
		return sha1.New, nil
	case named && method == HmacSHA256:
		return sha256.New, nil
	}
	return nil, unsupported("the signature method is neither HmacSHA1 nor HmacSHA256")
}

// v1Source is the text that method v1 signs. Keys are sorted as they are sent
// and only then written with "." for "_", as in the vendor's Python client.
// Replacing first would put a_b before a1.
func v1Source(to target, sorted params) string {
	var b strings.Builder
	b.WriteString(to.method + to.host + to.path)
	separator := byte('?')
	for _, p := range sorted {
		if p.key == keySignature {
			continue
		}
		b.WriteByte(separator)
		b.WriteString(strings.ReplaceAll(p.key, "_", "."))
		b.WriteByte('=')
		b.WriteString(p.value)
		separator = '&'
	}
	return b.String()
}
