package envelope

import (
	"bytes"
	"encoding/binary"
)

// skipNested goes on in an array or object that is skipped.
func (s *scanner) skipNested(p []byte, i int) int {
	i = s.skip(p, i, s.depthLimit())
	switch {
	case s.depth == 0:
		s.state = atComma
	case s.depth > s.depthLimit():
		s.state = malformed
	}
	return i
}

// maxDepth is how many brackets may be open at a time, as in encoding/json.
const maxDepth = 10000

// depthLimit is how many of them may be open in a value that is skipped.
func (s *scanner) depthLimit() int {
	return maxDepth - 1 - int(s.in)
}

// nesting counts brackets outside of strings.
type nesting struct {
	depth   int  // brackets open
	quoted  bool // in a string
	escaped bool // the next byte is escaped by the backslash before it
}

// skip goes on until all brackets are closed or more than limit are open.
func (n *nesting) skip(p []byte, i, limit int) int {
	for i < len(p) && n.depth > 0 && n.depth <= limit {
		i = n.skipBlocks(p, i, limit)
		i = n.skipBytes(p, i, min(len(p), i+blockSize), limit)
	}
	return i
}

// The bits of eight bytes in a word. Multiplied by lowBits, a word of small
// numbers has in each byte their sum up to there.
const (
	lowBits  uint64 = 0x0101010101010101
	highBits uint64 = lowBits << 7
)

// blockSize is how many bytes skipBlocks goes on by at a time: two words, for
// what is done once for both.
const blockSize = 16

// skipBlocks goes on by whole blocks, without a branch that depends on where
// strings begin and end: they are so short in most data that mispredicting
// each costs more than all else. It stops at two backslashes in a row, and
// before the value may end or be nested too deeply.
func (n *nesting) skipBlocks(p []byte, i, most int) int {
	depth, limit := uint64(n.depth), uint64(most)
	var within, escaped uint64 // highBits, and the high bit of the first byte
	if n.quoted {
		within = highBits
	}
	if n.escaped {
		escaped = 0x80
	}
	for ; i+blockSize <= len(p); i += blockSize {
		block := p[i : i+blockSize : i+blockSize]
		a, b := binary.LittleEndian.Uint64(block), binary.LittleEndian.Uint64(block[8:])
		a7, b7 := a&^highBits, b&^highBits
		var escapes uint64
		if unlike(a, a7, '\\')&unlike(b, b7, '\\')&highBits^highBits|escaped != 0 {
			slashA, slashB := like(a, a7, '\\')<<7, like(b, b7, '\\')<<7
			escapedA, escapedB := slashA<<8|escaped, slashB<<8|slashA>>56
			if slashA&escapedA|slashB&escapedB != 0 {
				break
			}
			a, b = a|escapedA, b|escapedB // so they are unlike anything
			escapes = slashB >> 56
		}
		// A byte is in a string if an odd number of quotes stand before it.
		inA := like(a, a7, '"')*lowBits<<7&highBits ^ within
		inB := like(b, b7, '"')*lowBits<<7&highBits ^ spread(inA)
		// With bit 5 set, [ is { and ] is }, and nothing else is.
		a, b = a|inA, b|inB
		a7, b7 = a7|lowBits*0x20, b7|lowBits*0x20
		opened := (like(a, a7, '{') + like(b, b7, '{')) * lowBits >> 56
		closed := (like(a, a7, '}') + like(b, b7, '}')) * lowBits >> 56
		if depth <= closed || depth+opened > limit {
			break
		}
		depth += opened - closed
		within, escaped = spread(inB), escapes
	}
	n.depth, n.quoted, n.escaped = int(depth), within != 0, escaped != 0
	return i
}

// unlike tells by the high bit of each byte whether it is not c in ascii,
// which has no high bits, or has its high bit set in w.
func unlike(w, ascii uint64, c byte) uint64 {
	return (ascii ^ lowBits*uint64(c)) + ^highBits | w
}

// like sets the lowest bit of each byte for which unlike says no.
func like(w, ascii uint64, c byte) uint64 {
	return ^unlike(w, ascii, c) & highBits >> 7
}

// spread makes the topmost bit of w the high bit of each byte.
func spread(w uint64) uint64 {
	return uint64(int64(w)>>63) & highBits
}

// skipBytes goes on byte by byte to stop, or further, to the end of a string.
// Like skipBlocks it lets a backslash escape the next byte outside of strings
// too, where JSON has none.
func (n *nesting) skipBytes(p []byte, i, stop, limit int) int {
	for i < stop {
		if n.quoted {
			end := n.stringEnd(p, i)
			if end < 0 {
				return len(p)
			}
			n.quoted = false
			i = end + 1
			continue
		}
		c := p[i]
		i++
		switch {
		case n.escaped:
			n.escaped = false
		case c == '\\':
			n.escaped = true
		case c == '"':
			n.quoted = true
		case c == '{' || c == '[':
			n.depth++
			if n.depth > limit {
				return i
			}
		case c == '}' || c == ']':
			n.depth--
			if n.depth == 0 {
				return i
			}
		}
	}
	return i
}

// stringEnd returns where the quote is that ends the string at hand, which
// began before p[i] or in an earlier piece. It returns -1 if that is not
// in p.
func (n *nesting) stringEnd(p []byte, i int) int {
	if n.escaped {
		n.escaped = false
		i++
	}
	for from := i; ; {
		ahead := bytes.IndexByte(p[i:], '"')
		if ahead < 0 {
			n.escaped = endsInEscape(p[from:])
			return -1
		}
		if i += ahead; !endsInEscape(p[from:i]) {
			return i
		}
		i++
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
