package envelope

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// skipNested goes on in an array or object that is skipped: it counts the
// brackets outside of strings until the value has ended.
func (s *scanner) skipNested(p []byte, i int) int {
	for i < len(p) && s.state == inNested {
		i = s.skipWords(p, i)
		i = s.skipBytes(p, i, min(len(p), i+8))
	}
	return i
}

// maxNested is how many brackets may be open in a value that is skipped. With
// those around it the depth is at most that of encoding/json, 10000.
const maxNested = 10000 - 3

const (
	lowBits  = 0x0101010101010101 // the lowest bit of each byte
	highBits = 0x8080808080808080
)

// skipWords goes on by eight bytes at a time, without a branch that depends
// on where strings begin and end: they are so short in most data that
// mispredicting each costs more than all else. It stops at a backslash, and
// before the value may end or be nested too deeply.
func (s *scanner) skipWords(p []byte, i int) int {
	if s.escaped {
		return i
	}
	depth := s.depth
	var within uint64 // highBits if the byte before is in a string
	if s.quoted {
		within = highBits
	}
	for ; i+8 <= len(p); i += 8 {
		w := binary.LittleEndian.Uint64(p[i:])
		if equal(w, '\\') != 0 {
			break
		}
		// A byte is in a string if an odd number of quotes stand before it.
		quoted := equal(w, '"')
		quoted ^= quoted << 8
		quoted ^= quoted << 16
		quoted ^= quoted << 32
		quoted ^= within
		// With bit 5 set, [ is { and ] is }, and nothing else is.
		brackets := w | lowBits*0x20
		opened := bits.OnesCount64(equal(brackets, '{') &^ quoted)
		closed := bits.OnesCount64(equal(brackets, '}') &^ quoted)
		if depth <= closed || depth+opened > maxNested {
			break
		}
		depth += opened - closed
		within = uint64(int64(quoted)>>63) & highBits
	}
	s.depth, s.quoted = depth, within != 0
	return i
}

// equal sets the high bit of each byte of w that is c.
func equal(w uint64, c byte) uint64 {
	const rest = ^uint64(highBits)
	w ^= lowBits * uint64(c)
	return ^((w&rest + rest) | w | rest)
}

// skipBytes goes on byte by byte to stop, or further, to the end of a string.
func (s *scanner) skipBytes(p []byte, i, stop int) int {
	for i < stop {
		if s.quoted {
			end := s.stringEnd(p, i)
			if end < 0 {
				return len(p)
			}
			s.quoted = false
			i = end + 1
			continue
		}
		c := p[i]
		i++
		switch c {
		case '"':
			s.quoted = true
		case '{', '[':
			s.depth++
			if s.depth > maxNested {
				s.state = malformed
				return i
			}
		case '}', ']':
			s.depth--
			if s.depth == 0 {
				s.state = atComma
				return i
			}
		}
	}
	return i
}

// stringEnd returns where the quote is that ends the string at hand, which
// began before p[i] or in an earlier piece. It returns -1 if that is not
// in p.
func (s *scanner) stringEnd(p []byte, i int) int {
	if s.escaped {
		s.escaped = false
		i++
	}
	for from := i; ; {
		n := bytes.IndexByte(p[i:], '"')
		if n < 0 {
			s.escaped = endsInEscape(p[from:])
			return -1
		}
		if !endsInEscape(p[from : i+n]) {
			return i + n
		}
		i += n + 1
	}
}

// endsInEscape reports whether the byte after p is escaped: whether p ends
// in an odd number of backslashes.
func endsInEscape(p []byte) bool {
	n := len(p)
	for n > 0 && p[n-1] == '\\' {
		n--
	}
	return (len(p)-n)%2 == 1
}
