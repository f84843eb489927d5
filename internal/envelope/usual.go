package envelope

import "bytes"

// How nearly all of the API's successes begin, and how some end.
const (
	documentedStart = `{"code":0,"message":"","codeDesc":"Success",`
	usualStart      = `{"code":0,`
	usualEnd        = `"code":0}`
)

// usualSuccess recognises most successes by how the first piece of the body
// begins or ends, in a fraction of the time that the scanner takes. What it
// says no to is scanned. Where it says yes to what encoding/json accepts, the
// two agree, but for one case: after the documented start a second code counts
// only if it is spelled plainly, for in data escapes are so frequent that looking
// at each takes longer than all else.
//
// What is not JSON, and yet ends as a success does, may pass for one, as any
// does whose code comes first; the caller's decoder will say so. Whole says that
// p is the body to its end: then its last code is the top one's, and less has to
// be looked at.
func usualSuccess(p []byte, whole bool) bool {
	if n := len(documentedStart); len(p) >= n && string(p[:n]) == documentedStart {
		return !namesCode(p[n:])
	}
	if n := len(usualStart); len(p) >= n && string(p[:n]) == usualStart {
		return !overruled(p[n:])
	}
	for len(p) > 0 && isSpace(p[len(p)-1]) {
		p = p[:len(p)-1]
	}
	n := len(p) - len(usualEnd)
	if n <= 0 || string(p[n:]) != usualEnd || p[0] != '{' {
		return false
	}
	return whole && !namesCode(p[:n]) && !contains(p, `Response"`, 0) && balanced(p) || level(p[1:n])
}

// overruled reports whether rest, which follows a code in the same piece, may
// have another one, perhaps with escapes in its name. It may say yes in vain.
func overruled(rest []byte) bool {
	return namesCode(rest) || contains(rest, `\u00`, 0)
}

// namesCode reports whether a name, or a text, in rest ends in "code".
func namesCode(rest []byte) bool { return contains(rest, `code"`, 2) }

// balanced reports whether there are as many closing brackets as opening ones.
// In a whole JSON text there are, but for stray ones in its strings; in one that
// the API broke off there mostly are not.
func balanced(object []byte) bool {
	return count(object, '{') == count(object, '}') && count(object, '[') == count(object, ']')
}

func count(p []byte, c byte) int { return bytes.Count(p, []byte{c}) }

// level reports whether members, which follow the bracket that opens an
// object, leave off in that object: in none nested in it and in no string, and
// without having ended it.
func level(members []byte) bool {
	n := nesting{depth: 1}
	return n.skip(members, 0, maxDepth) == len(members) && n.depth == 1 && !n.quoted && !n.escaped
}
