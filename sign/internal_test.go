package sign

import (
	"crypto/aes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func TestV1Source(t *testing.T) {
	to := target{http.MethodGet, "127.0.0.1:8080", "/v2/index.php"}
	ps, err := parseParams(nil, "b=%E4%B8%AD+%26%3D&a_b=2&a1=1&a=y&Signature=old&a=x&B=&c_d_e=f_g&s=1;2")
	if err != nil {
		t.Fatal(err)
	}
	ps.sort()
	want := "GET127.0.0.1:8080/v2/index.php?B=&a=y&a=x&a1=1&a.b=2&b=中 &=&c.d.e=f_g&s=1;2"
	if got := v1Source(to, ps); got != want {
		t.Errorf("source\n got %s\nwant %s", got, want)
	}
}

// Of many parameters, too, those with the same key keep their order, which the
// signature depends on: sorts that do not care show it only above a dozen.
func TestRepeatedParametersKeepTheirOrder(t *testing.T) {
	const n = 50
	var ps params
	for i := range n {
		value := strconv.Itoa(i)
		ps = append(ps, param{"b", value}, param{"c", value}, param{"a", value})
	}
	ps.sort()
	for i, p := range ps {
		if want := (param{string("abc"[i/n]), strconv.Itoa(i % n)}); p != want {
			t.Fatalf("parameter %d is %v, want %v", i, p, want)
		}
	}
}

// A signature that is right for what it covers is refused where it covers too
// little: without Host it would be good for another service, of another day
// than its timestamp's it would not expire. Names out of order are malformed.
func TestVerifyTC3Coverage(t *testing.T) {
	const key, at = "key", 1551113065 // 2019-02-25
	for name, test := range map[string]struct {
		date    string
		headers []string
		want    error
	}{
		"as it should be": {"2019-02-25", []string{"content-type", "host"}, nil},
		"one more header": {"2019-02-25", []string{"content-type", "host", "x-tc-action"}, nil},
		"another day":     {"2019-02-26", []string{"content-type", "host"}, ErrUnsigned},
		"no Host":         {"2019-02-25", []string{"content-type"}, ErrUnsigned},
		"no Content-Type": {"2019-02-25", []string{"host"}, ErrUnsigned},
		"out of order":    {"2019-02-25", []string{"host", "content-type"}, ErrUnsigned},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequest(http.MethodPost, "https://cvm.tencentcloudapi.com/", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("X-TC-Action", "DescribeInstances")
			req.Header.Set("X-TC-Timestamp", strconv.Itoa(at))
			to, err := targetOf(req)
			if err != nil {
				t.Fatal(err)
			}
			auth := tc3Authorization{secretID: "id", date: test.date, service: "cvm", headers: test.headers}
			if auth.signature, err = auth.sign(req, to, key); err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", auth.String())
			if err := VerifyTC3(req, key); !errors.Is(err, test.want) {
				t.Errorf("VerifyTC3: %v, want %v", err, test.want)
			}
		})
	}
}

func TestTC3CanonicalHash(t *testing.T) {
	const body = `{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`
	vectors := map[string]string{
		"content-type;host":             "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031",
		"content-type;host;x-tc-action": "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84",
	}
	for headers, want := range vectors {
		req, err := http.NewRequest(http.MethodPost, "https://cvm.tencentcloudapi.com/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
		req.Header.Set("X-TC-Action", "DescribeInstances")
		to, err := targetOf(req)
		if err != nil {
			t.Fatal(err)
		}
		canonical, err := tc3Canonical(req, to, strings.Split(headers, ";"))
		if err != nil {
			t.Fatal(err)
		}
		if payload := "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064"; !strings.HasSuffix(canonical, "\n"+payload) {
			t.Errorf("canonical request does not end with the body's hash:\n%s", canonical)
		}
		sum := sha256.Sum256([]byte(canonical))
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s: hash %s, want %s", headers, got, want)
		}
	}
}

func TestNoncesNeverRepeat(t *testing.T) {
	const workers = 8
	each := 125_000
	if testing.Short() {
		each /= 10
	}
	nonces := make([]uint64, workers*each)
	var wg sync.WaitGroup
	for part := range slices.Chunk(nonces, each) {
		wg.Go(func() {
			for i := range part {
				n, err := strconv.ParseUint(processNonces().nonce(), 10, 64)
				if err != nil || n < 1 || n > math.MaxInt64 {
					t.Errorf("nonce %d: %v, want a positive int64", n, err)
				}
				part[i] = n
			}
		})
	}
	wg.Wait()
	slices.Sort(nonces)
	if distinct := len(slices.Compact(nonces)); distinct != workers*each {
		t.Errorf("%d distinct nonces of %d", distinct, workers*each)
	}
}

// A permutation can be undone: walking the rounds backwards gives the count.
func TestNoncePermutation(t *testing.T) {
	s := newNonceSource()
	undo := func(n uint64) uint64 {
		left, right := n>>halfBits&halfMask, n&halfMask
		var scratch [aes.BlockSize]byte
		for round := rounds - 1; round >= 0; round-- {
			left, right = right^s.mix(byte(round), left, &scratch), left
		}
		return left<<halfBits | right
	}
	const top = 1<<(2*halfBits) - 1
	for _, n := range []uint64{0, 1, 2, 1 << 30, halfMask, halfMask + 1, top / 3, top - 1, top} {
		p := s.permute(n)
		if p > top || undo(p) != n {
			t.Errorf("%d -> %d -> %d, want it back and at most %d", n, p, undo(p), uint64(top))
		}
	}
}

// Successive counts share all but a bit or two; of their nonces every bit must
// be a coin toss. Six standard deviations: fails by chance once in 10^7 runs.
func TestNonceBitsAreEven(t *testing.T) {
	const draws = 20_000
	s := newNonceSource()
	var ones [2 * halfBits]int
	previous := s.permute(0)
	for n := range uint64(draws) {
		next := s.permute(n + 1)
		for bit := range ones {
			ones[bit] += int((previous ^ next) >> bit & 1)
		}
		previous = next
	}
	for bit, count := range ones {
		if deviation := math.Abs(float64(count) - draws/2); deviation > 6*math.Sqrt(draws)/2 {
			t.Errorf("bit %d changes %d times in %d", bit, count, draws)
		}
	}
}

// Two sources, such as two processes, have nothing in common.
func TestNonceKeysDiffer(t *testing.T) {
	a, b := newNonceSource(), newNonceSource()
	if a.nonce() == b.nonce() {
		t.Error("two sources begin with the same nonce")
	}
}
