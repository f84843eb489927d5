package sign

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/qcloudhttp/qcloudhttp/internal/request"
)

const (
	formType  = "application/x-www-form-urlencoded"
	hostChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]"

	// The largest POST requests, in bytes, that the API takes with a v1 and with a
	// TC3 signature: 1 MB and 10 MB, the vendor's documents say.
	maxForm, maxPayload = 1 << 20, 10 << 20
)

// target is where a request goes, as it is written on the wire.
type target struct {
	method string
	host   string // with the port where the Host header has one
	path   string // escaped
}

// targetOf refuses what the API knows no signature for, and hosts of which
// net/http would send another form than it was given (a name in Unicode, an IPv6
// zone).
func targetOf(req *http.Request) (target, error) {
	if req.URL == nil || req.URL.Opaque != "" {
		return target{}, unsupported("it needs a URL with a host and a path")
	}
	t := target{
		method: cmp.Or(req.Method, http.MethodGet),
		host:   cmp.Or(req.Host, req.URL.Host),
		path:   cmp.Or(req.URL.EscapedPath(), "/"),
	}
	switch {
	case t.method != http.MethodGet && t.method != http.MethodPost:
		return target{}, unsupported("the method is neither GET nor POST")
	case t.method == http.MethodGet && hasBody(req):
		return target{}, unsupported("a GET request must not have a body")
	case t.host == "" || strings.Trim(t.host, hostChars) != "" || t.path[0] != '/':
		return target{}, unsupported("the host is empty or not plain ASCII, or the path has no leading slash")
	}
	return t, nil
}

// mediaType returns the Content-Type without its parameters.
func mediaType(req *http.Request) string {
	name, _, _ := strings.Cut(req.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(name))
}

// hasBody takes the ContentLength of a server's request, which has a RequestURI,
// at its word. In a client's request 0 may also mean unknown.
func hasBody(req *http.Request) bool {
	return req.Body != nil && req.Body != http.NoBody && (req.RequestURI == "" || req.ContentLength != 0)
}

// readBody returns the whole body and leaves req.Body unread: it reads from
// GetBody, or without that puts back what it read. It ends with the request's
// context. For a body of more than limit bytes the error ends with help.
func readBody(req *http.Request, limit int64, help string) ([]byte, error) {
	if !hasBody(req) {
		return nil, nil
	}
	tooLarge := func() error { return unsupported("the body exceeds the API's limit of %d MiB; %s", limit>>20, help) }
	if req.ContentLength > limit {
		return nil, tooLarge()
	}
	body := req.Body
	if req.GetBody != nil {
		var err error
		if body, err = req.GetBody(); err != nil {
			return nil, fmt.Errorf("sign: %w", &request.BodyError{Err: err})
		}
	}
	defer body.Close()
	data, err := request.ReadWithin(req.Context(), body, limit+1)
	switch {
	case err != nil:
		return nil, fmt.Errorf("sign: %w", err)
	case int64(len(data)) > limit:
		return nil, tooLarge()
	case req.GetBody == nil:
		setBody(req, data)
	}
	return data, nil
}

// setBody puts data in the body's place, as http.NewRequest does.
func setBody(req *http.Request, data []byte) {
	with, _ := http.NewRequest(http.MethodPost, "/", bytes.NewReader(data))
	req.Body, req.GetBody, req.ContentLength = with.Body, with.GetBody, with.ContentLength
	req.TransferEncoding = nil
}

// mac returns the HMAC of text. Where FIPS 140-only mode forbids it, crypto/hmac
// panics.
func mac(newHash func() hash.Hash, key []byte, text string) (sum []byte, err error) {
	defer func() {
		if why := recover(); why != nil {
			err = fmt.Errorf("%w (%v)", ErrFIPS, why)
		}
	}()
	m := hmac.New(newHash, key)
	_, _ = io.WriteString(m, text)
	return m.Sum(nil), nil
}

// parseParams returns the decoded parameters of a query or form. A semicolon is
// the ordinary character that it is for the API. Values of one key keep their
// order.
func parseParams(raw string) (url.Values, error) {
	ps, err := url.ParseQuery(strings.ReplaceAll(raw, ";", "%3B"))
	if err != nil {
		return nil, unsupported("a parameter has an invalid percent-encoding")
	}
	return ps, nil
}

// encode sorts by key and escapes as RFC 3986 does, so that a space is %20:
// readers of queries and readers of forms agree on it, which they do not on "+".
func encode(ps url.Values) string { return strings.ReplaceAll(ps.Encode(), "+", "%20") }
