package faulttests

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// mutations is how many calls TestExactlyOnce makes for each order of the API's
// checks. The full run, of some minutes, is
//
//	go test -run TestExactlyOnce -v ./internal/faulttests -mutations 100000
var mutations = flag.Int("mutations", 2000, "the calls that TestExactlyOnce makes")

// sort is a sort of mutation: what protects it from a second execution.
type sort string

const (
	v2Post     sort = "v2 POST with a Nonce"
	v2GET      sort = "v2 GET with a Nonce"
	v3Token    sort = "3.0 with a ClientToken"
	v3Bare     sort = "3.0 without a token"
	repeatable sort = "v2, repeatable" // runs again after 6000, which is counted apart
)

var sorts = []sort{v2Post, v2GET, v3Token, v3Bare, repeatable}

// request is the mutation with that id.
func (s sort) request(ctx context.Context, endpoint, id string) *http.Request {
	switch s {
	case v3Token, v3Bare:
		body := map[string]string{"id": id}
		if s == v3Token {
			body["ClientToken"] = "token-" + id
		}
		r := must(http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/", strings.NewReader(string(must(json.Marshal(body))))))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-TC-Action", "RunInstances")
		r.Header.Set("X-TC-Version", "2017-03-12")
		return r
	}
	form := url.Values{"Action": {"RunInstances"}, "id": {id}}
	if s == repeatable {
		form.Set("Action", "FlushCache")
	}
	if s == v2GET {
		return must(http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/v2/index.php?"+form.Encode(), nil))
	}
	r := must(http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/v2/index.php", strings.NewReader(form.Encode())))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// books is an API that keeps books of what it executes. It executes a Nonce and
// a ClientToken once, fails at random, and checks the Nonce before the quota or
// after it.
type books struct {
	nonceFirst bool

	mu       sync.Mutex
	random   *rand.Rand
	spent    map[string]bool // Nonces and ClientTokens
	whole    map[string]int  // requests that came whole, by id
	executed map[string]int
	resent   int // requests without protection that the Transport sent after their execution
}

func newBooks(nonceFirst bool) *books {
	return &books{
		nonceFirst: nonceFirst, random: rand.New(rand.NewPCG(1, 2)),
		spent: map[string]bool{}, whole: map[string]int{}, executed: map[string]int{},
	}
}

// chance reports true for one of n.
func (b *books) chance(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.random.IntN(n) == 0
}

// reply is what becomes of a request: it is answered, or its answer is lost, or
// breaks off after part of it.
type reply struct {
	status int
	body   string
	lost   bool
	part   int // 0: all of it
}

// serve takes a request that came whole.
func (b *books) serve(v url.Values) reply {
	b.mu.Lock()
	defer b.mu.Unlock()
	id, nonce, token := v.Get("id"), v.Get("Nonce"), v.Get("ClientToken")
	b.whole[id]++
	v3 := nonce == ""
	fate := b.random.IntN(100)
	switch {
	case fate < 4:
		return reply{lost: true}
	case fate < 7:
		return reply{status: http.StatusBadGateway, body: "<html>"}
	case fate < 9 && v3:
		return failed("RequestLimitExceeded")
	case fate < 9:
		return reply{body: `{"code":6200,"message":"","codeDesc":"ServiceUnavailable"}`}
	}
	quota := !v3 && fate < 16
	if quota && !b.nonceFirst {
		return reply{body: throttledBody}
	}
	if !v3 && b.spent[nonce] {
		return reply{body: `{"code":4500,"message":"","codeDesc":"ReplayAttack"}`}
	}
	b.spent[nonce] = true
	switch {
	case quota:
		return reply{body: throttledBody}
	case fate < 20:
		return failing(v3)
	}
	if token == "" || !b.spent["token "+token] {
		b.executed[id]++
	}
	b.spent["token "+token] = true
	done := reply{body: okBody}
	if v3 {
		done.body = `{"Response":{"InstanceIdSet":["ins-1"],"RequestId":"r"}}`
	}
	switch {
	case fate < 24:
		return failing(v3)
	case fate < 34:
		return reply{lost: true}
	case fate < 38:
		return reply{status: http.StatusBadGateway, body: "<html>"}
	case fate < 42:
		done.part = 5
	}
	return done
}

func failing(v3 bool) reply {
	if v3 {
		return failed("InternalError")
	}
	return reply{body: failBody}
}

func failed(code string) reply {
	return reply{body: `{"Response":{"Error":{"Code":"` + code + `","Message":"x"},"RequestId":"r"}}`}
}

// parameters are those of a request, of either version.
func parameters(query, contentType string, body []byte) url.Values {
	v, _ := url.ParseQuery(query)
	if strings.HasPrefix(contentType, "application/x-www-form-urlencoded") {
		v, _ = url.ParseQuery(query + "&" + string(body))
	}
	members := map[string]string{}
	if json.Unmarshal(body, &members) == nil {
		for name, value := range members {
			v.Set(name, value)
		}
	}
	return v
}

func (b *books) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	a := b.serve(parameters(r.URL.RawQuery, r.Header.Get("Content-Type"), body))
	if a.lost {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(a.body)))
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	if a.part > 0 {
		io.WriteString(w, a.body[:a.part])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	io.WriteString(w, a.body)
}

// sender is the Transport's Base. It notes a request without protection that is
// sent after its execution.
type sender struct {
	http.RoundTripper
	books *books
}

type idKey struct{}

func (s *sender) RoundTrip(r *http.Request) (*http.Response, error) {
	if id, bare := r.Context().Value(idKey{}).(string); bare {
		s.books.mu.Lock()
		if s.books.executed[id] > 0 {
			s.books.resent++
		}
		s.books.mu.Unlock()
	}
	return s.RoundTripper.RoundTrip(r)
}

// ends is how the calls of one sort and way ended.
type ends struct {
	calls, done, not, unknown int

	twice     int // executed more than once
	doneNever int // reported as done, and not executed
	notDone   int // reported as not executed, and executed
	unneeded  int // called unknown, and the server never had the whole request
}

func (e *ends) add(err error, whole, executed int) {
	e.calls++
	unknown := errors.Is(err, qcloudhttp.ErrOutcomeUnknown)
	switch {
	case err == nil:
		e.done++
	case unknown:
		e.unknown++
	default:
		e.not++
	}
	if executed > 1 {
		e.twice++
	}
	if err == nil && executed == 0 {
		e.doneNever++
	}
	if err != nil && !unknown && executed > 0 {
		e.notDone++
	}
	if unknown && whole == 0 {
		e.unneeded++
	}
}

// Mutations through everything that may cut a connection, lose an answer or
// repeat a request: none that is protected is executed twice, and nobody is told
// what is not so.
func TestExactlyOnce(t *testing.T) {
	for name, nonceFirst := range map[string]bool{"Nonce before quota": true, "quota before Nonce": false} {
		t.Run(name, func(t *testing.T) {
			b := newBooks(nonceFirst)
			sum, unneeded := map[string]*ends{}, 0
			for _, way := range routes {
				for what, e := range mutate(t, b, way, *mutations/len(routes)) {
					sum[string(what)+", "+way.name] = e
					unneeded += e.unneeded
					t.Logf("%-24s %-28s %+v", what, way.name, *e)
					// Below a Base that repeats, the Transport can protect nothing.
					own := what != repeatable && (what != v3Bare || !way.repeats)
					if e.doneNever != 0 || e.notDone != 0 || own && e.twice != 0 {
						t.Errorf("%s, %s: a caller was deceived: %+v", what, way.name, *e)
					}
					if e.done < e.calls/3 || e.unknown == 0 && what != v3Token {
						t.Errorf("%s, %s: the workload is not what it should be: %+v", what, way.name, *e)
					}
				}
			}
			if b.resent != 0 {
				t.Errorf("%d requests without protection were sent again after their execution", b.resent)
			}
			t.Logf("%d of %d calls are called unknown although the server never had the whole request", unneeded, *mutations)
			if unneeded > max(*mutations/1000, 20) { // some, where a loaded machine sees a reset late
				t.Error("these are too many")
			}
		})
	}
}

// mutate makes n mutations by a way, and returns how they ended.
func mutate(t *testing.T, b *books, w route, n int) map[sort]*ends {
	endpoint, base, end := w.open(t, b)
	defer end()
	policy := fast()
	policy.MaxAttempts, policy.RetryBudget = 4, -1
	transport := &qcloudhttp.Transport{Base: &sender{base, b}, Policy: policy, Limiter: rate.NewLimiter(rate.Inf, 0)}
	client := &http.Client{Transport: transport}
	signing := &http.Client{Transport: &qcloudhttp.Transport{
		Base: transport.Base, Policy: policy, Limiter: transport.Limiter,
		Signer: &sign.V1{Credentials: sign.Static("AKIDfaulttests", "key", "")},
	}}
	var mu sync.Mutex
	all := map[sort]*ends{}
	for _, s := range w.sorts() {
		all[s] = &ends{}
	}
	var workers sync.WaitGroup
	for worker := range 16 {
		workers.Go(func() {
			for i := worker; i < n; i += 16 {
				s, id := w.sorts()[i%len(w.sorts())], fmt.Sprint(w.name, " ", i)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				c := signing
				switch s {
				case v3Bare:
					ctx, c = context.WithValue(ctx, idKey{}, id), client
				case v3Token:
					c = client
				}
				r := s.request(ctx, endpoint, id)
				if i/5%3 == 0 { // as the vendor's SDK does on request
					r.Header.Set("X-Idempotency-Key", id)
				}
				resp, err := c.Do(r)
				if err == nil {
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				cancel()
				b.mu.Lock()
				whole, executed := b.whole[id], b.executed[id]
				b.mu.Unlock()
				mu.Lock()
				all[s].add(err, whole, executed)
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	return all
}
