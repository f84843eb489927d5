package main

import (
	"bufio"
	"bytes"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// TestDemo plays in virtual time, so that it takes none, and as long as it takes
// a spectator.
func TestDemo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		c := &cli{stdout: bufio.NewWriter(&out)}
		api := qcloudtest.NewAPI(demoAPI()...)
		start := time.Now()
		if err := c.playDemo(api, "http://127.0.0.1:1/v2/index.php", api.Transport()); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if took := time.Since(start); took < time.Second || took > 10*time.Second {
			t.Errorf("the demo takes %v", took)
		}
		checkDemo(t, out.String())
	})
}

// TestDemoOnLoopback is what the command plays.
func TestDemoOnLoopback(t *testing.T) {
	got := qcerr(t, "demo")
	if got.status != exitOK || got.stderr != "" {
		t.Fatalf("exit %d: %s\n%s", got.status, got.stderr, got.stdout)
	}
	contains(t, "demo", got.stdout, "http://127.0.0.1:", "✓ all 13 calls", "All came out as it should")
}

func checkDemo(t *testing.T, out string) {
	t.Helper()
	for _, line := range []string{
		`GetDsaHostList  attempt 1 failed: 4400 QuotaExceeded: `,
		`GetDsaHostList  attempt \d+ done`,
		`CreateDsaHost   attempt 1 failed: 1014 OperationInProgress: `,
		`CreateDsaHost   attempt 2 failed: 6200 ServiceUnavailable: `,
		`CreateDsaHost   attempt 3 failed: 6000 InternalError: `,
		`CreateDsaHost   attempt 4 done`,
		`CreateDsaHost   attempt 2 failed: 4500 ReplayAttack: `,
		`CreateDsaHost   attempt 1 failed: 2002 DomainNotFiled: `,
		`✓ all 13 calls were answered`,
		`All came out as it should, in \d`,
	} {
		if !regexp.MustCompile(line).MatchString(out) {
			t.Errorf("%s is missing in\n%s", line, out)
		}
	}
	if strings.Contains(out, "✗") || regexp.MustCompile(`\p{Han}|in 0\.0 s\n|Signature|`+demoID).MatchString(out) {
		t.Errorf("the demo prints\n%s", out)
	}
	checkSilence(t, out)
}

var clock = regexp.MustCompile(`(?m)^ +(\d+\.\d\d) s  (\S+) +attempt (\d+) (failed|follows|done)(.*)`)

// checkSilence makes sure that every attempt which fails and is made again says
// so, so that no pause is without a word.
func checkSilence(t *testing.T, out string) {
	t.Helper()
	failed, follows := 0, 0
	for _, m := range clock.FindAllStringSubmatch(out, -1) {
		switch m[4] {
		case "failed":
			failed++
			if strings.Contains(m[5], "it follows") {
				follows++
			}
		case "follows":
			follows++
		}
	}
	if final := 2; follows == 0 || follows != failed-final { // 4500 and 2002 end their calls
		t.Errorf("%d attempts failed, and %d follow:\n%s", failed, follows, out)
	}
}

// TestDemoCanFail plays against an API that behaves otherwise.
func TestDemoCanFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		c := &cli{stdout: bufio.NewWriter(&out)}
		api := qcloudtest.NewAPI(demoAPI()...)
		api.NextFor("CreateDsaHost", 1, qcloudtest.Code(codes.DomainExists))
		err := c.playDemo(api, "http://127.0.0.1:1/v2/index.php", api.Transport())
		if err == nil || !strings.Contains(err.Error(), "not met") || !strings.Contains(out.String(), "✗") {
			t.Errorf("%v\n%s", err, out.String())
		}
	})
}
