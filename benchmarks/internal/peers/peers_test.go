package peers

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/api"
)

// answers is a base that gives the bodies one after the other, and the last
// one again and again.
type answers struct {
	bodies []string
	sent   []string // the requests' bodies
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		sent = string(b)
		r.Body.Close()
	}
	body := a.bodies[min(len(a.sent), len(a.bodies)-1)]
	a.sent = append(a.sent, sent)
	return api.Answer(r, body), nil
}

const invalid = `{"code":4000,"message":"(2000)加速域名不存在","codeDesc":"InvalidParameter"}`

// Each peer finds the failures in the body, repeats what is worth it with the
// whole request, and hands the answer over whole.
func TestPeersRetryByTheBody(t *testing.T) {
	for _, p := range All() {
		for _, tc := range []struct {
			name     string
			bodies   []string
			attempts int
		}{
			{"success", []string{api.Success}, 1},
			{"throttled twice", []string{api.Throttled, api.Throttled, api.Success}, 3},
			{"internal error once", []string{api.Internal, api.Success}, 2},
			{"permanent", []string{invalid}, 1},
		} {
			if p.Name == "no retry" {
				tc.attempts = 1
			}
			t.Run(p.Name+"/"+tc.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					checkCall(t, p, tc.bodies, tc.attempts)
				})
			})
		}
	}
}

func checkCall(t *testing.T, p Peer, bodies []string, attempts int) {
	base := &answers{bodies: bodies}
	client := &http.Client{Transport: p.New(base, Settings{Rate: 50, Burst: 1})}
	resp, err := client.Post("https://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList",
		"application/x-www-form-urlencoded", strings.NewReader("offset=0"))
	last := bodies[min(attempts, len(bodies))-1]
	switch {
	case err == nil:
		defer resp.Body.Close()
		if got, err := io.ReadAll(resp.Body); string(got) != last || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, last)
		}
	case last == api.Success:
		t.Error(err)
	}
	if len(base.sent) != attempts {
		t.Errorf("%d attempts, want %d", len(base.sent), attempts)
	}
	for i, sent := range base.sent {
		if sent != "offset=0" {
			t.Errorf("attempt %d sent %q", i+1, sent)
		}
	}
}

func TestByStatusLeavesTheBodyAlone(t *testing.T) {
	for _, p := range Named("go-retryablehttp", "cenkalti/backoff", "failsafe-go", "aws-sdk-go-v2 adaptive") {
		base := &answers{bodies: []string{api.Throttled, api.Success}}
		client := &http.Client{Transport: p.New(base, Settings{ByStatus: true, Quick: true})}
		resp, err := client.Get("https://dsa.api.qcloud.com/")
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(got) != api.Throttled || len(base.sent) != 1 {
			t.Errorf("%s: %q after %d attempts", p.Name, got, len(base.sent))
		}
	}
}
