package scenario

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/api"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/bubble"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/load"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
)

const reference, retrying, noRetry = "x/time/rate, told the quota", "go-retryablehttp", "no retry"

// play plays a scenario, with calls calls (0: all).
func play(t *testing.T, scenario, peer string, calls int) Run {
	t.Helper()
	s, ok := Named(scenario)
	if !ok {
		t.Fatalf("no scenario %q", scenario)
	}
	if calls > 0 {
		s.Calls = calls
	}
	var r Run
	bubble.In(t).Run(func() { r = s.Play(peers.Named(peer)[0], 1) })
	if calls > 0 && len(r.Calls) != calls {
		t.Fatalf("%d calls were made, want %d", len(r.Calls), calls)
	}
	return r
}

// Who knows a bucket's quota needs the ideal time and is never rejected: the
// harness itself costs nothing.
func TestReferenceReachesTheIdeal(t *testing.T) {
	for _, name := range []string{"A", "D", "F"} {
		r := play(t, name, reference, 1000)
		if time := r.Time(); math.Abs(time-1) > 0.005 || r.RejectedShare() != 0 || r.Failed() != 0 {
			t.Errorf("%s: %.3f of the ideal time, %.2f%% rejected, %v calls failed", name, time, 100*r.RejectedShare(), r.Failed())
		}
		if r.CallerSpread() > 1.2 || r.AttemptsPerCall() != 1 {
			t.Errorf("%s: callers differ by %.2f, %.2f attempts per call", name, r.CallerSpread(), r.AttemptsPerCall())
		}
	}
}

// Without retries the calls fail that the quota rejects, and only they.
func TestNoRetryFailsWhatIsRejected(t *testing.T) {
	for _, name := range []string{"A", "B", "B2", "C", "E"} {
		r := play(t, name, noRetry, 2000)
		if r.AttemptsPerCall() != 1 || r.RejectedShare() != r.FailedShare() || r.FailedShare() < 0.3 {
			t.Errorf("%s: %.2f attempts per call, %.2f rejected, %.2f failed", name, r.AttemptsPerCall(), r.RejectedShare(), r.FailedShare())
		}
		if !math.IsNaN(r.Time()) {
			t.Errorf("%s: failing is counted as fast: %.2f", name, r.Time())
		}
	}
}

// Backoff alone finishes, with many rejections and late.
func TestBackoffAlone(t *testing.T) {
	r := play(t, "A", retrying, 2000)
	if r.Failed() > 0 || r.RejectedShare() < 0.15 || r.Time() < 1.1 || r.CallerSpread() < 5 {
		t.Errorf("%v failed, %.2f rejected, %.2f of the ideal time, callers differ by %.1f",
			r.Failed(), r.RejectedShare(), r.Time(), r.CallerSpread())
	}
}

func TestOutageWithoutRetries(t *testing.T) {
	r := play(t, "G", noRetry, 0)
	if len(r.Calls) != 40*180 || r.Failed() != 2400 || r.AttemptsInOutage() != 1 {
		t.Errorf("%d calls, %v failed, %.2f attempts in the outage", len(r.Calls), r.Failed(), r.AttemptsInOutage())
	}
	if peak := r.PeakAfterOutage(); peak < 40 || peak > 41 {
		t.Errorf("the peak is %v", peak)
	}
}

func TestFlakyWithoutRetries(t *testing.T) {
	if share := play(t, "H", noRetry, 0).SuccessShare(); math.Abs(share-0.7) > 0.03 {
		t.Errorf("%.3f succeeded, want about 0.7", share)
	}
}

// Nobody is held up under light load.
func TestLightLoad(t *testing.T) {
	for _, p := range peers.All() {
		r := play(t, "I", p.Name, 0)
		if r.Failed() > 0 || r.AttemptsPerCall() != 1 || r.Latency(1) > 0.022 {
			t.Errorf("%s: %v failed, %.2f attempts per call, the slowest took %.3f s", p.Name, r.Failed(), r.AttemptsPerCall(), r.Latency(1))
		}
	}
}

// A client without a random source of its own does the same for the same seed.
func TestSameSeedSameRun(t *testing.T) {
	for _, peer := range []string{noRetry, retrying, reference} {
		first, second := play(t, "E", peer, 1000), play(t, "E", peer, 1000)
		if !reflect.DeepEqual(first.Attempts, second.Attempts) || !reflect.DeepEqual(first.Calls, second.Calls) {
			t.Errorf("%s: two runs differ", peer)
		}
	}
}

