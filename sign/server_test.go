package sign_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

// newAPI checks signatures and then reads the parameters, as a real server does.
func newAPI(t *testing.T, http2 bool) *httptest.Server {
	api := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		verify := sign.VerifyV1
		if r.Header.Get("Authorization") != "" {
			verify = sign.VerifyTC3
		}
		if err := verify(r, testKey); err != nil {
			w.Header().Set("X-Error", err.Error())
		}
		w.Header().Set("X-Proto", fmt.Sprint(r.ProtoMajor))
		w.Header().Set("X-Action", r.FormValue("Action"))
	}))
	api.EnableHTTP2 = http2
	api.StartTLS()
	t.Cleanup(api.Close)
	return api
}

func TestOverSockets(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		api := newAPI(t, http2)
		v1 := &sign.V1{Credentials: sign.Static(testID, testKey, "")}
		tc3 := &sign.TC3{Credentials: sign.Static(testID, testKey, "")}
		tests := []struct {
			name   string
			signer signer
			req    *http.Request
		}{
			{"V1 GET", v1, newRequest(t, "GET", api.URL+"/v2/index.php?Action=A+b&x=%20", "", "")},
			{"V1 GET of nothing", v1, newRequest(t, "GET", api.URL+"?Action=A+b", "", "")},
			{"V1 POST", v1, newRequest(t, "POST", api.URL+"/v2/%69ndex.php", formType, "x=1&Action=A+b")},
			{"V1 POST of a stream", v1, streamed(newRequest(t, "POST", api.URL, formType, "x=1&Action=A+b"))},
			{"TC3 GET", tc3, newRequest(t, "GET", api.URL+"?x=1&Action=A+b", "", "")},
			{"TC3 POST", tc3, newRequest(t, "POST", api.URL+"?Action=A+b", jsonType, "{}")},
			{"TC3 POST of nothing", tc3, newRequest(t, "POST", api.URL+"?Action=A+b", jsonType, "")},
			{"TC3 POST of a stream", tc3, streamed(newRequest(t, "POST", api.URL+"?Action=A+b", jsonType, "{}"))},
		}
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%s, HTTP/2 %v", tt.name, http2), func(t *testing.T) {
				if err := tt.signer.Sign(tt.req); err != nil {
					t.Fatal(err)
				}
				resp, err := api.Client().Do(tt.req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if got := resp.Header.Get("X-Error"); got != "" {
					t.Errorf("the server says: %s", got)
				}
				if got := resp.Header.Get("X-Action"); got != "A b" {
					t.Errorf("the server reads Action %q, want %q", got, "A b")
				}
				if got := resp.Header.Get("X-Proto") == "2"; got != http2 {
					t.Errorf("HTTP/2: %v, want %v", got, http2)
				}
			})
		}
	}
}
