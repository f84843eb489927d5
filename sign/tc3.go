package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
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
)

// TC3 signs requests to API 3.0 (https://*.tencentcloudapi.com) by
// TC3-HMAC-SHA256. The X-TC-Action, X-TC-Version and X-TC-Region headers are the
// caller's to set. Use it by pointer, set its fields before the first use and
// leave them alone afterwards; then it is safe for concurrent use.
type TC3 struct {
	opaque
	clock

	SecretID  string
	SecretKey string
	Token     string // session token of temporary credentials; empty for permanent ones

	// Provider, when set, is asked for the credentials of each signature, and
	// the three fields above are ignored.
	Provider Provider

	// Service is the product's name in the credential scope. The default is the
	// first label of the host: "cvm" for cvm.tencentcloudapi.com.
	Service string

	// SignedHeaders names headers to sign beside Content-Type and Host, such as
	// "X-TC-Action". Those that a request does not have are left out. The
	// default, none, is what the vendor's SDKs sign.
	SignedHeaders []string
}

// Sign sets Authorization and X-TC-Timestamp, and X-TC-Token where the
// credentials have a token; values that are there already are replaced, and a
// token that is not of these credentials is removed. A missing Content-Type
// becomes application/json; charset=utf-8 for POST and
// application/x-www-form-urlencoded for GET.
//
// The signature covers a POST request's body, and a GET request's query, which
// goes out sorted and with its encoding normalised. As API 3.0 defines it, it
// does not cover the query of a POST request. The body is read through GetBody
// where there is one, else into memory; Body is left ready to be sent, with
// ContentLength set.
//
// The errors are ErrNoCredentials, the Provider's error, ErrUnsupported (another
// method than GET and POST, a GET with a body) and errors of reading the body.
// The request must not be used after an error.
func (s *TC3) Sign(req *http.Request) error {
	creds, err := s.Provider.current(req.Context(),
		Credentials{SecretID: s.SecretID, SecretKey: s.SecretKey, Token: s.Token})
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
	now := s.now()
	req.Header.Set(headerTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Del(headerToken)
	if creds.Token != "" {
		req.Header.Set(headerToken, creds.Token)
	}
	auth := tc3Authorization{
		secretID: creds.SecretID,
		date:     tc3Date(now),
		service:  s.service(to.host),
		headers:  s.signedHeaders(req),
	}
	if auth.signature, err = auth.sign(req, to, creds.SecretKey); err != nil {
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
		query, err := parseParams(nil, req.URL.RawQuery)
		if err != nil {
			return err
		}
		query.sort()
		req.URL.RawQuery = query.encode()
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

func (s *TC3) service(host string) string {
	if s.Service != "" {
		return s.Service
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	label, _, _ := strings.Cut(host, ".")
	return strings.ToLower(label)
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

// tc3Canonical is the request in the form that is hashed and signed. Names of
// headers are sorted and in lower case; their values are in lower case too.
func tc3Canonical(req *http.Request, to target, headers []string) (string, error) {
	payload, err := hashBody(req)
	if err != nil {
		return "", err
	}
	query := ""
	if to.method == http.MethodGet {
		query = req.URL.RawQuery
	}
	var b strings.Builder
	b.WriteString(to.method + "\n" + to.path + "\n" + query + "\n")
	for _, name := range headers {
		value := strings.Join(req.Header.Values(name), ",")
		if name == "host" {
			value = to.host
		}
		b.WriteString(name + ":" + strings.ToLower(textproto.TrimString(value)) + "\n")
	}
	b.WriteString("\n" + strings.Join(headers, ";") + "\n" + payload)
	return b.String(), nil
}

// hashBody returns the SHA-256 of the body in hex and sets ContentLength to
// what it has read.
func hashBody(req *http.Request) (string, error) {
	body, err := openBody(req)
	if err != nil {
		return "", err
	}
	defer body.Close()
	h := sha256.New()
	n, err := io.Copy(h, body)
	if err != nil {
		return "", bodyError(err)
	}
	req.ContentLength = n
	return hex.EncodeToString(h.Sum(nil)), nil
}

func tc3Date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func hmacSHA256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
