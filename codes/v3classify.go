package codes

import (
	"bytes"
	"strings"
)

// Effect says what a code of API 3.0 alone proves about the call's execution.
// The zero value proves nothing.
type Effect uint8

// The effects.
const (
	EffectUnknown      Effect = iota // it may have been executed
	EffectNone                       // nothing was executed
	EffectUnlessDelete               // unknown, but nothing of an action that deletes: there was nothing to delete
	EffectPart                       // a part was executed
)

// Rate says whose rate a Throttled code of API 3.0 speaks of. The zero value
// is the rate of the action, in the account and the region.
type Rate uint8

// The rates.
const (
	RateAction   Rate = iota // of the action, account and region
	RateRegion               // of the account in the region, all actions
	RateAccount              // of the account, all regions
	RateAddress              // of the caller's IP address
	RateResource             // of one domain, device or telephone number: other calls may pass
)

// V3Verdict is what a code of API 3.0 means.
type V3Verdict struct {
	Class   Class
	Effect  Effect
	Arrived bool   // it answers a repeated request and proves that the first one arrived
	Rate    Rate   // where Class is ClassThrottled
	Basis   Basis  // what gave the class
	Words   string // the exception's code, the rule's words or the prefix that gave it
}

// Basis is what gave a code of API 3.0 its class.
type Basis uint8

// The bases.
const (
	BasisNone      Basis = iota // nothing: the class is ClassUnknown
	BasisPrefix                 // what stands before the first dot
	BasisWords                  // a rule over the words behind it
	BasisException              // a row of the exceptions
)

// ClassifyV3 tells what a code of API 3.0 means, whether a list has it or not:
// by an exception, else by the first rule whose words it has, else by its
// prefix. The product is the host's first label ("cvm"), and empty where it is
// not known; few exceptions look at it. It is pure and safe for concurrent use.
func ClassifyV3(code, product string) V3Verdict {
	prefix, sub, _ := strings.Cut(code, ".")
	from := prefixOf(prefix)
	v := V3Verdict{Class: from.class, Words: from.text}
	if from.text != "" {
		v.Basis = BasisPrefix
	}
	text := sub
	if from.family == bare || sub == "" && from.text != prefix {
		text = code // the words before the dot are all there are, or belong to the others
	}
	var buf [160]byte
	words := appendWords(buf[:0], text)
	if p := matchRule(words, from.family); p != nil {
		v.Class, v.Basis, v.Words = v3Rules[p.rule].class, BasisWords, p.text
	}
	doubt := !from.keeps && hasAny(words, doubtful)
	if x, ok := v3Exceptions[code]; ok && (x.product == "" || product == "" || x.product == product) {
		v.Class, v.Basis, v.Words, v.Arrived = x.class, BasisException, code, x.arrived
		doubt = doubt || x.arrived || x.doubt
	}
	v.Effect = effectOf(v.Class, from.family, doubt)
	if v.Class == ClassThrottled {
		v.Rate = rateOf(words)
	}
	return v
}

func prefixOf(prefix string) v3Prefix {
	for _, p := range v3Prefixes {
		if stem, open := strings.CutSuffix(p.text, "*"); prefix == stem || open && strings.HasPrefix(prefix, stem) {
			return p
		}
	}
	return v3Prefix{family: bare}
}

// doubtful are words of codes that are spoken after the work, or while it is done.
var doubtful = []string{"timeout", "time out", "timed out", "timedout", "partial", "partly", "submitted", "created",
	"duplicate", "duplicated", "result", "response", "success", "succ"}

// effectOf tells what a class and its words prove. Only what was turned away,
// and what names the request's own fault, is certain not to have been executed.
func effectOf(class Class, under family, doubt bool) Effect {
	switch class {
	case ClassUnknown, ClassInternal, ClassUnavailable, ClassFailed, ClassReplayed:
		return EffectUnknown
	case ClassPartial:
		return EffectPart
	}
	switch {
	case doubt:
		return EffectUnknown
	case under != internal || class == ClassThrottled || class == ClassBusy:
		return EffectNone
	case class == ClassNotFound:
		return EffectUnlessDelete
	}
	return EffectUnknown
}

// rateOf tells whose rate the words of a Throttled code speak of.
func rateOf(words []byte) Rate {
	switch {
	case hasAny(words, []string{"global region uin"}):
		return RateAccount
	case hasAny(words, []string{"uin limit"}):
		return RateRegion
	case hasAny(words, []string{"iplimit", "ip limit"}):
		return RateAddress
	case hasAny(words, []string{"host op", "domain op", "device op", "product op", "rule op", "topic op",
		"phone number", "caller", "send sms", "delivery frequency", "verify code", "exceeded 30s"}):
		return RateResource
	}
	return RateAction
}

