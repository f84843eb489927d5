package qcloudhttp_test

import (
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// In a bubble of testing/synctest time is virtual: the default delays, the
// deployments and the quotas take their minutes, and the test takes none. The
// API is made inside the bubble and called without a socket.
func Example_virtualTime() {
	_ = outlastsADeployment // which in a program's own test file is a Test
}

// outlastsADeployment takes a domain offline that has just been made. The API
// refuses that with 1014 for the five minutes of the deployment.
func outlastsADeployment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI()
		client := &http.Client{Transport: &qcloudhttp.Transport{Base: api.Transport()}}
		start := time.Now()
		for _, form := range []url.Values{
			{"Action": {"CreateDsaHost"}, "host": {"www.example.com"}, "origin": {"origin.example.com:80"}},
			{"Action": {"OfflineDsaHost"}, "host": {"www.example.com"}},
		} {
			resp, err := client.PostForm("https://dsa.api.qcloud.com/v2/index.php", form)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
		if waited := time.Since(start); waited < 5*time.Minute || api.Executed("OfflineDsaHost") != 1 {
			t.Errorf("offline after %v, in %d requests", waited, api.Total())
		}
	})
}
