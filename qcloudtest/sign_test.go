package qcloudtest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// Package sign and this package have read the vendor's rules independently, and
// agree.
func TestAgreesWithPackageSign(t *testing.T) {
	const id, key, token = "AKIDexample", "example-key", "example-token"
	forms := []url.Values{
		{},
		{"host": {"www.example.com"}, "origin": {"9.9.9.9:80"}},
		{"a_b": {"1"}, "aB": {"2"}, "a.b": {"3"}, "a_": {""}, "hostIds.10": {"x"}, "hostIds.9": {"y"}},
		{"keyword": {"中文 +&=%?#/\"'~*"}, "Z": {"a\nb"}, "z": {"=="}},
	}
	for _, method := range []string{"", sign.HmacSHA1, sign.HmacSHA256} {
		for _, verb := range []string{"GET", "POST"} {
			for _, form := range forms {
				api := qcloudtest.NewAPI(qcloudtest.WithCredentials(id, key, token))
				form.Set("Action", "GetDsaHostList")
				query, body := "?"+form.Encode(), ""
				if verb == "POST" {
					query, body = "", form.Encode()
				}
				req, err := http.NewRequest(verb, "https://dsa.api.qcloud.com/v2/index.php"+query, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				if verb == "POST" {
					req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				}
				send(t, api, req, &sign.V1{Credentials: sign.Static(id, key, token), Method: method})
			}
		}
	}
	for _, headers := range [][]string{nil, {"X-TC-Action"}, {"X-TC-Version", "X-TC-Action"}} {
		for _, contentType := range []string{"application/json", "application/json; charset=UTF-8"} {
			api := qcloudtest.NewAPI(qcloudtest.WithCredentials(id, key, token))
			req, err := http.NewRequest("POST", "https://ecdn.tencentcloudapi.com", strings.NewReader(`{"Limit": 5}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", contentType)
			req.Header.Set("X-TC-Action", "DescribeDomains")
			req.Header.Set("X-TC-Version", "2019-10-12")
			send(t, api, req, &sign.TC3{Credentials: sign.Static(id, key, token), SignedHeaders: headers})
		}
	}
}

func send(t *testing.T, api *qcloudtest.API, req *http.Request, signer interface{ Sign(*http.Request) error }) {
	t.Helper()
	if err := signer.Sign(req); err != nil {
		t.Fatal(err)
	}
	resp, err := api.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if r := api.Requests()[0]; !r.Executed {
		t.Errorf("%s %s with %v: answered with %d %s", r.Method, r.Action, r.Params, r.Code, r.CodeDesc)
	}
}

// And over sockets, where the host has a port.
func TestAgreesWithPackageSignOverSockets(t *testing.T) {
	srv := qcloudtest.NewServer(qcloudtest.WithCredentials("id", "key"))
	defer srv.Close()
	for _, tt := range []struct {
		url    string
		signer interface{ Sign(*http.Request) error }
	}{
		{srv.URL + "/v2/index.php?Action=GetDsaHostList", &sign.V1{Credentials: sign.Static("id", "key", "")}},
		{srv.URL + "/", &sign.TC3{Credentials: sign.Static("id", "key", "")}},
	} {
		req, err := http.NewRequest("POST", tt.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-TC-Action", "DescribeDomains")
		req.Header.Set("X-TC-Version", "2019-10-12")
		if err := tt.signer.Sign(req); err != nil {
			t.Fatal(err)
		}
		resp, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	for _, r := range srv.Requests() {
		if !r.Executed {
			t.Errorf("%s: answered with %d %s", r.Path, r.Code, r.CodeDesc)
		}
	}
}