// hasAny reports whether one of the texts, of whole words, is among the words.
func hasAny(words []byte, texts []string) bool {
	for _, text := range texts {
		for rest := words; ; {
			at := bytes.Index(rest, []byte(text))
			if at < 0 {
				break
			}
			if end := at + len(text); rest[end] == ' ' && (at == 0 || rest[at-1] == ' ') {
				return true
			}
			rest = rest[at+1:]
		}
	}
	return false
}

// phrase is one of a rule's phrases: words that follow each other. "^" before
// the first word ties it to the text's beginning, "$" behind the last one to
// its end, an asterisk stands for any words, or none, between, and "!" behind
// the first word for a text whose last word is one of failure.
type phrase struct {
	text       string // as the rule has it
	rest       string // what follows the first word, with a space behind it
	gap        bool
	start, end bool
	fails      bool
	rule       int
}

// v3Phrases holds the phrases of all rules by their first word, in the rules' order.
var v3Phrases = indexPhrases()

func indexPhrases() map[string][]phrase {
	index := make(map[string][]phrase)
	for i, rule := range v3Rules {
		for text := range strings.SplitSeq(rule.words, ",") {
			text = strings.TrimSpace(text)
			p := phrase{rule: i, text: text}
			text, p.start = strings.CutPrefix(text, "^")
			text, p.end = strings.CutSuffix(text, "$")
			text, p.fails = strings.CutSuffix(text, " !")
			first, rest, _ := strings.Cut(text+" ", " ")
			p.rest, p.gap = strings.CutPrefix(rest, "* ")
			index[first] = append(index[first], p)
		}
	}
	return index
}

// matchRule returns a phrase of the first rule that has one among the words, or nil.
func matchRule(words []byte, under family) *phrase {
	var found *phrase
	fails := endsInFailure(words)
	for at := 0; at < len(words); {
		end := at + bytes.IndexByte(words[at:], ' ')
		phrases := v3Phrases[string(words[at:end])]
		for i := range phrases {
			p := &phrases[i]
			if (found == nil || p.rule < found.rule) && v3Rules[p.rule].under&under != 0 &&
				(!p.start || at == 0) && (!p.fails || fails) && p.follows(words[end+1:]) {
				found = p
			}
		}
		at = end + 1
	}
	return found
}

// follows reports whether tail, the words behind the phrase's first one, goes on as the phrase does.
func (p *phrase) follows(tail []byte) bool {
	if p.gap {
		at := bytes.Index(tail, []byte(p.rest))
		if at < 0 || at > 0 && tail[at-1] != ' ' {
			return false
		}
		tail = tail[at:]
	}
	return len(tail) >= len(p.rest) && string(tail[:len(p.rest)]) == p.rest && (!p.end || len(tail) == len(p.rest))
}

func endsInFailure(words []byte) bool {
	last := bytes.TrimSuffix(words, []byte{' '})
	switch string(last[bytes.LastIndexByte(last, ' ')+1:]) {
	case "failed", "fail", "failure", "faild", "falied", "error", "err", "errors", "exception":
		return true
	}
	return false
}

// appendWords appends the words of a code in lower case, a space behind each:
// "CLSQueryTimeOut30S" is "cls query time out 30s ". What does not fit is left out.
func appendWords(words []byte, code string) []byte {
	for i := 0; i < len(code) && len(words) < cap(words)-2; i++ {
		c := code[i]
		letter := isLower(c) || isUpper(c) || isDigit(c) || c >= 0x80
		if n := len(words); n > 0 && words[n-1] != ' ' && (!letter || wordStarts(code, i)) {
			words = append(words, ' ')
		}
		if isUpper(c) {
			c += 'a' - 'A'
		}
		if letter {
			words = append(words, c)
		}
	}
	if n := len(words); n > 0 && words[n-1] != ' ' {
		words = append(words, ' ')
	}
	return words
}

// wordStarts reports whether a new word begins at i: in fooBar, in DBError, in foo30.
func wordStarts(code string, i int) bool {
	switch c, before := code[i], code[i-1]; {
	case isUpper(c):
		return isLower(before) || i+1 < len(code) && isLower(code[i+1])
	case isDigit(c):
		return isLower(before)
	}
	return false
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
