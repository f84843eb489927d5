package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/qcloudhttp/qcloudhttp"
)

// options are the flags of all commands.
type options struct {
	json      bool
	retryable bool
	class     string
	endpoint  string
	lang      string

	set []string // the names of those given
}

// usageError is a wrong command line.
type usageError struct {
	format func(*words) string
	args   []any
}

func (e *usageError) text(w *words) string { return fmt.Sprintf(e.format(w), e.args...) }
func (e *usageError) Error() string        { return e.text(&english) }

func wrongUsage(format func(*words) string, args ...any) error {
	return &usageError{format, args}
}

var negativeNumber = regexp.MustCompile(`^-\d+$`)

// parse takes the flags out of args, wherever they stand, and returns the rest.
// What follows a "--" is never a flag, nor is a negative number: it is a code.
func (c *cli) parse(args []string) (options, []string, error) {
	var opts options
	fs := flag.NewFlagSet("qcerr", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.BoolVar(&opts.json, "json", false, "")
	fs.BoolVar(&opts.retryable, "retryable", false, "")
	fs.StringVar(&opts.class, "class", "", "")
	fs.StringVar(&opts.endpoint, "endpoint", "", "")
	fs.StringVar(&opts.lang, "lang", "", "")

	var literal, rest []string
	if i := slices.Index(args, "--"); i >= 0 {
		args, literal = args[:i], args[i+1:]
	}
	c.setLanguage(args)
	for len(args) > 0 {
		if negativeNumber.MatchString(args[0]) {
			rest, args = append(rest, args[0]), args[1:]
			continue
		}
		// Up to the next number only, for flag would take it for a flag.
		end := slices.IndexFunc(args, negativeNumber.MatchString)
		if end < 0 {
			end = len(args)
		}
		if err := fs.Parse(args[:end]); err != nil {
			return opts, nil, flagError(err)
		}
		args = args[end-fs.NArg():]
		if fs.NArg() > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	fs.Visit(func(f *flag.Flag) { opts.set = append(opts.set, f.Name) })
	if slices.Contains(opts.set, "lang") && !spoken(opts.lang) {
		return opts, nil, wrongUsage(func(w *words) string { return w.wrongLang })
	}
	return opts, append(rest, literal...), nil
}

// flagErrors are the texts of package flag, which has no types for them.
var flagErrors = []struct {
	text   *regexp.Regexp
	format func(*words) string
}{
	{regexp.MustCompile(`^flag provided but not defined: (-.*)`), func(w *words) string { return w.noFlag }},
	{regexp.MustCompile(`^flag needs an argument: (-.*)`), func(w *words) string { return w.noValue }},
	{regexp.MustCompile(`^invalid boolean value .* for (-\w+):`), func(w *words) string { return w.wrongBool }},
}

func flagError(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	for _, known := range flagErrors {
		if m := known.text.FindStringSubmatch(err.Error()); m != nil {
			return wrongUsage(known.format, printable(m[1]))
		}
	}
	return wrongUsage(func(*words) string { return "%s" }, printable(err.Error()))
}

// only refuses flags that the command has no use for.
func (o options) only(allowed ...string) error {
	for _, name := range o.set {
		if name != "lang" && !slices.Contains(allowed, name) {
			return wrongUsage(func(w *words) string { return w.wrongFlag }, name)
		}
	}
	return nil
}

// classNamed finds a class by its name, in any letter case.
func classNamed(name string) (qcloudhttp.Class, error) {
	for _, class := range qcloudhttp.Classes() {
		if strings.EqualFold(class.String(), name) {
			return class, nil
		}
	}
	var names []string
	for _, class := range qcloudhttp.Classes() {
		names = append(names, class.String())
	}
	return 0, wrongUsage(func(w *words) string { return w.wrongClass }, printable(name), strings.Join(names, " "))
}
