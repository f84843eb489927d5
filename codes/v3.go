package codes

import (
	"bytes"
	"slices"
	"strings"
)

// InfoV3 is what is known about one code of API 3.0.
type InfoV3 struct {
	Code  string // as the vendor writes it
	Class Class
	V2    []Code // the counterparts in API 2.0, the nearest first; nil: there are none
	Text
}

// LookupV3 returns what is known about a code of API 3.0. A code without an
// entry of its own counts as its parent: "RequestLimitExceeded.UinLimitExceeded"
// is "RequestLimitExceeded". The second result is false where no parent has an
// entry either. Codes are compared with regard to letter case. The caller may
// change the result.
func LookupV3(code string) (InfoV3, bool) {
	for ; code != ""; code = code[:max(strings.LastIndexByte(code, '.'), 0)] {
		info := InfoV3{Code: code, Class: ClassifyV3(code, "").Class}
		for _, row := range v3Table {
			if row.name == code && row.en != "" {
				info.Text = info.Class.Text()
				info.ZH, info.EN = row.zh, row.en
				return info, true
			}
		}
		for _, row := range table {
			if slices.Contains(row.V3, code) {
				info.V2 = append(info.V2, row.Code)
			}
		}
		if info.V2 != nil {
			info.Text = info.V2[0].row().Text
			return info, true
		}
	}
	return InfoV3{}, false
}

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
	if x, ok := v3Exceptions[code]; ok && (x.product == product || x.product == "" || product == "") {
		v.Class, v.Rule = x.class, code
	}
	v.Arrived = found[ofArrived] != nil
	if v.Effect = effectOf(v.Class, under); v.Effect != EffectPart && (v.Arrived || found[ofDoubt] != nil) {
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
// to the beginning of a code's words and "$" to their end. "exist*" is any word
// that begins so; "*" between two words stands for any words or none, and "!"
// for an end in a word of failure.
type phrase struct {
	text        string // as the rule has it
	head, rest  []byte // the words before a "*" that stands alone, and those behind it
	start       bool
	table, rule int
	under       family
}

// The tables of rules; each has one answer to a code.
const ofClass, ofDoubt, ofArrived, ofRate = 0, 1, 2, 3

// v3Phrases holds the phrases of all rules by the key of their first word.
var v3Phrases = indexOf(v3Rules, v3Doubts, v3Arrived, v3Rates)

func indexOf(tables ...[]v3Rule) map[string][]*phrase {
	index, marks := make(map[string][]*phrase), strings.NewReplacer("$", " $", " !", " * !")
	for table, rules := range tables {
		for i, rule := range rules {
			for text := range strings.SplitSeq(rule.words, ",") {
				p := &phrase{text: strings.TrimSpace(text), table: table, rule: i, under: rule.under}
				text, p.start = strings.CutPrefix(marks.Replace(p.text)+" ", "^")
				head, rest, _ := strings.Cut(strings.TrimSuffix(text, "* "), "* ")
				p.head, p.rest = []byte(head), []byte(" "+rest)
				key := string(keyOf(p.head))
				index[key] = append(index[key], p)
			}
		}
	}
	return index
}

// keyOf returns the first word, four letters of it at most.
func keyOf(words []byte) []byte {
	key, _, _ := bytes.Cut(words[:min(4, len(words))], []byte{' '})
	return key
}

// match returns, for each table, a phrase of the first rule that has one among
// the words, or nil.
func match(words []byte, under family) (found [4]*phrase) {
	for tail := words; len(tail) > 0; tail = tail[bytes.IndexByte(tail, ' ')+1:] {
		for _, p := range v3Phrases[string(keyOf(tail))] {
			best := &found[p.table]
			if (*best == nil || p.rule < (*best).rule) && p.under&under != 0 && (!p.start || len(tail) == len(words)) &&
				bytes.HasPrefix(tail, p.head) && bytes.Contains(tail[len(p.head)-1:], p.rest) {
				*best = p
			}
		}
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

// runningWords are what messages call a task that runs; a review or a use ends
// by a person's deed. idleWords are what they say where none does.
var (
	runningWords = strings.Split("in progress,is running,another task,another operation,another request,other task,"+
		"other operation,being processed,being executed,is processing,is executing,in operation,mutex,not finished,"+
		"unfinished,进行中,处理中,执行中,操作中,部署中,变更中,创建中,正在进行,正在执行,正在处理,正在操作,正在变更,"+
		"正在部署,正在创建,其他任务,其它任务,其他操作,其它操作,任务冲突,互斥,未执行完,尚未完成", ",")
	idleWords = strings.Split("no task,no running,nothing in progress,not in progress,not being processed,没有正在,"+
		"无正在,不在进行中,未在进行中,不在执行中,不在处理中,不处于,未处于", ",")
)

// RunningTask reports whether a failure's message, in Chinese or English, names
// another task that holds the resource. It may decide only where the code says
// nothing (a bare FailedOperation, ResourceUnavailable or OperationDenied), and
// only to send a read-only call again: a message proves nothing about execution.
func RunningTask(message string) bool {
	message = strings.ToLower(message)
	says := func(word string) bool { return strings.Contains(message, word) }
	return slices.ContainsFunc(runningWords, says) && !slices.ContainsFunc(idleWords, says)
}
