package action_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp/internal/action"
)

func TestCredentials(t *testing.T) {
	query, err := http.NewRequest(http.MethodGet, "http://h/?Action=GetX&SecretId=my-secret&Signature=a%2Bb%2Fcdef%3D", nil)
	if err != nil {
		t.Fatal(err)
	}
	form, err := http.NewRequest(http.MethodPost, "http://h/", strings.NewReader("Token=temporary&Nonce=12345678&SecretId=id"))
	if err != nil {
		t.Fatal(err)
	}
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	form.Header.Set("Authorization", "TC3-HMAC-SHA256 Credential=my-secret/2019-02-25/cvm/tc3_request, SignedHeaders=host, Signature=72e494ea")
	for _, test := range []struct {
		r         *http.Request
		want, not []string
	}{
		{query, []string{"my-secret", "a%2Bb%2Fcdef%3D", "a+b/cdef=", query.URL.RawQuery}, []string{"GetX"}},
		{form, []string{"temporary", "my-secret", "72e494ea"}, []string{"id", "12345678", ""}},
	} {
		got := action.Credentials(test.r)
		for _, s := range test.want {
			if !slices.Contains(got, s) {
				t.Errorf("%q is missing in %q", s, got)
			}
		}
		for _, s := range test.not {
			if slices.Contains(got, s) {
				t.Errorf("%q is in %q", s, got)
			}
		}
	}
}
