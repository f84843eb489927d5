package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzExplain feeds any bytes to the command, on stdin and as its argument. It
// must end with one of its exit statuses, print to one of stdout and stderr (to
// both for a response of unknown code), print JSON where that is asked for, no control character but line feeds, and
// no credential that stands in the input by its name.
func FuzzExplain(f *testing.F) {
	for _, sample := range samples {
		f.Add(sample.body)
		f.Add("HTTP/1.1 200 OK\r\n\r\n" + sample.body)
	}
	for _, seed := range []string{
		"2002", "-16009", "DomainNotFiled", "ResourceUnavailable.CdnHostNoIcp", "(2002)请求的域名尚未备案", "（- 514）x",
		"HTTP/2 502 \n\n<html>", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1", "error code=4400", "4000 (2002) DomainNotFiled: x",
		`{"code":-16009,"message":"x"}`, `{"Response":{"Error":{"Code":"Foo.Bar","Message":"x"}}}`, "HTTP 502", "ErrThrottled", "codes.Code(2002)", "list", "demo", "help", "--json", "-lang", "-", "--", "\x00\xff\xfe", "{\"code\":\"\\u001b[2J\"}", "code: 99999999999999999999",
	} {
		f.Add(seed)
	}
	for _, coding := range []string{"gzip", "zlib", "deflate"} {
		f.Add("HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n" + packed(f, coding, samples[1].body))
	}
	const secret = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
	const credential = "&SecretKey=" + secret + "&Signature=" + secret + "&"
	f.Fuzz(func(t *testing.T, input string) {
		if strings.Contains(input, secret) {
			t.Skip()
		}
		for _, text := range []string{input, input + credential} {
			check(t, qcerrWith(t, text, nil, "-lang=zh"), false, secret)
			check(t, qcerrWith(t, text, nil, "-json", "-"), true, secret)
			if !isCommand(text) {
				check(t, qcerr(t, "--", text), text == "-", secret)
			}
			check(t, qcerr(t, "--json", text+" "), !strings.HasPrefix(text, "-"), secret)
		}
	})
}

// isCommand leaves the demo out, which takes seconds.
func isCommand(text string) bool {
	return text == "demo" || text == "list" || text == "help" || text == ""
}

func check(t *testing.T, got result, isJSON bool, secret string) {
	t.Helper()
	if got.status < exitOK || got.status > exitUsage {
		t.Fatalf("exit status %d", got.status)
	}
	if (got.status == exitOK) != (got.stderr == "") || got.stdout == "" && got.status == exitOK || got.stdout != "" && got.status == exitUsage {
		t.Fatalf("exit status %d with stdout %q and stderr %q", got.status, got.stdout, got.stderr)
	}
	printed := got.stdout + got.stderr
	if strings.Contains(printed, secret) {
		t.Fatalf("the secret is printed: %q", printed)
	}
	if !utf8.ValidString(printed) || strings.ContainsFunc(printed, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 }) {
		t.Fatalf("invalid or control characters in %q", printed)
	}
	if isJSON && got.stdout != "" && !json.Valid([]byte(got.stdout)) {
		t.Fatalf("no JSON: %s", got.stdout)
	}
}
