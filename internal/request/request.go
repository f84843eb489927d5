// Package request finds out what a request asks the API to do: the names that
// safe retries, the limiter and error messages go by; and it makes the
// request's body available for more than one attempt.
package request

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Info is what a request says of itself. Empty fields were not found.
type Info struct {
	Action  string   // GetDsaHostList, DescribeDomains...
	Others  []string // actions that the request names beside Action
	Account string   // the SecretId of a request that carries one
	Region  string   // API 3.0's region
	V3      bool     // the request is API 3.0's: it names a version
}

// ReadOnly reports whether every action that the request names is read-only.
func (i Info) ReadOnly(readOnly func(action string) bool) bool {
	return readOnly(i.Action) && !slices.ContainsFunc(i.Others, func(a string) bool { return !readOnly(a) })
}

// Pseudonym stands for an account where none may be seen; "" for none.
func Pseudonym(account string) string {
	if account == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(account))
	return hex.EncodeToString(sum[:8])
}

// Of reads the headers, the query and a form body. It never touches r.Body: a
// form is read from r.GetBody.
func Of(r *http.Request) Info {
	info := Head(r)
	info.addAll(form(r))
	_, region := Host(cmp.Or(r.Host, r.URL.Host))
	info.Region = cmp.Or(info.Region, region)
	return info
}

// Head reads the headers and the query, which is all there is without a body. It
// is quick, for every call asks it.
func Head(r *http.Request) (info Info) {
	if name := header(r.Header, "X-Tc-Action"); name != "" {
		info = Info{
			Action: name, V3: true,
			Account: credential(header(r.Header, "Authorization")), Region: header(r.Header, "X-Tc-Region"),
		}
	}
	info.addAll(r.URL.RawQuery)
	return info
}

func (i *Info) addAll(encoded string) {
	for pair := range strings.SplitSeq(encoded, "&") {
		switch key, value, _ := strings.Cut(pair, "="); key {
		case "Action":
			if value = unescape(value); i.Action == "" {
				i.Action = value
			} else if value != i.Action {
				i.Others = append(i.Others, value)
			}
		case "SecretId":
			i.Account = cmp.Or(i.Account, unescape(value))
		case "Region":
			i.Region = cmp.Or(i.Region, unescape(value))
		case "Version":
			i.V3 = true
		}
	}
}

// parameter returns the first parameter of a name in the query, or in a form.
func parameter(r *http.Request, name string) string {
	for pair := range strings.SplitSeq(r.URL.RawQuery+"&"+form(r), "&") {
		if value, found := strings.CutPrefix(pair, name+"="); found {
			return unescape(value)
		}
	}
	return ""
}

// ClientToken returns API 3.0's ClientToken, which makes a mutation one that is
// executed once: of the query, a form, or the top level of a JSON body of any
// size. The name counts with letter case: the API does not know a clientToken.
func ClientToken(r *http.Request) string {
	if token := parameter(r, "ClientToken"); token != "" || isForm(r) {
		return token
	}
	return look(r, func(body io.Reader) (string, error) {
		return member(json.NewDecoder(body), "ClientToken")
	})
}

// member returns a string member of the object that d begins with, and reads no
// further than to it.
func member(d *json.Decoder, name string) (string, error) {
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return "", err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return "", err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return "", err
		}
		if key == name {
			var text string
			err := json.Unmarshal(value, &text)
			return text, err
		}
	}
	return "", nil
}

// SessionToken returns the token of temporary credentials that a signed request
// carries.
func SessionToken(r *http.Request) string {
	return cmp.Or(header(r.Header, "X-Tc-Token"), parameter(r, "Token"))
}

// Replayable reports whether net/http would repeat r, which has no body, on a
// broken connection, and the API would execute it then: for it carries no Nonce.
// Over HTTP/2 it repeats a POST too, which is left to it where it names no action.
func Replayable(r *http.Request, action string) bool {
	keyed := header(r.Header, "Idempotency-Key") != "" || header(r.Header, "X-Idempotency-Key") != ""
	return (SafeMethod(r.Method) || keyed || action != "") && parameter(r, "Nonce") == ""
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

// credential returns the SecretId of a TC3 Authorization header:
// "TC3-HMAC-SHA256 Credential=AKID.../2019-02-25/cvm/tc3_request, ...".
func credential(authorization string) string {
	_, rest, _ := strings.Cut(authorization, "Credential=")
	id, _, _ := strings.Cut(rest, "/")
	return id
}

// form returns the first MiB of a form, encoded; "" of any other body.
func form(r *http.Request) string {
	if r.GetBody == nil || !isForm(r) {
		return ""
	}
	return look(r, func(body io.Reader) (string, error) {
		data, err := io.ReadAll(io.LimitReader(body, 1<<20))
		return string(data), err
	})
}

func isForm(r *http.Request) bool {
	mediaType, _, _ := mime.ParseMediaType(header(r.Header, "Content-Type"))
	return mediaType == "application/x-www-form-urlencoded"
}

// look returns what f finds in the body that GetBody returns; "" where there is
// none, and where f does not end soon after the context.
func look(r *http.Request, f func(body io.Reader) (string, error)) string {
	if r.GetBody == nil {
		return ""
	}
	found, _ := within(r.Context(), peekTime, func() (string, error) {
		body, err := r.GetBody()
		if err != nil {
			return "", err
		}
		defer body.Close()
		return f(body)
	})
	return found
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
