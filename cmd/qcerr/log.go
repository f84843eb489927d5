package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

const (
	wholeLimit  = 1 << 20 // bytes of a text that may be a single response; a log takes no more memory
	codesLimit  = 1000    // different codes that are told apart in a log
	progressGap = time.Second
)

// explainInput explains what stands on stdin: a response, a line, or a log.
func (c *cli) explainInput() error {
	in := bufio.NewReaderSize(c.stdin, wholeLimit)
	beginning, err := in.Peek(wholeLimit)
	if err != nil && err != io.EOF {
		return err
	}
	text, whole := withoutBOM(string(beginning)), err == io.EOF
	status, body := cutHeader(text)
	_, isResponse := inResponse(status, body)
	switch {
	case strings.TrimSpace(text) == "":
		return errors.New(noInput.in(c.lang))
	case status > 0 && isResponse, whole && !strings.Contains(strings.TrimSpace(text), "\n"),
		whole && json.Valid([]byte(text)):
		return c.explainText(text)
	}
	return c.explainLog(in)
}

// explainLog explains every code that the lines of a log have, the most
// frequent first.
func (c *cli) explainLog(in *bufio.Reader) error {
	t := tally{seen: make(map[string]*entry)}
	told, next := false, time.Now().Add(progressGap)
	for more := true; more; {
		line, err := readLine(in)
		if err != nil && err != io.EOF {
			return err
		}
		t.add(line)
		if c.progress && time.Now().After(next) {
			fmt.Fprintf(c.stderr, "\r%d lines", t.lines)
			told, next = true, next.Add(progressGap)
		}
		more = err == nil
	}
	if told {
		fmt.Fprintln(c.stderr)
	}
	if t.others > 0 {
		fmt.Fprintf(c.stderr, "qcerr: "+others.in(c.lang)+"\n", t.others, codesLimit)
	}
	if len(t.seen) == 0 {
		return errors.New(noCode.in(c.lang))
	}
	var all []entry
	for _, e := range t.seen {
		all = append(all, *e)
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Or(b.Count-a.Count, a.First-b.First) })
	return c.show(all, true)
}

// readLine reads a line of any length and returns its beginning.
func readLine(in *bufio.Reader) (string, error) {
	part, err := in.ReadSlice('\n')
	line := string(part[:min(len(part), textLimit)])
	for err == bufio.ErrBufferFull {
		_, err = in.ReadSlice('\n')
	}
	return line, err
}

// tally counts the codes of a log.
type tally struct {
	lines  int
	seen   map[string]*entry
	others int // lines whose codes came after codesLimit others
}

// add takes in one line. What is counted keeps nothing of the line's text.
func (t *tally) add(line string) {
	t.lines++
	e, ok := inRecord(line)
	if !ok {
		e, ok = inText(line)
	}
	if !ok || e.Class == codes.ClassOK.String() {
		return
	}
	names := strings.Split(e.title, " = ") // 3.0's names of a code are one
	code := names[len(names)-1]
	if t.seen[code] == nil && len(t.seen) == codesLimit {
		t.others++
		return
	}
	if t.seen[code] == nil {
		e.title, e.message, e.Response, e.First = code, "", nil, t.lines
		t.seen[code] = &e
	}
	t.seen[code].Count++
	t.seen[code].Last = t.lines
}
