// Command qcerr explains the error codes, responses and logs of Tencent Cloud's
// DSA API: what a code means, what to do about it, and whether qcloudhttp repeats
// the call that met it.
//
//	qcerr 2002 4400
//	curl -si https://dsa.api.qcloud.com/... | qcerr
//	qcerr < app.log
//	qcerr list --class Throttled
//	qcerr demo
//
// qcerr help shows all that it can explain, and the flags.
package main

import (
	"bufio"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

// The exit statuses.
const (
	exitOK = iota
	exitFail
	exitUsage
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// cli is one run of the command.
type cli struct {
	options
	stdin    io.Reader
	stdout   *bufio.Writer // keeps the first write error until Flush
	stderr   io.Writer
	progress bool // stderr is a terminal
}

// run is the whole command with its surroundings passed in.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	c := &cli{stdin: stdin, stdout: bufio.NewWriter(stdout), stderr: stderr, progress: isTerminal(stderr)}
	c.lang = primaryLanguage(cmp.Or(env("LC_ALL"), env("LC_MESSAGES"), env("LANG")))
	err := c.dispatch(args)
	if failed := c.stdout.Flush(); failed != nil {
		err = fmt.Errorf("cannot write the output: %w", failed)
	}
	var wrong usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "qcerr: %v\nqcerr help shows the usage.\n", err)
		return exitUsage
	}
	fmt.Fprintf(stderr, "qcerr: %v\n", err)
	return exitFail
}

// dispatch finds the command, parses its flags and runs it.
func (c *cli) dispatch(args []string) error {
	name := ""
	if len(args) > 0 && commands[args[0]].run != nil {
		name, args = args[0], args[1:]
	}
	cmd := commands[name]
	rest, err := parse(c.flagSet(cmd), args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return c.help(strings.Fields(name))
	case err != nil:
		return err
	case len(rest) > 0 && name != "" && name != "help":
		return wrongUsage("%s takes no argument but flags", name)
	}
	return cmd.run(c, rest)
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

// command is one of the commands with its help.
type command struct {
	usage, about string
	flags        func(*options, *flag.FlagSet)
	run          func(*cli, []string) error
}

// commands are all commands by name. That without a name explains.
var commands map[string]command

func init() { // not in the declaration, for help reads the table
	commands = map[string]command{
		"":        {"qcerr [flags] [CODE... | TEXT | -]", aboutExplain, (*options).common, (*cli).explain},
		"list":    {"qcerr list [flags]", aboutList, (*options).ofList, (*cli).list},
		"demo":    {"qcerr demo", aboutDemo, (*options).none, (*cli).demo},
		"version": {"qcerr version", "Print the version of this program.\n", (*options).none, (*cli).version},
		"help":    {"qcerr help [COMMAND]", "Print the help of a command.\n", (*options).none, (*cli).help},
	}
}

const (
	aboutExplain = `Explain the error codes, responses and logs of Tencent Cloud's DSA API:
  2002  DomainNotFiled  codes.DomainNotFiled   a code
  ResourceUnavailable.CdnHostNoIcp             a code of API 3.0
  Throttled  codes.ClassThrottled              a class of failures
  502  HTTP 502                                an HTTP status
  nonce-age  ErrOutcomeUnknown                 why a call was given up
  '(2002)请求的域名尚未备案'                   a text with a code or known words
Without an argument, or with -, standard input is read: a response with its
header or without, or a log of any length. Of a log each code is explained, the
most frequent first, with its number of lines, the first and the last of them.
Of each line the first 64 KiB are searched.

--json prints an object; of several arguments or lines an array of objects:
  code, scope, name  scope is common, module, v3, http, class or reason; code is
                     0 where there is none
  class, retryable   such as Throttled; whether it may be sent again
  rule               of API 3.0, what gave the class: words, a prefix or the code
  condition          when it is: always, read-only (actions that change
                     nothing), signer (signed anew), read-only-signer,
                     idempotent (where a second run does no harm)
  executed           whether the attempt had an effect: no, unknown, partial, yes
  zh, en             the meaning; remedy_zh and remedy_en say what to do
  twins, v3, codes   similar codes, those of API 3.0, those of a class
  response           status_code, code, module, code_desc, message, request_id
  count, first_line, last_line   where a log has the code

The exit status is 0 for an explanation, 1 for an unknown code or output that
cannot be written, and 2 for a wrong command line. Further commands:
qcerr list, demo, version, help COMMAND.
`
	aboutList = `List all codes by their numbers. --json prints an array of the objects that
"qcerr help" describes.
`
	aboutDemo = `Show qcloudhttp.Transport getting through the failures of an API on loopback, in
a few seconds. The exit status is 1 where something did not come out as it should.
`
)

// options are the values of all flags.
type options struct {
	json, retryable bool
	class, lang     string
}

func (o *options) none(*flag.FlagSet) {}

func (o *options) common(fs *flag.FlagSet) {
	fs.BoolVar(&o.json, "json", false, "JSON, in both languages")
	fs.Func("lang", "the `LANGUAGE` of explanations, en or zh; by default the system's", func(lang string) error {
		if o.lang = primaryLanguage(lang); o.lang != "en" && o.lang != "zh" {
			return errors.New("it is either en or zh")
		}
		return nil
	})
}

func (o *options) ofList(fs *flag.FlagSet) {
	o.common(fs)
	fs.BoolVar(&o.retryable, "retryable", false, "only codes that are retried")
	fs.StringVar(&o.class, "class", "", "only codes of a `CLASS`, such as Throttled")
}

// flagSet defines the flags of a command.
func (c *cli) flagSet(cmd command) *flag.FlagSet {
	fs := flag.NewFlagSet("qcerr", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	cmd.flags(&c.options, fs)
	return fs
}

// usageError is a wrong command line.
type usageError string

func (e usageError) Error() string { return string(e) }

func wrongUsage(format string, args ...any) error { return usageError(fmt.Sprintf(format, args...)) }

// parse takes the flags out of args, wherever they stand, and returns the rest.
// A negative number is no flag but a code.
func parse(fs *flag.FlagSet, args []string) (rest []string, err error) {
	args = slices.Clone(args)
	for i, arg := range args {
		if toCode(arg) < 0 {
			args[i] = "(" + arg + ")" // as a message has it
		}
	}
	for len(args) > 0 {
		if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil { // it names flags with one dash
			return nil, wrongUsage("%s", printable(strings.Replace(err.Error(), " -", " --", 1)))
		}
		if args = fs.Args(); len(args) > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	return rest, nil
}

// help prints the help of a command.
func (c *cli) help(args []string) error {
	cmd, ok := commands[strings.Join(args, " ")]
	if !ok {
		return wrongUsage("help takes the name of one command")
	}
	fmt.Fprintf(c.stdout, "%s\n\n%s", cmd.usage, cmd.about)
	c.flagSet(cmd).VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(c.stdout, "\n  %-16s %s", strings.TrimSpace("--"+f.Name+" "+value), usage)
	})
	fmt.Fprintln(c.stdout)
	return nil
}

func (c *cli) version([]string) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this program was built without its build information")
	}
	_, err := fmt.Fprintln(c.stdout, "qcerr", info.Main.Version, info.GoVersion)
	return err
}
