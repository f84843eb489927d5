package faulttests

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/limit"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// recorder is a limit.Gate that records what it is told, and finds attempts
// whose end it is told never or twice.
type recorder struct {
	wait     time.Duration // how long Acquire takes
	err      error         // of Acquire
	estimate time.Duration

	mu       sync.Mutex
	calls    []limit.Call
	outcomes []limit.Outcome
	flying   int // attempts whose end was not told yet
	strays   int // ends that were told twice
}

func (g *recorder) Wait(context.Context) error { panic("a Gate is asked by Acquire") }

func (g *recorder) Acquire(ctx context.Context, c limit.Call) (func(limit.Answer) bool, error) {
	select {
	case <-time.After(g.wait):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, c)
	if g.err != nil {
		return nil, g.err
	}
	g.flying++
	told := false
	return func(a limit.Answer) bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		if told {
			g.strays++
		}
		told = true
		g.flying--
		g.outcomes = append(g.outcomes, a.Outcome)
		return false
	}, nil
}

func (g *recorder) Estimate(limit.Call) time.Duration { return g.estimate }

// check checks the outcomes, and that every attempt's end was told once.
func (g *recorder) check(t *testing.T, want ...limit.Outcome) {
	t.Helper()
	if g.flying != 0 || g.strays != 0 {
		t.Errorf("the ends of %d attempts were not told, of %d twice", g.flying, g.strays)
	}
	if !slices.Equal(g.outcomes, want) {
		t.Errorf("outcomes %v, want %v", g.outcomes, want)
	}
}

func reset(*http.Request) (*http.Response, error) {
	return nil, syscall.ECONNRESET
}

// once is a policy without retries.
func once() *qcloudhttp.Policy { return &qcloudhttp.Policy{MaxAttempts: 1} }

// What a limiter is told of an attempt's end: only what says something of the
// API may teach it.
func TestOutcomes(t *testing.T) {
	cancelled := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for name, test := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		want   limit.Outcome
	}{
		"success":   {answering(okBody), limit.Accepted},
		"refused":   {answering(`{"code":4100}`), limit.Accepted},
		"busy":      {answering(`{"code":4000,"message":"(1014)x"}`), limit.Accepted},
		"throttled": {apiBusy, limit.Throttled},
		"internal":  {apiFailure, limit.Overloaded},
		"outage":    {answering(`{"code":6200}`), limit.Overloaded},
		"network":   {reset, limit.Overloaded},
		"cancelled": {cancelled, limit.Abandoned},
	} {
		in(t, name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			gate := &recorder{}
			client := &qcloudhttp.Transport{Limiter: gate, Policy: once()}
			watched(t, client, scriptedBy(test.answer), func(r *http.Request) { *r = *r.WithContext(ctx) })
			gate.check(t, test.want)
		})
	}
}

