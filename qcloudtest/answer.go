package qcloudtest

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/internal/envelope"
)

// Code answers with c, a common code or a module code, which goes into the
// message's brackets; API 3.0 gets the counterpart. The message is the one given,
// else the code's meaning, in Chinese unless [WithEnglish] is set. The gateway's
// checks do not take place. A code that is not the gateway's says that the module
// was at work, so it spends the request's Nonce.
//
// With a message it scripts what package codes does not know. A module code in
// brackets may stand at its beginning, and an unknown number is a common code:
//
//	Code(4000, "(12003)该负载均衡在执行其他操作")
func Code(c codes.Code, message ...string) Step { return fails(*failureOf(c), message) }

// CodeText answers with a code of API 3.0 by its text, such as
// "FailedOperation.EcdnConfigError", and with the message given, else the text's
// meaning. API 2.0 gets it as the codeDesc of the nearest code, or of 5100.
func CodeText(text string, message ...string) Step { return fails(*failureOfText(text), message) }

// fails answers in the module's place, or the gateway's if the code is its own.
func fails(f failure, message []string) Step {
	if len(message) > 0 {
		f.zh, f.en = message[0], message[0]
	}
	if n, ok := envelope.ParseMessage(f.zh); ok {
		f.module = codes.Code(n)
	}
	return Step{do: func(c *call) {
		if !f.code.Gateway() {
			c.api.mu.Lock()
			c.spendNonce()
			c.api.mu.Unlock()
		}
		c.answer(nil, &f)
	}}
}

// Data answers with success, and the call counts as executed. In API 2.0 v is
// the member data; in API 3.0 it must become a JSON object, whose members are
// Response's. Nil is no data.
func Data(v any) Step { return Step{do: func(c *call) { c.answer(v, nil) }} }

// answer makes the answer, which is success where f is nil.
func (c *call) answer(data any, f *failure) {
	c.reply = c.render(data, f)
	c.api.mu.Lock()
	defer c.api.mu.Unlock()
	if f == nil {
		c.Executed, c.data = true, data // the other calls with its ClientToken read it
	}
	*c.slot = c.Request
}

// Status answers with an HTTP status of 200 or more and a page of HTML, as a
// proxy in front of the API does.
func Status(code int) Step { return Step{do: func(c *call) { c.reply = page(code, "") }} }

// page is a page of HTML that has the status as its title, and a text.
func page(status int, text string) *reply {
	const form = "<html>\r\n<head><title>%[1]s</title></head>\r\n<body><h1>%[1]s</h1>%[2]s</body>\r\n</html>\r\n"
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return &reply{status, "text/html; charset=utf-8", fmt.Appendf(nil, form, title, text)}
}

// Body answers with status 200 and this body.
func Body(contentType, body string) Step {
	return Step{do: func(c *call) { c.reply = &reply{http.StatusOK, contentType, []byte(body)} }}
}

// failure is an answer that is not success, in terms of both APIs.
type failure struct {
	code, module codes.Code // API 2.0's common code, and the one in the message's brackets, or 0
	desc, text   string     // API 2.0's codeDesc, API 3.0's code
	zh, en       string     // the message
}

// failureOf is the failure with the given code: a common one, or a module code
// under the common code that goes with it. Numbers that no table knows are taken
// for common codes. The vendor's samples show codeDesc for 0, 4000, 4100, 4400
// and 5100; the others are the names that package codes gives.
func failureOf(c codes.Code) *failure {
	info, _ := codes.Lookup(c)
	f := &failure{code: c, desc: info.Name, text: cmp.Or(texts3[info.Class], "FailedOperation"), zh: info.ZH, en: info.EN}
	if len(info.V3) > 0 {
		f.text = info.V3[0]
	}
	if info.Product != "" {
		f.code, f.module, f.desc = codes.InvalidParameter, c, "InvalidParameter"
	}
	switch c {
	case 0:
		f.desc, f.text = "Success", ""
	case codes.QuotaExceeded:
		f.desc = "RequestLimitExceeded"
	case codes.OperationFailed, codes.SystemError, codes.CommandFailed, codes.ConfigSystemError:
		f.code, f.desc = codes.OperationFailed, "ResourceOpFailed"
	}
	return f
}

