package faulttests

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

const (
	onceID  = "AKIDexactlyonce0000000000000000000"
	onceKey = "exactly-once-test-key"
)

// mishaps chooses what befalls a request, at every point of the exchange.
type mishaps struct {
	connection, gateway, module bool
}

func (f mishaps) pick(r *rand.Rand) []qcloudtest.Step {
	var menu [][]qcloudtest.Step
	if f.connection {
		menu = append(menu,
			[]qcloudtest.Step{qcloudtest.Reset()},
			[]qcloudtest.Step{qcloudtest.Drop()},
			[]qcloudtest.Step{qcloudtest.Execute(), qcloudtest.Drop()},
			[]qcloudtest.Step{qcloudtest.Execute(), qcloudtest.Delay(time.Second), qcloudtest.Drop()},
			[]qcloudtest.Step{qcloudtest.Execute(), qcloudtest.Cut(0)},
			[]qcloudtest.Step{qcloudtest.Execute(), qcloudtest.Cut(7)},
			[]qcloudtest.Step{qcloudtest.Execute(), qcloudtest.Status(http.StatusBadGateway)},
		)
	}
	if f.gateway {
		menu = append(menu,
			[]qcloudtest.Step{qcloudtest.Code(codes.QuotaExceeded)},
			[]qcloudtest.Step{qcloudtest.Code(codes.ServiceUnavailable)},
			[]qcloudtest.Step{qcloudtest.Code(codes.RequestExpired)},
		)
	}
	if f.module {
		menu = append(menu,
			[]qcloudtest.Step{qcloudtest.Code(codes.InternalError)},
			[]qcloudtest.Step{qcloudtest.Execute(), qcloudtest.Code(codes.InternalError)},
		)
	}
	if r.IntN(100) < 60 {
		return nil
	}
	return menu[r.IntN(len(menu))]
}

// tally is how the calls of a workload ended.
type tally struct {
	calls, done, notExecuted, unknown int

	twice      int // executed more than once
	doneNever  int // reported as done, and not executed
	saidNotYet int // executed, and reported as not executed
}

// flushThroughFaults makes n mutating calls from 50 goroutines and compares
// what each was told with what the API executed.
func flushThroughFaults(t *testing.T, n int, f mishaps, policy *qcloudhttp.Policy) (sum tally) {
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		var mu sync.Mutex
		api := qcloudtest.NewAPI(
			qcloudtest.WithCredentials(onceID, onceKey), qcloudtest.WithDomain("www.example.com"),
			qcloudtest.WithDeployTime(0))
		api.SetClockOffset(-10 * time.Minute) // which the Signer has to learn
		api.OnRequest(func(qcloudtest.Request) []qcloudtest.Step {
			mu.Lock()
			defer mu.Unlock()
			return f.pick(random)
		})
		client := &http.Client{Transport: &qcloudhttp.Transport{
			Base: api.Transport(), Policy: policy,
			Signer:  &sign.V1{Credentials: sign.Static(onceID, onceKey, "")},
			Limiter: rate.NewLimiter(rate.Inf, 0), // the limiters have tests of their own
		}}
		told := make([]error, n)
		var workers sync.WaitGroup
		for w := range 50 {
			workers.Go(func() {
				for i := w; i < n; i += 50 {
					told[i] = flush(client, i)
				}
			})
		}
		workers.Wait()
		sum = compare(told, api.ExecutedBy("FlushCache", "urlList"))
	})
	return sum
}

func flushed(i int) string { return fmt.Sprintf(`["http://www.example.com/%d"]`, i) }

func flush(client *http.Client, i int) error {
	resp, err := client.PostForm("http://dsa.api.qcloud.com/v2/index.php",
		url.Values{"Action": {"FlushCache"}, "urlList": {flushed(i)}})
	if err == nil {
		resp.Body.Close()
	}
	return err
}

func compare(told []error, executed map[string]int) (sum tally) {
	for i, err := range told {
		times := executed[flushed(i)]
		sum.calls++
		if times > 1 {
			sum.twice++
		}
		switch {
		case err == nil:
			sum.done++
			if times == 0 {
				sum.doneNever++
			}
		case errors.Is(err, qcloudhttp.ErrOutcomeUnknown):
			sum.unknown++
		default:
			sum.notExecuted++
			if times > 0 {
				sum.saidNotYet++
			}
		}
	}
	return sum
}

func noBudget() *qcloudhttp.Policy { return &qcloudhttp.Policy{RetryBudget: -1} }

// With connection faults and gateway answers only, no mutation is executed
// twice, and no caller is told what is not so.
func TestMutationsAreExecutedOnce(t *testing.T) {
	sum := flushThroughFaults(t, 10_000, mishaps{connection: true, gateway: true}, noBudget())
	t.Logf("%+v", sum)
	if sum.twice != 0 || sum.doneNever != 0 || sum.saidNotYet != 0 {
		t.Errorf("a caller was deceived: %+v", sum)
	}
	if sum.done < sum.calls/2 || sum.unknown == 0 {
		t.Errorf("the workload is not what it should be: %+v", sum)
	}
}

