package codes

import (
	"bytes"
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
	var buf [164]byte
	found := match(appendWords(buf[:0], text), under)
	v := V3Verdict{Class: class, Rule: rule}
	if p := found[ofClass]; p != nil {
		v.Class, v.Rule = v3Rules[p.rule].class, p.text
	}
	doubt := found[ofDoubt] != nil
	if x, ok := v3Exceptions[code]; ok && (x.product == product || x.product == "" || product == "") {
		v.Class, v.Rule, v.Arrived = x.class, code, x.arrived
		doubt = doubt || x.arrived || x.doubt
	}
	if v.Effect = effectOf(v.Class, under); doubt && v.Effect != EffectPart {
		v.Effect = EffectUnknown
	}
	if p := found[ofRate]; p != nil && v.Class == ClassThrottled {
		v.Rate = Rate(p.rule)
	}
	return v
}

func classOfPrefix(prefix string) (class Class, under family, rule string) {
	for _, row := range v3Table {
		stem, open := strings.CutSuffix(row.name, "*")
		if prefix == stem || open && strings.HasPrefix(prefix, stem) {
			return row.class, row.under, row.name
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
	}
	switch {
	case class == ClassThrottled, class == ClassBusy, under != internal:
		return EffectNone
	case class == ClassNotFound:
		return EffectUnlessDelete
	}
	return EffectUnknown
}

// phrase is one of a rule's phrases: words that follow each other. "^" ties it
// to the beginning of a code's words and "$" to their end, "*" behind its first
// word stands for any words or none, and "!" for an end in a word of failure.
type phrase struct {
	text        string // as the rule has it
	rest        []byte // what follows the first word, between spaces
	start, gap  bool
	table, rule int
	under       family
}

// The tables of rules; each has one answer to a code.
const ofClass, ofDoubt, ofRate = 0, 1, 2

// v3Phrases holds the phrases of all rules by their first word.
var v3Phrases = indexOf(v3Rules, v3Doubts, v3Rates)

func indexOf(tables ...[]v3Rule) map[string][]*phrase {
	index, marks := make(map[string][]*phrase), strings.NewReplacer("$", " $", " !", " * !")
	for table, rules := range tables {
		for i, rule := range rules {
			for text := range strings.SplitSeq(rule.words, ",") {
				p := &phrase{text: strings.TrimSpace(text), table: table, rule: i, under: rule.under}
				text, p.start = strings.CutPrefix(marks.Replace(p.text), "^")
				first, rest, _ := strings.Cut(text+" ", " ")
				rest, p.gap = strings.CutPrefix(" "+rest, " *")
				p.rest = []byte(rest)
				index[first] = append(index[first], p)
			}
		}
	}
	return index
}

// match returns, for each table, a phrase of the first rule that has one among
// the words, or nil.
func match(words []byte, under family) (found [3]*phrase) {
	for at := 0; at < len(words); {
		end := at + bytes.IndexByte(words[at:], ' ')
		for _, p := range v3Phrases[string(words[at:end])] {
			best, tail := &found[p.table], words[end:]
			if (*best == nil || p.rule < (*best).rule) && p.under&under != 0 && (!p.start || at == 0) &&
				(bytes.HasPrefix(tail, p.rest) || p.gap && bytes.Contains(tail, p.rest)) {
				*best = p
			}
		}
		at = end + 1
	}
	return found
}

// appendWords appends the words of a code in lower case, then "$", and "!" where
// the last word is one of failure, a space behind each: "CLSQueryTimeOut30S" is
// "cls query time out 30s $ ". What does not fit into words is left out.
func appendWords(words []byte, code string) []byte {
	before := byte(' ')
	for i := 0; i < len(code) && len(words) < cap(words)-6; i++ {
		c, upper, digit := code[i], isUpper(code[i]), isDigit(code[i])
		starts := upper && (isLower(before) || i+1 < len(code) && isLower(code[i+1])) || digit && isLower(before)
		if !upper && !digit && !isLower(c) {
			c = ' '
		}
		if (starts || c == ' ') && before != ' ' {
			words = append(words, ' ')
		}
		if before = c; c != ' ' {
			words = append(words, c|' ') // in lower case
		}
	}
	words = bytes.TrimSuffix(words, []byte{' '})
	switch string(words[bytes.LastIndexByte(words, ' ')+1:]) {
	case "failed", "fail", "failure", "faild", "falied", "error", "err", "errors", "exception":
		return append(words, " $ ! "...)
	}
	return append(words, " $ "...)
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
