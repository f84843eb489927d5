package overhead

import (
	"flag"
	"net/http"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/benchmarks/internal/api"
)

func TestMeasure(t *testing.T) {
	before := flag.Lookup("test.benchtime").Value.String()
	flag.Set("test.benchtime", "1x")
	defer flag.Set("test.benchtime", before)
	clients, bodies := Clients(), Bodies()
	results, err := Measure(clients, bodies, 2)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	Markdown(&table, clients, bodies, results)
	if got, want := strings.Count(table.String(), "\n"), 2+len(clients); got != want {
		t.Errorf("%d lines, want %d:\n%s", got, want, table.String())
	}
	for c, of := range results {
		for b, r := range of {
			if r.NsPerOp <= 0 || r.AllocsPerOp <= 0 {
				t.Errorf("%s, %s: %+v", clients[c].Name, bodies[b].Name, r)
			}
		}
	}
}

type shortened struct{}

func (shortened) RoundTrip(r *http.Request) (*http.Response, error) {
	return api.Answer(r, "{}"), nil
}

// A client that loses a part of the body is not fast.
func TestMeasureChecksTheBody(t *testing.T) {
	lossy := Client{"lossy", func(http.RoundTripper) http.RoundTripper { return shortened{} }}
	if _, err := Measure([]Client{lossy}, Bodies()[:1], 1); err == nil {
		t.Error("no error for a lost body")
	}
}
