package sign_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

// The vendor's documented examples.
const (
	v1Key  = "pxPgRWDbCy86ZYyqBTDk7WmeRZSmPco0"
	v1Call = "Action=GetDsaHostList&Nonce=13029&SecretId=AKIDT8G5AsY1D3MChWooNq1rFSw1fyBVCX9D&Timestamp=1463122059&length=10&offset=0"
	v1New  = "Action=GetDsaHostList&Nonce=48059&SecretId=AKIDT8G5AsY1D3MChWooNq1rFSw1fyBVCX9D&SignatureMethod=HmacSHA256&Timestamp=1502197934&length=10&offset=0"
)

var v1Vectors = []struct {
	name, method, params, signature string
}{
	{"SHA1 GET", http.MethodGet, v1Call, "yvImfESYa0C1WMcHTX+KuA2BFOs="},
	{"SHA1 POST", http.MethodPost, v1Call, "uFT/BG266+TprJIWb5G7tt5gtyI="},
	{"SHA256 GET", http.MethodGet, v1New, "oC20lImZgsEZYZqHYQnbvBxEkIFUxgoDhE3GkQA8Ax8="},
}

func presigned(t *testing.T, method, params, signature string) *http.Request {
	const endpoint = "https://dsa.api.qcloud.com/v2/index.php"
	params += "&Signature=" + url.QueryEscape(signature)
	if method == http.MethodGet {
		return newRequest(t, method, endpoint+"?"+params, "", "")
	}
	return newRequest(t, method, endpoint, formType, params)
}

func TestVerifyV1Vectors(t *testing.T) {
	for _, v := range v1Vectors {
		t.Run(v.name, func(t *testing.T) {
			req := presigned(t, v.method, v.params, v.signature)
			if err := sign.VerifyV1(req, v1Key); err != nil {
				t.Errorf("the vendor's example: %v", err)
			}
			if err := sign.VerifyV1(req, v1Key+"x"); !errors.Is(err, sign.ErrSignature) {
				t.Errorf("with another key: %v, want ErrSignature", err)
			}
			changed := presigned(t, v.method, strings.Replace(v.params, "offset=0", "offset=1", 1), v.signature)
			if err := sign.VerifyV1(changed, v1Key); !errors.Is(err, sign.ErrSignature) {
				t.Errorf("with another offset: %v, want ErrSignature", err)
			}
			if got := send(t, req).v1Signature(t, v1Key); got != v.signature {
				t.Errorf("the test's own implementation gives %s, want %s", got, v.signature)
			}
		})
	}
}

// The order in which parameters are sent is not the one in which they are
// signed: VerifyV1 takes them in any.
func TestVerifyV1InAnyOrder(t *testing.T) {
	for _, v := range v1Vectors {
		pairs := strings.Split(v.params, "&")
		for range pairs {
			pairs = append(pairs[1:], pairs[0])
			slices.Reverse(pairs)
			if err := sign.VerifyV1(presigned(t, v.method, strings.Join(pairs, "&"), v.signature), v1Key); err != nil {
				t.Errorf("%s, sent as %q: %v", v.name, pairs, err)
			}
		}
	}
}

func TestTC3Vectors(t *testing.T) {
	const (
		body = `{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`
		at   = 1551113065
	)
	vectors := []struct {
		name, key, headers, signature string
		signed                        []string
	}{
		{"content-type and host", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "content-type;host",
			"72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168", nil},
		{"with the action", strings.Repeat("*", 32), "content-type;host;x-tc-action",
			"10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f", []string{"X-TC-Action", "X-TC-Absent", "Host"}},
	}
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Unix(at, 0)))
				signer := &sign.TC3{Credentials: sign.Static("AKID", v.key, ""), SignedHeaders: v.signed}
				req := newRequest(t, http.MethodPost, "https://cvm.tencentcloudapi.com", "application/json; charset=utf-8", body)
				req.Header.Set("X-TC-Action", "DescribeInstances")
				if err := signer.Sign(req); err != nil {
					t.Fatal(err)
				}
				want := "TC3-HMAC-SHA256 Credential=AKID/2019-02-25/cvm/tc3_request, SignedHeaders=" + v.headers +
					", Signature=" + v.signature
				if got := req.Header.Get("Authorization"); got != want {
					t.Errorf("Authorization\n got %s\nwant %s", got, want)
				}
				if got := send(t, req).tc3Authorization(t, "AKID", v.key, "cvm", v.headers); got != want {
					t.Errorf("the test's own implementation\n got %s\nwant %s", got, want)
				}
				if err := sign.VerifyTC3(req, v.key); err != nil {
					t.Error(err)
				}
				stamp, ok := sign.TC3Stamp(req)
				if want := (sign.Stamp{SecretID: "AKID", Timestamp: time.Unix(at, 0)}); !ok || stamp != want {
					t.Errorf("stamp of %s at %v, %v", stamp.SecretID, stamp.Timestamp, ok)
				}
			})
		})
	}
}
