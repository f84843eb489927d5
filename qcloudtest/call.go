package qcloudtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// path2 is where API 2.0 is.
const path2 = "/v2/index.php"

// call is one request on its way through the API, and its answer.
type call struct {
	Request          // what is known of it
	slot    *Request // the same, for API.Requests
	api     *API
	http    *http.Request // with the body to be read again
	bad     *failure      // why it cannot be understood
	passed  bool          // process has begun
	data    any           // of its success
	done    []func()      // what is to be done when it has ended

	reply  *reply      // the answer, once there is one
	header http.Header // of the answer; at first, what [Header] sets
	cut    int         // how much of the body is to be sent, as [Cut] has it
	err    error       // why the client went away, for lostGone
}

// The ways in which a client may not get the answer; they are the values of
// [Request.Lost].
const (
	lostReset = "reset" // the connection was reset in place of an answer
	lostDrop  = "drop"  // the connection was closed in place of an answer
	lostCut   = "cut"   // the connection was closed within the body
	lostGone  = "gone"  // the client went away first
)

// reply is the answer's status and body.
type reply struct {
	status      int
	contentType string
	body        []byte
}

// read reads the request. It returns an error when the client broke off.
func (c *call) read() error {
	r := c.http
	c.Request = Request{Time: time.Now(), Method: r.Method, Host: r.Host, Path: r.URL.Path}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s\n%s", r.Method, r.RequestURI, r.Header.Get("Authorization"), body)
	c.Digest = hex.EncodeToString(h.Sum(nil))
	r.ContentLength = int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	switch r.URL.Path {
	case path2:
		c.Version = 2
		c.readForm()
	case "/", "":
		c.Version, c.Action = 3, r.Header.Get("X-TC-Action")
		c.readJSON(body)
	}
	r.Body, err = r.GetBody()
	return err
}

// readForm takes API 2.0's parameters from the query and the form. The first of
// several values of a name counts, the form's before the query's.
func (c *call) readForm() {
	r := c.http.Clone(c.http.Context())
	r.Body, _ = r.GetBody()
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

// record keeps what is known of the call for Requests.
func (c *call) record() {
	c.api.mu.Lock()
	defer c.api.mu.Unlock()
	if c.slot == nil {
		c.slot = new(Request)
		c.api.requests = append(c.api.requests, c.slot)
	}
	*c.slot = c.Request
}

// run performs steps until they are done or the client has lost its answer.
func (c *call) run(steps []Step) {
	for _, step := range steps {
		if !c.ended() && step.do != nil {
			step.do(c)
		}
	}
}

// ended tells whether no step can follow. A cut is carried out last.
func (c *call) ended() bool { return c.Lost != "" && c.Lost != lostCut }

// complete makes the answer ready to be sent. The header is that of the whole
// answer, also if less of it is sent.
func (c *call) complete() {
	if c.Lost == lostCut && c.cut >= len(c.reply.body) {
		c.Lost = ""
	}
	c.Status = c.reply.status
	c.api.mu.Lock()
	clock := c.api.clock()
	c.api.mu.Unlock()
	h := http.Header{
		"Content-Type":   {c.reply.contentType},
		"Content-Length": {strconv.Itoa(len(c.reply.body))},
		"Date":           {clock.UTC().Format(http.TimeFormat)},
	}
	maps.Copy(h, c.header)
	c.header = h
	if c.Lost == lostCut {
		c.reply.body = c.reply.body[:c.cut]
	}
}
