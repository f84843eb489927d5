package faulttests

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// endless is a line in which no turn comes after the n-th.
func endless(n int) waitFunc {
	return func(ctx context.Context) error {
		if n--; n >= 0 {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

// A line is left when one of the call's own limits ends, and that is the reason
// given: the context's deadline a little before its time, for at that an
// http.Client puts an error of its own in place of ours.
func TestLimitsEndALine(t *testing.T) {
	for name, test := range map[string]struct {
		timeout  time.Duration // the context's; 0: none
		elapsed  time.Duration // the policy's
		took     time.Duration
		reason   qcloudhttp.Reason
		attempts int // before the line
	}{
		"MaxElapsed":                 {0, 5 * time.Second, 5 * time.Second, qcloudhttp.ReasonElapsed, 0},
		"MaxElapsed, before a retry": {0, 5 * time.Second, 5 * time.Second, qcloudhttp.ReasonElapsed, 1},
		"MaxElapsed first":           {time.Minute, 5 * time.Second, 5 * time.Second, qcloudhttp.ReasonElapsed, 0},
		"deadline":                   {10 * time.Second, 0, 9950 * time.Millisecond, qcloudhttp.ReasonDeadline, 0},
		"a short deadline":           {200 * time.Millisecond, 0, 190 * time.Millisecond, qcloudhttp.ReasonDeadline, 0},
		"both at the same moment":    {time.Second, 950 * time.Millisecond, 950 * time.Millisecond, qcloudhttp.ReasonElapsed, 0},
	} {
		in(t, name, func(t *testing.T) {
			ctx := t.Context()
			if test.timeout > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, test.timeout)
				defer cancel()
			}
			base := scriptedBy(apiFailure)
			client := &qcloudhttp.Transport{Limiter: endless(test.attempts), Policy: &qcloudhttp.Policy{MaxElapsed: test.elapsed}}
			began := time.Now()
			_, err := watched(t, client, base, func(r *http.Request) { *r = *r.WithContext(ctx) })
			gaveUp(t, err, test.reason, test.attempts)
			if took := time.Since(began); took != test.took || ctx.Err() != nil || base.attempts() != test.attempts {
				t.Errorf("%d attempts, ended after %v, the context is %v", base.attempts(), took, ctx.Err())
			}
		})
	}
}

// gaveUp checks why a call ended, and after how many attempts.
func gaveUp(t *testing.T, err error, reason qcloudhttp.Reason, attempts int) *qcloudhttp.GiveUpError {
	t.Helper()
	giveUp := new(qcloudhttp.GiveUpError)
	if !errors.As(err, &giveUp) || giveUp.Reason != reason || giveUp.Attempts != attempts {
		t.Errorf("want %q after %d attempts, got %v", reason, attempts, err)
	}
	return giveUp
}

// A guess that the line is too long ends no call: one that tries again at once
// would spin. The call waits, and goes when its turn comes.
func TestLineGuessedToBeTooLong(t *testing.T) {
	in(t, "", func(t *testing.T) {
		base := scriptedBy(answering(okBody))
		client := &qcloudhttp.Transport{Limiter: &recorder{estimate: time.Hour}}
		if _, err := watched(t, client, base); err != nil || base.attempts() != 1 {
			t.Errorf("%d attempts, %v", base.attempts(), err)
		}
	})
}

// An http.Client's Timeout ends a call in a line, too, and the caller still
// learns what the API said: net/http's own error would say no more than that
// the time is up.
func TestClientTimeoutInALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := scriptedBy(apiBusy)
		client := &http.Client{Transport: &qcloudhttp.Transport{Base: base}, Timeout: 3 * time.Second}
		began := time.Now()
		_, err := client.Get("http://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList")
		var apiErr *qcloudhttp.Error
		if !errors.As(err, &apiErr) || !errors.Is(err, codes.ClassThrottled) {
			t.Errorf("what the API said is not in it: %v", err)
		}
		var timeout interface{ Timeout() bool }
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("the caller's own deadline is no timeout: %v", err)
		}
		gaveUp(t, err, qcloudhttp.ReasonDeadline, base.attempts())
		// A wait beyond the deadline is not begun.
		if took := time.Since(began); base.attempts() < 2 || took >= client.Timeout {
			t.Errorf("%d attempts in %v", base.attempts(), took)
		}
	})
}

// The retry budget stands for connections that break, too; a call whose own
// policy has none passes the line, and takes nothing from it.
func TestBudgetInAConnectionOutage(t *testing.T) {
	unbudgeted := func(r *http.Request) {
		*r = *r.WithContext(qcloudhttp.WithPolicy(r.Context(), &qcloudhttp.Policy{RetryBudget: -1}))
	}
	outage := func(t *testing.T, client *qcloudhttp.Transport, change ...func(*http.Request)) {
		for range 100 {
			watched(t, client, scriptedBy(reset), append(change, func(r *http.Request) {
				*r = *r.WithContext(qcloudhttp.WithoutRetries(r.Context()))
			})...)
		}
	}
	waited := func(t *testing.T, client *qcloudhttp.Transport, change ...func(*http.Request)) bool {
		began := time.Now()
		watched(t, client, scriptedBy(answering(okBody)), change...)
		return time.Since(began) > 0
	}
	synctest.Test(t, func(t *testing.T) {
		client := &qcloudhttp.Transport{}
		outage(t, client, unbudgeted)
		if waited(t, client) {
			t.Error("calls without a budget took from it")
		}
		outage(t, client)
		if waited(t, client, unbudgeted) {
			t.Error("a call without a budget was held back")
		}
		if !waited(t, client) {
			t.Error("the outage held nobody back")
		}
	})
}
