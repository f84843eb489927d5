package faulttests

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// dial sends a request by hand, waits for as many bytes as are wanted, and
// reports how the connection ends then, or that it is open where it is to be.
func dial(t *testing.T, s *Server, want int, open bool) (got, state string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		return "", err.Error()
	}
	defer conn.Close()
	io.WriteString(conn, "POST /x?y=z HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody")
	buf := make([]byte, want)
	n, err := io.ReadFull(conn, buf)
	if err == nil {
		if open { // that this takes a moment to see makes no right answer wrong
			conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		}
		_, err = conn.Read(make([]byte, 1))
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return string(buf), "open"
	case errors.Is(err, syscall.ECONNRESET):
		return string(buf[:n]), "reset"
	}
	return string(buf[:n]), fmt.Sprint(err)
}

func TestAnswers(t *testing.T) {
	wire := Response("hello")
	status := "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
	echo := func(r Request) Answer { return Close(4, string(r.Body)) }
	for name, test := range map[string]struct {
		answer      Answer
		want, state string
	}{
		"Send":      {Send(wire), wire, "open"},
		"Close":     {Close(10, wire), wire[:10], "EOF"},
		"Reset":     {Reset(10, wire), wire[:10], "reset"},
		"HalfClose": {HalfClose(0, wire), "", "EOF"},
		"Stall":     {Stall(20, wire), wire[:20], "open"},
		"Drip":      {Drip(0, wire), wire, "open"},
		"Repeat":    {Repeat("head ", "ab", 3), "head ababab", "EOF"},
		"By":        {By(echo), "body", "EOF"},
		"Status":    {Send(Status("302 Found", "", "Location: /")), status, "open"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := NewServer(test.answer)
			defer s.Close()
			if got, state := dial(t, s, len(test.want), test.state == "open"); got != test.want || state != test.state {
				t.Errorf("got %q, then %s", got, state)
			}
			requests := s.Requests()
			if len(requests) != 1 || requests[0].URL.Path != "/x" || string(requests[0].Body) != "body" {
				t.Fatalf("recorded: %+v", requests)
			}
			if !strings.HasSuffix(string(requests[0].Raw), "\r\n\r\nbody") {
				t.Errorf("raw: %q", requests[0].Raw)
			}
		})
	}
}

var hello = Response("hello")

func TestRestart(t *testing.T) {
	s := NewServer(Send(Response("hello")))
	s.Close()
	if _, err := http.Get(s.URL); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("closed: %v", err)
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if got, _ := dial(t, s, len(hello), true); got != hello {
		t.Errorf("restarted: %q", got)
	}
	s.Close()
	if n := s.Open(); n != 0 {
		t.Errorf("%d connections open", n)
	}
}

func TestOnAccept(t *testing.T) {
	s := NewServer(Send(Response("hello")))
	defer s.Close()
	s.OnAccept(func(c *Conn, n int) bool {
		if n == 1 {
			c.SetLinger(0)
		}
		return n > 1
	})
	if got, _ := dial(t, s, 1, true); got != "" || len(s.Requests()) != 0 {
		t.Errorf("the first connection: %q, and %d requests", got, len(s.Requests()))
	}
	if got, _ := dial(t, s, len(hello), true); got != hello {
		t.Errorf("the second connection: %q", got)
	}
}
