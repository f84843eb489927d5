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

// Result is what Peek returns.
type Result struct {
	Outcome Outcome

	// Envelope is complete for a Failure, unless the window was full before
	// its end; then, and for Broken, it has what had come. For a Success it
	// has Found and V3 only. Otherwise it is zero.
	Envelope Envelope

	// Body holds a Failure's body as it came, as far as it was read: to the
	// end of the envelope or the window. JSON is the same without its
	// Content-Encoding. They are the caller's, and one slice if there is no
	// Content-Encoding. A response of status 400 and above, and one that is
	// Broken, has a Body also without an envelope: what was read to find that
	// out.
	Body, JSON []byte

	// Err is why a body is Broken: what its Read returned, or
	// io.ErrUnexpectedEOF where it simply ended. Otherwise it is nil.
	Err error
}

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
// second code, Response or Error to overrule the first. A failure is read to
// the end of its object.
//
// Not touched are: text/event-stream and application/octet-stream; answers
// to HEAD and CONNECT; the statuses 101, 204, 206 and 304, which have no body
// or not a whole one.
//
// Peek waits for as long as the body's Read does: cancel the request to end
// it. After it, resp.Body may be closed while it is being read.
func Peek(resp *http.Response, window int) (res Result) {
	kind := codingOf(resp.Header)
	if kind == opaque || !eligible(resp) {
		return res
	}
	if window <= 0 {
		window = DefaultWindow
	}
	if kind == identity {
		res.peekPlain(resp, window)
	} else {
		res.peekInflated(resp, kind, window)
	}
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

func (res *Result) peekPlain(resp *http.Response, window int) {
	raw := recorder{src: resp.Body, window: window}
	s := scanner{stopEarly: true}
	res.Outcome, res.Err = s.read(&raw)
	s.tell(res)
	if keeps(resp, res.Outcome) {
		res.Body = raw.bytes()
	}
	if res.Outcome == Failure {
		res.JSON = res.Body
	}
	resp.Body = newBody(resp.Body, &raw)
}

func (res *Result) peekInflated(resp *http.Response, kind coding, window int) {
	f := newInflater(resp.Body, kind, window)
	defer f.release()
	text := recorder{src: f, window: window}
	defer func() { releaseAll(text.first) }()
	s := scanner{stopEarly: true}
	res.Outcome, res.Err = s.read(&text)
	if res.Outcome == Broken && f.corrupt(res.Err) {
		res.Outcome, res.Err = None, nil
	}
	s.tell(res)
	if keeps(resp, res.Outcome) {
		res.Body = f.raw.bytes()
	}
	if res.Outcome == Failure {
		res.JSON = text.bytes()
	}
	resp.Body = newBody(resp.Body, &f.raw)
}

// keeps reports whether what was read of a body goes into Result.Body.
func keeps(resp *http.Response, o Outcome) bool {
	return o == Failure || o == Broken || resp.StatusCode >= http.StatusBadRequest
}

// read reads the body until it is known what to do with it. The error says
// why it is Broken.
func (s *scanner) read(body *recorder) (Outcome, error) {
	for {
		piece, err := body.next()
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

// tell puts into res what has been found, as far as its Outcome has a use for
// it.
func (s *scanner) tell(res *Result) {
	switch res.Outcome {
	case Success:
		res.Envelope.Found, res.Envelope.V3 = true, !s.hasCode
	case Failure, Broken:
		res.Envelope = s.envelope()
	}
}
