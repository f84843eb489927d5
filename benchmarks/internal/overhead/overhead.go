// Package overhead measures what a successful call costs with each client, in
// real time, the service answering from memory.
package overhead

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/api"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/load"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
)

// Body is a success.
type Body struct{ Name, Text string }

// Bodies are successes of two sizes with the code at either end.
func Bodies() []Body {
	const item = `{"host":"www.example.com","status":1,"origin":["192.0.2.1","192.0.2.2"],"note":"a \"b\" c"},`
	data := func(n int) string { return strings.TrimSuffix(strings.Repeat(item, n/len(item)), ",") }
	first := func(n int) string { return `{"code":0,"message":"","codeDesc":"Success","data":[` + data(n) + `]}` }
	last := func(n int) string { return `{"data":[` + data(n) + `],"codeDesc":"Success","message":"","code":0}` }
	return []Body{
		{"300 B, code first", first(250)}, {"300 B, code last", last(250)},
		{"1 MiB, code first", first(1 << 20)}, {"1 MiB, code last", last(1 << 20)},
	}
}

// Client is one to measure.
type Client struct {
	Name string
	New  func(base http.RoundTripper) http.RoundTripper
}

// Clients are http.Client as it is, the first one, ours, and the peers that
// are RoundTrippers; those that go by the HTTP status do not see our API's
// failures.
func Clients() []Client {
	client := func(label, name string, s peers.Settings) Client {
		p := peers.Named(name)[0]
		return Client{label, func(base http.RoundTripper) http.RoundTripper { return p.New(base, s) }}
	}
	byStatus := peers.Settings{ByStatus: true}
	return []Client{
		client("http.Client", "no retry", byStatus),
		client(peers.Ours, peers.Ours, peers.Settings{}),
		client("go-retryablehttp, by status", "go-retryablehttp", byStatus),
		client("go-retryablehttp, decoding", "go-retryablehttp", peers.Settings{}),
		client("failsafehttp, by status", "failsafe-go", byStatus),
	}
}

// Result is one client's cost with one body.
type Result struct {
	NsPerOp     float64
	AllocsPerOp int64
}

// Measure takes the least of several rounds, the clients taking turns, so that
// what else the machine does falls on all of them alike. The results are those
// of each client and body.
func Measure(clients []Client, bodies []Body, rounds int) ([][]Result, error) {
	results := make([][]Result, len(clients))
	for i := range results {
		results[i] = make([]Result, len(bodies))
	}
	for round := range rounds {
		for b, body := range bodies {
			for c, client := range clients {
				got, err := measure(client, body)
				if err != nil {
					return nil, fmt.Errorf("%s, %s: %w", client.Name, body.Name, err)
				}
				if round == 0 || got.NsPerOp < results[c][b].NsPerOp {
					results[c][b] = got
				}
			}
		}
	}
	return results, nil
}

func measure(c Client, body Body) (Result, error) {
	client := &http.Client{Transport: c.New(memory(body.Text))}
	req, err := http.NewRequest(http.MethodGet, load.URL, nil)
	if err != nil {
		return Result{}, err
	}
	buf := make([]byte, 32<<10)
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err = call(client, req, buf, len(body.Text)); err != nil {
				return
			}
		}
	})
	return Result{float64(r.T.Nanoseconds()) / float64(r.N), r.AllocsPerOp()}, err
}

// memory answers at once.
type memory string

func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	return api.Answer(r, string(m)), nil
}

// call reads the body to its end.
func call(client *http.Client, req *http.Request, buf []byte, want int) error {
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	for n := 0; ; {
		m, err := resp.Body.Read(buf)
		n += m
		switch {
		case err == io.EOF && n == want:
			return nil
		case err == io.EOF:
			return fmt.Errorf("%d bytes came, of %d", n, want)
		case err != nil:
			return err
		}
	}
}

// Markdown writes the table: times through the first client's.
func Markdown(w io.Writer, clients []Client, bodies []Body, results [][]Result) {
	heads, rule := []string{"time of a success / http.Client's (allocations)"}, []string{"---"}
	for _, b := range bodies {
		heads, rule = append(heads, b.Name), append(rule, "---:")
	}
	row(w, heads)
	row(w, rule)
	for c, client := range clients {
		cells := []string{client.Name}
		for b, got := range results[c] {
			bare := results[0][b].NsPerOp
			cell := fmt.Sprintf("%.2f (%d)", got.NsPerOp/bare, got.AllocsPerOp)
			if c == 0 {
				cell = fmt.Sprintf("%.3g µs (%d)", bare/1e3, got.AllocsPerOp)
			}
			cells = append(cells, cell)
		}
		row(w, cells)
	}
}

func row(w io.Writer, cells []string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }
