package otelqcloud

import (
	"errors"
	"net"
	"strconv"
	"unicode/utf8"
	"unique"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/qcloudhttp/qcloudhttp"
)

// The attributes that the semantic conventions have no name for.
const (
	actionKey  = attribute.Key("qcloud.action")
	codeKey    = attribute.Key("qcloud.code")
	reasonKey  = attribute.Key("qcloud.reason")
	causeKey   = attribute.Key("qcloud.wait.cause")
	waitKey    = attribute.Key("qcloud.wait.duration")  // seconds; of span events
	untilKey   = attribute.Key("qcloud.wait.until")     // RFC 3339; of span events
	queuedKey  = attribute.Key("qcloud.queue.duration") // seconds; of span events
	tookKey    = attribute.Key("qcloud.attempt.duration")
	unreadKey  = attribute.Key("qcloud.unread")   // true, or not set; of span events
	attemptKey = attribute.Key("qcloud.attempts") // of a call; of span events
)

// named returns v, or _OTHER, the conventions' word, for what is no name of a host
// or an action, and no code, and may be too much for an exporter.
func named(v string) string {
	const longest = 100 // bytes, far beyond every name there is
	if len(v) > longest || !utf8.ValidString(v) {
		return "_OTHER"
	}
	return unique.Make(v).Value() // a copy: v may be a part of a whole body
}

// called are the attributes that every metric of ours has.
func called(e *qcloudhttp.Event) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, 8)
	if e.Action != "" {
		attrs = append(attrs, actionKey.String(named(e.Action)))
	}
	return server(attrs, e)
}

// server appends the API's address.
func server(attrs []attribute.KeyValue, e *qcloudhttp.Event) []attribute.KeyValue {
	host := named(e.Host)
	if address, port, err := net.SplitHostPort(host); err == nil {
		number, _ := strconv.Atoi(port)
		return append(attrs, semconv.ServerAddress(address), semconv.ServerPort(number))
	}
	return append(attrs, semconv.ServerAddress(host))
}

// failed appends what an error is.
func failed(attrs []attribute.KeyValue, err error) []attribute.KeyValue {
	if err == nil {
		return attrs
	}
	var fail *qcloudhttp.Error
	if !errors.As(err, &fail) {
		return append(attrs, semconv.ErrorTypeOther)
	}
	attrs = append(attrs, semconv.ErrorTypeKey.String(fail.Class.String()))
	if code := codeOf(fail); code != "" {
		attrs = append(attrs, codeKey.String(named(code)))
	}
	return attrs
}

// codeOf is the code that says most, "" where the API gave none.
func codeOf(fail *qcloudhttp.Error) string {
	switch {
	case fail.Module != 0:
		return strconv.Itoa(int(fail.Module))
	case fail.Code != 0:
		return strconv.Itoa(int(fail.Code))
	}
	return fail.CodeDesc
}
