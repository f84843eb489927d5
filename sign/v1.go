package sign

import (
	"cmp"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
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

// V1 signs requests to API 2.0 (https://*.api.qcloud.com/v2/index.php) by
// signature method v1. Use it by pointer, set its fields before the first use
// and leave them alone afterwards; then it is safe for concurrent use.
type V1 struct {
	opaque
	clock

	// Credentials provides the keys of each signature: Static(id, key, token), or
	// a Provider of keys that change. Sign fails without it.
	Credentials Provider

	// Method is HmacSHA1 or HmacSHA256. The default is HmacSHA1.
	Method string
}

// Account returns the SecretId that signs a request with ctx, "" where the Provider
// fails. A qcloudhttp.Transport asks it whose quota a call counts against.
func (s *V1) Account(ctx context.Context) string { return s.Credentials.account(ctx) }

// Sign adds SecretId, Nonce, Timestamp, Signature, Token where there is one, and
// SignatureMethod for HmacSHA256 or where the request has that parameter
// already. Values of these six that are in the request are replaced. Every
// other parameter goes out with the value it has, sorted by key, its encoding
// normalised.
//
// A GET request is signed in its query, a POST request in its form body, which
// is read into memory, at most 1 MiB of it. The API documents POST parameters in
// the body alone, so those in the query of a POST request move into the form,
// ahead of what is there. Afterwards Body, GetBody and ContentLength are those of
// the signed form.
//
// ErrUnsupported is for another method than GET and POST, a body that is not
// application/x-www-form-urlencoded or is larger, and an unknown Method. The
// request must not be used after an error.
func (s *V1) Sign(req *http.Request) error {
	creds, err := s.Credentials.secrets(req.Context())
	if err != nil {
		return err
	}
	to, ps, err := v1Request(req)
	if err != nil {
		return err
	}
	s.stamp(ps, creds)
	signature, err := v1Signature(to, ps, creds.key, ".")
	if err != nil {
		return err
	}
	ps.Set(keySignature, signature)
	setV1Params(req, to, ps)
	return nil
}

// stamp replaces the signature's parameters, but for Signature itself.
func (s *V1) stamp(ps url.Values, creds secrets) {
	method := cmp.Or(s.Method, HmacSHA1)
	if method != HmacSHA1 || ps.Has(keyMethod) {
		ps.Set(keyMethod, method)
	}
	ps.Set(keySecretID, creds.id)
	ps.Set(keyNonce, nonce())
	ps.Set(keyTimestamp, strconv.FormatInt(s.now().Unix(), 10))
	ps.Del(keyToken)
	if creds.token != "" {
		ps.Set(keyToken, creds.token)
	}
}

// nonce returns 63 random bits as a positive integer in decimal, which is what
// the vendor asks for; its Go SDK sends as many. A Nonce need not be secret, only
// new within the time in which a Timestamp is valid: n Nonces of one account in
// that time have two that are the same with a probability below n²/2^64.
func nonce() string { return strconv.FormatInt(rand.Int64N(math.MaxInt64)+1, 10) }

// v1Request returns all parameters of a request: the query's, then the form's.
func v1Request(req *http.Request) (to target, ps url.Values, err error) {
	if to, err = targetOf(req); err != nil {
		return to, nil, err
	}
	raw := req.URL.RawQuery
	if to.method == http.MethodPost {
		if err := checkForm(req); err != nil {
			return to, nil, err
		}
		form, err := readBody(req, maxForm, "TC3 signs up to 10 MiB")
		if err != nil {
			return to, nil, err
		}
		raw += "&" + string(form)
	}
	ps, err = parseParams(raw)
	return to, ps, err
}

// checkForm makes sure that the body, where there is one, is a form.
func checkForm(req *http.Request) error {
	switch name := mediaType(req); {
	case name == "" && !hasBody(req):
	case name == "":
		return unsupported("the Content-Type header is missing: it must be " + formType)
	case strings.HasSuffix(name, "json"):
		return unsupported("the body is JSON, which API 3.0 takes and TC3 signs; V1 signs a form")
	case name != formType || req.Header.Get("Content-Encoding") != "":
		return unsupported("the body of a POST must be " + formType + ", not compressed; TC3 signs others")
	}
	return nil
}

func setV1Params(req *http.Request, to target, ps url.Values) {
	if to.method == http.MethodGet {
		req.URL.RawQuery = encode(ps)
		return
	}
	req.URL.RawQuery = ""
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	if req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", formType)
	}
	if req.Body != nil {
		_ = req.Body.Close()
	}
	setBody(req, []byte(encode(ps)))
}

// v1Signature signs "_" in the name of a parameter as underscore. The vendor's
// documents write "." there, its Go SDK leaves it.
func v1Signature(to target, ps url.Values, secretKey, underscore string) (string, error) {
	newHash, known := v1Hashes[ps.Get(keyMethod)]
	if !known {
		return "", unsupported("the signature method is neither HmacSHA1 nor HmacSHA256")
	}
	sum, err := mac(newHash, []byte(secretKey), v1Source(to, ps, underscore))
	return base64.StdEncoding.EncodeToString(sum), err
}

var v1Hashes = map[string]func() hash.Hash{"": sha1.New, HmacSHA1: sha1.New, HmacSHA256: sha256.New}

// v1Source is the text that method v1 signs. Names are sorted as they are sent
// and only then rewritten, as in the vendor's Python client: rewriting first
// would put a_b before a1.
func v1Source(to target, ps url.Values, underscore string) string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(ps)) {
		for _, value := range ps[key] {
			if key != keySignature {
				pairs = append(pairs, strings.ReplaceAll(key, "_", underscore)+"="+value)
			}
		}
	}
	return to.method + to.host + to.path + "?" + strings.Join(pairs, "&")
}
