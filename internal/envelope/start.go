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

// usualStart is how nearly all of the API's answers begin.
const usualStart = `{"code":0,`

// readUsualStart reads usualStart in one go, if a body begins with it, and
// returns how many bytes it has read.
func (s *scanner) readUsualStart(p []byte) int {
	n := len(usualStart)
	if s.state != atStart || s.bom != 0 || len(p) < n || string(p[:n]) != usualStart {
		return 0
	}
	s.state, s.member, s.hasCode = atName, code, true
	return n
}
