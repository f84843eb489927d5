package qcloudtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A client that resends an unanswered request byte for byte executes it once,
// whatever breaks; one that signs each attempt with a Nonce of its own executes
// some twice. So the API tells the two apart.
func TestNonceMakesResendsSafe(t *testing.T) {
	const calls = 500
	if twice := executedTwice(t, calls, true); twice != 0 {
		t.Errorf("%d of %d calls were executed twice with one Nonce", twice, calls)
	}
	if twice := executedTwice(t, calls, false); twice < calls/10 {
		t.Errorf("%d of %d calls were executed twice with new Nonces", twice, calls)
	}
}

func executedTwice(t *testing.T, calls int, sameNonce bool) (twice int) {
	t.Helper()
	api := NewAPI(WithCredentials(testID, testKey), WithDomain("www.example.com"))
	api.OnRequest(randomFaults())
	c := signed(inMemory(t, api))
	for i := range calls {
		urls := fmt.Sprintf(`["http://www.example.com/%d"]`, i)
		req := c.request("FlushCache", "urlList", urls)
		for c.again(req) {
			if !sameNonce {
				req = c.request("FlushCache", "urlList", urls)
			}
		}
	}
	counts := api.ExecutedBy("FlushCache", "urlList")
	if len(counts) != calls {
		t.Errorf("%d of %d calls were executed", len(counts), calls)
	}
	sum := 0
	for _, n := range counts {
		sum += n
		if n > 1 {
			twice++
		}
	}
	if sum != api.Executed("FlushCache") {
		t.Errorf("ExecutedBy counts %d, Executed %d", sum, api.Executed("FlushCache"))
	}
	return twice
}

// again sends a request and tells whether it has to be sent again: 4500 says
// that an earlier attempt was executed.
func (c client2) again(req *http.Request) bool {
	c.t.Helper()
	attempt := req.Clone(c.t.Context())
	attempt.Body, _ = req.GetBody()
	a, err := c.try(attempt)
	switch {
	case err != nil, a.Code == int(codes.QuotaExceeded):
		return true
	case a.Code != 0 && a.Code != int(codes.ReplayAttack):
		c.t.Errorf("answer %+v", a)
	}
	return false
}

// randomFaults breaks two of three exchanges, at any point.
func randomFaults() func(Request) []Step {
	faults := [][]Step{
		{Reset()},
		{Drop()},
		{Execute(), Drop()},
		{Cut(0)},
		{Cut(20)},
		{Code(codes.QuotaExceeded)},
		nil, nil, nil,
	}
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(3, 4))
	return func(Request) []Step {
		mu.Lock()
		defer mu.Unlock()
		return faults[rng.IntN(len(faults))]
	}
}