// Every attempt's end is told once, whatever ends the attempt, the user's panics
// included.
func TestEveryEndIsTold(t *testing.T) {
	errNo := errors.New("no")
	panics := func(*http.Request) (*http.Response, error) { panic("oh no") }
	ask := func(n int, f func() bool) func(string) bool { // f answers the n-th question
		return func(string) bool {
			if n--; n == 0 {
				return f()
			}
			return true
		}
	}
	fail := func() bool { panic("oh no") }
	for name, test := range map[string]struct {
		set    func(*qcloudhttp.Transport, *recorder)
		answer func(*http.Request) (*http.Response, error)
		want   []limit.Outcome
	}{
		"refused": {func(_ *qcloudhttp.Transport, g *recorder) { g.err = errNo }, apiFailure, nil},
		"the Signer fails": {func(c *qcloudhttp.Transport, _ *recorder) {
			c.Signer = signFunc(func(*http.Request) error { return errNo })
		}, apiFailure, []limit.Outcome{limit.Abandoned}},
		"the Signer panics": {func(c *qcloudhttp.Transport, _ *recorder) {
			c.Signer = signFunc(func(*http.Request) error { panic("oh no") })
		}, apiFailure, []limit.Outcome{limit.Abandoned}},
		"Base panics": {nil, panics, []limit.Outcome{limit.Abandoned}},
		"ReadOnly panics before the attempt": {func(c *qcloudhttp.Transport, _ *recorder) {
			c.Policy = &qcloudhttp.Policy{ReadOnly: ask(1, fail)}
		}, apiFailure, []limit.Outcome{limit.Abandoned}},
		"ReadOnly panics after the attempt": {func(c *qcloudhttp.Transport, _ *recorder) {
			c.Policy = &qcloudhttp.Policy{ReadOnly: ask(2, fail)}
		}, apiFailure, []limit.Outcome{limit.Abandoned}},
		"retries": {func(c *qcloudhttp.Transport, _ *recorder) {
			c.Policy = &qcloudhttp.Policy{MaxAttempts: 3}
		}, apiFailure, []limit.Outcome{limit.Overloaded, limit.Overloaded, limit.Overloaded}},
	} {
		in(t, name, func(t *testing.T) {
			gate := &recorder{}
			client := &qcloudhttp.Transport{Limiter: gate}
			if test.set != nil {
				test.set(client, gate)
			}
			watched(t, client, scriptedBy(test.answer))
			gate.check(t, test.want...)
		})
	}
}

// The retry budget is told of an attempt that the limiter behind it refuses:
// else the next call would wait for the answer to a probe that was not sent.
func TestBudgetWhenTheLimiterRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &recorder{}
		client := &qcloudhttp.Transport{Limiter: gate, Policy: once()}
		for range 20 {
			watched(t, client, scriptedBy(apiFailure))
		}
		gate.err = errors.New("no")
		began := time.Now()
		watched(t, client, scriptedBy(apiFailure)) // has a probe's turn, which it does not use
		if time.Since(began) == 0 {
			t.Fatal("there is no outage")
		}
		gate.err = nil
		began = time.Now()
		watched(t, client, scriptedBy(answering(okBody)))
		if took := time.Since(began); took > 0 {
			t.Errorf("the next call waited %v", took)
		}
	})
}

// A panic while the default limiter is awake takes no turn away: the next call
// goes at once.
func TestPanicWhileThrottled(t *testing.T) {
	panics := func(*http.Request) (*http.Response, error) { panic("oh no") }
	for name, test := range map[string]struct {
		set    func(*qcloudhttp.Transport, *bool)
		answer func(*http.Request) (*http.Response, error)
	}{
		"Base": {nil, panics},
		"Signer": {func(c *qcloudhttp.Transport, bad *bool) {
			c.Signer = signFunc(func(*http.Request) error {
				if *bad {
					panic("oh no")
				}
				return nil
			})
		}, answering(okBody)},
	} {
		in(t, name, func(t *testing.T) {
			bad := false
			client := &qcloudhttp.Transport{Policy: once()}
			if test.set != nil {
				test.set(client, &bad)
			}
			watched(t, client, scriptedBy(apiBusy)) // wakes the limiter
			bad = true
			began := time.Now()
			if panicked, err := watched(t, client, scriptedBy(test.answer)); panicked == nil {
				t.Fatalf("no panic, err %v", err)
			}
			if time.Since(began) == 0 {
				t.Fatal("the limiter sleeps")
			}
			bad = false
			began = time.Now()
			watched(t, client, scriptedBy(answering(okBody)))
			if took := time.Since(began); took > 0 {
				t.Errorf("the next call waited %v", took)
			}
		})
	}
}

// sleepy is a recorder that is idle after the first attempt.
type sleepy struct{ recorder }

func (g *sleepy) Idle() bool { return len(g.calls) > 0 }

func (g *sleepy) Report(_ limit.Call, a limit.Answer) { g.outcomes = append(g.outcomes, a.Outcome) }

