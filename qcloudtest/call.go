package qcloudtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// path2 is where API 2.0 is.
const path2 = "/v2/index.php"

// call is a request as the API understands it.
type call struct {
	Request
	slot *Request // where the record of it is kept

	bad  *failure      // why it cannot be understood
	http *http.Request // with the body to be read again
	data any           // of its success
	done []func()      // what is to be done when the call has ended
}

// newCall reads a request. It returns an error when the client broke off.
func newCall(r *http.Request) (*call, error) {
	c := &call{http: r.WithContext(r.Context())}
	c.Request = Request{Time: time.Now(), Method: r.Method, Host: r.Host, Path: r.URL.Path}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return c, err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s\n%s", r.Method, r.RequestURI, r.Header.Get("Authorization"), body)
	c.Digest = hex.EncodeToString(h.Sum(nil))
	c.http.ContentLength = int64(len(body))
	c.http.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	switch r.URL.Path {
	case path2:
		c.Version = 2
		c.readForm()
	case "/", "":
		c.Version, c.Action = 3, r.Header.Get("X-TC-Action")
		c.readJSON(body)
	}
	c.http.Body, _ = c.http.GetBody()
	return c, nil
}

// readForm takes API 2.0's parameters from the query and the form. The first of
// several values of a name counts, the form's before the query's.
func (c *call) readForm() {
	r := c.http.Clone(c.http.Context())
	r.Body, _ = c.http.GetBody()
	if err := r.ParseForm(); err != nil {
		c.bad = badParam("body", "malformed", "Action=GetDsaHostList&offset=0")
	}
	c.Params = make(map[string]string)
	for name, values := range r.Form {
		c.Params[name] = values[0]
	}
	for _, name := range []string{"SecretId", "Signature", "Token"} {
		delete(c.Params, name) // not to be remembered
	}
	c.Action = c.Params["Action"]
}

// readJSON takes API 3.0's parameters from the top level of the body.
func (c *call) readJSON(body []byte) {
	if len(body) == 0 {
		return
	}
	var top map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil {
		c.bad = badParam("body", "malformed", `{"Offset":0}`)
		return
	}
	c.Params = make(map[string]string, len(top))
	for name, raw := range top {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		c.Params[name] = text
	}
}
