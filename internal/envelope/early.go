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
	if overruled(rest) {
		return true
	}
	return !s.hasCode && (contains(rest, `Error"`, 0) || contains(rest, `Response"`, 0))
}

// contains reports whether name is in p. It looks for the byte name[rare]:
// where that is rare, as it should be, this is faster than bytes.Contains.
func contains(p []byte, name string, rare int) bool {
	if len(p) < len(name) {
		return false
	}
	places := p[rare : len(p)-len(name)+rare+1] // where the rare byte of a name can be
	for at := 0; ; at++ {
		n := bytes.IndexByte(places[at:], name[rare])
		if n < 0 {
			return false
		}
		at += n
		if end := at + len(name); p[end-1] == name[len(name)-1] && string(p[at:end]) == name {
			return true
		}
	}
}
