package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// explain explains its arguments or, without one, stdin. Arguments that are
// codes or names are explained one by one, others are one text.
func (c *cli) explain(args []string) error {
	switch {
	case len(args) == 0 && isTerminal(c.stdin):
		return wrongUsage("%s", noInput.en)
	case len(args) == 0, len(args) == 1 && args[0] == "-":
		return c.explainInput()
	}
	var found []entry
	for _, arg := range args {
		e, ok := lookUp(arg)
		if !ok {
			return c.explainText(strings.Join(args, " "))
		}
		found = append(found, e)
	}
	return c.show(found, len(found) > 1)
}

// explainText explains one text.
func (c *cli) explainText(text string) error {
	e, ok := find(text)
	if !ok {
		return c.errUnknown(unknownIn(text))
	}
	return c.show([]entry{e}, false)
}

// errUnknown is the error for a code that no table has or, for "", for a text
// without a code.
func (c *cli) errUnknown(code string) error {
	if code == "" {
		return errors.New(noCode.in(c.lang))
	}
	return fmt.Errorf(unknownCode.in(c.lang), strings.TrimSpace(code))
}

// show explains codes one after the other, in JSON as an array or one object. A
// code that no table has is shown as such, and is an error.
func (c *cli) show(all []entry, array bool) (err error) {
	for _, e := range all {
		if e.unknown() {
			err = c.errUnknown(e.title)
		}
	}
	switch {
	case c.json && array:
		return errors.Join(c.writeJSON(all), err)
	case c.json:
		return errors.Join(c.writeJSON(all[0]), err)
	}
	for i, e := range all {
		if i > 0 {
			fmt.Fprintln(c.stdout)
		}
		c.write(e)
	}
	return err
}

func (c *cli) writeJSON(v any) error {
	enc := json.NewEncoder(c.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// write explains one code to a human.
func (c *cli) write(e entry) {
	fmt.Fprintln(c.stdout, strings.TrimSpace(e.title)+colon.in(c.lang)+c.meaning(e.Text))
	if e.Count > 0 {
		c.line(seenLabel, fmt.Sprintf(seen.in(c.lang), e.Count, e.First, e.Last))
	}
	c.line(messageLabel, printable(e.message))
	if e.guessed {
		c.line(noteLabel, guessed.in(c.lang))
	}
	c.line(remedyLabel, text{e.RemedyEN, e.RemedyZH}.in(c.lang))
	if class, ok := classNamed(e.Class); ok && e.Scope != "class" {
		c.line(classLabel, e.Class+colon.in(c.lang)+c.meaning(class.Text()))
	}
	if e.Rule != "" {
		c.line(ruleLabel, fmt.Sprintf(ruleText(e.Rule).in(c.lang), e.Rule))
	}
	if e.Class != "" && e.Class != "OK" {
		c.line(retriedLabel, conditionTexts[e.Condition].in(c.lang))
		c.line(executedLabel, executedTexts[e.Executed].in(c.lang))
	}
	if e.Count > 0 { // in a log what to do is enough
		return
	}
	c.line(twinLabel, c.names(e.Twins)...)
	c.line(codesLabel, c.names(e.Codes)...)
	c.line(v3Label, e.V3...)
	if e.Response != nil {
		c.line(requestLabel, e.Response.RequestID)
	}
}

// line writes texts under a label, one a line; empty ones are left out.
func (c *cli) line(label text, texts ...string) {
	for _, t := range texts {
		if t != "" {
			fmt.Fprintf(c.stdout, "  %s%s%s\n", label.in(c.lang), colon.in(c.lang), t)
		}
	}
}

func (c *cli) meaning(t codes.Text) string { return text{t.EN, t.ZH}.in(c.lang) }

// names are codes with their names and meanings.
func (c *cli) names(list []codes.Code) (names []string) {
	for _, code := range list {
		info, _ := codes.Lookup(code)
		names = append(names, fmt.Sprintf("%d %s%s%s", int(code), info.Name, colon.in(c.lang), c.meaning(info.Text)))
	}
	return names
}

// list prints the codes in the order of their numbers.
func (c *cli) list([]string) error {
	all := slices.Clone(allCodes())
	if c.class != "" {
		class, ok := lookUp(c.class)
		if !ok || class.Scope != "class" {
			return wrongUsage("there is no class %s", printable(c.class))
		}
		all = slices.DeleteFunc(all, func(e entry) bool { return e.Class != class.Class })
	}
	if c.retryable {
		all = slices.DeleteFunc(all, func(e entry) bool { return !e.Retryable })
	}
	if c.json {
		return c.writeJSON(all)
	}
	// The columns but the last are in ASCII, for which tabwriter knows the width.
	table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CODE\tSCOPE\tNAME\tCLASS\tRETRIED\tEXECUTED\tMEANING")
	for _, e := range all {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n",
			int(e.Code), e.Scope, e.Name, e.Class, cmp.Or(e.Condition, "no"), e.Executed, c.meaning(e.Text))
	}
	return table.Flush()
}