// texts3 are API 3.0's public codes for the codes of a class that have no
// counterpart of their own; the other classes have FailedOperation.
var texts3 = map[codes.Class]string{
	codes.ClassThrottled:    "RequestLimitExceeded",
	codes.ClassInternal:     "InternalError",
	codes.ClassDenied:       "UnauthorizedOperation",
	codes.ClassNotFound:     "ResourceNotFound",
	codes.ClassDomainState:  "ResourceUnavailable",
	codes.ClassUnsupported:  "UnsupportedOperation",
	codes.ClassInvalid:      "InvalidParameter",
	codes.ClassOriginConfig: "InvalidParameter",
	codes.ClassCertificate:  "InvalidParameter",
}

// failureOfText is the failure that API 3.0 names by text, with the nearest code
// of API 2.0, or 5100.
func failureOfText(text string) *failure {
	f := failureOf(codes.OperationFailed)
	info, _ := codes.LookupV3(text)
	if len(info.V2) > 0 {
		f = failureOf(info.V2[0])
	} else {
		f.zh, f.en = cmp.Or(info.ZH, text), cmp.Or(info.EN, text)
	}
	f.desc, f.text = text, text
	return f
}

// badParam is the answer to a parameter that is missing or malformed: 4000 with
// the message form that has no brackets, and an example of what is right.
func badParam(name, value, example string) *failure {
	f := failureOf(codes.InvalidParameter)
	f.zh, f.en = "格式不正确", "is malformed"
	if value == "" {
		f.text, f.zh, f.en = "MissingParameter", "不能为空", "must not be empty"
	}
	f.zh = "请求失败，参数[" + name + "]" + f.zh + "。例如：" + example
	f.en = "The request failed: parameter [" + name + "] " + f.en + ". For example: " + example
	return f
}

// render makes the answer of a call and notes the verdict in its record. A nil
// failure is success.
func (c *call) render(data any, f *failure) *reply {
	if f == nil {
		f = failureOf(0)
	}
	c.Code, c.Module, c.CodeDesc = f.code, f.module, choose(c, f.desc, f.text)
	message, lang := f.zh, c.http.Header.Get("X-TC-Language")
	if c.api.english && lang == "" || strings.HasPrefix(lang, "en") {
		message = f.en
	}
	if c.Version == 3 {
		return reply3(f, message, data)
	}
	if _, ok := envelope.ParseMessage(message); f.module != 0 && !ok {
		message = fmt.Sprintf("(%d)%s", f.module, message)
	}
	return jsonReply(struct { // in the order of the vendor's samples
		Code     codes.Code `json:"code"`
		Message  string     `json:"message"`
		CodeDesc string     `json:"codeDesc"`
		Data     any        `json:"data,omitempty"`
	}{f.code, message, f.desc, data})
}

// reply3 is an answer of API 3.0; data becomes a JSON object, or is nil.
func reply3(f *failure, message string, data any) *reply {
	response := object{"RequestId": rand.Text()}
	switch members := jsonReply(data); {
	case f.code != 0:
		response["Error"] = object{"Code": f.text, "Message": message}
	case data != nil && json.Unmarshal(members.body, &response) != nil:
		return page(http.StatusInternalServerError, fmt.Sprintf("qcloudtest.Data: %T is no object", data))
	}
	return jsonReply(object{"Response": response})
}

// reply is the answer's status and body.
type reply struct {
	status      int
	contentType string
	body        []byte
}

func jsonReply(v any) *reply {
	body, err := json.Marshal(v)
	if err != nil {
		return page(http.StatusInternalServerError, "qcloudtest.Data: "+err.Error())
	}
	return &reply{http.StatusOK, "application/json; charset=utf-8", body}
}
