package qcloudtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A Request is what the API remembers of a request. It holds neither SecretId
// nor Signature, Token or Authorization.
type Request struct {
	Time    time.Time // of its arrival, by the machine's clock
	Version int       // of the API: 2 or 3, or 0 if the path is neither's
	Method  string
	Host    string
	Path    string
	Action  string
	Params  map[string]string // as sent; API 3.0: the body's top level, composite values as JSON
	Digest  string            // the same for requests that are the same byte for byte

	Executed bool // it took effect; reading actions: it was answered

	// The API's verdict, whether or not the client learnt it. Code is 0 for success,
	// with API 2.0's CodeDesc "Success", and where a script answered in the API's
	// place ([Status], [Body]) or hung up without [Execute].
	Code     codes.Code // API 3.0: the nearest of API 2.0's
	Module   codes.Code // the code in the message's brackets, or 0
	CodeDesc string     // API 2.0's codeDesc, or API 3.0's Error.Code

	Status int    // the HTTP status sent, or 0 where none was
	Lost   string // how the client lost the answer: "" (it did not), "reset", "drop", "cut", "gone"
}

func (r Request) clone() Request {
	r.Params = maps.Clone(r.Params)
	return r
}

// Requests returns all that the API was sent, in order of arrival; those still in
// progress, too. A request has arrived when its body has, or has broken off.
func (a *API) Requests() (all []Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.requests {
		all = append(all, r.clone())
	}
	return all
}

// Total returns how many requests have arrived.
func (a *API) Total() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.requests)
}

// Executed returns how many calls of an action took effect.
func (a *API) Executed(action string) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.requests {
		if r.Action == action && r.Executed {
			n++
		}
	}
	return n
}

// ExecutedBy counts the executed calls of an action by the value of one of
// their parameters, which tells whether any was executed twice:
//
//	for host, n := range srv.ExecutedBy("CreateDsaHost", "host") { ... }
func (a *API) ExecutedBy(action, param string) map[string]int {
	counts := make(map[string]int)
	for _, r := range a.Requests() {
		if r.Action == action && r.Executed {
			counts[r.Params[param]]++
		}
	}
	return counts
}

// path2 is where API 2.0 is.
const path2 = "/v2/index.php"

// call is one request on its way through the API, and its answer.
type call struct {
	Request          // what is known of it
	slot    *Request // the same, as API.Requests has it; the API's lock guards it
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

// The values of [Request.Lost].
const (
	lostReset = "reset" // the connection was reset in place of an answer
	lostDrop  = "drop"  // it was closed in place of an answer
	lostCut   = "cut"   // it was closed within the body
	lostGone  = "gone"  // the client went away first
)

// read reads the request. It returns an error when the client broke off.
func (c *call) read() error {
	r := c.http
	c.Request = Request{Time: time.Now(), Method: r.Method, Host: r.Host, Path: r.URL.Path}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	sent := fmt.Appendf(nil, "%s\n%s\n%s\n%s", r.Method, r.RequestURI, r.Header.Get("Authorization"), body)
	c.Digest = fmt.Sprintf("%x", sha256.Sum256(sent))
	r.ContentLength = int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.Body, _ = r.GetBody()
	switch r.URL.Path {
	case path2:
		c.Version = 2
		c.readForm()
	case "/", "":
		c.Version, c.Action = 3, r.Header.Get("X-TC-Action")
		c.readJSON(body)
	}
	r.Body, err = r.GetBody() // again, for ParseForm reads it
	return err
}

// readForm takes API 2.0's parameters from the query and the form. The first of
// several values of a name counts, the form's before the query's.
func (c *call) readForm() {
	if err := c.http.ParseForm(); err != nil {
		c.bad = badParam("body", "malformed", "Action=GetDsaHostList&offset=0")
	}
	c.Params = make(map[string]string)
	for name, values := range c.http.Form {
		c.Params[name] = values[0]
	}
	for _, name := range []string{"SecretId", "Signature", "Token"} {
		delete(c.Params, name) // not to be remembered
	}
	c.Action = c.Params["Action"]
}

// readJSON takes API 3.0's parameters from the top level of the body.
func (c *call) readJSON(body []byte) {
	var top map[string]json.RawMessage
	if len(body) > 0 && json.Unmarshal(body, &top) != nil {
		c.bad = badParam("body", "malformed", `{"Offset":0}`)
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
	h := http.Header{
		"Content-Type":   {c.reply.contentType},
		"Content-Length": {strconv.Itoa(len(c.reply.body))},
		"Date":           {c.api.clock().UTC().Format(http.TimeFormat)},
	}
	maps.Copy(h, c.header)
	c.header = h
	if c.Lost == lostCut {
		c.reply.body = c.reply.body[:c.cut]
	}
}
