package main

import (
	"flag"
	"math"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

const (
	reference = "qcloudhttp, told the quota"
	adaptive  = "aws-sdk-go-v2 adaptive"
	retrying  = "go-retryablehttp"
	noRetry   = "no retry"
)

func peerNamed(t *testing.T, name string) peers.Peer {
	t.Helper()
	for _, p := range peers.All() {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no peer is called %q", name)
	return peers.Peer{}
}

// play plays a scenario, with calls calls (0: all).
func play(t *testing.T, s scenario, p peers.Peer, calls int) (r result) {
	t.Helper()
	if calls > 0 {
		s.calls = calls
	}
	synctest.Test(t, func(*testing.T) { r = s.play(p, 1) })
	if len(r.calls) != s.calls {
		t.Fatalf("%d calls were made, want %d", len(r.calls), s.calls)
	}
	return r
}

// Who knows a bucket's quota needs the ideal time: the harness itself costs
// nothing. An attempt may be rejected that comes a rounding error too early.
func TestReferenceReachesTheIdeal(t *testing.T) {
	for _, s := range scenarios() {
		if s.burst == 1 || s.name == "E" { // a window, and a quota that changes
			continue
		}
		r := play(t, s, peerNamed(t, reference), 1000)
		if took := r.time(); math.Abs(took-1) > 0.005 || r.rejectedShare() > 0.002 || r.failed() != 0 {
			t.Errorf("%s: %.3f of the ideal time, %.2f%% rejected, %v calls failed",
				s.name, took, 100*r.rejectedShare(), r.failed())
		}
		if r.callerSpread() > 1.5 { // each makes 15 or 16 calls
			t.Errorf("%s: callers differ by %.2f", s.name, r.callerSpread())
		}
	}
}

// Without retries the calls fail that the quota rejects, and only they.
func TestNoRetryFailsWhatIsRejected(t *testing.T) {
	for _, s := range scenarios() {
		r := play(t, s, peerNamed(t, noRetry), 2000)
		if len(r.attempts) != 2000 || r.rejectedShare()*2000 != r.failed() || r.failed() < 600 {
			t.Errorf("%s: %d attempts, %.2f rejected, %v failed", s.name, len(r.attempts), r.rejectedShare(), r.failed())
		}
		if !math.IsNaN(r.time()) {
			t.Errorf("%s: failing is counted as fast: %.2f", s.name, r.time())
		}
	}
}

// Backoff alone finishes, with many rejections and late.
func TestBackoffAlone(t *testing.T) {
	r := play(t, scenarios()[0], peerNamed(t, retrying), 2000)
	if r.failed() > 0 || r.rejectedShare() < 0.15 || r.time() < 1.1 || r.callerSpread() < 5 {
		t.Errorf("%v failed, %.2f rejected, %.2f of the ideal time, callers differ by %.1f",
			r.failed(), r.rejectedShare(), r.time(), r.callerSpread())
	}
}

// Every client comes to an end.
func TestAllPeersFinish(t *testing.T) {
	crashes := peerNamed(t, adaptive).Name
	for _, p := range peers.All() {
		if underRace && p.Name == crashes {
			t.Logf("%s is played without the race detector only", p.Name)
			continue
		}
		for _, s := range scenarios() {
			if r := play(t, s, p, 500); p.Name != noRetry && r.failed() > 5 {
				t.Errorf("%s, %s: %v calls failed", p.Name, s.name, r.failed())
			}
		}
	}
}

// Ours uses a quota that it was not told nearly whole, through the whole of the
// Transport, and no call fails. limit's tests ask for more.
func TestOursUsesTheQuota(t *testing.T) {
	for _, s := range scenarios() {
		r := play(t, s, peerNamed(t, peers.Ours), 0)
		if r.failed() > 0 || r.time() > 1.1 || r.rejectedShare() > 0.05 || r.callerSpread() > 1.5 {
			t.Errorf("%s: %v failed, %.3f of the ideal time, %.2f%% rejected, callers differ by %.2f",
				s.name, r.failed(), r.time(), 100*r.rejectedShare(), r.callerSpread())
		}
	}
}

// A client without a random source of its own does the same for the same seed.
func TestSameSeedSameRun(t *testing.T) {
	for _, name := range []string{noRetry, retrying} {
		first := play(t, scenarios()[0], peerNamed(t, name), 1000)
		if second := play(t, scenarios()[0], peerNamed(t, name), 1000); !reflect.DeepEqual(first.calls, second.calls) {
			t.Errorf("%s: two runs differ", name)
		}
	}
}

func TestIdealTime(t *testing.T) {
	for name, tc := range map[string]struct {
		q    *qcloudtest.Quota
		n    int
		want time.Duration
	}{
		"within the burst": {qcloudtest.TokenBucket(50, 50), 50, 0},
		"bucket":           {qcloudtest.TokenBucket(50, 50), 6000, 119 * time.Second},
		"fixed":            {qcloudtest.FixedWindow(1200, time.Minute), 4800, 3 * time.Minute},
		"sliding":          {qcloudtest.SlidingWindow(50, time.Second), 6000, 119 * time.Second},
	} {
		if got := idealTime(tc.q, tc.n); (got - tc.want).Abs() > time.Millisecond {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

func TestFigures(t *testing.T) {
	const s = time.Second
	r := result{
		callers: 2, ideal: 15 * s,
		calls: []call{
			{0, s / 2, 0, true}, {12 * s, 21 * s, 1, true}, {15 * s, 18 * s, 0, false},
			{21 * s, 23 * s, 0, true}, {25 * s, 26 * s, 0, true}, {30 * s, 31 * s, 0, true},
		},
		attempts: []qcloudtest.Request{{}, {Code: codes.InternalError}, {Code: codes.QuotaExceeded}, {}, {}, {}, {}, {}},
	}
	for name, figure := range map[string][2]float64{
		"rejected": {r.rejectedShare(), 1.0 / 8}, "failed": {r.failed(), 1},
		"p50": {r.latency(0.5), 2}, "slowest": {r.latency(1), 9}, "callers": {r.callerSpread(), 5},
	} {
		if math.Abs(figure[0]-figure[1]) > 1e-9 {
			t.Errorf("%s: %v, want %v", name, figure[0], figure[1])
		}
	}
	if !math.IsNaN(r.time()) {
		t.Errorf("time %v though a sixth of the calls failed", r.time())
	}
	r.calls = r.calls[3:]
	if got := r.time(); math.Abs(got-31.0/15) > 1e-9 {
		t.Errorf("time %v, want 31/15", got)
	}
}

func TestGoodputTable(t *testing.T) {
	run := func(f func()) { synctest.Test(t, func(*testing.T) { f() }) }
	s := scenarios()[0]
	s.calls = 200
	rows := compare(run, s, []peers.Peer{peerNamed(t, reference), peerNamed(t, noRetry)}, 2)
	var text strings.Builder
	table(&text, heads, rows)
	want := "| client | time / ideal | rejected | failed calls |"
	if got := text.String(); !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 4 {
		t.Errorf("got\n%s", got)
	}
	if rows[0][1] == "–" || rows[0][3] != "0" || rows[1][1] != "–" {
		t.Errorf("got %v", rows)
	}
}

func TestCostTable(t *testing.T) {
	before := flag.Lookup("test.benchtime").Value.String()
	flag.Set("test.benchtime", "1x")
	defer flag.Set("test.benchtime", before)
	clients, all := costClients(), exchanges()
	costs, err := measureAll(clients, all, 2)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	costTable(&text, clients, all, costs)
	if got, want := strings.Count(text.String(), "\n"), 2+len(all); got != want {
		t.Errorf("%d lines, want %d:\n%s", got, want, text.String())
	}
	for c, of := range costs {
		for e, got := range of {
			if got.nanoseconds <= 0 || got.allocations <= 0 {
				t.Errorf("%s, %s: %+v", clients[c].name, all[e].name, got)
			}
		}
	}
}

type shortened struct{}

func (shortened) RoundTrip(r *http.Request) (*http.Response, error) {
	return memory("{}").RoundTrip(r)
}

// A client that loses a part of the body is not fast.
func TestMeasureChecksTheBody(t *testing.T) {
	lossy := costClient{"lossy", func(http.RoundTripper) http.RoundTripper { return shortened{} }}
	if _, err := measureAll([]costClient{lossy}, exchanges()[:1], 1); err == nil {
		t.Error("no error for a lost body")
	}
}
