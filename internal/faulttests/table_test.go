package faulttests

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// fate is what becomes of a call whose first attempt meets a fault, and whose
// further attempts would succeed.
type fate string

const (
	again    fate = "again"    // made again, successfully; a mutation with a Nonce byte for byte
	unsafe   fate = "unsafe"   // not made again: ErrNetwork or ErrUnavailable, ErrOutcomeUnknown, ReasonUnsafe
	passed   fate = "passed"   // the response is returned whole
	broken   fate = "broken"   // the response is returned, and its body ends by an error
	upgraded fate = "upgraded" // the connection is the caller's
	stuck    fate = "stuck"    // the response is returned, and its body ends with the context
	unending fate = "unending" // the call ends with the context's error, sent once
)

// mayRepeat is the rule of a failure of which nobody knows what it left behind.
var mayRepeat = map[kind]fate{reading: again, mutation: unsafe, signed: again}

func all(f fate) map[kind]fate { return map[kind]fate{reading: f, mutation: f, signed: f} }

var (
	okWire  = Response(okBody)
	ok      = Send(okWire)
	midHead = strings.Index(okWire, "Content-Length")
	headEnd = strings.Index(okWire, okBody)
	midBody = headEnd + 4
	// The code has arrived, and with that a success is one.
	lateBody = headEnd + len(`{"code":0,"message"`)
	chunked  = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
	unsized  = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
)

// faultTable says for each fault what becomes of each kind of call.
var faultTable = []struct {
	name  string
	fault Answer
	fates map[kind]fate
}{
	{"closed without an answer", Close(0, okWire), mayRepeat},
	{"reset without an answer", Reset(0, okWire), mayRepeat},
	{"half-closed without an answer", HalfClose(0, okWire), mayRepeat},
	{"closed in the headers", Close(midHead, okWire), mayRepeat},
	{"reset in the headers", Reset(midHead, okWire), mayRepeat},
	{"half-closed in the headers", HalfClose(midHead, okWire), mayRepeat},
	{"closed before the code", Close(midBody, okWire), mayRepeat},
	{"reset before the code", Reset(midBody, okWire), mayRepeat},
	{"half-closed before the code", HalfClose(midBody, okWire), mayRepeat},
	{"closed after the code", Close(lateBody, okWire), all(broken)},
	{"half-closed after the code", HalfClose(lateBody, okWire), all(broken)},
	{"half-closed after the response", HalfClose(len(okWire), okWire), all(passed)},

	{"stalled without an answer", Stall(0, okWire), all(unending)},
	{"stalled in the headers", Stall(midHead, okWire), all(unending)},
	{"stalled before the code", Stall(midBody, okWire), all(unending)},
	{"stalled after the code", Stall(lateBody, okWire), all(stuck)},
	{"a drip that ends", Drip(0, okWire), all(passed)},
	{"a drip that does not", Drip(20*time.Millisecond, okWire), all(unending)},

	{"Content-Length too long", Close(len(okWire), strings.Replace(okWire, "Length: ", "Length: 1", 1)), all(broken)},
	{"Content-Length too short, the code missing", Send(cutLength(5)), all(passed)}, // it is whole, and not JSON
	{"Content-Length too short, the code in it", Send(cutLength(20)), all(passed)},
	{"Content-Length 0", Send(cutLength(0)), all(passed)},
	{"Content-Length no number", Send(strings.Replace(okWire, "Length: ", "Length: x", 1)), mayRepeat},
	{"two Content-Lengths", Send(strings.Replace(okWire, "Content-Length: ", "Content-Length: 1\r\nContent-Length: ", 1)), mayRepeat},

	{"chunked garbage", Send(chunked + "zz\r\n" + okBody), mayRepeat},
	{"chunk size without an end", Send(chunked + strings.Repeat("f", 10_000)), mayRepeat},
	{"chunk larger than all", Close(len(chunked)+20, chunked+"7fffffffffffffff\r\n"+okBody), mayRepeat},
	{"chunked, the last chunk missing", Close(len(chunked)+64, chunked+fmt.Sprintf("%x\r\n%s\r\n    ", len(okBody), okBody)), all(broken)},

	{"no HTTP", Send("SSH-2.0-OpenSSH_9.9\r\n"), mayRepeat},
	{"no status", Send("HTTP/1.1 abc\r\n\r\n"), mayRepeat},
	{"headers without an end", Repeat("HTTP/1.1 200 OK\r\n", "X-Long: "+strings.Repeat("x", 8000)+"\r\n", -1), mayRepeat},
	{"HTTP/1.0 without a length", Close(1000, pad(1000, "HTTP/1.0 200 OK\r\n\r\n"+okBody)), all(passed)},

	{"100 and 103 before the answer", Send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + okWire), all(passed)},
	{"1xx without an end", Repeat("", "HTTP/1.1 103 Early Hints\r\nX-Long: "+strings.Repeat("x", 8000)+"\r\n\r\n", -1), mayRepeat},
	{"1xx, and no answer", Close(len("HTTP/1.1 103 Early Hints\r\n\r\n"), "HTTP/1.1 103 Early Hints\r\n\r\n"), mayRepeat},
	{"101 that nobody asked for", switches, all(upgraded)},

	{"a redirect", Send(Status("302 Found", "", "Location: /elsewhere")), all(passed)},
	{"a redirect to nowhere", Send(Status("302 Found", "", "Location: http://[::1")), all(passed)},
	{"a redirect without Location", Send(Status("308 Permanent Redirect", "moved")), all(passed)},

	{"502 from a proxy", Send(Status("502 Bad Gateway", "<html>", "Content-Type: text/html")), mayRepeat},
	{"502 whose body stalls", Stall(100, Status("502 Bad Gateway", strings.Repeat("<html>", 100))), mayRepeat},
	{"502 whose body has no end", Repeat("HTTP/1.1 502 Bad Gateway\r\n\r\n", strings.Repeat("<html>", 1000), -1), mayRepeat},

	{"gzip in name only", Send(strings.Replace(okWire, "\r\n", "\r\nContent-Encoding: gzip\r\n", 1)), mayRepeat},
}

