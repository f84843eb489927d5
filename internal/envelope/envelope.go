// Package envelope finds out whether the body of an HTTP response is an
// answer of the API and what it says, without taking the body away from
// the caller.
//
// Two forms are known. API v2:
//
//	{"code":4000,"message":"(2000)no such domain","codeDesc":"InvalidParameter"}
//
// An object is a v2 envelope when it has a top-level member named exactly
// "code" (an escaped spelling of the name counts) whose value is an integer,
// or a string of an optional minus and digits. 4000.0, 4e3, "+1", " 1",
// null and what does not fit an int are not integers. A string may have
// leading zeros, a JSON number may not.
//
// API 3.0:
//
//	{"Response":{"Error":{"Code":"AuthFailure","Message":"..."},"RequestId":"..."}}
//
// An object whose top-level "Response" is an object is a 3.0 envelope. It is
// a failure when Response has an "Error" that is an object with a non-empty
// string "Code". Any other Error (null, a string, an object without a Code)
// does not count. Where an object has both forms, v2's code wins.
//
// In both, the last of several members of one name wins, as encoding/json
// has it.
package envelope

// DefaultWindow is how many bytes of a body Peek reads at most when it is
// given no window: 1 MiB.
const DefaultWindow = 1 << 20

// Envelope is what the API said about a call.
type Envelope struct {
	Found bool // false: the body is not an envelope, and all else is zero
	V3    bool // the form is API 3.0's

	Code     int    // v2's top-level code; 0 in API 3.0
	CodeDesc string // v2's codeDesc, API 3.0's Error.Code

	Message   string // as sent, bracket and all
	Module    int    // the number in the bracket at the front of a v2 message
	HasModule bool   // Message begins with such a bracket
	Text      string // Message without that bracket

	RequestID string // v2's requestId, also where it is a number; 3.0's RequestId
}

// Failed reports whether e is an envelope that tells of a failure.
func (e Envelope) Failed() bool {
	return e.Found && (e.Code != 0 || e.V3 && e.CodeDesc != "")
}

// Parse reads a whole body. It returns false when body is not an envelope,
// or breaks off before the envelope's end. What follows the envelope does
// not matter.
func Parse(body []byte) (Envelope, bool) {
	var s scanner
	s.feed(body)
	if s.state != ended {
		return Envelope{}, false
	}
	e := s.envelope()
	return e, e.Found
}
