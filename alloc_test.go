//go:build !race

// The race detector allocates on its own account.

package qcloudhttp_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp"
)

// memory is a base transport that answers from memory.
type memory struct{ body string }

func (m *memory) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, ContentLength: int64(len(m.body)),
		Body: io.NopCloser(strings.NewReader(m.body)), Request: r,
	}, nil
}

// successes are bodies of either API.
func successes() []struct{ name, body string } {
	item := `{"host":"www.example.com","status":1,"origin":["192.0.2.1","192.0.2.2"],"note":"a \"b\" c"},`
	data := func(n int) string { return strings.TrimSuffix(strings.Repeat(item, n/len(item)), ",") }
	first := func(n int) string { return `{"code":0,"message":"","codeDesc":"Success","data":[` + data(n) + `]}` }
	last := func(n int) string { return `{"data":[` + data(n) + `],"codeDesc":"Success","message":"","code":0}` }
	nested := func(n int) string {
		return `{"message":"success","detail":{"a":{"code":0,"message":"","data":[` + data(n) + `]}},"code":0}`
	}
	v3 := func(n int) string {
		return `{"Response":{"TotalCount":9,"Set":[` + data(n) + `],"RequestId":"ed93f3cb-f35e-473f-b9f3-0d451b8b79c6"}}`
	}
	return []struct{ name, body string }{
		{"300B-code-first", first(250)}, {"300B-code-last", last(250)}, {"300B-code-nested", nested(250)},
		{"300B-3.0", v3(250)}, {"4KiB-3.0", v3(4 << 10)},
		{"1MiB-code-first", first(1 << 20)}, {"1MiB-code-last", last(1 << 20)},
	}
}

// A success costs one allocation more than a bare http.Client: the body that
// replays what was read of it. Where the code comes late, a second holds what was
// read.
func TestSuccessAllocations(t *testing.T) {
	for _, bench := range successes() {
		base := &memory{body: bench.body}
		req, _ := http.NewRequest(http.MethodGet, readAction, nil)
		count := func(rt http.RoundTripper) float64 {
			client := &http.Client{Transport: rt}
			return testing.AllocsPerRun(100, func() {
				resp, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			})
		}
		bare, ours := count(base), count(&qcloudhttp.Transport{Base: base})
		t.Logf("%s: %v allocations more than bare", bench.name, ours-bare)
		if more := ours - bare; more > 1 && !strings.HasPrefix(bench.name, "1MiB-code-last") || more > 2 {
			t.Errorf("%s: %v allocations more than bare", bench.name, more)
		}
	}
}