// 6000 may come after the execution, and the vendor's advice is to call again:
// then a call may be executed twice, but its caller is still told the truth.
func TestMutationsWithInternalErrors(t *testing.T) {
	sum := flushThroughFaults(t, 10_000, mishaps{connection: true, gateway: true, module: true}, noBudget())
	t.Logf("%+v", sum)
	if sum.doneNever != 0 || sum.saidNotYet != 0 {
		t.Errorf("a caller was deceived: %+v", sum)
	}
}

// The same workload without the Nonce rule, every attempt being signed anew,
// executes some calls twice: so the test above can fail.
func TestWithoutNonceRuleSomeAreExecutedTwice(t *testing.T) {
	policy := noBudget()
	policy.ReadOnly = func(string) bool { return true } // which is not true of FlushCache
	sum := flushThroughFaults(t, 10_000, mishaps{connection: true, gateway: true}, policy)
	t.Logf("%+v", sum)
	if sum.twice == 0 {
		t.Errorf("nothing was executed twice: %+v", sum)
	}
}

// The resends of a mutation are the same, byte for byte.
func TestResendsAreIdentical(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(qcloudtest.WithCredentials(onceID, onceKey),
			qcloudtest.WithDomain("www.example.com"))
		api.Next(1, qcloudtest.Drop())
		api.Next(1, qcloudtest.Code(codes.QuotaExceeded))
		client := &http.Client{Transport: &qcloudhttp.Transport{
			Base: api.Transport(), Signer: &sign.V1{Credentials: sign.Static(onceID, onceKey, "")},
		}}
		if err := flush(client, 1); err != nil {
			t.Fatal(err)
		}
		got := api.Requests()
		if len(got) != 3 || got[0].Digest != got[1].Digest || got[1].Digest != got[2].Digest {
			t.Errorf("the resends differ: %v", got)
		}
	})
}

// Read-only calls, and mutations that were certainly not executed, are signed
// anew.
func TestOthersAreSignedAnew(t *testing.T) {
	for action, step := range map[string]qcloudtest.Step{
		"GetDsaHostList": qcloudtest.Drop(),
		"FlushCache":     qcloudtest.Code(codes.QuotaExceeded),
	} {
		synctest.Test(t, func(t *testing.T) {
			api := qcloudtest.NewAPI(qcloudtest.WithCredentials(onceID, onceKey),
				qcloudtest.WithDomain("www.example.com"))
			api.Next(2, step)
			client := &http.Client{Transport: &qcloudhttp.Transport{
				Base: api.Transport(), Signer: &sign.V1{Credentials: sign.Static(onceID, onceKey, "")},
			}}
			resp, err := client.PostForm("http://dsa.api.qcloud.com/v2/index.php",
				url.Values{"Action": {action}, "urlList": {flushed(1)}})
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			got := api.Requests()
			if len(got) != 3 || got[0].Digest == got[1].Digest || got[1].Digest == got[2].Digest {
				t.Errorf("%s: %v", action, got)
			}
		})
	}
}

// 4500 to a resend means that an earlier attempt had arrived.
func TestArrivedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(qcloudtest.WithCredentials(onceID, onceKey),
			qcloudtest.WithDomain("www.example.com"))
		api.Next(1, qcloudtest.Execute(), qcloudtest.Drop())
		client := &http.Client{Transport: &qcloudhttp.Transport{
			Base: api.Transport(), Signer: &sign.V1{Credentials: sign.Static(onceID, onceKey, "")},
		}}
		err := flush(client, 1)
		var gaveUp *qcloudhttp.GiveUpError
		if !errors.As(err, &gaveUp) || gaveUp.Reason != qcloudhttp.ReasonArrived ||
			!errors.Is(err, qcloudhttp.ErrOutcomeUnknown) || !errors.Is(err, codes.ReplayAttack) ||
			!errors.Is(err, codes.ClassNetwork) {
			t.Errorf("got %v", err)
		}
		if api.Executed("FlushCache") != 1 || api.Total() != 2 {
			t.Errorf("%d executed, %d requests", api.Executed("FlushCache"), api.Total())
		}
	})
}

// A pre-signed request without a Signer goes again as it is; the 4500 that
// answers it ends the call, with the first failure in its error.
func TestPresigned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(qcloudtest.WithCredentials(onceID, onceKey),
			qcloudtest.WithDomain("www.example.com"))
		api.Next(1, qcloudtest.Execute(), qcloudtest.Code(codes.InternalError))
		form := url.Values{"Action": {"FlushCache"}, "urlList": {flushed(1)}}.Encode()
		req, _ := http.NewRequest(http.MethodPost, "http://dsa.api.qcloud.com/v2/index.php", strings.NewReader(form))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if err := (&sign.V1{Credentials: sign.Static(onceID, onceKey, "")}).Sign(req); err != nil {
			t.Fatal(err)
		}
		_, err := (&qcloudhttp.Transport{Base: api.Transport()}).RoundTrip(req)
		gaveUp(t, err, qcloudhttp.ReasonArrived, 2)
		if !errors.Is(err, codes.InternalError) || !errors.Is(err, codes.ReplayAttack) || !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
			t.Errorf("got %v", err)
		}
		if api.Total() != 2 {
			t.Errorf("%d requests", api.Total())
		}
	})
}

