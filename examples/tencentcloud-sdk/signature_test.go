package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

const (
	signedRequests = 10_000
	signingID      = "AKIDsigning"
	signingKey     = "the-secret-key-of-the-test"
)

// signable is a request of the SDK. Nonce and Timestamp replace those that the SDK
// makes, where they are set; under TC3 neither goes out.
type signable struct {
	*tchttp.BaseRequest `json:"-"`

	Nonce     *string `json:"-" name:"Nonce"`
	Timestamp *string `json:"-" name:"Timestamp"`
	Text      *string `json:"Text,omitempty" name:"Text"`
}

// sentBy has the SDK send a request and returns it as the transport gets it.
func sentBy(t *testing.T, p *profile.ClientProfile, token string, params map[string]string, r *signable) *http.Request {
	t.Helper()
	var sent *http.Request
	client := common.NewCommonClient(common.NewTokenCredential(signingID, signingKey, token), "ap-guangzhou", p)
	client.WithHttpTransport(roundTrip(func(got *http.Request) (*http.Response, error) {
		sent = got.WithContext(t.Context()) // the client ends its own with the answer
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: got,
			Body: io.NopCloser(strings.NewReader(`{"Response":{"RequestId":"1"}}`)),
		}, nil
	}))
	r.BaseRequest = (&tchttp.BaseRequest{}).Init().WithApiInfo("cvm", "2017-03-12", "DescribeInstances")
	for key, value := range params {
		r.GetParams()[key] = value
	}
	if err := client.Send(r, tchttp.NewCommonResponse()); err != nil {
		t.Fatal(err)
	}
	return sent
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// randomProfile returns settings of the SDK that change what is signed.
func randomProfile(rng *rand.Rand, methods ...string) *profile.ClientProfile {
	p := profile.NewClientProfile()
	p.SignMethod = methods[rng.IntN(len(methods))]
	p.HttpProfile.ReqMethod = []string{http.MethodGet, http.MethodPost}[rng.IntN(2)]
	p.HttpProfile.Endpoint = []string{
		"", "cvm.ap-guangzhou.tencentcloudapi.com", "cvm.internal.tencentcloudapi.com/a/path", "cvm.example.test:8443/%E4/b",
	}[rng.IntN(4)]
	return p
}

func randomText(rng *rand.Rand, alphabet string) string {
	letters := []rune(alphabet)
	text := make([]rune, 1+rng.IntN(12))
	for i := range text {
		text[i] = letters[rng.IntN(len(letters))]
	}
	return string(text)
}

const (
	letters = "abzABZ019"
	special = letters + "中é +&=%;_.~*'()\"\\/?#<>@:,\n"
)

func randomParams(rng *rand.Rand, names, values string) map[string]string {
	params := map[string]string{}
	for range rng.IntN(6) {
		params["x"+randomText(rng, names)] = randomText(rng, values)
	}
	return params
}

func randomToken(rng *rand.Rand) string {
	return []string{"", "token/+=" + randomText(rng, letters)}[rng.IntN(2)]
}

// VerifyTC3 accepts what the SDK signs by TC3, an unsigned payload and an endpoint
// with a path among it, and nothing else; and TC3 makes of it the same signature.
func TestTC3AgreesWithTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the time stands still: both sign the same timestamp
		rng := rand.New(rand.NewPCG(1, 2))
		for range signedRequests {
			p := randomProfile(rng, "TC3-HMAC-SHA256")
			p.UnsignedPayload = rng.IntN(2) == 0
			values := special
			if rng.IntN(2) == 0 {
				values = strings.ReplaceAll(special, " ", "") // which the SDK sends as "+", TC3 as "%20"
			}
			token, text := randomToken(rng), randomText(rng, values)
			sent := sentBy(t, p, token, randomParams(rng, values, values), &signable{Text: &text})
			if err := sign.VerifyTC3(sent, signingKey); err != nil {
				t.Fatalf("the SDK's %s %s: %v", sent.Method, sent.URL, err)
			}
			if sign.VerifyTC3(sent, signingKey+"x") == nil {
				t.Fatal("another key is accepted")
			}
			theirs, query := sent.Header.Get("Authorization"), sent.URL.RawQuery
			if err := (&sign.TC3{Credentials: sign.Static(signingID, signingKey, token)}).Sign(sent); err != nil {
				t.Fatal(err)
			}
			if err := sign.VerifyTC3(sent, signingKey); err != nil {
				t.Fatalf("TC3 over the SDK's %s %s: %v", sent.Method, sent.URL, err)
			}
			ours := sent.Header.Get("Authorization")
			if ours != theirs && query == sent.URL.RawQuery {
				t.Fatalf("%s %s\n SDK %s\n TC3 %s", sent.Method, sent.URL, theirs, ours)
			}
			if query != sent.URL.RawQuery && query != strings.ReplaceAll(sent.URL.RawQuery, "%20", "+") {
				t.Fatalf("the query %s was made %s", query, sent.URL.RawQuery)
			}
		}
	})
}

// VerifyV1 accepts what the SDK signs by HmacSHA1 and HmacSHA256, names with "_"
// among it, and nothing else; and of what V1 signs the SDK makes the same
// signature, but for names with "_", in which V1 follows the vendor's documents.
func TestV1AgreesWithTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for range signedRequests {
			p := randomProfile(rng, sign.HmacSHA1, sign.HmacSHA256)
			names := []string{letters + ".", letters + "._"}[rng.IntN(2)]
			token, text, params := randomToken(rng), randomText(rng, special), randomParams(rng, names, special)
			sent := sentBy(t, p, token, params, &signable{Text: &text})
			if err := sign.VerifyV1(sent, signingKey); err != nil {
				t.Fatalf("the SDK's %s %s by %s: %v", sent.Method, sent.URL, p.SignMethod, err)
			}
			if sign.VerifyV1(sent, signingKey+"x") == nil {
				t.Fatal("another key is accepted")
			}
			signer := &sign.V1{Credentials: sign.Static(signingID, signingKey, token), Method: p.SignMethod}
			if err := signer.Sign(sent); err != nil {
				t.Fatal(err)
			}
			if err := sign.VerifyV1(sent, signingKey); err != nil {
				t.Fatalf("V1 over the SDK's %s %s: %v", sent.Method, sent.URL, err)
			}
			if strings.Contains(fmt.Sprint(params), "_") {
				continue
			}
			ours := parameters(t, sent)
			nonce, timestamp := ours.Get("Nonce"), ours.Get("Timestamp")
			again := sentBy(t, p, token, params, &signable{Text: &text, Nonce: &nonce, Timestamp: &timestamp})
			if theirs := parameters(t, again); theirs.Encode() != ours.Encode() {
				t.Fatalf("%s %s by %s\n SDK %v\n V1  %v", sent.Method, sent.URL, p.SignMethod, theirs, ours)
			}
		}
	})
}

// parameters returns those of the query, or of the form.
func parameters(t *testing.T, r *http.Request) url.Values {
	t.Helper()
	raw := r.URL.RawQuery
	if r.Method == http.MethodPost {
		body, err := r.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		form, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		raw = string(form)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		t.Fatal(err)
	}
	return values
}
