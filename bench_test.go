package qcloudhttp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/qcloudhttp/qcloudhttp"
)

// memory is a base transport that answers from memory.
type memory struct {
	body   string
	header http.Header
}

func (m *memory) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: m.header, ContentLength: int64(len(m.body)),
		Body: io.NopCloser(strings.NewReader(m.body)), Request: r,
	}, nil
}

// benchBodies are successes of either API.
func benchBodies() []struct{ name, body string } {
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

// decodingCheckRetry is what users of go-retryablehttp write by hand.
func decodingCheckRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if err != nil || ctx.Err() != nil {
		return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return true, nil
	}
	var envelope struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return false, nil
	}
	return envelope.Code == 4400 || envelope.Code == 6000 || envelope.Code == 6200, nil
}

// BenchmarkOverhead compares what a success costs, the body read to its end.
func BenchmarkOverhead(b *testing.B) {
	for _, bench := range benchBodies() {
		base := &memory{body: bench.body, header: http.Header{"Content-Type": {"application/json"}}}
		req, err := http.NewRequest(http.MethodGet, readAction, nil)
		if err != nil {
			b.Fatal(err)
		}
		bare := &http.Client{Transport: base}
		ours := &http.Client{Transport: &qcloudhttp.Transport{Base: base}}
		b.Run(bench.name+"/bare", func(b *testing.B) { benchmarkCalls(b, func() (*http.Response, error) { return bare.Do(req) }) })
		b.Run(bench.name+"/ours", func(b *testing.B) { benchmarkCalls(b, func() (*http.Response, error) { return ours.Do(req) }) })
		for name, check := range map[string]retryablehttp.CheckRetry{
			"retryablehttp-status": retryablehttp.DefaultRetryPolicy, "retryablehttp-decoding": decodingCheckRetry,
		} {
			peer := retryablehttp.NewClient()
			peer.HTTPClient, peer.Logger, peer.CheckRetry = &http.Client{Transport: base}, nil, check
			client := peer.StandardClient()
			b.Run(bench.name+"/"+name, func(b *testing.B) {
				benchmarkCalls(b, func() (*http.Response, error) { return client.Do(req) })
			})
		}
	}
}

func benchmarkCalls(b *testing.B, do func() (*http.Response, error)) {
	buf := make([]byte, 32<<10)
	b.ReportAllocs()
	for b.Loop() {
		resp, err := do()
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			_, err = resp.Body.Read(buf)
		}
		if err != io.EOF {
			b.Fatal(err)
		}
		resp.Body.Close()
	}
}

// A success costs one allocation more than a bare http.Client, the body that
// replays what was read of it: nothing of the call may escape to the heap.
func TestSuccessAllocations(t *testing.T) {
	for _, bench := range benchBodies()[:5] { // the race detector is slow with the long ones
		base := &memory{body: bench.body}
		req, _ := http.NewRequest(http.MethodGet, readAction, nil)
		count := func(rt http.RoundTripper) float64 {
			client := &http.Client{Transport: rt}
			return testing.AllocsPerRun(1000, func() {
				resp, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			})
		}
		bare, ours := count(base), count(&qcloudhttp.Transport{Base: base})
		if more := ours - bare; more > 1 {
			t.Errorf("%s: %v allocations more than bare", bench.name, more)
		}
	}
}
