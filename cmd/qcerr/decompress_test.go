package main

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
	"testing"
)

const unfiled = `{"code":4000,"message":"(2002)x","codeDesc":"InvalidParameter"}`

// packed is text in a coding.
func packed(t testing.TB, coding, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "deflate":
		w, _ = flate.NewWriter(&b, flate.BestCompression)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCompressedBody(t *testing.T) {
	gz := packed(t, "gzip", unfiled)
	head := func(coding string) string { return "HTTP/1.1 200 OK\r\nContent-Encoding: " + coding + "\r\n\r\n" }
	long := packed(t, "gzip", `{"code":4000,"message":"(2002)x","data":"`+strings.Repeat("y", 1<<20)+`"}`)
	for name, stdin := range map[string]string{
		"gzip":              head("gzip") + gz,
		"bare gzip":         gz,
		"a line feed after": gz + "\n",
		"a BOM within":      packed(t, "gzip", "\uFEFF"+unfiled),
		"without header":    "HTTP/2 200 \n\n" + gz,
		"cut off":           long[:len(long)-20],
		"zlib":              head("deflate") + packed(t, "zlib", unfiled),
		"raw deflate":       head("Deflate") + packed(t, "deflate", unfiled),
		"read by curl":      head("br") + unfiled,
		"deflate by curl":   head("deflate") + unfiled,
		"text in gzip":      packed(t, "gzip", "error code=2002"),
	} {
		got := qcerrWith(t, stdin, nil)
		if got.status != exitOK {
			t.Errorf("%s: exit %d, %s", name, got.status, got.stderr)
		}
		contains(t, name, got.stdout, "2002 DomainNotFiled")
	}
}

func TestCompressedBodyThatCannotBeRead(t *testing.T) {
	brotli := "\x0b\x1d\x80" + unfiled + "\x03"
	for _, tc := range []struct{ stdin, en, zh string }{
		{"HTTP/2 200\r\ncontent-encoding: br\r\n\r\n" + brotli, "the body is compressed (br): ", "响应体经过压缩（br）"},
		{"HTTP/2 200\r\ncontent-encoding: gzip, br\r\n\r\n" + brotli, "the body is compressed (br): ", "响应体经过压缩（br）"},
		{"HTTP/2 200\r\ncontent-encoding: deflate\r\n\r\n\xff\xff" + unfiled, "compressed (deflate): ", "（deflate）"},
		{zstdMagic + "\x24\x3e" + unfiled, "compressed (zstd): ", "（zstd）"},
		{gzipMagic + "\x00", "compressed (gzip): ", "（gzip）"},
	} {
		en, zh := qcerrWith(t, tc.stdin, nil), qcerrWith(t, tc.stdin, nil, "-lang", "zh")
		if en.status != exitFail || en.stdout != "" || zh.status != exitFail {
			t.Errorf("%s exit %d and %d, stdout %q", tc.en, en.status, zh.status, en.stdout)
		}
		contains(t, tc.en, en.stderr, tc.en, "curl --compressed")
		contains(t, tc.zh, zh.stderr, tc.zh, "curl --compressed")
	}
	bad := "HTTP/1.1 502 Bad Gateway\r\nContent-Encoding: br\r\n\r\n" + brotli
	contains(t, "502", qcerrWith(t, bad, nil).stdout, "HTTP 502 Bad Gateway")
}

func TestInflatedTextIsBounded(t *testing.T) {
	text, unread := decompress(packed(t, "gzip", strings.Repeat("x", 2*textSize)), "")
	if len(text) != textSize || unread != "" {
		t.Errorf("%d bytes, %q unread", len(text), unread)
	}
}
