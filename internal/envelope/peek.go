package envelope

import (
	"io"
	"net/http"
	"strings"
)

// Outcome is what Peek found out about a response.
type Outcome uint8

const (
	// None: not an envelope. So are a body that is no JSON object, malformed
	// JSON, an empty body, a body in a coding other than gzip or deflate,
	// and one that Peek does not touch.
	None Outcome = iota
	// Success: v2's code is 0, or API 3.0's Response has no Error.
	Success
	// Failure: the API reports one.
	Failure
	// TooLarge: the window was full before the body had said anything.
	TooLarge
	// Broken: the body broke off, by an error or by its end, before it had
	// told of a success or had told of a failure in full.
	Broken
)

func (o Outcome) String() string {
	switch o {
	case None:
		return "none"
	case Success:
		return "success"
	case Failure:
		return "failure"
	case TooLarge:
		return "too large"
	case Broken:
		return "broken"
	}
	return "invalid"
}

// Result is what Peek returns. It may be shared and must not be changed; the
// bytes of its Body are the caller's.
type Result struct {
	Outcome Outcome

	// Envelope is complete for a Failure, unless the window was full before
	// its end; then, and for Broken, it has what had come. For a Success it
	// has Found and V3 only. Otherwise it is zero.
	Envelope Envelope

	// Body holds a Failure's body as it came, as far as it was read: to the
	// end of the envelope or the window. It is the caller's. A response of
	// status 400 and above, and one that is Broken, has a Body also without an
	// envelope: what was read to find that out.
	Body []byte

	// Err is why a body is Broken: what its Read returned, or
	// io.ErrUnexpectedEOF where it simply ended. Otherwise it is nil.
	Err error
}

// The results that hold nothing but their outcome are shared: they cost a
// success nothing, and must not be changed.
var (
	none     = &Result{Outcome: None}
	success  = &Result{Outcome: Success, Envelope: Envelope{Found: true}}
	success3 = &Result{Outcome: Success, Envelope: Envelope{Found: true, V3: true}}
	tooLarge = &Result{Outcome: TooLarge}
)

// Peek finds out whether a response is an envelope and what it says. It reads
// window bytes of the body at most, and as many when decompressed; a window
// of 0 or less means DefaultWindow. It replaces resp.Body by one that yields
// the whole body, byte for byte, with the error that ended it, and leaves the
// rest of resp as it is.
//
// Peek reads no further than it must. Once the code is known to be 0, the
// rest streams. In API 3.0 that is so when Response has had a member other
// than Error and RequestId: it is assumed that the API sends no data before
// an Error. Only what has arrived in the same Read is looked through for a
// second code, Response or Error to overrule the first; after the documented
// start of a success one whose name has escapes does not count. A failure is
// read to the end of its object.
//
// Not touched are: text/event-stream and application/octet-stream; answers
// to HEAD and CONNECT; the statuses 101, 204, 206 and 304, which have no body
// or not a whole one; bodies of unknown length in a coding that cannot be seen
// through.
//
// Peek waits for as long as the body's Read does: cancel the request to end
// it. After it, resp.Body may be closed while it is being read.
func Peek(resp *http.Response, window int) *Result {
	if !eligible(resp) {
		return none
	}
	if window <= 0 {
		window = DefaultWindow
	}
	raw := recorder{src: resp.Body, window: window}
	piece, err := raw.next()
	res := success
	whole := err == io.EOF || resp.ContentLength == int64(len(piece))
	if !usualSuccess(piece, whole) || keeps(resp, Success) {
		res = scan(resp, &raw, piece, err)
	}
	resp.Body = newBody(resp.Body, &raw)
	return res
}

// eligible reports whether a response can be an envelope, by all but its body.
func eligible(resp *http.Response) bool {
	if resp.Body == nil || resp.Body == http.NoBody {
		return false
	}
	switch resp.StatusCode {
	case http.StatusSwitchingProtocols, http.StatusNoContent, http.StatusPartialContent, http.StatusNotModified:
		return false
	}
	if r := resp.Request; r != nil && (r.Method == http.MethodHead || r.Method == http.MethodConnect) {
		return false
	}
	if resp.ContentLength <= 0 && codingOf(resp.Header) == opaque {
		return false
	}
	types := resp.Header["Content-Type"]
	return len(types) == 0 || !streams(types[0])
}

// streams reports whether a Content-Type is one of those that are never
// touched.
func streams(contentType string) bool {
	for _, never := range [...]string{"text/event-stream", "application/octet-stream"} {
		n := len(never)
		if len(contentType) < n || contentType[n-1]|0x20 != 'm' { // the last letter of both: most differ in it
			continue
		}
		if strings.EqualFold(contentType[:n], never) {
			return len(contentType) == n || strings.IndexByte("; \t", contentType[n]) >= 0
		}
	}
	return false
}

// scan reads the body, of which raw has read piece and err, as far as it must.
func scan(resp *http.Response, raw *recorder, piece []byte, err error) *Result {
	var res *Result
	switch kind := codingOf(resp.Header); kind {
	case identity:
		s := scanner{stopEarly: true}
		res = s.result(s.read(raw, piece, err))
	case opaque:
		return none
	default:
		res = scanInflated(raw, piece, kind)
	}
	if keeps(resp, res.Outcome) {
		res = res.with(raw.bytes())
	}
	return res
}

func scanInflated(raw *recorder, piece []byte, kind coding) *Result {
	f := newInflater(raw, piece, kind)
	defer f.release(raw)
	text := recorder{src: f, window: raw.window}
	defer func() { releaseAll(text.first) }()
	s := scanner{stopEarly: true}
	first, err := text.next()
	outcome, err := s.read(&text, first, err)
	if outcome == Broken && f.corrupt(err) {
		outcome, err = None, nil
	}
	return s.result(outcome, err)
}

// keeps reports whether what was read of a body goes into Result.Body.
func keeps(resp *http.Response, o Outcome) bool {
	return o == Failure || o == Broken || resp.StatusCode >= http.StatusBadRequest
}

// with returns a copy of res with a body.
func (res *Result) with(body []byte) *Result {
	kept := *res
	kept.Body = body
	return &kept
}

// read reads the body, of which the first Read has returned piece and err,
// until it is known what to do with it. The error says why it is Broken.
func (s *scanner) read(body *recorder, piece []byte, err error) (Outcome, error) {
	for ; ; piece, err = body.next() {
		s.feed(piece)
		switch {
		case s.succeeded():
			return Success, nil
		case s.state == malformed:
			return None, nil
		case s.state == ended && s.failed():
			return Failure, nil
		case s.state == ended, s.state == atStart && err == io.EOF:
			return None, nil
		case err == errWindow && s.failed():
			return Failure, nil
		case err == errWindow:
			return TooLarge, nil
		case err == io.EOF:
			return Broken, io.ErrUnexpectedEOF
		case err != nil:
			return Broken, err
		}
	}
}

// result tells what has been found, as far as the outcome has a use for it.
func (s *scanner) result(o Outcome, err error) *Result {
	switch {
	case o == None:
		return none
	case o == TooLarge:
		return tooLarge
	case o == Success && s.hasCode:
		return success
	case o == Success:
		return success3
	}
	return &Result{Outcome: o, Err: err, Envelope: s.envelope()}
}
