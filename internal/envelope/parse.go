package envelope

import (
	"bytes"
	"errors"
)

var (
	errDone   = errors.New("envelope: the goal is reached")
	errSyntax = errors.New("envelope: no JSON")
)

// maxDepth is how many brackets may be open at a time, as in encoding/json.
const maxDepth = 10000

// parse reads the text from its start to the goal, or to the end of its object.
// It parses the objects that hold something of interest (the top one, Response
// and Error) and skips other values by their strings and brackets alone, so a
// value of no interest need not be JSON. Where encoding/json accepts a body, the
// two agree. The error says why the object's end was not reached.
func (r *reader) parse(until goal, stop <-chan struct{}) error {
	r.until, r.stop = max(r.until, until), stop
	r.pos, r.depth, r.end, r.found = 0, 0, nil, found{}
	if r.token() == '{' {
		r.object()
	} else {
		r.finish(errSyntax)
	}
	return r.end
}

// finish ends the parsing with err, unless it has ended before.
func (r *reader) finish(err error) {
	if r.end == nil {
		r.end = err
	}
}

// arrived waits for another byte of the text, and reports whether there is one.
func (r *reader) arrived() bool {
	for r.pos == len(r.text) && r.end == nil {
		r.end = r.moreText()
	}
	return r.pos < len(r.text)
}

// next returns the next byte, 0 where there is none.
func (r *reader) next() byte {
	if r.pos == len(r.text) && !r.arrived() {
		return 0
	}
	r.pos++
	return r.text[r.pos-1]
}

// token returns the next byte that is not white space, or 0. A byte order mark
// may stand at the front.
func (r *reader) token() byte {
	for {
		switch c := r.next(); {
		case c == ' ', c == '\n', c == '\r', c == '\t':
		case c == 0xEF && r.pos == 1 && r.next() == 0xBB && r.next() == 0xBF:
		default:
			return c
		}
	}
}

// object parses an object whose bracket has been read.
func (r *reader) object() {
	r.depth++
	c := r.token()
	for c == '"' {
		name := r.string()
		if bytes.IndexByte(name, '\\') >= 0 {
			name = []byte(unquote(name))
		}
		r.member(name)
		if r.end != nil {
			return
		}
		if c = r.token(); c != ',' {
			break
		}
		if c = r.token(); c == '}' {
			c = ','
		}
	}
	if c != '}' {
		r.finish(errSyntax)
		return
	}
	r.depth--
}

// value reads a colon and a value. It returns the value's first byte, and the
// inside of a string, a number or a literal. Of an object or an array it reads
// the bracket alone; skip reads the rest.
func (r *reader) value() (kind byte, inside []byte) {
	if r.token() == ':' {
		switch c := r.token(); {
		case c == '"':
			return c, r.string()
		case c == '{', c == '[':
			return c, nil
		case inScalar(c):
			return c, r.scalar()
		}
	}
	r.finish(errSyntax)
	return 0, nil
}

// string returns the inside of a string whose first quote has been read, as far
// as it comes.
func (r *reader) string() []byte {
	for begin := r.pos; ; {
		n := bytes.IndexByte(r.text[r.pos:], '"')
		if n < 0 {
			if r.pos = len(r.text); !r.arrived() {
				return r.text[begin:]
			}
			continue
		}
		r.pos += n + 1
		inside := r.text[begin : r.pos-1]
		if slashes := len(inside) - len(bytes.TrimRight(inside, `\`)); slashes%2 == 0 {
			return inside
		}
	}
}

// scalar returns a number or a literal whose first byte has been read; nil where
// its end does not come.
func (r *reader) scalar() []byte {
	for begin := r.pos - 1; r.arrived(); r.pos++ {
		if !inScalar(r.text[r.pos]) {
			return r.text[begin:r.pos]
		}
	}
	return nil
}

// inScalar reports whether c may be a part of a number or a literal.
func inScalar(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '+' || c == '-' || c == '.'
}

// skip reads to the end of a value that begins with kind.
func (r *reader) skip(kind byte) {
	if kind != '{' && kind != '[' {
		return
	}
	outside := r.depth
	for r.depth++; r.depth > outside && (r.pos < len(r.text) || r.arrived()); {
		c := r.text[r.pos]
		switch r.pos++; c {
		case '"':
			r.string()
		case '\\':
			r.next()
		case '{', '[':
			if r.depth++; r.depth > maxDepth {
				r.finish(errSyntax)
				return
			}
		case '}', ']':
			r.depth--
		}
	}
}
