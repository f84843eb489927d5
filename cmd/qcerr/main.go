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
