package qcloudtest

import (
	"fmt"
	"net/http"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// Code answers with c, a common code or a module code, which goes into the
// message's brackets; API 3.0 gets the counterpart. The message is the code's
// meaning, in Chinese unless [WithEnglish] is set. The gateway's checks do not
// take place. A code that is not the gateway's says that the module was at
// work, so it spends the request's Nonce.
func Code(c codes.Code) Step {
	return answer(c, func(int) *failure { return failureOf(c) })
}

// Answer is [Code] with a message of the caller's own, which may be empty. It
// scripts what package codes does not know:
//
//	Answer(4000, "(12003)该负载均衡在执行其他操作")
//
// A message that begins with a module code in brackets is sent as it is;
// otherwise the brackets of a module code c are put before it. A number that
// package codes does not know is a common code.
func Answer(c codes.Code, message string) Step {
	return answer(c, func(int) *failure { return failureOf(c).saying(message) })
}

// CodeText answers with a code of API 3.0 by its text, such as
// "FailedOperation.EcdnConfigError", and with the text's meaning as the message.
// API 2.0 gets it as the codeDesc of 5100. It spends the request's Nonce.
func CodeText(text string) Step {
	return answer(codes.OperationFailed, func(version int) *failure { return failureOfText(version, text) })
}

// AnswerText is [CodeText] with a message of the caller's own.
func AnswerText(text, message string) Step {
	return answer(codes.OperationFailed, func(version int) *failure {
		return failureOfText(version, text).saying(message)
	})
}

// answer answers in the module's place, or the gateway's if c is its code, with
// the failure that of returns for a version of the API.
func answer(c codes.Code, of func(version int) *failure) Step {
	return Step{do: func(x *exchange) {
		if !c.Gateway() {
			x.api.spendNonce(x.call)
		}
		x.reply = x.api.render(x.call, nil, of(x.call.Version))
	}}
}

// Status answers with an HTTP status from 200 to 999 and a page of HTML, as a
// proxy in front of the API does. Any other number becomes 500.
func Status(code int) Step {
	if code < 200 || code > 999 {
		code = http.StatusInternalServerError
	}
	return Step{do: func(x *exchange) { x.reply = page(code) }}
}

// page is a page of HTML that has the status as its title, and lines of text.
func page(status int, lines ...string) *reply {
	if status == http.StatusNoContent || status == http.StatusNotModified {
		return &reply{status: status, contentType: "text/html"}
	}
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	body := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<h1>" + title + "</h1>\r\n"
	for _, line := range lines {
		body += "<p>" + line + "</p>\r\n"
	}
	return &reply{status, "text/html; charset=utf-8", []byte(body + "</body>\r\n</html>\r\n")}
}

// Body answers with status 200 and this body.
func Body(contentType, body string) Step {
	return Step{do: func(x *exchange) {
		x.reply = &reply{http.StatusOK, contentType, []byte(body)}
	}}
}
