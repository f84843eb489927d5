package main

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// textSize bounds what a compressed body is inflated to, in bytes: a small one
// can hold any amount.
const textSize = 8 << 20

// The first bytes of the formats that have any.
const (
	gzipMagic = "\x1f\x8b"         // RFC 1952
	zstdMagic = "\x28\xb5\x2f\xfd" // RFC 8878
)

// decompress returns the text of a body. The coding that the header names is a
// hint only, for curl --compressed leaves the header as it was. Where the body
// cannot be read the second result names its coding.
func decompress(body, coding string) (text, unread string) {
	switch {
	case strings.HasPrefix(body, gzipMagic):
		coding, text = "gzip", gunzip(body)
	case strings.HasPrefix(body, zstdMagic):
		coding = "zstd"
	case coding == "" || coding == "identity" || isText(body):
		return body, ""
	case coding == "deflate":
		text = inflate(body)
	}
	if text == "" {
		return "", coding
	}
	return text, ""
}

// gunzip returns as much as can be read: a response may be cut off.
func gunzip(body string) string {
	r, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		return ""
	}
	r.Multistream(false) // a line feed after the body is no second one
	return readText(r)
}

// inflate reads deflate, which servers send in zlib's format or bare.
func inflate(body string) string {
	if r, err := zlib.NewReader(strings.NewReader(body)); err == nil {
		return readText(r)
	}
	return readText(flate.NewReader(strings.NewReader(body)))
}

func readText(r io.Reader) string {
	var b bytes.Buffer
	_, _ = io.Copy(&b, io.LimitReader(r, textSize)) // what came before an error counts
	return b.String()
}

// isText reports whether a body is none of the compressed ones.
func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && !unicode.IsSpace(r)
	})
}