// A retry is acquired and waited for by itself, not by the attempt before,
// also where the gate has become idle in between.
func TestRetriesAreAcquiredAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := &sleepy{recorder: recorder{wait: time.Second}}
		var queued []time.Duration
		client := &qcloudhttp.Transport{Limiter: gate, Observer: qcloudhttp.ObserverFunc(func(_ context.Context, e qcloudhttp.Event) {
			if e.Kind == qcloudhttp.EventAttempt {
				queued = append(queued, e.Queued)
			}
		})}
		watched(t, client, scriptedBy(apiFailure, apiBusy, answering(okBody)))
		gate.check(t, limit.Overloaded, limit.Throttled) // of the idle gate's attempts the throttled one
		if want := []time.Duration{time.Second, 0, 0}; !slices.Equal(queued, want) {
			t.Errorf("waited %v, want %v", queued, want)
		}
	})
}

// The accounts that a limiter sees can be told apart, and are not SecretIds.
func TestAccountsAreOpaque(t *testing.T) {
	form := func(id string) func(*http.Request) {
		return func(r *http.Request) {
			body := "Action=GetDsaHostList&SecretId=" + id
			*r = *must(http.NewRequest(http.MethodPost, "http://dsa.api.qcloud.com/v2/index.php", strings.NewReader(body)))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	}
	query := func(id string) func(*http.Request) {
		return func(r *http.Request) { r.URL.RawQuery += "&SecretId=" + id }
	}
	tc3 := func(id string) func(*http.Request) {
		return func(r *http.Request) {
			*r = *must(http.NewRequest(http.MethodPost, "http://ecdn.tencentcloudapi.com/", strings.NewReader("{}")))
			r.Header.Set("X-TC-Action", "DescribeDomains")
			if err := (&sign.TC3{SecretID: id, SecretKey: "key"}).Sign(r); err != nil {
				panic(err)
			}
		}
	}
	for name, of := range map[string]func(string) func(*http.Request){"query": query, "form": form, "TC3": tc3} {
		in(t, name, func(t *testing.T) {
			gate := &recorder{}
			client := &qcloudhttp.Transport{Limiter: gate, Base: scriptedBy(answering(okBody))}
			for _, id := range []string{"AKIDaccount1", "AKIDaccount2", "AKIDaccount1"} {
				req := post(t.Context(), nil)
				of(id)(req)
				resp, err := client.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
			}
			one, two, again := gate.calls[0].Account, gate.calls[1].Account, gate.calls[2].Account
			if one == "" || one == two || one != again || strings.Contains(one, "account1") {
				t.Errorf("accounts %q, %q and %q", one, two, again)
			}
			gate.check(t, limit.Accepted, limit.Accepted, limit.Accepted)
		})
	}
}

// A form whose body cannot be had again names its action all the same: the
// limiter counts it by that, and it is sent again as the reading call that it
// is.
func TestActionOfAnUnrepeatableForm(t *testing.T) {
	unrepeatable := func(r *http.Request) { r.URL.RawQuery, r.GetBody = "", nil }
	in(t, "Gate", func(t *testing.T) {
		gate := &recorder{}
		_, err := watched(t, &qcloudhttp.Transport{Limiter: gate}, scriptedBy(reset, answering(okBody)), unrepeatable)
		if err != nil || len(gate.calls) != 2 || gate.calls[0].Action != "GetDsaHostList" {
			t.Errorf("calls %+v, err %v", gate.calls, err)
		}
	})
	in(t, "rate.Limiter", func(t *testing.T) {
		base := scriptedBy(reset, answering(okBody))
		_, err := watched(t, &qcloudhttp.Transport{Limiter: rate.NewLimiter(rate.Every(time.Second), 1)}, base, unrepeatable)
		if err != nil || base.attempts() != 2 {
			t.Errorf("%d attempts, err %v", base.attempts(), err)
		}
	})
}
