package main

import (
	"strings"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// classCalled finds a class by its name or that of its error: Throttled,
// ErrThrottled.
func classCalled(name string) (qcloudhttp.Class, bool) {
	class, err := classNamed(strings.TrimPrefix(name, "Err"))
	return class, err == nil
}

// newClassEntry explains a class by the first of its codes, and names them all.
func newClassEntry(class qcloudhttp.Class) entry {
	var f qcloudhttp.Failure // no answer at all: what Network is for
	if class == qcloudhttp.Unknown {
		f.Code = -1
	}
	var members []codes.Code
	for _, e := range allEntries() {
		if e.verdict.Class == class {
			members = append(members, e.Code)
		}
	}
	if len(members) > 0 {
		first, _ := codes.Lookup(members[0])
		f = failureOf(first)
	}
	e := newEntry(f)
	e.Info = classInfo(class, codes.Info{Product: scopeClass, Name: class.String()})
	e.Scope = scopeClass
	e.Codes, e.common = members, nil
	return e
}

// members are the lines that name a class's codes, or say why there are none.
func (w *words) members(e entry) []string {
	if len(e.Codes) == 0 {
		return []string{w.noCodes[e.verdict.Class]}
	}
	var lines []string
	for _, code := range e.Codes {
		info, _ := codes.Lookup(code)
		lines = append(lines, w.brief(info))
	}
	return lines
}
