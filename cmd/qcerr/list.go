package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// list prints the codes in order of their numbers.
func (c *cli) list(opts options, args []string) error {
	if err := opts.only("json", "retryable", "class"); err != nil {
		return err
	}
	if len(args) > 0 {
		return wrongUsage(func(w *words) string { return w.noArgument })
	}
	entries, err := selected(opts)
	if err != nil {
		return err
	}
	if opts.json {
		return c.writeJSON(entries)
	}
	if len(entries) == 0 {
		_, err = fmt.Fprintln(c.stdout, strings.Join(wrap(c.words.noneListed(opts), lineWidth), "\n"))
		return err
	}
	_, err = io.WriteString(c.stdout, c.words.table(entries))
	return err
}

func allEntries() []entry {
	var all []entry
	for _, info := range codes.All() {
		all = append(all, newEntry(failureOf(info)))
	}
	return all
}

// noneListed says why the flags leave no code.
func (w *words) noneListed(opts options) string {
	class, _ := classNamed(opts.class)
	if text, ok := w.noCodes[class]; ok {
		return text
	}
	return w.noneRetried
}

// selected returns the entries that the flags leave, never nil.
func selected(opts options) ([]entry, error) {
	all := allEntries()
	if slices.Contains(opts.set, "class") {
		class, err := classNamed(opts.class)
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(e entry) bool { return e.verdict.Class != class })
	}
	if opts.retryable {
		all = slices.DeleteFunc(all, func(e entry) bool { return !e.Retryable })
	}
	return all, nil
}

// table is the list for humans.
func (w *words) table(entries []entry) string {
	rows := [][]string{w.listHead}
	for _, e := range entries {
		rows = append(rows, []string{
			fmt.Sprint(int(e.Code)), w.scopeWords[e.Scope], e.Name, e.Class,
			w.retryWords[e.Condition], w.executedWords[e.Executed], w.meaning(e.Info),
		})
	}
	return align(rows)
}

// align puts rows into columns. The last one is as wide as it is.
func align(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], width(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if i < len(row)-1 {
				cell = pad(cell, widths[i]+2)
			}
			line.WriteString(cell)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}
