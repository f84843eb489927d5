package main

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// Every URL is purged, by one execution of each call, and nothing is logged.
func TestPurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		api := qcloudtest.NewAPI(options()...)
		purge(&out, api.Transport(), api, "https://dsa.api.qcloud.com/v2/index.php")
		if want := "purged 1000 URLs of 1000; 100 calls were executed\n"; out.String() != want {
			t.Errorf("got %q", out.String())
		}
	})
}
