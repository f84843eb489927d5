package qcloudtest

import (
	"maps"
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

	// The API's verdict, whether or not the client learnt it. Code is 0 for
	// success, and 0 where a script answered for the API ([Status], [Body]) or
	// hung up without [Execute]: API 2.0's CodeDesc is "Success" for the former
	// and "" for the latter.
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
func (a *API) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]Request, 0, len(a.requests))
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
