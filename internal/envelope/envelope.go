// Package envelope finds the API's answer in the body of an HTTP response
// without taking the body away from the caller.
//
// API 2.0 answers
//
//	{"code":4000,"message":"(2000)no such domain","codeDesc":"InvalidParameter"}
//
// and API 3.0
//
//	{"Response":{"Error":{"Code":"AuthFailure","Message":"..."},"RequestId":"..."}}
//
// The first top-level member that is named code, or is an object named Response,
// decides. Names are case-sensitive and may be spelled with escapes. A code is
// an integer or a string of one (4400, "4400", 4400.0, 4.4e3, " 4400 "), and a
// failure if it is not 0. In Response the first Error decides, a failure if it
// has a non-empty Code, or else the first member other than RequestId, which is
// a success: the API sends no data before an Error. Whether a code that is not 0
// is this API's at all is for the caller to judge.
package envelope

import (
	"regexp"
	"strconv"
)

// Envelope is what the API said about a call, as far as it has been read.
type Envelope struct {
	V3 bool // the form is API 3.0's

	Code     int    // API 2.0's code; 0 in API 3.0
	CodeDesc string // API 2.0's codeDesc, API 3.0's Error.Code

	Message string // as sent, with its bracket
	Module  int    // the number in the bracket at the front of an API 2.0 message; 0 without one

	RequestID string // requestId or RequestId, also where it is a number

	HasCodeDesc bool // a codeDesc stands beside the code, whatever its value
	HasMessage  bool // a message stands beside the code, whatever its value
	Alone       bool // the code is the only member of its object
}

var bracket = regexp.MustCompile(`^[\s\pZ]*[(（][\s\pZ]*(-?)[\s\pZ]*([0-9]+)[\s\pZ]*[)）]`)

// ParseMessage returns the module's code in an API 2.0 message: 2000 of
// "(2000)no such domain". The bracket stands at the front, may be full-width, and
// holds a decimal number of at most 32 bits, with spaces allowed around it and
// after a minus: "(- 514) text" is -514.
func ParseMessage(msg string) (module int, ok bool) {
	m := bracket.FindStringSubmatch(msg)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(m[1]+m[2], 10, 32)
	if err != nil {
		return 0, false
	}
	return int(n), true
}
