package sign

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

const formType = "application/x-www-form-urlencoded"

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
	case t.host == "" || strings.ContainsFunc(t.host, notHostRune):
		return target{}, unsupported("the host is empty or not plain ASCII")
	case t.path[0] != '/':
		return target{}, unsupported("the path does not begin with a slash")
	}
	return t, nil
}

func notHostRune(r rune) bool {
	alphanumeric := '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
	return !alphanumeric && !strings.ContainsRune(".-_:[]", r)
}

// checkForm makes sure that the body, where there is one, is a form.
func checkForm(req *http.Request) error {
	contentType := req.Header.Get("Content-Type")
	if contentType == "" && !hasBody(req) {
		return nil
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != formType || req.Header.Get("Content-Encoding") != "" {
		return unsupported("the body of a POST must be " + formType + ", not compressed")
	}
	return nil
}

// hasBody takes the ContentLength of a server's request, which has a RequestURI,
// at its word. In a client's request 0 may also mean unknown.
func hasBody(req *http.Request) bool {
	if req.Body == nil || req.Body == http.NoBody {
		return false
	}
	return req.RequestURI == "" || req.ContentLength != 0
}

// openBody returns a copy of the body and leaves req.Body unread. Without
// GetBody it reads the body into memory first.
func openBody(req *http.Request) (io.ReadCloser, error) {
	if !hasBody(req) {
		return http.NoBody, nil
	}
	if req.GetBody == nil {
		data, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, bodyError(err)
		}
		setBody(req, data)
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, bodyError(err)
	}
	return body, nil
}

// readBody returns the whole body and leaves req.Body unread.
func readBody(req *http.Request) ([]byte, error) {
	body, err := openBody(req)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		return nil, bodyError(err)
	}
	return data, nil
}

// setBody closes the body, of which nothing more is needed, and puts data in its
// place, to be sent with its length and to be read again.
func setBody(req *http.Request, data []byte) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	req.GetBody = func() (io.ReadCloser, error) {
		if len(data) == 0 {
			return http.NoBody, nil
		}
		return io.NopCloser(bytes.NewReader(data)), nil
	}
	req.Body, _ = req.GetBody()
	req.ContentLength = int64(len(data))
	req.TransferEncoding = nil
}

func bodyError(err error) error { return fmt.Errorf("sign: reading the body: %w", err) }

func unsupported(why string) error { return fmt.Errorf("%w: %s", ErrUnsupported, why) }
