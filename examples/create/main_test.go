package main

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// With a token the machine is made once and known; without one its call is not
// sent again.
func TestApply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const want = `token "web-6b1e2c52": "ins-1", 1 created, outcome unknown: false
token "": "", 1 created, outcome unknown: true
`
		var out strings.Builder
		api := qcloudtest.NewAPI(qcloudtest.WithCredentials(id, key))
		apply(&out, api)
		if out.String() != want || api.Total() != 3 {
			t.Errorf("%d requests:\n%s", api.Total(), out.String())
		}
	})
}
