package peers

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// answers is a base that gives the bodies one after the other, and the last
// one again and again.
type answers struct {
	bodies   []string
	attempts int
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	body := a.bodies[min(a.attempts, len(a.bodies)-1)]
	a.attempts++
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

const (
	success   = `{"code":0,"message":"","codeDesc":"Success","data":{"totalCount":0}}`
	throttled = `{"code":4400,"message":"请求超过限额配置，请稍后重试。","codeDesc":"RequestLimitExceeded"}`
	internal  = `{"code":6000,"message":"服务器内部错误","codeDesc":"InternalError"}`
	invalid   = `{"code":4000,"message":"(2000)加速域名不存在","codeDesc":"InvalidParameter"}`
)

// Each peer finds the failures in the body, repeats what is worth it,
// and hands the answer over whole.
func TestPeersRetryByTheBody(t *testing.T) {
	for _, p := range All() {
		for _, tc := range []struct {
			name     string
			bodies   []string
			attempts int
		}{
			{"success", []string{success}, 1},
			{"throttled twice", []string{throttled, throttled, success}, 3},
			{"internal error once", []string{internal, success}, 2},
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
	resp, err := client.Get("https://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList")
	last := bodies[min(attempts, len(bodies))-1]
	switch {
	case err == nil:
		defer resp.Body.Close()
		if got, err := io.ReadAll(resp.Body); string(got) != last || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, last)
		}
	case last == success:
		t.Error(err)
	}
	if base.attempts != attempts {
		t.Errorf("%d attempts, want %d", base.attempts, attempts)
	}
}

func TestByStatusLeavesTheBodyAlone(t *testing.T) {
	base := &answers{bodies: []string{throttled, success}}
	resp, err := (&http.Client{Transport: ByStatus(base)}).Get("https://dsa.api.qcloud.com/")
	if err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if string(got) != throttled || base.attempts != 1 {
		t.Errorf("%q after %d attempts", got, base.attempts)
	}
}
