package envelope

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// scanner reads an envelope as it arrives, each byte once. It parses the
// objects that hold something of interest (the top one, Response and Error)
// and skips other values by their strings and brackets alone, so a value of no
// interest need not be JSON. Where encoding/json accepts a body, the two agree.
type scanner struct {
	text []byte // what has arrived
	pos  int    // text[:pos] has been scanned

	state  state
	in     object // whose members are being read
	name   member // whose value is being read
	quoted bool   // in a string of interest, or a name
	begin  int    // where the string or scalar being read begins
	depth  int    // brackets open in the value being skipped
	within uint64 // highBits: in a string of that value; else 0

	verdict Outcome // None: not known yet
	found
}

type state uint8

const (
	atStart     state = iota // before the object
	atNameOrEnd              // after {
	atName                   // after a comma
	atColon
	atValue
	inScalar // a number or a literal
	atComma  // after a value
	ended    // the object is complete
	malformed
)

type object uint8

const (
	nowhere object = iota
	inTop
	inResponse
	inError
)

// goal is how far a scan shall go.
type goal uint8

const (
	toVerdict goal = iota // until it is known whether the body tells of a failure
	toMessage             // until the message of a failure is known
	toEnd                 // to the end of the object
)

// scan goes on in the text and reports whether it has reached its goal, or can
// get no further. If not, it needs more text.
func (s *scanner) scan(until goal) bool {
	for s.state < ended && (until != toVerdict || s.verdict == None) && (until != toMessage || !s.seen[message]) {
		if s.pos >= len(s.text) {
			return false
		}
		switch c := s.text[s.pos]; {
		case s.quoted:
			s.passString()
		case s.depth > 0:
			s.skip()
		case s.state != inScalar:
			s.pos++
			s.readStructure(c)
		case inScalars(c):
			s.pos++
		default:
			s.endValue(s.text[s.begin:s.pos], false)
		}
	}
	return true
}

const byteOrderMark = "\xEF\xBB\xBF"

// readStructure reads a byte between tokens, and what it begins.
func (s *scanner) readStructure(c byte) {
	switch {
	case s.state == atStart && s.pos <= len(byteOrderMark) && s.text[0] == byteOrderMark[0]:
		if c != byteOrderMark[s.pos-1] {
			s.state = malformed
		}
	case c == ' ' || c == '\n' || c == '\r' || c == '\t':
	case s.state == atStart && c == '{':
		s.state, s.in = atNameOrEnd, inTop
	case c == '"' && (s.state == atName || s.state == atNameOrEnd || s.state == atValue):
		s.quoted, s.begin = true, s.pos
	case c == ':' && s.state == atColon:
		s.state = atValue
	case c == ',' && s.state == atComma:
		s.state = atName
	case c == '}' && (s.state == atComma || s.state == atNameOrEnd):
		s.leave()
	case s.state != atValue:
		s.state = malformed
	case c == '{' && s.name == response:
		s.found = found{v3: true} // what stands before a Response is not its
		s.state, s.in = atNameOrEnd, inResponse
	case c == '{' && s.name == apiError:
		s.state, s.in = atNameOrEnd, inError
	case c == '{' || c == '[':
		s.endValue(nil, false)
		s.depth = 1
	case inScalars(c):
		s.state, s.begin = inScalar, s.pos-1
	default:
		s.state = malformed
	}
}

// leave ends the object at hand.
func (s *scanner) leave() {
	s.state = atComma
	switch s.in {
	case inTop:
		s.state = ended
	case inResponse:
		s.decide(Success) // it had no Error
	case inError:
		s.decide(Unread) // it had no Code
	}
	s.in--
}

func (s *scanner) decide(o Outcome) {
	if s.verdict == None {
		s.verdict = o
	}
}

// passString goes on past the quote that ends the string at hand, if it has
// arrived, and takes the string.
func (s *scanner) passString() {
	for at := s.pos; ; {
		n := bytes.IndexByte(s.text[at:], '"')
		if n < 0 {
			s.pos = len(s.text)
			return
		}
		end := at + n
		at = end + 1
		slash := end
		for slash > s.begin && s.text[slash-1] == '\\' {
			slash--
		}
		if (end-slash)%2 == 1 {
			continue
		}
		s.quoted, s.pos = false, at
		if inside := s.text[s.begin:end]; s.state == atValue {
			s.endValue(inside, true)
		} else {
			s.endName(inside)
		}
		return
	}
}

// maxDepth is how many brackets may be open at a time, as in encoding/json.
const maxDepth = 10000

// skip goes on in a value of no interest.
func (s *scanner) skip() {
	most := maxDepth - int(s.in)
	for s.pos < len(s.text) && s.depth > 0 && s.depth <= most {
		s.skipWords(most)
		for stop := min(len(s.text), s.pos+8); s.pos < stop && s.depth > 0 && s.depth <= most; s.pos++ {
			switch c := s.text[s.pos]; {
			case c == '\\':
				s.pos++ // past the next byte, which may not have arrived
			case c == '"':
				s.within ^= highBits
			case s.within != 0:
			case c == '{' || c == '[':
				s.depth++
			case c == '}' || c == ']':
				s.depth--
			}
		}
	}
	if s.depth > most {
		s.state = malformed
	}
}

const (
	lowBits  = 0x0101010101010101
	highBits = lowBits << 7
)

// skipWords skips eight bytes at a time, without a branch at each quote and
// bracket: mispredicting them costs more than all else. It stops before a word
// with two backslashes in a row, or whose brackets may end the value or be too
// many.
func (s *scanner) skipWords(most int) {
	pos, depth, within := s.pos, s.depth, s.within
	escaped := uint64(0) // 0x80: the first byte of the word, by the last of the word before
	for ; pos+8 <= len(s.text); pos += 8 {
		w := binary.LittleEndian.Uint64(s.text[pos:])
		slashes := equal(w, '\\') << 7
		after := slashes<<8 | escaped
		if slashes&after != 0 {
			break
		}
		w |= after // not ASCII, so it is nothing of interest
		// The high bit of a byte tells that the quotes up to it are odd in number.
		inside := equal(w, '"')*lowBits<<7&highBits ^ within
		w = w | lowBits*0x20 | inside // [ and ] become { and }, in strings nothing does
		opened, closed := bits.OnesCount64(equal(w, '{')), bits.OnesCount64(equal(w, '}'))
		if depth <= closed || depth+opened > most {
			break
		}
		depth += opened - closed
		within = inside >> 63 * highBits
		escaped = slashes >> 56
	}
	if escaped != 0 {
		pos++
	}
	s.pos, s.depth, s.within = pos, depth, within
}

// equal sets the low bit of each byte of w that is c, an ASCII character.
func equal(w uint64, c byte) uint64 {
	w ^= lowBits * uint64(c)
	return ^(w&^highBits + ^uint64(highBits) | w) & highBits >> 7
}

// inScalars reports whether c may be a part of a number or a literal.
func inScalars(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '+' || c == '-' || c == '.'
}
