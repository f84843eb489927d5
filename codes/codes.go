// Package codes is the dictionary of the error codes of Tencent Cloud's DSA
// API (v2) and of API 3.0: what each means and what to do about it, in Chinese
// and English.
//
// The API answers HTTP 200 and puts the failure into the body:
//
//	{"code":4000,"message":"(2002)...","codeDesc":"InvalidParameter"}
//
// The common code, 4000, is the same for every product of the API. The module
// code, 2002, stands in brackets in the message and tells the cause. The module
// codes here are those of DSA and its successor ECDN; the same number means
// something else for CDN or CVM. Numbers of the two kinds never coincide here.
// Code 0 is success and has no entry.
//
// A [Code] is an error, and so is a [Class], the group of codes about which the
// same can be done:
//
//	if errors.Is(err, codes.DomainNotFiled) { ... }
//	if errors.Is(err, codes.ClassThrottled) { ... }
//
// The numbers come from the vendor's error-code page (16 common and 65 module
// codes) and, for 4101-4106 and 4110, from the vendor's newer list of common
// codes. Meanings and remedies are this library's own wording. All functions
// are safe for concurrent use.
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
	if row := c.row(); row != nil {
		return strconv.Itoa(int(c)) + " " + row.Name + ": " + row.EN
	}
	return "code " + strconv.Itoa(int(c))
}

// Gateway reports whether the API's gateway answers c before a product's module
// runs: nothing was executed, and a module code beside it says nothing. Which
// codes never reach a module is a judgement from the page's texts.
func (c Code) Gateway() bool {
	row := c.row()
	return row != nil && row.gateway
}

// Info is what is known about one code.
type Info struct {
	Code Code   `json:"code"`
	Name string `json:"name"` // of the constant in this package

	// Product is "dsa" for the module codes of DSA and ECDN, and empty for a
	// common code, which means the same for every product.
	Product string `json:"-"`
	gateway bool   // see Code.Gateway
	Class   Class  `json:"class"`

	// V3 lists the counterparts in API 3.0. The vendor publishes no such
	// mapping: some pairs have near-identical texts in both of the vendor's
	// lists, the others are judgements.
	V3 []string `json:"v3,omitempty"`

	// Twins are other codes of overlapping meaning, in order. Which one the API
	// answers depends on the version of the part that refused the call, so a
	// program that handles one usually wants to handle its twins alike. The page
	// does not name them: they are read from its texts, and from API 3.0 giving
	// two numbers one code.
	Twins []Code `json:"twins,omitempty"`

	Text
}

// Text says in Chinese and in English what a failure means, as a phrase
// without a full stop, and what to do about it, as one or more sentences.
type Text struct {
	ZH       string `json:"zh"`
	RemedyZH string `json:"remedy_zh"`
	EN       string `json:"en"`
	RemedyEN string `json:"remedy_en"`
}

// In returns the meaning and the remedy in Chinese for a language such as "zh"
// or "zh_CN.UTF-8", and in English for every other one.
func (t Text) In(lang string) (meaning, remedy string) {
	end := strings.IndexAny(lang+".", "-_.@")
	if strings.EqualFold(lang[:end], "zh") {
		return t.ZH, t.RemedyZH
	}
	return t.EN, t.RemedyEN
}

// Lookup returns what is known about c, and false for an unknown number. The
// caller may change the result.
func Lookup(c Code) (Info, bool) {
	row := c.row()
	if row == nil {
		return Info{}, false
	}
	info := *row
	info.V3, info.Twins = slices.Clone(info.V3), slices.Clone(info.Twins)
	return info, true
}

// All returns every known code in order of the numbers. The caller may change
// the result.
func All() []Info {
	all := make([]Info, len(table))
	for i, row := range table {
		all[i], _ = Lookup(row.Code)
	}
	slices.SortFunc(all, func(a, b Info) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

func (c Code) row() *Info {
	for i := range table {
		if table[i].Code == c {
			return &table[i]
		}
	}
	return nil
}