// Every client comes to an end, in the scenarios that need the most of them.
func TestAllPeersFinish(t *testing.T) {
	for _, p := range peers.All() {
		for _, name := range []string{"A", "D2", "F"} {
			r := play(t, name, p.Name, 500)
			if p.Name != noRetry && r.FailedShare() > 0.01 {
				t.Errorf("%s, %s: %v calls failed", name, p.Name, r.Failed())
			}
		}
	}
}

// outOfReach are the goals that ours can't reach with its defaults, and why.
var outOfReach = map[string]string{
	"H": "0.3^5, 0.24 % of the calls, meet a failure in each of MaxAttempts' 5 attempts; 6 would do",
}

// Ours reaches its goals, through the whole of the Transport.
func TestOursReachesItsGoals(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	for _, s := range All() {
		t.Run(s.Name, func(t *testing.T) {
			if why := outOfReach[s.Name]; why != "" {
				t.Skip(why)
			}
			table := Play(bubble.In(t), s, peers.Named(peers.Ours), 1)
			for _, missed := range table.Missed() {
				t.Errorf("misses its goal: %s", missed)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	s := Scenario{Name: "X", Title: "a test", Columns: closed(1.02, 0.015, 2.6, 1.2)[:3]}
	table := Table{s, peers.Named(peers.Ours, noRetry), [][]float64{{1.5, 0.01, 0}, {math.NaN(), 0.9, 42}}}
	var got strings.Builder
	table.Markdown(&got)
	want := `### X: a test

| client | time / ideal | rejected | failed calls |
| --- | ---: | ---: | ---: |
| *goal for qcloudhttp* | ≤ 1.020 | ≤ 1.50 % | 0 |
| qcloudhttp | 1.500 | 1.00 % | 0 |
| no retry | – | 90.00 % | 42 |

qcloudhttp misses its goal: time / ideal 1.500.

`
	if got.String() != want {
		t.Errorf("got\n%s", got.String())
	}
}

func TestFigures(t *testing.T) {
	const s = time.Second
	r := Run{
		s:     Scenario{Callers: 2, Clients: 2, OutageBegin: 10 * s, OutageEnd: 20 * s, For: 40 * s},
		Ideal: 15 * s,
		Calls: []load.Call{
			{Start: 0, Latency: s / 2, OK: true},
			{Start: 12 * s, Latency: 9 * s, OK: true, Caller: 1, Client: 1},
			{Start: 15 * s, Latency: 3 * s},
			{Start: 21 * s, Latency: 2 * s, OK: true},
			{Start: 25 * s, Latency: s, OK: true},
			{Start: 30 * s, Latency: s, OK: true},
		},
		Attempts: []api.Arrival{
			{At: 9 * s}, {At: 12 * s, Code: 6000}, {At: 13 * s, Code: 6000}, {At: 19500 * time.Millisecond, Code: 4400},
			{At: 20 * s}, {At: 20100 * time.Millisecond}, {At: 20900 * time.Millisecond}, {At: 21500 * time.Millisecond},
		},
	}
	for name, figure := range map[string][2]float64{
		"rejected":             {r.RejectedShare(), 1.0 / 8},
		"failed":               {r.Failed(), 1},
		"p50":                  {r.Latency(0.5), 2},
		"slowest":              {r.Latency(1), 9},
		"callers":              {r.CallerSpread(), 5},
		"clients":              {r.ClientSpread(), 5},
		"attempts in outage":   {r.AttemptsInOutage(), 1.5},
		"peak after outage":    {r.PeakAfterOutage(), 3},
		"prompt after outage":  {r.PromptAfterOutage(), 5},
		"attempts of all":      {r.AttemptsPerCall(), 8.0 / 6},
		"share that succeeded": {r.SuccessShare(), 5.0 / 6},
	} {
		if math.Abs(figure[0]-figure[1]) > 1e-9 {
			t.Errorf("%s: %v, want %v", name, figure[0], figure[1])
		}
	}
	if !math.IsNaN(r.Time()) {
		t.Errorf("time %v though a sixth of the calls failed", r.Time())
	}
	r.Calls = r.Calls[3:]
	if got := r.Time(); math.Abs(got-31.0/15) > 1e-9 {
		t.Errorf("time %v, want 31/15", got)
	}
}

func TestGoals(t *testing.T) {
	for _, tc := range []struct {
		g    *Goal
		v    float64
		want bool
	}{
		{atMost(1), 1, true}, {atMost(1), 1.01, false}, {atMost(1), math.NaN(), false},
		{atLeast(0.999), 0.9991, true}, {atLeast(0.999), 0.99, false},
	} {
		if got := tc.g.Met(tc.v); got != tc.want {
			t.Errorf("%+v met by %v: %v", *tc.g, tc.v, got)
		}
	}
}
