package faulttests

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A server that is restarted again and again while calls run: reads and
// mutations with a Nonce all succeed, no mutation is executed twice, and what
// is not known is reported as unknown.
func TestRestartsInMidRun(t *testing.T) {
	for _, k := range kinds {
		t.Run(string(k), func(t *testing.T) {
			api := newLedger()
			r := newRig(t, k, By(api.answer))
			r.client.Policy = patient()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()

			outcomes := make(map[string]outcome)
			var mu sync.Mutex
			var wg sync.WaitGroup
			for worker := range 8 {
				wg.Go(func() {
					for n := range 40 {
						id := fmt.Sprintf("%d-%d", worker, n)
						got := r.do(k.numbered(ctx, r.server.URL, id))
						mu.Lock()
						outcomes[id] = got
						mu.Unlock()
					}
				})
			}
			stop := restarting(t, r.server)
			wg.Wait()
			stop()
			r.server.Close() // nothing is executed any more
			for id, got := range outcomes {
				api.judge(t, k, id, got)
			}
			if err := r.server.Restart(); err != nil {
				t.Error(err)
			}
		})
	}
}

// patient is a policy that no number of restarts exhausts.
func patient() *qcloudhttp.Policy {
	p := fast()
	p.MaxAttempts, p.RetryBudget = 1000, -1
	return p
}

// restarting restarts s again and again, until stop is called.
func restarting(t *testing.T, s *Server) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan bool)
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(3 * time.Millisecond):
			}
			s.Close()
			if err := s.Restart(); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}

// numbered is request with an id to know the call by.
func (k kind) numbered(ctx context.Context, url, id string) *http.Request {
	if k == reading {
		return must(http.NewRequestWithContext(ctx, http.MethodGet, url+"/v2/index.php?Action=GetDsaHostList&id="+id, nil))
	}
	r := must(http.NewRequestWithContext(ctx, http.MethodPost, url+"/v2/index.php",
		strings.NewReader("Action=RunInstances&id="+id)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// ledger is an API that executes a Nonce once and a request without a Nonce
// each time.
type ledger struct {
	mu     sync.Mutex
	nonces map[string]bool
	counts map[string]int // by the call's id
	n      int
}

func newLedger() *ledger {
	return &ledger{nonces: make(map[string]bool), counts: make(map[string]int)}
}

// answer executes and then sends a response, or cuts it.
func (l *ledger) answer(r Request) Answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	form := r.URL.Query()
	if form.Get("Action") == "" {
		form = must(url.ParseQuery(string(r.Body)))
	}
	if nonce := form.Get("Nonce"); nonce != "" {
		if l.nonces[nonce] {
			return Send(Response(`{"code":4500,"message":"","codeDesc":"ReplayAttack"}`))
		}
		l.nonces[nonce] = true
	}
	l.counts[form.Get("id")]++
	if l.n++; l.n%5 == 0 {
		return Reset(0, okWire)
	}
	return Send(okWire)
}

func (l *ledger) judge(t *testing.T, k kind, id string, got outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	executed := l.counts[id]
	unknown := errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown)
	switch {
	case k != reading && executed > 1:
		t.Errorf("%s was executed %d times", id, executed)
	case got.err == nil && got.bodyErr == nil && executed == 0:
		t.Errorf("%s was reported as done, and was not executed", id)
	case got.err != nil && !unknown && executed > 0:
		t.Errorf("%s was executed, and reported as not: %v", id, got.err)
	case k == reading && got.err != nil:
		t.Errorf("%s: %v", id, got.err)
	case k == signed && got.err != nil && !errors.Is(got.err, codes.ReplayAttack):
		t.Errorf("%s: neither done nor known to have arrived: %v", id, got.err)
	}
}
