package envelope

import "bytes"

// succeeded reports whether what has come so far is a success. In API 3.0 any
// member of Response but Error and RequestId says so, for the API sends no
// data with an Error. A member that may say otherwise is waited for as soon
// as its name has come.
func (s *scanner) succeeded() bool {
	if s.hasCode {
		return s.code == 0
	}
	pending := s.state >= atColon && s.state <= inNested
	if s.in == inError || pending && (s.member == code || s.member == response) {
		return false
	}
	return s.api.data && len(s.api.code) == 0
}

// mayChange reports whether rest, which follows in the same piece, may turn
// a success into something else: by another member of a name that counts,
// which may be spelled with escapes. It may say yes in vain: then the rest is
// scanned. For data of some hundred bytes a no takes half the time of that.
func (s *scanner) mayChange(rest []byte) bool {
	if contains(rest, `code"`) || bytes.IndexByte(rest, '\\') >= 0 && bytes.Contains(rest, []byte(`\u00`)) {
		return true
	}
	return !s.hasCode && (contains(rest, `Error"`) || contains(rest, `Response"`))
}

// contains is bytes.Contains, and faster where the first byte of name is rare.
func contains(p []byte, name string) bool {
	for {
		i := bytes.IndexByte(p, name[0])
		if i < 0 || len(p)-i < len(name) {
			return false
		}
		if string(p[i:i+len(name)]) == name {
			return true
		}
		p = p[i+1:]
	}
}
