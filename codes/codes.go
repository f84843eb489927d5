package codes

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Code is the number of a failure, common or module. Any number is a valid
// Code, known or not; zero is the API's success and is never an error by
// itself. It marshals to JSON as a number.
type Code int

// Error returns number, name and English meaning, such as
// "2002 DomainNotFiled: the domain has no ICP filing", "0 Success", and
// "code 777" for a number that [Lookup] does not know.
func (c Code) Error() string {
	if c == 0 { // in a record that is printed with %+v
		return "0 Success"
	}
	i, ok := position(c)
	if !ok {
		return "code " + strconv.Itoa(int(c))
	}
	return strconv.Itoa(int(c)) + " " + table[i].Name + ": " + table[i].EN
}

// Scope says where in a response a code is found, and with that how far its
// meaning reaches.
type Scope string

const (
	// ScopeCommon codes are the response's "code" and mean the same for
	// every product.
	ScopeCommon Scope = "common"
	// ScopeModule codes stand in brackets at the start of "message" and
	// belong to one product, here DSA and ECDN.
	ScopeModule Scope = "module"
)

// String returns "common" or "module".
func (s Scope) String() string { return string(s) }

// Info is what is known about one code.
type Info struct {
	Code  Code   `json:"code"`
	Scope Scope  `json:"scope"`
	Name  string `json:"name"` // identifier of the constant in this package

	// The meaning is a phrase without a full stop, the remedy one or more
	// sentences that say what to do.
	ZH       string `json:"zh"`
	EN       string `json:"en"`
	RemedyZH string `json:"remedy_zh"`
	RemedyEN string `json:"remedy_en"`

	// Twins are other codes of overlapping meaning, in order. Which one the
	// API answers depends on the version of the part that refused the call, so
	// a program that handles one usually wants to handle its twins alike.
	Twins []Code `json:"twins,omitempty"`

	// V3 lists the counterparts in API 3.0, where there are any. See [FromV3].
	V3 []string `json:"v3,omitempty"`
}

// Lookup returns what is known about c, and false for an unknown number. The
// caller may change what it gets.
func Lookup(c Code) (Info, bool) {
	i, ok := position(c)
	if !ok {
		return Info{}, false
	}
	return table[i].clone(), true
}

// ByName returns the code whose constant has the given identifier, without
// regard to letter case: "DomainNotFiled" and "domainnotfiled" are 2002.
func ByName(name string) (Info, bool) {
	for i := range table {
		if strings.EqualFold(table[i].Name, name) {
			return table[i].clone(), true
		}
	}
	return Info{}, false
}

// All returns every known code in order of the numbers. The slice and all that
// is in it belong to the caller.
func All() []Info {
	all := make([]Info, len(table))
	for i := range table {
		all[i] = table[i].clone()
	}
	return all
}

func (in Info) clone() Info {
	in.Twins = slices.Clone(in.Twins)
	in.V3 = slices.Clone(in.V3)
	return in
}

// row is an entry as the data files write it.
type row struct {
	code Code
	name string
	zh   zh
	en   en
}

type zh struct{ meaning, remedy string }
type en struct{ meaning, remedy string }

// table holds every code in order of the numbers. Nothing writes to it after
// initialization.
var table = buildTable()

func buildTable() []Info {
	var all []Info
	add := func(scope Scope, rows []row) {
		for _, r := range rows {
			all = append(all, Info{
				Code: r.code, Scope: scope, Name: r.name,
				ZH: r.zh.meaning, EN: r.en.meaning,
				RemedyZH: r.zh.remedy, RemedyEN: r.en.remedy,
				Twins: twinsOf(r.code), V3: v3Of(r.code),
			})
		}
	}
	add(ScopeCommon, commonRows)
	add(ScopeModule, serviceRows)
	add(ScopeModule, settingRows)
	slices.SortFunc(all, func(a, b Info) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

func position(c Code) (int, bool) {
	return slices.BinarySearchFunc(table, c, func(in Info, c Code) int { return cmp.Compare(in.Code, c) })
}
