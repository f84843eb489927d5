package main

import (
	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// The scopes of what is not a code of API v2.
const (
	scopeV3    = "v3"
	scopeHTTP  = "http"
	scopeClass = "class"
)

// scopeOf is the scope of an entry: that of a code of API v2 by its product, else
// the one that stands in the product's place.
func scopeOf(info codes.Info) string {
	switch info.Product {
	case "":
		return "common"
	case "dsa":
		return "module"
	}
	return info.Product
}

// v3Info explains a code of API 3.0 that has no counterpart in v2: by itself,
// else by its prefix.
func v3Info(text string, class qcloudhttp.Class) codes.Info {
	shown := printable(text)
	info := classInfo(class, codes.Info{Product: scopeV3, Name: shown, V3: []string{shown}})
	if v3, ok := codes.LookupV3(text); ok {
		info.ZH, info.EN = v3.ZH, v3.EN
	}
	return info
}
