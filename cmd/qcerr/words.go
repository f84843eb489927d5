package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// words are the command's texts in one language.
type words struct {
	lang              string
	usage, shortUsage string

	// The errors. What a %s stands for is said by its use.
	wrongFlag, wrongClass, tooMany, noInput, noArgument string
	noFlag, noValue, wrongBool, wrongLang               string
	unknownNumber, unknownName, noCode, didYouMean      string
	compressed                                          string // the coding

	// The labels and sentences of an explanation.
	scopes                             map[string]string
	class, remedy, retried, executed   string
	twins, v3, inGo, said, request     string
	codes                              string
	noCodes                            map[qcloudhttp.Class]string // why a class has none
	noneRetried                        string
	common, module, otherTable         string
	decides, notCounted                string
	titled                             string // what is explained, its scope
	success                            string
	plain                              [2]string                   // meaning and remedy of a response without a failure
	whys                               map[qcloudhttp.Class]string // why a class is retried, or is not
	conditions, executions, retryWords map[string]string
	delays, delaysOnce                 string // first wait, longest; number of retries
	inTurn                             string // the delays that apply without the default limiter
	sep, colon                         string // between sentences; before an explanation

	listHead      []string
	scopeWords    map[string]string // in the list
	executedWords map[string]string // there, too

	demo demoWords
}

// meaning is the entry's meaning, remedyOf its remedy.
func (w *words) meaning(in codes.Info) string {
	meaning, _ := in.In(w.lang)
	return meaning
}

func (w *words) remedyOf(in codes.Info) string {
	_, remedy := in.In(w.lang)
	return remedy
}

// classWords are the meaning and the remedy of failures of a class, for those
// without a code.
func (w *words) classWords(class qcloudhttp.Class) (meaning, remedy string) {
	if class == qcloudhttp.OK {
		return w.plain[0], w.plain[1]
	}
	for c := range codes.ClassOK {
		if name := c.String(); name == class.String() || strings.TrimSuffix(strings.TrimSuffix(name, "State"), "Config") == class.String() {
			return c.Text().In(w.lang)
		}
	}
	return codes.ClassSignatureExpired.Text().In(w.lang) // Stale
}

// why says whether e is retried, under which condition, and why.
func (w *words) why(e entry) string {
	class := e.verdict.Class
	if e.verdict.Executed == qcloudhttp.PartlyExecuted {
		class = qcloudhttp.Partial // whatever class the failed parts have
	}
	text := w.conditions[e.Condition] + w.whys[class]
	if !e.Retryable {
		return text
	}
	d := qcloudhttp.DefaultDelay(class)
	delays := fmt.Sprintf(w.delays, short(d.Initial), short(d.Max))
	if class == qcloudhttp.Throttled {
		delays = fmt.Sprintf(w.inTurn, delays)
	}
	text += w.sep + delays
	if d.MaxRetries < 10 {
		text += fmt.Sprintf(w.delaysOnce, d.MaxRetries)
	}
	return text
}

// short writes a delay as one number with its unit.
func short(d time.Duration) string {
	switch {
	case d >= time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d%time.Second == 0:
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return fmt.Sprintf("%d ms", d/time.Millisecond)
}
