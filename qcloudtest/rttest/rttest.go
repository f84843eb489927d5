package rttest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// Config says what to test. Only New is required.
type Config struct {
	// New returns a RoundTripper under test that sends its requests by base.
	// A check calls it once or more often and uses the results one after the
	// other. Where the implementation waits between attempts, its delays
	// should be some 20 ms, unless Bubble is set.
	New func(base http.RoundTripper) http.RoundTripper

	// Query is added to the URL of every request, such as
	// "Action=DescribeZones", for implementations that decide by it.
	Query string

	// Fail is what base answers where a check wants an attempt to fail in such
	// a way that the implementation tries again. Nil: once by a 503 and once
	// by a connection reset.
	Fail func(*http.Request) (*http.Response, error)

	// Rewrites tells that the implementation changes the requests it sends on
	// purpose, as a signer does. Then query and form must still hold what the
	// caller put there, and may hold more.
	Rewrites bool

	// Bubble runs the checks that open no sockets in [synctest] bubbles, so
	// that waits cost no time. It is for implementations without goroutines
	// that outlive a call. Only [Run] looks at it.
	Bubble bool

	// Grace is how long a call may take to notice that its context has ended,
	// and goroutines and bodies to go away after a call. Default 2 seconds,
	// and 10 ms (of virtual time) in a bubble.
	Grace time.Duration

	// Patience is how long a call may take that nothing holds up. Default 10
	// seconds, and 1 hour (of virtual time) in a bubble.
	Patience time.Duration

	// Long is the length in bytes of what the checks call a long body: longer
	// than what the implementation keeps in memory to send or read it again.
	// Default 1 MiB and 1 KiB.
	Long int

	// Skip names the checks that are left out, with the reason why.
	Skip map[string]string
}

// Check is one duty of a RoundTripper.
type Check struct {
	Name string // such as "RequestUnmodified"
	Doc  string // the duty, in a sentence

	// Sockets tells that the check opens sockets on loopback, for what only a
	// real server shows. The others call the implementation on a base in
	// memory.
	Sockets bool

	f func(*env) error
}

// ErrNotApplicable is wrapped by the error of a check that found nothing to
// check, such as the second attempt of a transport that never makes one.
var ErrNotApplicable = errors.New("not applicable")

// ErrSkipped is wrapped by the error of a check that Config.Skip names.
var ErrSkipped = errors.New("skipped")

// Checks returns all checks, in the order in which Run makes them.
func Checks() []Check {
	var all []Check
	for _, group := range [][]Check{
		requestChecks, bodyChecks, resultChecks, responseChecks, contextChecks, resourceChecks, socketChecks,
	} {
		all = append(all, group...)
	}
	return all
}

// Run makes the check. It returns nil where the duty is kept, an error that
// wraps ErrNotApplicable or ErrSkipped where nothing can be said, and else an
// error that says what was wrong. A panic of the implementation is such an
// error too. When ctx ends, so do the calls that the check makes, which the
// check then takes for failures.
func (c Check) Run(ctx context.Context, cfg Config) error {
	if why, skip := cfg.Skip[c.Name]; skip {
		return fmt.Errorf("%w: %s", ErrSkipped, why)
	}
	if cfg.New == nil {
		return errors.New("rttest: Config.New is nil")
	}
	cfg.Grace = cmp.Or(cfg.Grace, 2*time.Second)
	cfg.Patience = cmp.Or(cfg.Patience, 10*time.Second)
	cfg.Long = cmp.Or(cfg.Long, 1<<20+1<<10)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return c.f(&env{cfg: cfg, ctx: ctx})
}

// Run makes every check as a subtest of t.
func Run(t *testing.T, cfg Config) {
	for name := range cfg.Skip {
		if !known(name) {
			t.Errorf("Config.Skip names no check: %q", name)
		}
	}
	for _, c := range Checks() {
		t.Run(c.Name, func(t *testing.T) {
			if cfg.Bubble && !c.Sockets {
				synctest.Test(t, func(t *testing.T) { report(t, c, inBubble(cfg)) })
				return
			}
			report(t, c, cfg)
		})
	}
}

func inBubble(cfg Config) Config {
	cfg.Grace = cmp.Or(cfg.Grace, 10*time.Millisecond)
	cfg.Patience = cmp.Or(cfg.Patience, time.Hour)
	return cfg
}

func known(name string) bool {
	for _, c := range Checks() {
		if c.Name == name {
			return true
		}
	}
	return false
}

func report(t *testing.T, c Check, cfg Config) {
	t.Helper()
	err := c.Run(t.Context(), cfg)
	switch {
	case errors.Is(err, ErrNotApplicable), errors.Is(err, ErrSkipped):
		t.Skip(err)
	case err != nil:
		t.Errorf("%v\nThe duty: %s", err, c.Doc)
	}
}
