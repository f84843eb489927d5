package sign_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

// Sign a request by hand and send it once.
func ExampleV1() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := sign.VerifyV1(r, "my-secret-key") // VerifyV1 is for servers in tests
		fmt.Fprint(w, r.FormValue("Action"), " signed correctly: ", err == nil)
	}))
	defer api.Close()

	signer := &sign.V1{Credentials: sign.Static("my-secret-id", "my-secret-key", ""), Method: sign.HmacSHA256}

	form := url.Values{"Action": {"OfflineDsaHost"}, "hostId": {"17"}}
	req, err := http.NewRequest(http.MethodPost, api.URL+"/v2/index.php", strings.NewReader(form.Encode()))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")

	if err := signer.Sign(req); err != nil {
		panic(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()

	answer, _ := io.ReadAll(resp.Body)
	fmt.Println(string(answer))
	// Output: OfflineDsaHost signed correctly: true
}

// Keys that are rotated: the provider is asked before every signature.
func ExampleProvider() {
	keys := func(ctx context.Context) (sign.Credentials, error) {
		// Read a file that a sidecar renews, ask a metadata service, and cache.
		return sign.NewCredentials("id-of-today", "key-of-today", "token"), nil
	}
	signer := &sign.V1{Credentials: keys}

	req, _ := http.NewRequest(http.MethodGet, "https://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList", nil)
	if err := signer.Sign(req); err != nil {
		panic(err)
	}
	fmt.Println(req.URL.Query().Get("SecretId"), req.URL.Query().Get("Token"))
	fmt.Printf("%+v\n", signer)
	// Output:
	// id-of-today token
	// [redacted]
}

// An API 3.0 request, with the action covered by the signature too.
func ExampleTC3() {
	keys := sign.Static("my-secret-id", "my-secret-key", "")
	signer := &sign.TC3{Credentials: keys, SignedHeaders: []string{"X-TC-Action"}}

	req, _ := http.NewRequest(http.MethodPost, "https://cdn.tencentcloudapi.com", strings.NewReader(`{"Limit":1}`))
	req.Header.Set("X-TC-Action", "DescribeDomains")
	req.Header.Set("X-TC-Version", "2018-06-06")
	if err := signer.Sign(req); err != nil {
		panic(err)
	}
	fmt.Println(req.Header.Get("Content-Type"))
	fmt.Println(sign.VerifyTC3(req, "my-secret-key"))

	req.Header.Set("X-TC-Action", "DeleteCdnDomain")
	err := sign.VerifyTC3(req, "my-secret-key")
	fmt.Println(errors.Is(err, sign.ErrSignature))
	// Output:
	// application/json; charset=utf-8
	// <nil>
	// true
}

// The local clock is ten minutes behind the server's. A qcloudhttp.Transport
// does this by itself when the API rejects a timestamp.
func ExampleV1_LearnTime() {
	signer := &sign.V1{Credentials: sign.Static("my-secret-id", "my-secret-key", "")}

	resp := http.Response{Header: http.Header{}}
	resp.Header.Set("Date", time.Now().Add(10*time.Minute).UTC().Format(http.TimeFormat))

	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		signer.LearnTime(date)
	}
	fmt.Println(signer.Skew().Round(10 * time.Second))
	// Output: 10m0s
}

// A test server that executes a Nonce once, as API 2.0 does.
func ExampleV1Stamp() {
	seen := map[string]bool{}
	answer := func(r *http.Request) int {
		stamp, ok := sign.V1Stamp(r)
		switch {
		case !ok:
			return 4100
		case time.Since(stamp.Timestamp).Abs() > 5*time.Minute:
			return 4200
		case seen[stamp.SecretID+" "+stamp.Nonce]:
			return 4500
		}
		seen[stamp.SecretID+" "+stamp.Nonce] = true
		return 0
	}

	signer := &sign.V1{Credentials: sign.Static("my-secret-id", "my-secret-key", "")}
	req, _ := http.NewRequest(http.MethodGet, "https://dsa.api.qcloud.com/v2/index.php?Action=GetDsaHostList", nil)
	_ = signer.Sign(req)
	fmt.Println(answer(req), answer(req))
	_ = signer.Sign(req)
	fmt.Println(answer(req))
	// Output:
	// 0 4500
	// 0
}
