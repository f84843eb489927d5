package envelope

import (
	"bytes"
	"errors"
)

var (
	errStopped = errors.New("envelope: the goal is reached, the window is full or the time is up")
	errSyntax  = errors.New("envelope: no JSON")
)

// maxDepth is how many brackets may be open at a time, as in encoding/json.
const maxDepth = 10000

// parser finds an envelope in a body. A success needs none that outlives it, so
// it costs no allocation.
type parser struct {
	body  *body  // in plain
	text  []byte // what has come of it
	until goal
	pos   int   // text[:pos] has been parsed
	depth int   // brackets open
	end   error // why the parsing has ended
	found
}

// parse reads the text from its start to the goal, or to the end of its object.
// It parses the objects that hold something of interest (the top one, Response
// and Error) and skips other values by their strings and brackets alone, so a
// value of no interest need not be JSON. Where encoding/json accepts a body, the
// two agree. The error says why the object's end was not reached.
func (p *parser) parse(until goal) error {
	p.until, p.text = until, p.body.head
	if p.token() == '{' {
		p.object()
	} else {
		p.finish(errSyntax)
	}
	return p.end
}

// finish ends the parsing with err, unless it has ended before.
func (p *parser) finish(err error) {
	if p.end == nil {
		p.end = err
	}
}

// arrived waits for another byte of the text, and reports whether there is one.
func (p *parser) arrived() bool {
	for p.pos == len(p.text) && p.end == nil {
		p.end = p.body.more(p.body.window)
		p.text = p.body.head
	}
	return p.pos < len(p.text)
}

// next returns the next byte, 0 where there is none.
func (p *parser) next() byte {
	if p.pos == len(p.text) && !p.arrived() {
		return 0
	}
	p.pos++
	return p.text[p.pos-1]
}

// token returns the next byte that is not white space, or 0. A byte order mark
// may stand at the front.
func (p *parser) token() byte {
	for {
		switch c := p.next(); {
		case c == ' ', c == '\n', c == '\r', c == '\t':
		case c == 0xEF && p.pos == 1 && p.next() == 0xBB && p.next() == 0xBF:
		default:
			return c
		}
	}
}

// object parses an object whose bracket has been read.
func (p *parser) object() {
	p.depth++
	c := p.token()
	for c == '"' {
		name := p.string()
		if bytes.IndexByte(name, '\\') >= 0 {
			name = []byte(unquote(name))
		}
		p.member(name)
		if p.end != nil {
			return
		}
		if c = p.token(); c != ',' {
			break
		}
		if c = p.token(); c == '}' {
			c = ','
		}
	}
	if c != '}' {
		p.finish(errSyntax)
		return
	}
	p.depth--
}

// value reads a colon and a value. It returns the value's first byte, and the
// inside of a string, a number or a literal. Of an object or an array it reads
// the bracket alone; skip reads the rest.
func (p *parser) value() (kind byte, inside []byte) {
	if p.token() == ':' {
		switch c := p.token(); {
		case c == '"':
			return c, p.string()
		case c == '{', c == '[':
			return c, nil
		case inScalar(c):
			return c, p.scalar()
		}
	}
	p.finish(errSyntax)
	return 0, nil
}

// string returns the inside of a string whose first quote has been read, as far
// as it comes.
func (p *parser) string() []byte {
	for begin := p.pos; ; {
		n := bytes.IndexByte(p.text[p.pos:], '"')
		if n < 0 {
			if p.pos = len(p.text); !p.arrived() {
				return p.text[begin:]
			}
			continue
		}
		p.pos += n + 1
		inside := p.text[begin : p.pos-1]
		if slashes := len(inside) - len(bytes.TrimRight(inside, `\`)); slashes%2 == 0 {
			return inside
		}
	}
}

// scalar returns a number or a literal whose first byte has been read; nil where
// its end does not come.
func (p *parser) scalar() []byte {
	for begin := p.pos - 1; p.arrived(); p.pos++ {
		if !inScalar(p.text[p.pos]) {
			return p.text[begin:p.pos]
		}
	}
	return nil
}

// inScalar reports whether c may be a part of a number or a literal.
func inScalar(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '+' || c == '-' || c == '.'
}

// skip reads to the end of a value that begins with kind.
func (p *parser) skip(kind byte) {
	if kind != '{' && kind != '[' {
		return
	}
	outside := p.depth
	for p.depth++; p.depth > outside && (p.pos < len(p.text) || p.arrived()); {
		c := p.text[p.pos]
		switch p.pos++; c {
		case '"':
			p.string()
		case '\\':
			p.next()
		case '{', '[':
			if p.depth++; p.depth > maxDepth {
				p.finish(errSyntax)
				return
			}
		case '}', ']':
			p.depth--
		}
	}
}
