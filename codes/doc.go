// Package codes is the dictionary of the error codes of Tencent Cloud's DSA
// API (v2): what each number means and what to do about it, in Chinese and
// English.
//
// The API answers HTTP 200 and puts the failure into the body:
//
//	{"code":4000,"message":"(2002)...","codeDesc":"InvalidParameter"}
//
// There are two numbers in it. The common code, 4000, is the same for every
// product of the API. The module code, 2002, stands in brackets in the message
// and tells the cause. Module codes belong to a product: those here are the
// ones of DSA and its successor ECDN, and the same number means something else
// for CDN or CVM. Numbers of the two kinds never coincide here.
//
// A [Code] is an error, so that a program can ask for the cause by name:
//
//	if errors.Is(err, codes.DomainNotFiled) { ... }
//
// [Lookup] gives all there is about a number, [ByName] about an identifier,
// and [All] lists the codes in order. [FromV3] translates the text codes of API
// 3.0, such as "ResourceUnavailable.CdnHostNoIcp". Code 0 is success and has no
// entry.
//
// Numbers and scopes come from the vendor's error-code page (16 common and 65
// module codes) and, for 4101-4106 and 4110, from the vendor's newer list of
// common codes. Meanings and remedies are this library's own wording.
//
// The package knows nothing of HTTP, nor whether a call may be repeated; that
// is the business of the parent package. All functions are safe for concurrent
// use.
package codes