// switches switches protocols and echoes what comes then.
func switches(c *Conn, _ Request) bool {
	io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	io.Copy(c, c)
	return false
}

func cutLength(n int) string {
	return strings.Replace(okWire, fmt.Sprintf("Length: %d", len(okBody)), fmt.Sprintf("Length: %d", n), 1)
}

func pad(n int, s string) string { return s + strings.Repeat(" ", n-len(s)) }

func TestFaultTable(t *testing.T) {
	for _, row := range faultTable {
		for _, k := range kinds {
			t.Run(row.name+"/"+string(k), func(t *testing.T) {
				t.Parallel()
				meet(t, k, row.fault, row.fates[k])
			})
		}
	}
}

// meet makes a call whose first attempt meets the fault.
func meet(t *testing.T, k kind, fault Answer, want fate) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r := newRig(t, k, func(c *Conn, req Request) bool {
		if want == unending {
			cancel() // the request has arrived, and no answer ever will
		}
		return fault(c, req)
	}, ok)
	if want == stuck {
		r.returned = cancel
	}
	got := r.call(ctx, k)
	requests := r.server.Requests()
	if !met(k, want, got, requests) {
		t.Errorf("want %s, got err %v, status %d, body %.80q, body's err %v, %d requests",
			want, got.err, got.status, got.body, got.bodyErr, len(requests))
	}
	if k == signed && !identical(requests) {
		t.Errorf("the resend differs:\n%q\n%q", requests[0].Raw, requests[1].Raw)
	}
}

// met reports whether the fate was the one that was wanted.
func met(k kind, want fate, got outcome, requests []Request) bool {
	var giveUp *qcloudhttp.GiveUpError
	errors.As(got.err, &giveUp)
	if want == again {
		return got.err == nil && got.body == okBody && len(requests) == 2
	}
	if len(requests) != 1 {
		return false
	}
	switch want {
	case unsafe:
		network := errors.Is(got.err, codes.ClassNetwork) || errors.Is(got.err, codes.ClassUnavailable)
		return giveUp != nil && giveUp.Reason == qcloudhttp.ReasonUnsafe && network &&
			errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown)
	case passed:
		return got.err == nil && got.bodyErr == nil
	case broken:
		return got.err == nil && got.bodyErr != nil && !errors.Is(got.bodyErr, context.DeadlineExceeded)
	case stuck:
		return got.err == nil && errors.Is(got.bodyErr, context.Canceled)
	case upgraded:
		return got.err == nil && got.status == 101 && got.body == echoed
	case unending:
		return giveUp != nil && giveUp.Reason == qcloudhttp.ReasonContext && errors.Is(got.err, context.Canceled) &&
			errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown) == (k != reading)
	}
	return false
}
