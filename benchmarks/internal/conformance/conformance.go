// Package conformance holds the clients against the duties of a RoundTripper,
// as qcloudtest/rttest has them.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/bubble"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest/rttest"
)

// Subject is a transport under test.
type Subject struct {
	Name string
	New  func(base http.RoundTripper) http.RoundTripper
}

// Subjects are ours in both of its failure modes, the peers that are or make
// RoundTrippers, as they are (they go by the HTTP status), and one of them with
// the decoding that our API's users have to add. The waits are short, for the
// checks run in real time; the root module's tests make the same checks of
// ours as it is, in virtual time.
func Subjects() []Subject {
	byStatus := peers.Settings{Quick: true, ByStatus: true}
	all := []Subject{
		subject(peers.Ours, peers.Settings{Quick: true}),
		{peers.Ours + ", ReturnResponse", returnResponse},
	}
	for _, name := range []string{"go-retryablehttp", "failsafe-go", "cenkalti/backoff"} {
		all = append(all, subject(name, byStatus))
	}
	all[len(all)-1].Name = "by hand on cenkalti/backoff"
	decoding := subject("go-retryablehttp", peers.Settings{Quick: true})
	decoding.Name += ", decoding"
	return append(all, decoding)
}

func subject(name string, s peers.Settings) Subject {
	p := peers.Named(name)[0]
	return Subject{name, func(base http.RoundTripper) http.RoundTripper { return p.New(base, s) }}
}

func returnResponse(base http.RoundTripper) http.RoundTripper {
	t := peers.Named(peers.Ours)[0].New(base, peers.Settings{Quick: true}).(*qcloudhttp.Transport)
	t.OnFailure = qcloudhttp.ReturnResponse
	return t
}

// Result is what the checks found of one Subject.
type Result struct {
	Subject string
	Errs    []error // of each of rttest.Checks; nil: the duty is kept
}

// RunAll makes every check of the subjects, all at the same time.
func RunAll(ctx context.Context, subjects []Subject) []Result {
	results := make([]Result, len(subjects))
	bubble.Each(len(subjects), len(subjects), func(i int) { results[i] = Run(ctx, subjects[i]) })
	return results
}

// Run makes every check of s, one after the other.
func Run(ctx context.Context, s Subject) Result {
	r := Result{Subject: s.Name}
	// A read-only action, which may be tried again whatever became of it.
	cfg := rttest.Config{New: s.New, Query: "Action=GetDsaHostList", Patience: 5 * time.Second}
	for _, c := range rttest.Checks() {
		err := run(ctx, c, cfg)
		if mark(err) == broken {
			err = run(ctx, c, cfg) // a busy machine can be why
		}
		r.Errs = append(r.Errs, err)
	}
	return r
}

// run gives a check half a minute.
func run(ctx context.Context, c rttest.Check, cfg rttest.Config) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx, cfg) }()
	select {
	case err := <-done:
		return err
	case <-time.After(40 * time.Second):
		return errors.New("the call never ended")
	}
}

// Failed counts the duties that are not kept.
func (r Result) Failed() int {
	n := 0
	for _, err := range r.Errs {
		if mark(err) == broken {
			n++
		}
	}
	return n
}

const kept, broken, notApplicable = "✓", "✗", "–"

func mark(err error) string {
	switch {
	case err == nil:
		return kept
	case errors.Is(err, rttest.ErrNotApplicable):
		return notApplicable
	}
	return broken
}

// Markdown writes the table of checks and subjects, and why the checks failed.
func Markdown(w io.Writer, results []Result) {
	heads, rule, sums := []string{"check"}, []string{"---"}, []string{"**broken**"}
	for _, r := range results {
		heads, rule = append(heads, r.Subject), append(rule, ":---:")
		sums = append(sums, fmt.Sprintf("**%d**", r.Failed()))
	}
	row(w, heads)
	row(w, rule)
	for i, c := range rttest.Checks() {
		cells := []string{c.Name}
		for _, r := range results {
			cells = append(cells, mark(r.Errs[i]))
		}
		row(w, cells)
	}
	row(w, sums)
	for _, r := range results {
		if r.Failed() > 0 {
			fmt.Fprintf(w, "\n%s:\n\n", r.Subject)
		}
		for i, c := range rttest.Checks() {
			if mark(r.Errs[i]) == broken {
				fmt.Fprintf(w, "- %s: %s\n", c.Name, firstLine(r.Errs[i]))
			}
		}
	}
}

// firstLine leaves the stack of a panic out.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func row(w io.Writer, cells []string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }
