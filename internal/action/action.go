// Package action finds out what a request asks the API to do, and under whose
// account: the names that pacing, safe retries and error messages go by.
package action

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// Info is what a request says of itself. Empty fields were not found.
type Info struct {
	Action  string // GetDsaHostList, DescribeDomains...
	Account string // the SecretId of a request that carries one
	Token   string // API 3.0's ClientToken, which makes a mutation idempotent
	V3      bool   // API 3.0's: the request names a version
}

// Pseudonym stands for the Account where none may be seen; "" for none.
func (i Info) Pseudonym() string {
	if i.Account == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(i.Account))
	return hex.EncodeToString(sum[:8])
}

// bodyLimit bounds how much of a body is searched.
const bodyLimit = 1 << 20

// Of reads the action from X-TC-Action, the query or the form body, in this
// order. It never touches r.Body: a form is read from r.GetBody.
func Of(r *http.Request) Info {
	info := fromValues(r.URL.RawQuery)
	if name := header(r.Header, "X-Tc-Action"); name != "" {
		info.Action, info.V3 = name, true
		info.Account = credential(header(r.Header, "Authorization"))
	}
	if info.Action != "" && info.Token != "" || r.GetBody == nil {
		return info
	}
	switch mediaType(r) {
	case "application/x-www-form-urlencoded":
		form := fromValues(string(peekBody(r)))
		info.Action = cmp.Or(info.Action, form.Action)
		info.Account = cmp.Or(info.Account, form.Account)
		info.Token = cmp.Or(info.Token, form.Token)
		info.V3 = info.V3 || form.V3
	case "application/json":
		if info.Action != "" {
			info.Token = cmp.Or(info.Token, clientToken(peekBody(r)))
		}
	}
	return info
}

// Name returns the action as far as query and header tell, which is all there
// is without a body. It is quick, for every GET asks it.
func Name(r *http.Request) string {
	for query := r.URL.RawQuery; query != ""; {
		if rest, found := strings.CutPrefix(query, "Action="); found {
			return firstValue(rest)
		}
		_, query, _ = strings.Cut(query, "&")
	}
	if len(r.Header) == 0 {
		return ""
	}
	return header(r.Header, "X-Tc-Action")
}

// header returns the value of a header, whose canonical name is given, also
// where a client spelled it otherwise: older versions of the vendor's SDK put
// X-TC-Action into the map as it is.
func header(h http.Header, name string) string {
	if values := h[name]; len(values) > 0 && values[0] != "" {
		return values[0]
	}
	for key, values := range h {
		if len(key) == len(name) && len(values) > 0 && strings.EqualFold(key, name) {
			return values[0]
		}
	}
	return ""
}

func fromValues(encoded string) (info Info) {
	for encoded != "" {
		var pair string
		pair, encoded, _ = strings.Cut(encoded, "&")
		key, value, _ := strings.Cut(pair, "=")
		switch key {
		case "Action":
			info.Action = cmp.Or(info.Action, unescape(value))
		case "SecretId":
			info.Account = cmp.Or(info.Account, unescape(value))
		case "Version":
			info.V3 = true
		case "ClientToken":
			info.Token = cmp.Or(info.Token, unescape(value))
		}
	}
	return info
}

// credential returns the SecretId of a TC3 Authorization header:
// "TC3-HMAC-SHA256 Credential=AKID.../2019-02-25/cvm/tc3_request, ...".
func credential(authorization string) string {
	_, rest, found := strings.Cut(authorization, "Credential=")
	if !found {
		return ""
	}
	id, _, _ := strings.Cut(rest, "/")
	return id
}

// clientToken returns the top-level ClientToken of a JSON body. Its name counts
// with letter case: the API does not know a clientToken.
func clientToken(body []byte) string {
	var params map[string]json.RawMessage
	if json.Unmarshal(body, &params) != nil {
		return ""
	}
	var token string
	if json.Unmarshal(params["ClientToken"], &token) != nil {
		return ""
	}
	return token
}

func peekBody(r *http.Request) []byte {
	body, err := r.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close()
	var buf bytes.Buffer
	buf.ReadFrom(io.LimitReader(body, bodyLimit))
	return buf.Bytes()
}

func mediaType(r *http.Request) string {
	mt, _, _ := mime.ParseMediaType(header(r.Header, "Content-Type"))
	return mt
}

func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s
	}
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// firstValue is the value that a query begins with, unescaped, in one pass: it
// is asked for on every call.
func firstValue(query string) string {
	for i := range len(query) {
		switch query[i] {
		case '&':
			return query[:i]
		case '%', '+':
			value, _, _ := strings.Cut(query, "&")
			return unescape(value)
		}
	}
	return query
}
