package sign

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	tc3Algorithm  = "TC3-HMAC-SHA256"
	tc3Terminator = "tc3_request"

	headerTimestamp = "X-TC-Timestamp"
	headerToken     = "X-TC-Token"
	headerPayload   = "X-TC-Content-SHA256"
	unsignedPayload = "UNSIGNED-PAYLOAD" // its value for a body that is not signed
)

// TC3 signs requests to API 3.0 (https://*.tencentcloudapi.com) by
// TC3-HMAC-SHA256. The X-TC-Action, X-TC-Version and X-TC-Region headers are the
// caller's to set. Use it by pointer, set its fields before the first use and
// leave them alone afterwards; then it is safe for concurrent use.
type TC3 struct {
	opaque
	clock

	// Credentials provides the keys of each signature: Static(id, key, token), or
	// a Provider of keys that change. Sign fails without it.
	Credentials Provider

	// Host is the API's, where requests go to a gateway. The default is the request's.
	Host string

	// Service is the product's name in the credential scope. The default is the
	// first label of the host: "cvm" for cvm.tencentcloudapi.com.
	Service string

	// SignedHeaders names headers to sign beside Content-Type and Host, such as
	// "X-TC-Action". Those that a request does not have are left out. The
	// default, none, is what the vendor's SDKs sign.
	SignedHeaders []string
}

// Account returns the SecretId that signs a request with ctx, "" where the Provider
// fails. A qcloudhttp.Transport asks it whose quota a call counts against.
func (s *TC3) Account(ctx context.Context) string { return s.Credentials.account(ctx) }

// Sign sets Authorization and X-TC-Timestamp, and X-TC-Token where the
// credentials have a token; values that are there already are replaced, and a
// token that is not of these credentials is removed. A missing Content-Type
// becomes application/json; charset=utf-8 for POST and
// application/x-www-form-urlencoded for GET.
//
// The signature covers a POST request's body, and a GET request's query, which
// goes out sorted and with its encoding normalised. As API 3.0 defines it, it
// covers neither the path nor the query of a POST request. The body is read
// through GetBody where there is one, else into memory, at most 10 MiB of it;
// Body is left ready to be sent, with ContentLength set. With the header
// X-TC-Content-SHA256: UNSIGNED-PAYLOAD the body is not signed, and not read.
//
// ErrUnsupported is for another method than GET and POST, a GET with a body, a
// larger body, and a request that method v1 has signed. The request must not be
// used after an error.
func (s *TC3) Sign(req *http.Request) error {
	creds, err := s.Credentials.secrets(req.Context())
	if err != nil {
		return err
	}
	to, err := targetOf(req)
	if err != nil {
		return err
	}
	if err := prepareTC3(req, to.method); err != nil {
		return err
	}
	payload, err := readPayload(req)
	if err != nil {
		return err
	}
	if signedByV1(req, payload) {
		return unsupported("its parameters are signed by method v1 already, which V1 replaces and TC3 would send along")
	}
	now := s.now()
	to.host = cmp.Or(s.Host, to.host)
	req.Header.Set(headerTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Del(headerToken)
	if creds.token != "" {
		req.Header.Set(headerToken, creds.token)
	}
	auth := tc3Authorization{
		secretID: creds.id,
		date:     tc3Date(now),
		service:  cmp.Or(s.Service, strings.ToLower(to.host[:strings.IndexAny(to.host+".", ".:")])),
		headers:  s.signedHeaders(req),
	}
	if auth.signature, err = auth.sign(req, to, payload, creds.key); err != nil {
		return err
	}
	req.Header.Set("Authorization", auth.String())
	return nil
}

// prepareTC3 brings into their final form the parts that are signed.
func prepareTC3(req *http.Request, method string) error {
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	canonicalize(req.Header)
	contentType := "application/json; charset=utf-8"
	if method == http.MethodGet {
		contentType = formType
		query, err := parseParams(req.URL.RawQuery)
		if err != nil {
			return err
		}
		req.URL.RawQuery = encode(query)
	}
	if req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", contentType)
	}
	return nil
}

// canonicalize gives every header its canonical name. Older versions of the
// vendor's SDK put X-TC-Timestamp and the like into the map as they are, where
// Set and Del do not find them: both the old value and the new would go out.
func canonicalize(h http.Header) {
	for name, values := range h {
		if canonical := http.CanonicalHeaderKey(name); canonical != name {
			delete(h, name)
			h[canonical] = append(h[canonical], values...)
		}
	}
}

// signedByV1 reports whether the query or the form holds a v1 signature.
func signedByV1(req *http.Request, payload []byte) bool {
	if mediaType(req) != formType {
		return false
	}
	ps, err := parseParams(req.URL.RawQuery + "&" + string(payload))
	_, signed := v1Stamp(ps)
	return err == nil && signed
}

// signedHeaders returns the names of the headers to sign, in order.
func (s *TC3) signedHeaders(req *http.Request) []string {
	names := []string{"content-type", "host"}
	for _, name := range s.SignedHeaders {
		if len(req.Header.Values(name)) > 0 {
			names = append(names, strings.ToLower(name))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// readPayload returns what is hashed for the body: the body, or the words that
// say it is not signed.
func readPayload(req *http.Request) ([]byte, error) {
	if req.Header.Get(headerPayload) == unsignedPayload {
		return []byte(unsignedPayload), nil
	}
	body, err := readBody(req, maxPayload, "with the header "+headerPayload+": "+unsignedPayload+" it is not signed")
	if err == nil && hasBody(req) {
		req.ContentLength = int64(len(body))
	}
	return body, err
}

// tc3Authorization is the content of an Authorization header.
type tc3Authorization struct {
	secretID  string
	date      string // UTC, 2006-01-02
	service   string
	headers   []string // lower case, sorted
	signature string   // hex
}

func tc3Date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func (a tc3Authorization) scope() string { return a.date + "/" + a.service + "/" + tc3Terminator }

func (a tc3Authorization) String() string {
	return tc3Algorithm + " Credential=" + a.secretID + "/" + a.scope() +
		", SignedHeaders=" + strings.Join(a.headers, ";") + ", Signature=" + a.signature
}

// sign returns the signature that the request should have.
func (a tc3Authorization) sign(req *http.Request, to target, payload []byte, secretKey string) (string, error) {
	hash := sha256.Sum256([]byte(tc3Canonical(req, to, payload, a.headers)))
	text := fmt.Sprintf("%s\n%s\n%s\n%x", tc3Algorithm, req.Header.Get(headerTimestamp), a.scope(), hash)
	sum := []byte("TC3" + secretKey)
	for _, part := range []string{a.date, a.service, tc3Terminator, text} {
		var err error
		if sum, err = mac(sha256.New, sum, part); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum), nil
}

// tc3Canonical is the request in the form that is hashed and signed, for which
// the path is always "/". Names of headers are sorted and in lower case; their
// values are in lower case too.
func tc3Canonical(req *http.Request, to target, payload []byte, headers []string) string {
	query := ""
	if to.method == http.MethodGet {
		query = req.URL.RawQuery
	}
	var b strings.Builder
	b.WriteString(to.method + "\n/\n" + query + "\n")
	for _, name := range headers {
		value := strings.Join(req.Header.Values(name), ",")
		if name == "host" {
			value = to.host
		}
		b.WriteString(name + ":" + strings.ToLower(textproto.TrimString(value)) + "\n")
	}
	fmt.Fprintf(&b, "\n%s\n%x", strings.Join(headers, ";"), sha256.Sum256(payload))
	return b.String()
}
