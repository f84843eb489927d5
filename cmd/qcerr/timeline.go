package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
)

// timeline is the demo's Observer: it prints a line for each attempt and wait
// as it happens, and counts. It is safe for concurrent use.
type timeline struct {
	words   *words
	colours bool
	start   time.Time
	tally   tally

	mu  sync.Mutex // one line at a time
	out io.Writer
}

func newTimeline(out io.Writer, w *words, colours bool) *timeline {
	return &timeline{out: out, words: w, colours: colours, start: time.Now()}
}

// colours reports whether stdout is a terminal that wants them
// (https://no-color.org).
func (c *cli) colours() bool {
	return c.env("NO_COLOR") == "" && c.env("TERM") != "dumb" && isTerminal(c.stdout)
}

type workerKey struct{}

// withWorker names who makes the calls of a context.
func withWorker(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, workerKey{}, name)
}

// The colours of a line, as ANSI escape sequences.
type colour string

const (
	plain  colour = ""
	bold   colour = "1"
	dim    colour = "2"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
)

// row is one line of the timeline.
type row struct {
	worker, action, attempt, code, class, wait, outcome string
	colour                                              colour
}

// columns are the widths of a row's cells, but for the last, which gets what
// is left of the line.
var columns = [...]int{5, 8, 14, 3, 4, 11, 6}

const outcomeWidth = lineWidth - (5 + 8 + 14 + 3 + 4 + 11 + 6) - len(columns)

// Observe implements qcloudhttp.Observer.
func (t *timeline) Observe(ctx context.Context, e qcloudhttp.Event) {
	t.tally.add(e)
	r, shown := t.row(e)
	if !shown {
		return
	}
	r.worker, _ = ctx.Value(workerKey{}).(string)
	r.action = e.Action
	t.print(r)
}

func (t *timeline) row(e qcloudhttp.Event) (row, bool) {
	w := t.words.demo
	switch {
	case e.Kind == qcloudhttp.EventAttempt:
		return t.attemptRow(e), true
	case e.Kind == qcloudhttp.EventWait && e.Rate > 0:
		return row{colour: dim, outcome: fmt.Sprintf(w.inLine, e.Rate)}, true
	case e.Kind == qcloudhttp.EventWait:
		return row{colour: dim, wait: waitCell(e.Wait), outcome: w.causes[e.Cause]}, true
	case e.Kind == qcloudhttp.EventEnd && e.Err != nil:
		return row{colour: red, outcome: t.words.ending(e.Err)}, true
	}
	return row{}, false
}

func (t *timeline) attemptRow(e qcloudhttp.Event) row {
	r := row{attempt: fmt.Sprint(e.Attempt), wait: waitCell(e.Queued)}
	if e.Err == nil {
		r.colour, r.code, r.class = green, "0", qcloudhttp.OK.String()
		r.outcome = t.words.demo.done
		if e.Attempt > 1 {
			r.outcome = fmt.Sprintf(t.words.demo.doneAfter, seconds(e.Elapsed))
		}
		return r
	}
	fail := apiError(e.Err)
	r.colour, r.code, r.class = red, tellingCode(fail), fail.Class.String()
	if retried(fail) {
		r.colour = yellow
	}
	r.outcome = t.words.inShort(fail)
	return r
}

// retried reports whether a failure is of a kind that is retried.
func retried(e *qcloudhttp.Error) bool {
	return qcloudhttp.Classify(qcloudhttp.Failure{
		StatusCode: e.StatusCode, Code: e.Code, Module: e.Module, CodeDesc: e.CodeDesc, Host: e.Host, Err: e.Err,
	}).Retry
}

// tellingCode is the code that says most of a failure.
func tellingCode(e *qcloudhttp.Error) string {
	if info, ok := e.Info(); ok {
		return fmt.Sprint(int(info.Code))
	}
	if e.Code != 0 {
		return fmt.Sprint(int(e.Code))
	}
	return "-"
}

// inShort is a failure in a few words.
func (w *words) inShort(e *qcloudhttp.Error) string {
	info, known := e.Info()
	switch {
	case known && w.demo.short[info.Code] != "":
		return w.demo.short[info.Code]
	case known:
		short, _, _ := strings.Cut(w.meaning(info), w.colon)
		return short
	case e.Class == qcloudhttp.Network:
		return w.demo.noAnswer
	}
	meaning, _ := w.classWords(e.Class)
	return meaning
}

// ending says why a call ended with an error.
func (w *words) ending(err error) string {
	var gaveUp *qcloudhttp.GiveUpError
	if !errors.As(err, &gaveUp) {
		return w.demo.permanent
	}
	return fmt.Sprintf(w.demo.gaveUp, w.demo.reasons[gaveUp.Reason])
}

// waitCell is a wait in six columns, "" for none.
func waitCell(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return ""
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return seconds(d.Truncate(10 * time.Millisecond))
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// clock is the time since the demo began, in seconds.
func (t *timeline) clock() string { return fmt.Sprintf("%5.2f", time.Since(t.start).Seconds()) }

func (t *timeline) print(r row) {
	t.cells(r.colour, t.clock(), r.worker, r.action, r.attempt, r.code, r.class, r.wait, clip(r.outcome, outcomeWidth))
}

func (t *timeline) cells(c colour, cells ...string) {
	var b strings.Builder
	for i, cell := range cells {
		if i < len(columns) {
			cell = pad(cell, columns[i]) + " "
		}
		b.WriteString(cell)
	}
	t.printLine(c, strings.TrimRight(b.String(), " "))
}

func (t *timeline) printLine(c colour, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintln(t.out, t.paint(c, text))
}

func (t *timeline) paint(c colour, text string) string {
	if !t.colours || c == plain {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// heading begins an act.
func (t *timeline) heading(text string) {
	t.printLine(bold, text)
	t.cells(dim, t.words.demo.head...)
}

// note is something that happened outside of the calls.
func (t *timeline) note(text string) {
	t.cells(bold, t.clock(), "", "", "", "", "", "", text)
}

// expectation tells whether something came out as it should.
func (t *timeline) expectation(met bool, text string) {
	c, mark := bold, "✓ "
	if !met {
		c, mark = red, "✗ "
	}
	t.printLine(c, mark+strings.Join(wrap(text, lineWidth-2), "\n  "))
}

// errorRows shows what a program learns from an error.
func (t *timeline) errorRows(rows [][]string, text string) {
	t.printLine(plain, "\n"+strings.TrimRight(align(rows), "\n"))
	t.failure(text)
}

// failure prints an error's text.
func (t *timeline) failure(text string) {
	t.printLine(red, strings.Join(wrap(text, lineWidth), "\n"))
}
