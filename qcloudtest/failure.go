package qcloudtest

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/envelope"
)

// failure is an answer that is not success, in terms of both APIs.
type failure struct {
	code      codes.Code // API 2.0's common code
	module    codes.Code // the code in the message's brackets, or 0
	text      string     // API 3.0's code, where it does not follow from the two
	zh, en    string     // the message, where it is not the code's meaning
	own       *string    // the message that a script wants, in any language
	bracketed bool       // own has the module code in it
	partly    bool       // 5400: some of a batch was executed
	detail    any        // the results of a batch's parts
}

// failureOf is the failure with the given code: a common one, or a module code
// under the common code that goes with it. Numbers that no table knows are
// taken for common codes.
func failureOf(c codes.Code) *failure {
	info, ok := codes.Lookup(c)
	if !ok || info.Product == "" {
		return &failure{code: c}
	}
	switch c {
	case codes.SystemError, codes.CommandFailed, codes.ConfigSystemError:
		return &failure{code: codes.OperationFailed, module: c}
	}
	return &failure{code: codes.InvalidParameter, module: c}
}

// saying gives f a message of a script's own. A module code in its brackets is
// f's, and is not put before it again.
func (f *failure) saying(message string) *failure {
	f.own = &message
	if n, ok := envelope.ParseMessage(message); ok {
		f.module, f.bracketed = codes.Code(n), true
	}
	return f
}

// missing and malformed are 4000 with the message form that has no brackets.
func missing(param string) *failure {
	return &failure{
		code: codes.InvalidParameter, text: "MissingParameter",
		zh: "请求失败，参数[" + param + "]不能为空。",
		en: "The request failed: parameter [" + param + "] must not be empty.",
	}
}

func malformed(param string) *failure {
	return &failure{
		code: codes.InvalidParameter, text: "InvalidParameter",
		zh: "请求失败，参数[" + param + "]格式不正确。",
		en: "The request failed: parameter [" + param + "] is malformed.",
	}
}

// codeDescs are API 2.0's words for the common codes. The vendor's samples show
// those of 0, 4000, 4100, 4400 and 5100; the others are this package's.
var codeDescs = map[codes.Code]string{
	0:                                "Success",
	codes.InvalidParameter:           "InvalidParameter",
	codes.AuthFailure:                "AuthFailure",
	codes.TokenFailure:               "TokenFailure",
	codes.RequestExpired:             "RequestExpired",
	codes.AccessDenied:               "AccessDenied",
	codes.QuotaExceeded:              "RequestLimitExceeded",
	codes.ReplayAttack:               "ReplayAttack",
	codes.UnsupportedProtocol:        "UnsupportedProtocol",
	codes.ResourceNotFound:           "ResourceNotFound",
	codes.OperationFailed:            "ResourceOpFailed",
	codes.PartialSuccess:             "ResourceOpPartialSuccess",
	codes.InternalError:              "InternalError",
	codes.UnsupportedVersion:         "UnsupportedVersion",
	codes.ServiceUnavailable:         "ServiceUnavailable",
	codes.InsufficientBalance:        "InsufficientBalance",
	codes.SecretIDNotFound:           "SecretIdNotFound",
	codes.MFAFailure:                 "MFAFailure",
	codes.UnauthorizedAction:         "UnauthorizedOperation",
	codes.UnauthorizedResource:       "UnauthorizedOperation",
	codes.PurchaseFailed:             "ResourcePurchaseFailed",
	codes.CAMFailure:                 "UnauthorizedOperation",
	codes.UnauthorizedActionResource: "UnauthorizedOperation",
	codes.QualificationNotApproved:   "QualificationNotApproved",
}

// desc is API 2.0's codeDesc.
func (f *failure) desc() string {
	if f.text != "" && f.code == codes.OperationFailed {
		return f.text
	}
	return codeDescs[f.code]
}

// message is the message's text without brackets.
func (f *failure) message(english bool) string {
	if f.own != nil {
		return *f.own
	}
	m := f.meaning()
	if english {
		return m.en
	}
	return m.zh
}

// meaning is what f says by itself: its own words, or those of API 3.0's code,
// of the module code or of the common code.
func (f *failure) meaning() words {
	switch {
	case f.zh != "":
		return words{f.zh, f.en}
	case f.text != "":
		_, w := nearest(f.text)
		return w
	case f.module != 0:
		return wordsOf(f.module)
	}
	return wordsOf(f.code)
}

// envelope2 is API 2.0's answer, in the order of the vendor's samples.
type envelope2 struct {
	Code     codes.Code `json:"code"`
	Message  string     `json:"message"`
	CodeDesc string     `json:"codeDesc"`
	Data     any        `json:"data,omitempty"`
	Detail   any        `json:"detail,omitempty"`
}

// envelope is the failure as API 2.0 puts it, without data and detail. A nil
// failure is success.
func (f *failure) envelope(english bool) envelope2 {
	if f == nil {
		f = &failure{}
	}
	e := envelope2{Code: f.code, CodeDesc: f.desc(), Message: f.message(english)}
	if f.module != 0 && !f.bracketed {
		e.Message = fmt.Sprintf("(%d)%s", f.module, e.Message)
	}
	return e
}

// render makes the answer of a call and notes the verdict in its record. A nil
// failure is success.
func (a *API) render(c *call, data any, f *failure) *reply {
	if f == nil {
		f = &failure{}
	}
	c.Code, c.Module = f.code, f.module
	if c.Version == 3 {
		c.CodeDesc = f.text3()
		return a.render3(c, data, f)
	}
	e := f.envelope(a.cfg.english)
	e.Data, e.Detail = data, f.detail
	c.CodeDesc = e.CodeDesc
	return jsonReply(e)
}

// render3 is the answer of API 3.0. data is nil or a map[string]any.
func (a *API) render3(c *call, data any, f *failure) *reply {
	response := map[string]any{"RequestId": newRequestID()}
	if f.code != 0 {
		response["Error"] = map[string]string{"Code": c.CodeDesc, "Message": f.message(a.english3(c))}
	} else if members, ok := data.(map[string]any); ok {
		for k, v := range members {
			response[k] = v
		}
	}
	return jsonReply(map[string]any{"Response": response})
}

func (a *API) english3(c *call) bool {
	if lang := c.http.Header.Get("X-TC-Language"); lang != "" {
		return strings.HasPrefix(lang, "en")
	}
	return a.cfg.english
}

func jsonReply(v any) *reply {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil { // all of v is made here, of plain types
		return page(http.StatusInternalServerError)
	}
	return &reply{http.StatusOK, "application/json; charset=utf-8", bytes.TrimSuffix(b.Bytes(), []byte("\n"))}
}

// newRequestID has the form of a UUID, as API 3.0's RequestId.
func newRequestID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}
