package envelope

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// Window is how many bytes of a body are read at most in search of its envelope,
// and how many of what gzip makes of them: 1 MiB.
const Window = 1 << 20

// Outcome is what Peek found out about a response.
type Outcome uint8

const (
	None     Outcome = iota // not looked at, or a JSON object that is no envelope
	NoObject                // empty, or not even the beginning of a JSON object
	Success                 // the code is 0, or API 3.0's Response has no Error
	Failure                 // there is a code that is not 0, or an Error with a Code
	Unread                  // it may be an envelope, and is not understood: see Peek
	Broken                  // the body broke off before it had said enough
)

// Answer is what Peek found out. Its methods that read must not be called while
// the response's body is read, nor after that.
type Answer struct {
	Outcome Outcome
	Code    int   // API 2.0's, of a Failure; else 0
	Err     error // why the body is Broken; else nil

	body *body // nil where it is not touched
	text *body // the same, or what gzip makes of it
}

// Peek finds out whether a response is an envelope and whether it tells of a
// failure. It reads no further than to know that, and at most to the [Window]: a
// success streams on from its code, and a failure's message may still be to come.
// It replaces resp.Body by one that yields the whole body, byte for byte, with
// the error that ended it, and may be closed while it is being read.
//
// Peek waits for as long as the body's Read does; the request's context ends it.
//
// Not touched are the types that cannot hold an envelope, such as images and
// event streams; answers to HEAD and CONNECT; the statuses 101, 204, 206 and 304;
// redirects that have a Location. Nor are bodies in a coding other than gzip; they
// are Unread. A Content-Encoding that names no coding, as utf-8 does, says
// nothing: a body is gzip if it begins as gzip does. Unread are also a code that
// is no integer, an Error without a Code, a body that begins as an object and is
// no JSON before its code has come, and one that has none in its window.
func Peek(resp *http.Response) Answer { return peek(resp, Window) }

func peek(resp *http.Response, window int) Answer {
	if !eligible(resp) {
		return Answer{}
	}
	codings := strings.Join(resp.Header["Content-Encoding"], ",")
	if codings != "" && opaque.MatchString(codings) {
		return Answer{Outcome: Unread}
	}
	b := &body{src: resp.Body, length: resp.ContentLength, window: window}
	b.head = b.first[:0]
	resp.Body = b
	text := b.unzipped()
	p := parser{body: text}
	outcome, err := p.outcome(b, p.parse(toVerdict))
	if outcome == NoObject && text == b && codings != "" {
		outcome = Unread // in a coding of its own
	}
	return Answer{Outcome: outcome, Code: p.code, Err: err, body: b, text: text}
}

// ReadMessage reads on until the message of a Failure has come, or can come no
// more: the object has ended, or is no JSON, or the window is full. It returns at
// the latest when ctx ends.
func (a Answer) ReadMessage(ctx context.Context) { a.readOn(ctx, toMessage) }

// ReadRest reads on to the end of a Failure's object, or as far as the window, and
// then to the end of the body, whatever its outcome, until limit bytes have been
// read in all. It returns at the latest when ctx ends.
func (a Answer) ReadRest(ctx context.Context, limit int) {
	a.readOn(ctx, toEnd)
	for a.body != nil && a.body.more(limit) == nil {
	}
}

func (a Answer) readOn(ctx context.Context, until goal) {
	if a.body != nil {
		a.body.stop = ctx.Done()
	}
	if a.Outcome == Failure {
		if a.text != a.body && errors.Is(a.text.err, errStopped) {
			a.body.unzip(a.text) // gzip does not go on after an error
		}
		p := parser{body: a.text}
		p.parse(until)
	}
}

// Hold makes a response that Peek left untouched readable by ReadRest and Body:
// resp.Body yields it whole all the same.
func (a Answer) Hold(resp *http.Response) Answer {
	if a.body == nil && resp.Body != http.NoBody {
		a.body = &body{src: resp.Body, length: resp.ContentLength}
		resp.Body = a.body
	}
	return a
}

// Body returns a copy of the first bytes of the body that have been read, limit of
// them at most. It is nil where the body is not touched.
func (a Answer) Body(limit int) []byte {
	if a.body == nil {
		return nil
	}
	return bytes.Clone(a.body.head[:min(len(a.body.head), limit)])
}

// outcome says what a parse of b to the verdict, which err has ended, has come to.
// An answer that ends in order is whole, JSON or not.
func (p *parser) outcome(b *body, err error) (Outcome, error) {
	switch {
	case p.verdict != None:
		return p.verdict, nil
	case err == nil:
		return None, nil
	case err == errSyntax && p.depth == 0:
		return NoObject, nil
	case err == errSyntax:
		return Unread, nil
	case b.err != nil && b.err != io.EOF:
		return Broken, b.err
	case b.err == io.EOF && b.length > int64(len(b.head)):
		return Broken, io.ErrUnexpectedEOF
	case err == io.EOF && p.depth == 0:
		return NoObject, nil
	}
	return Unread, nil
}

var (
	// foreign are the content types that cannot hold an envelope.
	foreign = regexp.MustCompile(`(?i)^\s*(image|audio|video|multipart)/|` +
		`^\s*(text/event-stream|application/(octet-stream|grpc[^;]*|[^;]*zip[^;]*))\s*(;|$)`)
	// opaque are the registered codings that are not seen through, and gzip twice.
	opaque = regexp.MustCompile(`(?i)(^|[\s,])(br|zstd|deflate|(x-)?compress|dcb|dcz|aes128gcm|exi|pack200-gzip)` +
		`($|[\s,])|gzip.*gzip`)
)

// eligible reports whether a response can be an envelope, by all but its body.
func eligible(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusSwitchingProtocols, http.StatusNoContent, http.StatusPartialContent, http.StatusNotModified:
		return false
	}
	r, contentType := resp.Request, ""
	if types := resp.Header["Content-Type"]; len(types) > 0 {
		contentType = types[0]
	}
	return resp.Body != nil && resp.Body != http.NoBody &&
		(r == nil || r.Method != http.MethodHead && r.Method != http.MethodConnect) &&
		(resp.StatusCode/100 != 3 || resp.Header.Get("Location") == "") &&
		(strings.HasPrefix(contentType, "application/json") || !foreign.MatchString(contentType))
}