// The Nonce of a resend must not grow older than the API accepts.
func TestNonceAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(qcloudtest.WithCredentials(onceID, onceKey),
			qcloudtest.WithDomain("www.example.com"))
		api.Next(100, qcloudtest.Drop())
		client := &http.Client{Transport: &qcloudhttp.Transport{
			Base: api.Transport(), Signer: &sign.V1{Credentials: sign.Static(onceID, onceKey, "")},
			Policy: &qcloudhttp.Policy{MaxAttempts: 100, MaxElapsed: time.Hour, RetryBudget: -1},
		}}
		began := time.Now()
		err := flush(client, 1)
		var gaveUp *qcloudhttp.GiveUpError
		if !errors.As(err, &gaveUp) || gaveUp.Reason != qcloudhttp.ReasonNonceAge ||
			!errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took > 5*time.Minute {
			t.Errorf("gave up after %v", took)
		}
	})
}

// A create that is answered 6000 and then finds its domain existing may have
// made it itself.
func TestFindsItsOwnWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(qcloudtest.WithCredentials(onceID, onceKey), qcloudtest.WithDeployTime(0))
		api.Next(1, qcloudtest.Execute(), qcloudtest.Code(codes.InternalError))
		client := &http.Client{Transport: &qcloudhttp.Transport{
			Base: api.Transport(), Signer: &sign.V1{Credentials: sign.Static(onceID, onceKey, "")},
		}}
		_, err := client.PostForm("http://dsa.api.qcloud.com/v2/index.php",
			url.Values{"Action": {"CreateDsaHost"}, "host": {"a.example.com"}, "origin": {"1.2.3.4"}, "projectId": {"0"}})
		var apiErr *qcloudhttp.Error
		if !errors.As(err, &apiErr) || !apiErr.MaybeDone || !errors.Is(err, codes.DomainExists) ||
			!errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
			t.Errorf("got %v", err)
		}
	})
}

// 4200 from a skewed clock: the Signer learns the time and the call succeeds.
func TestSkewedClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI(qcloudtest.WithCredentials(onceID, onceKey),
			qcloudtest.WithDomain("www.example.com"))
		api.SetClockOffset(-time.Hour)
		client := &http.Client{Transport: &qcloudhttp.Transport{
			Base: api.Transport(), Signer: &sign.V1{Credentials: sign.Static(onceID, onceKey, "")},
		}}
		for i := range 2 {
			if err := flush(client, i); err != nil {
				t.Fatal(err)
			}
		}
		if api.Total() != 3 {
			t.Errorf("%d requests for two calls", api.Total())
		}
	})
}

// net/http resends a GET by itself when a reused connection breaks. That is
// harmless, for the Nonce is the same: the 4500 that answers it means that the
// first one arrived.
func TestMutatingGET(t *testing.T) {
	for _, signer := range []qcloudhttp.Signer{&sign.V1{Credentials: sign.Static(onceID, onceKey, "")}, nil} {
		srv := qcloudtest.NewServer(qcloudtest.WithCredentials(onceID, onceKey), qcloudtest.WithDomain("www.example.com"))
		client := srv.Client()
		client.Transport = &qcloudhttp.Transport{Base: client.Transport, Signer: signer}
		call := func(action string) error {
			req, _ := http.NewRequest(http.MethodGet, srv.URL+"/v2/index.php?"+
				url.Values{"Action": {action}, "urlList": {flushed(1)}}.Encode(), nil)
			if signer == nil {
				if err := (&sign.V1{Credentials: sign.Static(onceID, onceKey, "")}).Sign(req); err != nil {
					t.Fatal(err)
				}
			}
			resp, err := client.Do(req)
			if err == nil {
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			return err
		}
		if err := call("GetDsaHostList"); err != nil { // opens the connection
			t.Fatal(err)
		}
		srv.Next(1, qcloudtest.Execute(), qcloudtest.Drop())
		err := call("FlushCache")
		gaveUp(t, err, qcloudhttp.ReasonArrived, 1)
		if !errors.Is(err, qcloudhttp.ErrOutcomeUnknown) || !errors.Is(err, codes.ReplayAttack) {
			t.Errorf("signer %v: got %v", signer != nil, err)
		}
		if n := srv.Executed("FlushCache"); n != 1 {
			t.Errorf("signer %v: executed %d times", signer != nil, n)
		}
		srv.Close()
	}
}
