package qcloudtest

import (
	"net/http"
	"net/url"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A client whose path is wrong is told the right one. Without that, a request
// of API 2.0 to the server's URL alone is one of API 3.0 that lacks everything,
// and its answer points elsewhere.

// notFound answers where neither API is.
func notFound() *reply {
	return page(http.StatusNotFound, "API 2.0 is at "+path2+", API 3.0 at /.")
}

// meant2 tells whether a request to API 3.0's path has the form of API 2.0: no
// X-TC-Action, but an Action among its parameters.
func (c *call) meant2() bool {
	if c.Action != "" {
		return false
	}
	if c.http.URL.Query().Has("Action") {
		return true
	}
	form, err := url.ParseQuery(string(c.body))
	return err == nil && form.Has("Action")
}

// wrongPath is API 3.0's answer to it: the one that such a request gets by its
// method, with words that name the path.
func (c *call) wrongPath() *failure {
	f := missing("X-TC-Action")
	if c.Method != http.MethodPost {
		f = failureOf(codes.UnsupportedProtocol)
	}
	f.zh = "此路径为 API 3.0，缺少请求头 X-TC-Action；API 2.0 的路径是 " + path2 + "。"
	f.en = "This path is API 3.0's, and there is no header X-TC-Action; API 2.0 is at " + path2 + "."
	return f
}
