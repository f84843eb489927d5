package faulttests

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Response writes an answer of status 200 as it is on the wire.
func Response(body string) string {
	return Status("200 OK", body, "Content-Type: application/json")
}

// Send sends bytes and keeps the connection.
func Send(wire string) Answer {
	return func(c *Conn, _ Request) bool {
		_, err := io.WriteString(c, wire)
		return err == nil
	}
}

// Close sends the first n bytes and closes the connection in order (FIN).
func Close(n int, wire string) Answer { return cut(n, wire, func(*Conn) {}) }

// Reset sends the first n bytes and resets the connection (RST).
func Reset(n int, wire string) Answer { return cut(n, wire, func(c *Conn) { c.SetLinger(0) }) }

// HalfClose sends the first n bytes, closes the server's half of the
// connection and goes on reading until the client closes the other one.
func HalfClose(n int, wire string) Answer {
	return cut(n, wire, func(c *Conn) {
		c.CloseWrite()
		io.Copy(io.Discard, c)
	})
}

// Stall sends the first n bytes, and then nothing until the client closes the
// connection.
func Stall(n int, wire string) Answer { return cut(n, wire, func(c *Conn) { io.Copy(io.Discard, c) }) }

func cut(n int, wire string, then func(*Conn)) Answer {
	return func(c *Conn, _ Request) bool {
		io.WriteString(c, wire[:n])
		then(c)
		return false
	}
}

// Drip sends one byte at a time.
func Drip(every time.Duration, wire string) Answer {
	return func(c *Conn, _ Request) bool {
		for i := range len(wire) {
			if _, err := io.WriteString(c, wire[i:i+1]); err != nil {
				return false
			}
			time.Sleep(every)
		}
		return true
	}
}

// Repeat sends head, and then chunk n times; without end if n is negative. It
// ends the response by closing the connection.
func Repeat(head, chunk string, n int) Answer {
	piece := []byte(chunk)
	return func(c *Conn, _ Request) bool {
		_, err := io.WriteString(c, head)
		for i := n; i != 0 && err == nil; i-- {
			_, err = c.Write(piece)
		}
		return false
	}
}

// By answers by what f makes of the request.
func By(f func(Request) Answer) Answer {
	return func(c *Conn, r Request) bool { return f(r)(c, r) }
}

// Status writes a response of another status, with any further header lines.
func Status(line string, body string, headers ...string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s",
		line, strings.Join(append(headers, ""), "\r\n"), len(body), body)
}
