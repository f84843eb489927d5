package codes

import (
	"bytes"
	"slices"
	"strings"
)

// Effect says what a code of API 3.0 alone proves about the call's execution.
type Effect uint8

// The effects.
const (
	EffectUnknown      Effect = iota // it may have been executed
	EffectNone                       // nothing was executed
	EffectUnlessDelete               // unknown, but nothing of an action that deletes: there was nothing to delete
	EffectPart                       // a part was executed
)

// Rate says whose rate a Throttled code of API 3.0 speaks of.
type Rate uint8

// The rates.
const (
	RateAction   Rate = iota // of the action, in the account and the region
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
	Rule    string // what gave the class: the code itself (an exception), words, or a prefix; empty for ClassUnknown
}

// ClassifyV3 tells what a code of API 3.0 means, whether a list has it or not:
// by an exception, else by the first rule whose words it has, else by its
// prefix. The product is the host's first label ("cvm"), and empty where it is
// not known; few exceptions look at it. It is pure and safe for concurrent use.
func ClassifyV3(code, product string) V3Verdict {
	prefix, text, dotted := strings.Cut(code, ".")
	class, under, rule := classOfPrefix(prefix)
	if under == bare || !dotted && rule != prefix {
		text = code // the words of the prefix are all there are, or belong to the others
	}
	if under == bare && dotted {
		under |= failed // the words below an unknown department are a state, too; a lone name may be any word
	}
	var buf [160]byte
	words := appendWords(buf[:0], text)
	v := V3Verdict{Class: class, Rule: rule}
	if p := v3RuleIndex.match(words, under); p != nil {
		v.Class, v.Rule = v3Rules[p.rule].class, p.text
	}
	doubt := false
	if x, ok := v3Exceptions[code]; ok && (x.product == product || x.product == "" || product == "") {
		v.Class, v.Rule, v.Arrived = x.class, code, x.arrived
		doubt = x.arrived || x.doubt
	}
	v.Effect = effectOf(v.Class, under)
	if v.Effect != EffectUnknown && v.Effect != EffectPart && (doubt || v3DoubtIndex.match(words, under) != nil) {
		v.Effect = EffectUnknown
	}
	if v.Class == ClassThrottled {
		if p := v3RateIndex.match(words, under); p != nil {
			v.Rate = Rate(p.rule)
		}
	}
	return v
}

func classOfPrefix(prefix string) (class Class, under family, rule string) {
	for _, row := range v3Prefixes {
		stem, open := strings.CutSuffix(row.words, "*")
		if prefix == stem || open && strings.HasPrefix(prefix, stem) {
			return row.class, row.under, row.words
		}
	}
	return ClassUnknown, bare, ""
}

// effectOf tells what a class proves. Only what was turned away, and what names
// the request's own fault, is certain not to have been executed.
func effectOf(class Class, under family) Effect {
	switch class {
	case ClassUnknown, ClassInternal, ClassUnavailable, ClassFailed, ClassReplayed:
		return EffectUnknown
	case ClassPartial:
		return EffectPart
	case ClassThrottled, ClassBusy:
		return EffectNone
	}
	switch {
	case under != internal:
		return EffectNone
	case class == ClassNotFound:
		return EffectUnlessDelete
	}
	return EffectUnknown
}

// phrase is one of a rule's phrases: words that follow each other. "^" before
// the first word ties it to the text's beginning, "$" behind the last one to
// its end, an asterisk stands for any words, or none, between, and "!" behind
// the first word for a text whose last word is one of failure.
type phrase struct {
	text                   string // as the rule has it
	rest                   string // what follows the first word, with a space behind it
	gap, start, end, fails bool
	rule                   int
	under                  family
}

// phraseIndex holds the phrases of a table of rules by their first word.
type phraseIndex map[string][]phrase

var (
	v3RuleIndex  = indexOf(v3Rules)
	v3DoubtIndex = indexOf(v3Doubts)
	v3RateIndex  = indexOf(v3Rates)
	failureWords = strings.Fields("failed fail failure faild falied error err errors exception")
)

func indexOf(rules []v3Rule) phraseIndex {
	index := make(phraseIndex)
	for i, rule := range rules {
		for text := range strings.SplitSeq(rule.words, ",") {
			text = strings.TrimSpace(text)
			p := phrase{text: text, rule: i, under: rule.under}
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

// match returns a phrase of the first rule that has one among the words, or nil.
func (x phraseIndex) match(words []byte, under family) *phrase {
	var found *phrase
	for at := 0; at < len(words); {
		end := at + bytes.IndexByte(words[at:], ' ')
		phrases := x[string(words[at:end])]
		for i := range phrases {
			p := &phrases[i]
			sooner := found == nil || p.rule < found.rule
			if sooner && p.under&under != 0 && (!p.start || at == 0) && p.follows(words[end+1:]) {
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
	if p.fails {
		last := bytes.TrimSuffix(tail, []byte{' '})
		return slices.Contains(failureWords, string(last[bytes.LastIndexByte(last, ' ')+1:]))
	}
	return len(tail) >= len(p.rest) && string(tail[:len(p.rest)]) == p.rest && (!p.end || len(tail) == len(p.rest))
}

// appendWords appends the words of a code in lower case, a space behind each:
// "CLSQueryTimeOut30S" is "cls query time out 30s ". What does not fit is left out.
func appendWords(words []byte, code string) []byte {
	before := byte(' ')
	for i := 0; i < len(code) && len(words) < cap(words)-2; i++ {
		c, upper, digit := code[i], isUpper(code[i]), isDigit(code[i])
		starts := upper && (isLower(before) || i+1 < len(code) && isLower(code[i+1])) || digit && isLower(before)
		if !upper && !digit && !isLower(c) {
			c = ' '
		}
		if (starts || c == ' ') && before != ' ' {
			words = append(words, ' ')
		}
		if before = c; upper {
			words = append(words, c+'a'-'A')
		} else if c != ' ' {
			words = append(words, c)
		}
	}
	if before != ' ' {
		words = append(words, ' ')
	}
	return words
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
