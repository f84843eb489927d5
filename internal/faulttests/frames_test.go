package faulttests

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/qcloudhttp/qcloudhttp"
)

// frameServer serves HTTP/2 by hand. F is called with the number of each request
// that came whole; where it returns false the connection takes no more.
func frameServer(t *testing.T, f func(c *frameConn, n int, stream uint32) bool) (endpoint string, requests *atomic.Int32) {
	requests = new(atomic.Int32)
	addr := listen(t, func(conn net.Conn) {
		readFrames(conn, func(c *frameConn, stream uint32, _ []byte) bool { return f(c, int(requests.Add(1)), stream) })
	})
	return "http://" + addr, requests
}

// v3Call is a mutation of API 3.0 without a ClientToken; with GetBody, as the
// vendor's SDK sends it, with a body that streams, or without one.
func v3Call(endpoint, body string) *http.Request {
	r := must(http.NewRequest(http.MethodPost, endpoint, strings.NewReader(`{"InstanceType":"S5.SMALL1"}`)))
	switch body {
	case "streams":
		r.Body, r.GetBody, r.ContentLength = io.NopCloser(r.Body), nil, -1
	case "none":
		r = must(http.NewRequest(http.MethodPost, endpoint, nil))
	}
	r.Header.Set("X-TC-Action", "RunInstances")
	r.Header.Set("X-TC-Version", "2017-03-12")
	r.Header.Set("Content-Type", "application/json")
	return r
}

// Net/http sends a request again after RST_STREAM with PROTOCOL_ERROR, which a
// proxy sends when it cannot forward the answer of a call that was executed. None
// of a mutation's attempts may be sent twice so, whatever its body.
func TestProtocolErrorAfterExecution(t *testing.T) {
	for _, body := range []string{"GetBody", "streams", "none"} {
		t.Run(body, func(t *testing.T) {
			endpoint, requests := frameServer(t, func(c *frameConn, _ int, stream uint32) bool {
				c.reset(stream, protocolError)
				return true
			})
			got := h2Rig(t, mutation).do(v3Call(endpoint, body))
			if !errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown) || requests.Load() != 1 {
				t.Errorf("%d requests, err %v", requests.Load(), got.err)
			}
		})
	}
}

// What a peer says that it did not process was not executed: it goes again, and
// where it cannot it is not called unknown.
func TestUnprocessed(t *testing.T) {
	refuse := func(c *frameConn, stream uint32) bool { c.reset(stream, refusedStream); return true }
	goAway := func(code byte) func(c *frameConn, _ uint32) bool {
		return func(c *frameConn, _ uint32) bool {
			c.frame(frameGoAway, 0, 0, []byte{0, 0, 0, 0, 0, 0, 0, code}) // no stream was processed
			return false
		}
	}
	for name, say := range map[string]func(*frameConn, uint32) bool{
		"REFUSED_STREAM": refuse, "GOAWAY": goAway(0), "GOAWAY, ENHANCE_YOUR_CALM": goAway(11),
	} {
		for _, body := range []string{"GetBody", "streams"} {
			t.Run(name+"/"+body, func(t *testing.T) {
				endpoint, requests := frameServer(t, func(c *frameConn, n int, stream uint32) bool {
					if n == 1 {
						return say(c, stream)
					}
					c.answer(stream, `{"Response":{"InstanceIdSet":["ins-1"],"RequestId":"r"}}`)
					return true
				})
				got := h2Rig(t, mutation).do(v3Call(endpoint, body))
				gaveUp := new(qcloudhttp.GiveUpError)
				switch {
				case body == "GetBody" && got.err == nil && requests.Load() == 2:
				case body == "streams" && errors.As(got.err, &gaveUp) && gaveUp.Reason == qcloudhttp.ReasonBody &&
					!errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown):
				default:
					t.Errorf("%d requests, err %v", requests.Load(), got.err)
				}
			})
		}
	}
}

// An answer whose header net/http refuses came after the execution, although the
// error's text is that of a request which is refused before it is sent.
func TestInvalidAnswerIsNoRefusal(t *testing.T) {
	t.Run("HTTP/2", func(t *testing.T) {
		endpoint, requests := frameServer(t, func(c *frameConn, _ int, stream uint32) bool {
			upper := append([]byte{0x88, 0, 7}, "X-Upper\x011"...) // a literal that is not in lower case
			c.frame(frameHeaders, flagEndHeaders, stream, upper)
			c.frame(frameData, flagEnd, stream, []byte(okBody))
			return true
		})
		got := h2Rig(t, mutation).do(v3Call(endpoint, "GetBody"))
		if !errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown) || requests.Load() != 1 {
			t.Errorf("%d requests, err %v", requests.Load(), got.err)
		}
	})
	t.Run("HTTP/1.1", func(t *testing.T) {
		addr := listen(t, func(c net.Conn) {
			defer c.Close()
			c.Read(make([]byte, 4096))
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: invalid header field\r\n\r\n")
		})
		base := &http.Transport{}
		defer base.CloseIdleConnections()
		_, err := (&qcloudhttp.Transport{Base: base, Policy: fast()}).RoundTrip(v3Call("http://"+addr, "GetBody"))
		if !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
			t.Errorf("err %v", err)
		}
	})
}

// A body that breaks before its end is whole at no server: over HTTP/2, too, the
// change was not executed.
func TestBodyBreaksOverHTTP2(t *testing.T) {
	errDisk := errors.New("input/output error")
	endpoint, requests := frameServer(t, func(c *frameConn, _ int, stream uint32) bool {
		c.answer(stream, okBody)
		return true
	})
	r := v3Call(endpoint, "streams")
	r.Body = brokenAfter{strings.NewReader(strings.Repeat("x", 10_000)), errDisk} // within the window
	got := h2Rig(t, mutation).do(r)
	if !errors.Is(got.err, errDisk) || errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown) || requests.Load() != 0 {
		t.Errorf("%d requests, err %v", requests.Load(), got.err)
	}
}
