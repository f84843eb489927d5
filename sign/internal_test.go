package sign

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

func TestV1Source(t *testing.T) {
	to := target{http.MethodGet, "127.0.0.1:8080", "/v2/index.php"}
	ps, err := parseParams("b=%E4%B8%AD+%26%3D&a_b=2&a1=1&a=y&Signature=old&a=x&B=&c_d_e=f_g&s=1;2")
	if err != nil {
		t.Fatal(err)
	}
	want := "GET127.0.0.1:8080/v2/index.php?B=&a=y&a=x&a1=1&a.b=2&b=中 &=&c.d.e=f_g&s=1;2"
	if got := v1Source(to, ps, "."); got != want {
		t.Errorf("source\n got %s\nwant %s", got, want)
	}
}

// The parameters of one key keep their order, which the signature depends on.
func TestRepeatedParametersKeepTheirOrder(t *testing.T) {
	const raw = "a=2&b=x&a=10&a=1&c=&a=2"
	ps, err := parseParams(raw)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := encode(ps), "a=2&a=10&a=1&a=2&b=x&c="; got != want {
		t.Errorf("%s is encoded as %s, want %s", raw, got, want)
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
			if auth.signature, err = auth.sign(req, to, []byte("{}"), key); err != nil {
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
		canonical := tc3Canonical(req, to, []byte(body), strings.Split(headers, ";"))
		if payload := "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064"; !strings.HasSuffix(canonical, "\n"+payload) {
			t.Errorf("canonical request does not end with the body's hash:\n%s", canonical)
		}
		sum := sha256.Sum256([]byte(canonical))
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s: hash %s, want %s", headers, got, want)
		}
	}
}

// Nonces are positive integers of 63 bits. Of a million, two are the same by
// chance once in 10^7 runs.
func TestNonces(t *testing.T) {
	nonces, wide := map[int64]bool{}, false
	for range 1_000_000 {
		n, err := strconv.ParseInt(nonce(), 10, 64)
		if err != nil || n < 1 || nonces[n] {
			t.Fatalf("Nonce %d: %v, came before: %v", n, err, nonces[n])
		}
		nonces[n] = true
		wide = wide || n > math.MaxInt64/2
	}
	if !wide {
		t.Error("no Nonce uses the highest of 63 bits")
	}
}
