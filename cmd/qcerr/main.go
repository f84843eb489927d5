// Command qcerr explains the error codes and responses of Tencent Cloud's DSA
// API: what a code means, what to do about it, and whether qcloudhttp repeats
// the call that met it.
//
//	qcerr 2002                                a code
//	qcerr DomainNotFiled                      its name
//	qcerr Throttled                           a class and its codes
//	qcerr ResourceUnavailable.CdnHostNoIcp    a code of API 3.0
//	qcerr 'HTTP 502'                          a status
//	qcerr '(2002)请求的域名尚未备案'              a message, a line with code 4400 in it
//	curl -si https://dsa.api.qcloud.com/... | qcerr    a whole response
//	qcerr list --class Throttled
//	qcerr demo                                the transport against a test API
//
// It speaks Chinese or English (-lang, else LC_ALL, LC_MESSAGES, LANG), and
// JSON with --json. The exit status is 0 for an explanation, 1 for a code that
// is not known or a demo that went wrong, and 2 for a wrong command line.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// The exit statuses.
const (
	exitOK    = 0
	exitFail  = 1 // an unknown code, a failed demo
	exitUsage = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// cli is one run of the command. Its words are in the reader's language.
type cli struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) string
	words          *words
}

// run is the whole command with its surroundings passed in.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	c := &cli{stdin: stdin, stdout: stdout, stderr: stderr, env: env, words: wordsFor(systemLanguage(env))}
	err := c.dispatch(args)
	var wrong *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(c.stdout, c.words.usage)
		return exitOK
	case errors.As(err, &wrong):
		fmt.Fprintf(c.stderr, "qcerr: %s\n%s", wrong.text(c.words), c.words.shortUsage)
		return exitUsage
	}
	fmt.Fprintf(c.stderr, "qcerr: %v\n", err)
	return exitFail
}

func (c *cli) dispatch(args []string) error {
	opts, rest, err := c.parse(args)
	if err != nil {
		return err
	}
	command := ""
	if len(rest) > 0 {
		command = rest[0]
	}
	switch command {
	case "help":
		return flag.ErrHelp
	case "list":
		return c.list(opts, rest[1:])
	case "demo":
		return c.demo(opts, rest[1:])
	}
	return c.explain(opts, rest)
}
