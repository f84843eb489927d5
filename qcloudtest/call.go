package qcloudtest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// The vendor's limits of a request's size: of a GET, of a POST with a form, and
// of API 3.0's JSON.
const (
	maxURI  = 32 << 10
	maxForm = 1 << 20
	maxJSON = 10 << 20
)

// path2 is where API 2.0 is.
const path2 = "/v2/index.php"

// call is a request as the API understands it.
type call struct {
	Request
	slot *Request // where the record of it is kept

	params map[string]string // API 2.0: all of them, credentials included
	body   []byte
	bad    *failure // why it cannot be understood
	http   *http.Request
}

// newCall notes what is known of r before its body is read.
func newCall(r *http.Request) *call {
	c := &call{http: r, Request: Request{
		Time: time.Now(), Method: r.Method, Host: r.Host, Path: r.URL.Path,
	}}
	switch r.URL.Path {
	case path2:
		c.Version = 2
		if r.Method == http.MethodGet {
			c.Action = r.URL.Query().Get("Action")
		}
	case "/", "":
		c.Version = 3
		c.Action = r.Header.Get("X-TC-Action")
	}
	return c
}

// read takes in the body. It returns a reply of its own where no API speaks,
// and an error when the client broke off.
func (c *call) read(r *http.Request) (*reply, error) {
	limit := maxForm
	switch {
	case c.Version == 0:
		return notFound(), nil
	case c.Version == 2 && len(r.RequestURI) > maxURI:
		return page(http.StatusNotImplemented), nil
	case c.Version == 3:
		limit = maxJSON
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	c.digest(body)
	if c.Version == 3 {
		c.readJSON(body)
		return nil, nil
	}
	if len(body) > limit {
		return page(http.StatusRequestEntityTooLarge), nil
	}
	c.readForm(body)
	return nil, nil
}

func (c *call) digest(body []byte) {
	h := sha256.New()
	for _, part := range []string{c.Method, c.http.RequestURI, c.http.Header.Get("Authorization")} {
		io.WriteString(h, part+"\n")
	}
	h.Write(body)
	c.Digest = hex.EncodeToString(h.Sum(nil))
}

// readForm takes API 2.0's parameters from the query and the form. The first of
// several values of a name counts, the form's before the query's.
func (c *call) readForm(body []byte) {
	query, err := url.ParseQuery(c.http.URL.RawQuery)
	if err != nil {
		c.bad = malformed("query")
	}
	form := url.Values{}
	if mt, _, _ := mime.ParseMediaType(c.http.Header.Get("Content-Type")); mt == "" || mt == "application/x-www-form-urlencoded" {
		if form, err = url.ParseQuery(string(body)); err != nil {
			c.bad = malformed("body")
		}
	}
	c.params = make(map[string]string)
	for _, values := range []url.Values{query, form} {
		for k, v := range values {
			c.params[k] = v[0]
		}
	}
	c.Action = c.params["Action"]
	c.Params = maps.Clone(c.params)
	for _, secret := range []string{"SecretId", "Signature", "Token"} {
		delete(c.Params, secret)
	}
}

// readJSON takes API 3.0's parameters from the body.
func (c *call) readJSON(body []byte) {
	if len(body) > maxJSON {
		c.bad = &failure{code: codes.InvalidParameter, text: "RequestSizeLimitExceeded"}
		return
	}
	c.body = body
	if len(body) == 0 {
		return
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(body, &top); err != nil {
		c.bad = malformed("body")
		return
	}
	c.Params = make(map[string]string, len(top))
	for k, raw := range top {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		c.Params[k] = text
	}
}
