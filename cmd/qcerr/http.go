package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/internal/envelope"
)

var (
	blankLine       = regexp.MustCompile(`\r?\n\r?\n`)
	contentEncoding = regexp.MustCompile(`(?im)^Content-Encoding:(?:.*,)?[ \t]*([\w-]+)[ \t]*\r?$`)
)

// header is what counts of a response's header.
type header struct {
	status int
	coding string // its Content-Encoding, the last one, in small letters
}

// cutHeader splits what curl -i prints into the last header and the body. The
// length that the header names need not hold there, nor need the coding.
func cutHeader(input string) (h header, body string, ok bool) {
	body = input
	for strings.HasPrefix(body, "HTTP/") {
		lines, rest := body, ""
		if end := blankLine.FindStringIndex(body); end != nil {
			lines, rest = body[:end[0]], body[end[1]:]
		}
		fields := strings.Fields(lines)
		if len(fields) < 2 {
			return header{}, input, false
		}
		n, err := strconv.Atoi(fields[1])
		if err != nil || n < 100 || n > 999 {
			return header{}, input, false
		}
		h, body, ok = header{status: n}, rest, true
		if m := contentEncoding.FindStringSubmatch(lines); m != nil {
			h.coding = strings.ToLower(m[1])
		}
	}
	return h, body, ok
}

func findInHTTP(status int, body string) (subject, *unknown) {
	if e, ok := envelope.Parse([]byte(body)); ok {
		return findInEnvelope(e, status)
	}
	if status >= 400 {
		return subject{response: true, failure: qcloudhttp.Failure{StatusCode: status}}, nil
	}
	return findInText(body)
}
