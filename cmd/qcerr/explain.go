package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// inputLimit bounds what is read of stdin, in bytes. A response that is longer
// is explained by its beginning.
const inputLimit = 4 << 20

// explain explains its argument or, without one, stdin.
func (c *cli) explain(opts options, args []string) error {
	if err := opts.only("json"); err != nil {
		return err
	}
	input, err := c.input(args)
	if err != nil {
		return err
	}
	s, missing := find(input)
	if missing == nil || s.response {
		err = c.show(s, opts)
	}
	if err == nil && missing != nil {
		err = errors.New(missing.message(c.words))
	}
	return err
}

func (c *cli) show(s subject, opts options) error {
	if opts.json {
		return c.writeJSON(s.entry())
	}
	_, err := io.WriteString(c.stdout, c.words.explanation(s))
	return err
}

func (c *cli) input(args []string) (string, error) {
	switch {
	case len(args) > 1:
		return "", wrongUsage(func(w *words) string { return w.tooMany })
	case len(args) == 1 && args[0] != "-":
		return args[0], nil
	case len(args) == 0 && isTerminal(c.stdin):
		return "", wrongUsage(func(w *words) string { return w.noInput })
	}
	b, err := io.ReadAll(io.LimitReader(c.stdin, inputLimit))
	return string(b), err
}

// isTerminal reports whether v is a file that is a character device.
func isTerminal(v any) bool {
	f, ok := v.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (c *cli) writeJSON(v any) error {
	enc := json.NewEncoder(c.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// message says what is unknown, and repeats it where it is safe to repeat.
func (u *unknown) message(w *words) string {
	format := u.text(w)
	if !strings.Contains(format, "%s") {
		return format
	}
	what, ok := repeatable(u.what)
	if !ok {
		return w.noCode
	}
	text := fmt.Sprintf(format, what)
	if len(u.close) > 0 {
		text += "\n       " + fmt.Sprintf(w.didYouMean, strings.Join(u.close, ", "))
	}
	return text
}

// explanation is what a human gets.
func (w *words) explanation(s subject) string {
	e := s.entry()
	if s.succeeded() {
		return "0 Success" + w.colon + w.success + "\n"
	}
	var t sheet
	t.title(w.title(e, s.failure))
	if s.failure.Message != "" {
		t.line(w.said, printable(s.failure.Message))
	}
	if s.response {
		w.bothCodes(&t, s.failure, e)
	}
	t.line(w.remedy, w.remedyOf(e.Info))
	t.line(w.class, e.Class)
	t.line(w.retried, w.why(e))
	t.line(w.executed, w.executions[e.Executed])
	for _, code := range e.Twins {
		if twin, ok := codes.Lookup(code); ok {
			t.line(w.twins, w.brief(twin))
		}
	}
	if e.Scope == scopeClass {
		t.line(w.codes, w.members(e)...)
	}
	if e.Scope != scopeV3 {
		t.line(w.v3, e.V3...)
	}
	t.line(w.inGo, goTests(e)...)
	if s.requestID != "" {
		t.line(w.request, printable(s.requestID))
	}
	return t.String()
}

func (w *words) title(e entry, f qcloudhttp.Failure) string {
	switch {
	case e.Code != 0 && f.Code == 0: // asked for by 3.0's name
		return printable(f.CodeDesc) + " = " + fmt.Sprintf(w.titled, w.brief(e.Info), w.scopes[e.Scope])
	case e.Code != 0 && e.verdict.Class == qcloudhttp.Unknown:
		return w.brief(e.Info)
	case e.Code != 0:
		return fmt.Sprintf(w.titled, w.brief(e.Info), w.scopes[e.Scope])
	case e.Scope == scopeV3, e.Scope == scopeClass:
		return fmt.Sprintf(w.titled, printable(e.Name)+w.colon+w.meaning(e.Info), w.scopes[e.Scope])
	}
	return strings.TrimSpace(fmt.Sprintf("HTTP %d %s", f.StatusCode, e.Name)) + w.colon + w.meaning(e.Info)
}

// brief is a code with its name and meaning.
func (w *words) brief(in codes.Info) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", int(in.Code), in.Name)) + w.colon + w.meaning(in)
}

// bothCodes shows the common and the module code where a response has two, and
// which of them the verdict goes by.
func (w *words) bothCodes(t *sheet, f qcloudhttp.Failure, e entry) {
	if f.Module == 0 {
		return
	}
	common := fmt.Sprint(int(f.Code))
	if info, ok := codes.Lookup(f.Code); ok {
		common = w.brief(info)
	}
	t.line(w.common, common)
	module, known := codes.Lookup(f.Module)
	text := fmt.Sprint(int(f.Module))
	switch {
	case e.Code == f.Module:
		text += " " + e.Name + w.colon + w.decides
	case known && module.Product != "":
		text += " " + module.Name + w.colon + fmt.Sprintf(w.notCounted, int(f.Code))
	default:
		text += w.colon + w.otherTable
	}
	t.line(w.module, text)
}

// goTests are how a Go program asks for this failure.
func goTests(e entry) []string {
	var tests []string
	if _, known := codes.Lookup(e.Code); known {
		tests = append(tests, "errors.Is(err, codes."+e.Name+")")
	} else if e.Code != 0 {
		tests = append(tests, fmt.Sprintf("errors.Is(err, codes.Code(%d))", int(e.Code)))
	}
	if e.verdict.Class == qcloudhttp.OK {
		return nil // there is no error
	}
	return append(tests, "errors.Is(err, qcloudhttp.Err"+e.Class+")")
}
