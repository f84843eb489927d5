package otelqcloud

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

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

// other stands for all values beyond the bound, as in the conventions' enums.
const other = "_OTHER"

// values bounds the number of values that an attribute takes.
type values struct {
	max   int
	mu    sync.Mutex
	known map[string]bool
}

// maxLength is far beyond every action and code there is.
const maxLength = 100

// of returns v, or other for one that came too late or cannot be right.
func (vs *values) of(v string) string {
	if len(v) > maxLength || !utf8.ValidString(v) {
		return other
	}
	vs.mu.Lock()
	defer vs.mu.Unlock()
	switch {
	case vs.known[v]:
		return v
	case len(vs.known) >= vs.max:
		return other
	case vs.known == nil:
		vs.known = make(map[string]bool)
	}
	v = strings.Clone(v) // it may be a part of a whole body
	vs.known[v] = true
	return v
}

// names makes the attributes that every metric has.
type names struct{ hosts, actions, codes values }

func newNames(max int) *names {
	return &names{hosts: values{max: max}, actions: values{max: max}, codes: values{max: max}}
}

func (n *names) called(e *qcloudhttp.Event) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, 8)
	if e.Action != "" {
		attrs = append(attrs, actionKey.String(n.actions.of(e.Action)))
	}
	host := n.hosts.of(e.Host)
	if address, port, err := net.SplitHostPort(host); err == nil {
		number, _ := strconv.Atoi(port)
		return append(attrs, semconv.ServerAddress(address), semconv.ServerPort(number))
	}
	return append(attrs, semconv.ServerAddress(host))
}

// failed appends what an error is.
func (n *names) failed(attrs []attribute.KeyValue, err error) []attribute.KeyValue {
	if err == nil {
		return attrs
	}
	var fail *qcloudhttp.Error
	if !errors.As(err, &fail) {
		return append(attrs, semconv.ErrorTypeOther)
	}
	attrs = append(attrs, semconv.ErrorTypeKey.String(fail.Class.String()))
	if code := codeOf(fail); code != "" {
		attrs = append(attrs, codeKey.String(n.codes.of(code)))
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
