package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
)

// world is the API, as a RoundTripper in memory that meets every fault, and
// the Observer. It counts the bodies that are open, of requests and responses.
type world struct {
	attempts, open   atomic.Int64
	events, heldBack atomic.Int64 // of the transport that is observed
	results          sync.Map     // name -> *atomic.Int64
	transports       []*qcloudhttp.Transport
}

func newWorld() *world {
	w := new(world)
	w.transports = transports(w)
	return w
}

// Observe counts events, and the attempts that were held back.
func (w *world) Observe(_ context.Context, e qcloudhttp.Event) {
	w.events.Add(1)
	if e.Kind == qcloudhttp.EventAttempt && e.Queued > 10*time.Millisecond {
		w.heldBack.Add(1)
	}
}

// outageEvery is the number of attempts from one outage to the next, and
// outageFor how many of them the outage lasts.
const (
	outageEvery = 500_000
	outageFor   = 100
)

// RoundTrip reads the request and answers it somehow.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	n := w.attempts.Add(1)
	if r.Body != nil {
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if n%outageEvery > outageEvery-outageFor {
		return nil, syscall.ECONNRESET
	}
	return w.meet(r, rand.IntN(10_000))
}

// meet answers by one of 10,000 fates.
func (w *world) meet(r *http.Request, fate int) (*http.Response, error) {
	switch {
	case fate < 6500:
		return w.answer(r, 200, success), nil
	case fate < 7500:
		return w.answer(r, 200, longSuccess), nil
	case fate < 7600:
		resp := w.answer(r, 200, zipped)
		resp.Header.Set("Content-Encoding", "gzip")
		return resp, nil
	case fate < 8000:
		return w.answer(r, 200, `{"code":6000,"message":"(1000)x","codeDesc":"InternalError"}`), nil
	case fate < 8400:
		return nil, syscall.ECONNRESET
	case fate < 8700:
		return w.broken(r, success[:rand.IntN(len(success))]), nil
	case fate < 8900:
		return w.answer(r, 502, "<html>"+strings.Repeat("x", 5000)), nil
	case fate < 9200:
		return w.answer(r, 200, `{"code":4000,"message":"(2002)x","codeDesc":"InvalidParameter"}`), nil
	case fate < 9400:
		return w.answer(r, 200, `{"code":4500,"message":"x","codeDesc":"ReplayAttack"}`), nil
	case fate < 9500:
		return w.answer(r, 302, ""), nil
	case fate < 9501:
		return w.answer(r, 200, `{"code":4400,"message":"x","codeDesc":"RequestLimitExceeded"}`), nil
	case fate < 9600 && r.Context().Done() != nil:
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return w.answer(r, 200, "[1,2,3]"), nil
}

const success = `{"code":0,"message":"","codeDesc":"Success","data":{"hosts":[{"host":"www.example.com"}]}}`

var longSuccess = `{"data":"` + strings.Repeat("x", 20<<10) + `","code":0}`

var zipped = func() string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, longSuccess)
	z.Close()
	return b.String()
}()

func (w *world) answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: w.body(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}

func (w *world) broken(r *http.Request, body string) *http.Response {
	resp := w.answer(r, 200, "")
	resp.Body.Close()
	resp.Body, resp.ContentLength = w.body(io.MultiReader(strings.NewReader(body), cut{})), -1
	return resp
}

type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// body is one that is counted until it is closed.
func (w *world) body(r io.Reader) io.ReadCloser {
	w.open.Add(1)
	return &counted{Reader: r, open: &w.open}
}

type counted struct {
	io.Reader
	open   *atomic.Int64
	closed atomic.Bool
}

func (c *counted) Close() error {
	if !c.closed.Swap(true) {
		c.open.Add(-1)
	}
	return nil
}

// note counts what became of a call.
func (w *world) note(name string) {
	count, _ := w.results.LoadOrStore(name, new(atomic.Int64))
	count.(*atomic.Int64).Add(1)
}

type outcome struct {
	name  string
	count int64
}

// outcomes returns what became of the calls, the most frequent first.
func (w *world) outcomes() []outcome {
	all := []outcome{
		{"events observed", w.events.Load()},
		{"attempts held back by more than 10 ms, of those observed", w.heldBack.Load()},
	}
	w.results.Range(func(name, count any) bool {
		all = append(all, outcome{name.(string), count.(*atomic.Int64).Load()})
		return true
	})
	slices.SortFunc(all[2:], func(a, b outcome) int { return cmp.Compare(b.count, a.count) })
	return all
}
