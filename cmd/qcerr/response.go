package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// response is what a response says, as --json prints it.
type response struct {
	StatusCode int        `json:"status_code,omitempty"`
	Code       codes.Code `json:"code"`
	Module     codes.Code `json:"module,omitempty"`
	CodeDesc   string     `json:"code_desc,omitempty"`
	Message    string     `json:"message,omitempty"`
	RequestID  string     `json:"request_id,omitempty"`
}

// inResponse returns what a response says, and false for one that is not the
// API's and no failure of HTTP either. Status 0 is for a body alone.
func inResponse(status int, body string) (entry, bool) {
	// The API's own host makes any code in the body a failure of the API.
	req, _ := http.NewRequest(http.MethodPost, "https://dsa.api.qcloud.com/v2/index.php", nil)
	resp := &http.Response{
		StatusCode: max(status, 200), Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}
	if strings.HasPrefix(body, "\x1f\x8b") { // whatever the header says, which curl may have left as it was
		resp.Header.Set("Content-Encoding", "gzip")
	}
	e, told := explainSuccess(), isSuccess(body)
	said := response{StatusCode: status}
	var fail *qcloudhttp.Error
	if errors.As(qcloudhttp.CheckResponse(resp), &fail) {
		f := qcloudhttp.Failure{StatusCode: status, Code: fail.Code, Module: fail.Module, CodeDesc: fail.CodeDesc}
		e, told = explainFailure(f), f.Code != 0 || f.CodeDesc != "" || status >= 400
		said = response{status, f.Code, f.Module, printable(f.CodeDesc), printable(fail.Message), ""}
		said.RequestID = printable(fail.RequestID)
	}
	e.Response, e.message = &said, said.Message
	return e, told
}

// isSuccess tells a success of the API from a body that is none of its answers.
func isSuccess(body string) bool {
	var v struct {
		Code     json.Number
		Response *struct{}
	}
	err := json.NewDecoder(strings.NewReader(body)).Decode(&v)
	return err == nil && (v.Response != nil || v.Code != "" && toCode(v.Code.String()) == 0)
}

var header = regexp.MustCompile(`^HTTP/[\d.]+ +([1-9]\d\d)\b[^\n]*(?:\n[\w-]+:[^\n]*)*(?:\n\r?\n|\s*$)`)

// cutHeader splits what curl -i prints into the status of the last header, 0
// for none, and the body.
func cutHeader(input string) (status int, body string) {
	for {
		m := header.FindStringSubmatch(input)
		if m == nil {
			return status, input
		}
		status, _ = strconv.Atoi(m[1])
		input = input[len(m[0]):]
	}
}
