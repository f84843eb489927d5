package envelope

const byteOrderMark = "\xEF\xBB\xBF"

// readStart reads a byte before the object.
func (s *scanner) readStart(c byte) {
	switch {
	case s.bom < len(byteOrderMark) && c == byteOrderMark[s.bom]:
		s.bom++
	case s.bom > 0 && s.bom < len(byteOrderMark):
		s.state = malformed
	case isSpace(c):
		s.bom = len(byteOrderMark)
	case c == '{':
		s.state = atNameOrEnd
	default:
		s.state = malformed
	}
}
