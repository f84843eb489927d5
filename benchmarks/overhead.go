package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/peers"
)

// overhead prints what a successful call costs.
func overhead(args []string) error {
	flags := flag.NewFlagSet("overhead", flag.ExitOnError)
	rounds := flags.Int("rounds", 6, "measurements of which the least counts")
	each := flags.Duration("time", 50*time.Millisecond, "how long each lasts")
	flags.Parse(args)
	testing.Init()
	if err := flag.Set("test.benchtime", each.String()); err != nil {
		return err
	}
	results, err := measureAll(costClients(), exchanges(), max(*rounds, 1))
	if err != nil {
		return err
	}
	costTable(os.Stdout, costClients(), exchanges(), results)
	return nil
}

// exchange is a request and its success.
type exchange struct {
	name   string
	action string // of API 3.0, in a header; "" for API 2.0
	send   string // "" for a GET
	body   string // of the success
}

func exchanges() []exchange {
	const item = `{"host":"www.example.com","status":1,"origin":["192.0.2.1","192.0.2.2"],"note":"a \"b\" c"},`
	const nested = `{"host":"www.example.com","code":1,"origin":["192.0.2.1","192.0.2.2"],"task":{"code":7}},`
	list := func(item string, n int) string { return strings.TrimSuffix(strings.Repeat(item, n/len(item)), ",") }
	first := func(n int) string {
		return `{"code":0,"message":"","codeDesc":"Success","data":[` + list(item, n) + `]}`
	}
	last := func(item string, n int) string {
		return `{"data":[` + list(item, n) + `],"codeDesc":"Success","message":"","code":0}`
	}
	v3 := func(n int) string {
		return `{"Response":{"TotalCount":1,"Hosts":[` + list(item, n) + `],"RequestId":"6b1e2c52-ed93-4f3c"}}`
	}
	const form = "Action=GetDsaHostList&Timestamp=1480000000&Nonce=4242&offset=0&limit=20"
	const change = "Action=OnlineDsaHost&Timestamp=1480000000&Nonce=4242&hostId=1001"
	return []exchange{
		{"300 B", "", "", first(250)},
		{"300 B, nested `code` before the code", "", "", last(nested, 250)},
		{"300 B, a POST form", "", form, first(250)},
		{"300 B, a POST form that changes something", "", change, first(250)},
		{"API 3.0, 300 B", "DescribeDomains", `{"Limit":20}`, v3(250)},
		{"API 3.0, 4 KiB", "DescribeDomains", `{"Limit":20}`, v3(4 << 10)},
		{"1 MiB, code first", "", "", first(1 << 20)},
		{"1 MiB, code last", "", "", last(item, 1<<20)},
	}
}

func (ex exchange) request() (*http.Request, error) {
	if ex.send == "" {
		return http.NewRequest(http.MethodGet, endpoint, nil)
	}
	url, contentType := "https://dsa.api.qcloud.com/v2/index.php", "application/x-www-form-urlencoded"
	if ex.action != "" {
		url, contentType = "https://ecdn.tencentcloudapi.com/", "application/json"
	}
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(ex.send))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", contentType)
	if ex.action != "" {
		req.Header.Set("X-TC-Action", ex.action)
		req.Header.Set("X-TC-Version", "2019-10-12")
	}
	return req, nil
}

// costClient is one to measure.
type costClient struct {
	name string
	over func(base http.RoundTripper) http.RoundTripper
}

// costClients are http.Client as it is, the first one, ours, and one that goes
// by the HTTP status, so that it does not see this API's failures.
func costClients() []costClient {
	return []costClient{
		{"http.Client", func(base http.RoundTripper) http.RoundTripper { return base }},
		{peers.Ours, func(base http.RoundTripper) http.RoundTripper { return &qcloudhttp.Transport{Base: base} }},
		{"go-retryablehttp, by status", peers.ByStatus},
	}
}

// cost is that of one client and exchange.
type cost struct {
	nanoseconds float64
	allocations int64
}

// measureAll takes the least of several rounds, the clients taking turns, so
// that what else the machine does falls on all of them alike. The costs are
// those of each client and exchange.
func measureAll(clients []costClient, all []exchange, rounds int) ([][]cost, error) {
	costs := make([][]cost, len(clients))
	for i := range costs {
		costs[i] = make([]cost, len(all))
	}
	for round := range rounds {
		for e, ex := range all {
			for c, client := range clients {
				got, err := measure(client, ex)
				if err != nil {
					return nil, fmt.Errorf("%s, %s: %w", client.name, ex.name, err)
				}
				if round == 0 || got.nanoseconds < costs[c][e].nanoseconds {
					costs[c][e] = got
				}
			}
		}
	}
	return costs, nil
}

func measure(c costClient, ex exchange) (cost, error) {
	client := &http.Client{Transport: c.over(memory(ex.body))}
	req, err := ex.request()
	if err != nil {
		return cost{}, err
	}
	buf := make([]byte, 32<<10)
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err = callOnce(client, req, buf, len(ex.body)); err != nil {
				return
			}
		}
	})
	return cost{float64(r.T.Nanoseconds()) / float64(r.N), r.AllocsPerOp()}, err
}

// memory is a base that answers at once.
type memory string

func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body.Close()
	}
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		ContentLength: int64(len(m)), Body: io.NopCloser(strings.NewReader(string(m))), Request: r,
	}, nil
}

// callOnce makes a call and reads its body to the end, which must be want bytes.
func callOnce(client *http.Client, req *http.Request, buf []byte, want int) (err error) {
	if req.GetBody != nil {
		if req.Body, err = req.GetBody(); err != nil {
			return err
		}
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	for err == nil {
		var n int
		n, err = resp.Body.Read(buf)
		want -= n
	}
	if err != io.EOF || want != 0 {
		return fmt.Errorf("%d bytes are missing: %w", want, err)
	}
	return nil
}

// costTable writes the times as multiples of the first client's, and the
// allocations.
func costTable(w io.Writer, clients []costClient, all []exchange, costs [][]cost) {
	heads := []string{"time of a success / http.Client's (allocations)"}
	for _, c := range clients {
		heads = append(heads, c.name)
	}
	var rows [][]string
	for e, ex := range all {
		bare := costs[0][e]
		cells := []string{ex.name, fmt.Sprintf("%.3g µs (%d)", bare.nanoseconds/1e3, bare.allocations)}
		for c := range clients[1:] {
			got := costs[c+1][e]
			cells = append(cells, fmt.Sprintf("%.2f (%d)", got.nanoseconds/bare.nanoseconds, got.allocations))
		}
		rows = append(rows, cells)
	}
	table(w, heads, rows)
}
