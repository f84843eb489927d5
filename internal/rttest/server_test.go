package rttest_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp/internal/rttest"
)

// dial sends a request by hand and returns all that comes back, and how it
// ended.
func dial(t *testing.T, s *rttest.Server) (string, error) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	io.WriteString(conn, "POST /x?y=z HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody")
	conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	got, err := io.ReadAll(conn)
	return string(got), err
}

func TestAnswers(t *testing.T) {
	wire := rttest.Response("hello")
	timeout := func(err error) bool { ne, ok := err.(net.Error); return ok && ne.Timeout() }
	reset := func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }
	end := func(err error) bool { return err == nil }
	for name, test := range map[string]struct {
		answer rttest.Answer
		want   string
		ends   func(error) bool
	}{
		"Send":      {rttest.Send(wire), wire, timeout},
		"Close":     {rttest.Close(10, wire), wire[:10], end},
		"Reset":     {rttest.Reset(10, wire), wire[:10], reset},
		"HalfClose": {rttest.HalfClose(0, wire), "", end},
		"Stall":     {rttest.Stall(20, wire), wire[:20], timeout},
		"Drip":      {rttest.Drip(0, wire), wire, timeout},
		"Repeat":    {rttest.Repeat("head ", "ab", 3), "head ababab", end},
		"By":        {rttest.By(func(r rttest.Request) rttest.Answer { return rttest.Close(4, string(r.Body)) }), "body", end},
		"Status":    {rttest.Send(rttest.Status("302 Found", "", "Location: /")), "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", timeout},
	} {
		t.Run(name, func(t *testing.T) {
			s := rttest.NewServer(test.answer)
			defer s.Close()
			got, err := dial(t, s)
			if got != test.want || !test.ends(err) {
				t.Errorf("got %q, %v", got, err)
			}
			requests := s.Requests()
			if len(requests) != 1 || requests[0].URL.Path != "/x" || string(requests[0].Body) != "body" {
				t.Errorf("recorded: %+v", requests)
			}
			if !strings.HasSuffix(string(requests[0].Raw), "\r\n\r\nbody") {
				t.Errorf("raw: %q", requests[0].Raw)
			}
		})
	}
}

func TestRestart(t *testing.T) {
	s := rttest.NewServer(rttest.Send(rttest.Response("hello")))
	s.Close()
	if _, err := http.Get(s.URL); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("closed: %v", err)
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if got, _ := dial(t, s); got != rttest.Response("hello") {
		t.Errorf("restarted: %q", got)
	}
	s.Close()
	if n := s.Open(); n != 0 {
		t.Errorf("%d connections open", n)
	}
}

func TestOnAccept(t *testing.T) {
	s := rttest.NewServer(rttest.Send(rttest.Response("hello")))
	defer s.Close()
	s.OnAccept(func(c *rttest.Conn, n int) bool {
		if n == 1 {
			c.SetLinger(0)
		}
		return n > 1
	})
	if got, _ := dial(t, s); got != "" || len(s.Requests()) != 0 {
		t.Errorf("the first connection: %q, and %d requests", got, len(s.Requests()))
	}
	if got, _ := dial(t, s); got != rttest.Response("hello") {
		t.Errorf("the second connection: %q", got)
	}
}
