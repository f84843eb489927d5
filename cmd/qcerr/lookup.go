package main

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

var (
	number = regexp.MustCompile(`^[(（]?\s*(-?\s*\d+)\s*[)）]?$`)
	status = regexp.MustCompile(`^(?i:HTTP)(?:/[\d.]+)?["']? *([1-5]\d\d)(?: +[A-Za-z -]+)?$`)
	// codes.DomainNotFiled, errors.Is(err, codes.ClassDomainState), as is printed
	goName   = regexp.MustCompile(`^(?:errors\.Is\(\w+, *)?(?:codes|qcloudhttp)\.(\w+)\)?$`)
	nameLike = regexp.MustCompile(`^[A-Za-z][\w-]*(\.\w+)*$`)
)

// lookUp finds what a number or a name stands for. Any number is found, if only
// as an unknown code.
func lookUp(word string) (entry, bool) {
	word = strings.TrimSpace(word)
	if m := goName.FindStringSubmatch(word); m != nil {
		word = m[1]
	}
	if m := status.FindStringSubmatch(word); m != nil {
		return explainFailure(qcloudhttp.Failure{StatusCode: int(toCode(m[1]))}), true
	}
	m := number.FindStringSubmatch(word)
	if m == nil {
		return lookUpName(word)
	}
	n := toCode(m[1])
	info, known := codes.Lookup(n)
	switch {
	case known:
		return explainCode(info), true
	case n == 0:
		return explainSuccess(), strings.Trim(m[1], "-0 ") == ""
	case http.StatusText(int(n)) != "":
		return explainFailure(qcloudhttp.Failure{StatusCode: int(n)}), true
	}
	return explainFailure(qcloudhttp.Failure{Code: n}), true
}

// toCode reads a number as a message has it, "- 514" too; 0 for no number.
func toCode(digits string) codes.Code {
	n, err := strconv.ParseInt(strings.ReplaceAll(digits, " ", ""), 10, 32)
	if err != nil {
		return 0
	}
	return codes.Code(n)
}

func lookUpName(name string) (entry, bool) {
	for _, e := range allCodes() {
		if strings.EqualFold(e.Name, name) {
			return e, true
		}
	}
	switch {
	case name == "Success":
		return explainSuccess(), true
	case name == "ResourceOpFailed": // v2's codeDesc of 5100
		return lookUpName("OperationFailed")
	case className(name) != "":
		return explainClass(className(name)), true
	}
	if e, ok := explainReason(name); ok || !nameLike.MatchString(name) {
		return e, ok
	}
	e := explainFailure(qcloudhttp.Failure{CodeDesc: name})
	return e, !e.unknown()
}
