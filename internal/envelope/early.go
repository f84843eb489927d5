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
	return s.apiData && len(s.text[apiCode]) == 0
}

// mayChange reports whether rest, which follows in the same piece, may turn
// a success into something else: by another member of a name that counts,
// which may be spelled with escapes. It may say yes in vain: then the rest is
// scanned. For data of some hundred bytes a no takes half the time of that.
func (s *scanner) mayChange(rest []byte) bool {
	if contains(rest, `code"`, 2) || contains(rest, `\u00`, 0) {
		return true
	}
	return !s.hasCode && (contains(rest, `Error"`, 0) || contains(rest, `Response"`, 0))
}

// contains reports whether name is in p. It looks for the byte name[rare]:
// where that is rare, as it should be, this is faster than bytes.Contains.
func contains(p []byte, name string, rare int) bool {
	last := len(p) - len(name) // where name can begin at most
	for i := 0; i <= last; i++ {
		n := bytes.IndexByte(p[i+rare:last+rare+1], name[rare])
		if n < 0 {
			return false
		}
		if i += n; string(p[i:i+len(name)]) == name {
			return true
		}
	}
	return false
}
