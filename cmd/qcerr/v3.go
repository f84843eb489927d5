package main

import (
	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	texts "github.com/qcloudhttp/qcloudhttp/internal/words"
)

// The scopes of what is not a code of API v2.
const (
	scopeV3    codes.Scope = "v3"
	scopeHTTP  codes.Scope = "http"
	scopeClass codes.Scope = "class"
)

// v3Info explains a code of API 3.0 that has no counterpart in v2: by itself,
// else by its prefix.
func v3Info(text string, class qcloudhttp.Class) codes.Info {
	shown := printable(text)
	info := classInfo(class, codes.Info{Scope: scopeV3, Name: shown, V3: []string{shown}})
	if zh := texts.For("zh").V3(text); zh != "" {
		info.ZH, info.EN = zh, texts.For("en").V3(text)
	}
	return info
}
