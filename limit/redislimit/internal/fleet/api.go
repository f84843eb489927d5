// Package fleet runs several processes against one API on loopback: for the
// tests, the proof and the demo of redislimit.
package fleet

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// Count is what an API answered to a worker.
type Count struct{ Accepted, Rejected int }

// API is an API with one quota for all actions, which counts its answers.
type API struct {
	URL string

	server *httptest.Server
	mu     sync.Mutex
	counts map[string]Count
}

// nameHeader is how a worker tells the API who it is.
const nameHeader = "X-Fleet-Worker"

// NewAPI starts an API on loopback.
func NewAPI(quota *qcloudtest.Quota) *API {
	a := &API{counts: make(map[string]Count)}
	inner := qcloudtest.NewAPI(
		qcloudtest.WithQuotas(quota),
		qcloudtest.WithRequestLimit(1),
	)
	a.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &head{ResponseWriter: w}
		inner.ServeHTTP(answer, r)
		a.count(r.Header.Get(nameHeader), bytes.Contains(answer.first, []byte(`"code":4400`)))
	}))
	a.URL = a.server.URL + "/v2/index.php"
	return a
}

func (a *API) count(name string, rejected bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.counts[name]
	if rejected {
		c.Rejected++
	} else {
		c.Accepted++
	}
	a.counts[name] = c
}

// Counts returns what each worker was answered so far.
func (a *API) Counts() map[string]Count {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.counts)
}

// Close ends the API.
func (a *API) Close() { a.server.Close() }

// head keeps the beginning of an answer.
type head struct {
	http.ResponseWriter
	first []byte
}

func (h *head) Write(p []byte) (int, error) {
	if room := 64 - len(h.first); room > 0 {
		h.first = append(h.first, p[:min(room, len(p))]...)
	}
	return h.ResponseWriter.Write(p)
}

// Since returns what came to counts after before.
func Since(before, counts map[string]Count) map[string]Count {
	diff := make(map[string]Count, len(counts))
	for name, c := range counts {
		b := before[name]
		diff[name] = Count{c.Accepted - b.Accepted, c.Rejected - b.Rejected}
	}
	return diff
}

// Total adds counts up.
func Total(counts map[string]Count) (all Count) {
	for _, c := range counts {
		all.Accepted += c.Accepted
		all.Rejected += c.Rejected
	}
	return all
}
