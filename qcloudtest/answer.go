package qcloudtest

import (
	"fmt"
	"net/http"

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
		c.answer(nil, &f, false)
	}}
}

// Data answers with success, and the call counts as executed. In API 2.0 v is
// the member data; in API 3.0 it must become a JSON object, whose members are
// Response's. Nil is no data.
func Data(v any) Step { return Step{do: func(c *call) { c.answer(v, nil, true) }} }

// answer makes the answer, which says success where f is nil.
func (c *call) answer(data any, f *failure, executed bool) {
	if executed && !c.Executed {
		c.api.mu.Lock() // the other calls with its ClientToken read it
		c.Executed, c.data = true, data
		c.api.mu.Unlock()
	}
	c.reply = c.render(data, f)
	c.record()
}

// Status answers with an HTTP status from 200 to 999 and a page of HTML, as a
// proxy in front of the API does. Any other number becomes 500.
func Status(code int) Step {
	if code < 200 || code > 999 {
		code = http.StatusInternalServerError
	}
	return Step{do: func(c *call) { c.reply = page(code, "") }}
}

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
