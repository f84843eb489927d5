package main

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	"go.uber.org/goleak"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What `go run ./tencentcloud-sdk` prints, on the same API without sockets.
func TestShow(t *testing.T) {
	const want = `InternalError, twice: err = <nil> after 3 requests
a domain that is not filed: the SDK's own error ResourceUnavailable.CdnHostNoIcp, class DomainState
`
	inMemory(t, func(t *testing.T, api *qcloudtest.API) {
		var shown strings.Builder
		show(&shown, api, api.Transport())
		if shown.String() != want {
			t.Errorf("shown:\n%s\nwant:\n%s", shown.String(), want)
		}
	})
}

// Over TLS on loopback, the signed host is the vendor's.
func TestOverSockets(t *testing.T) {
	api, base := startAPI()
	defer api.Close()
	defer base.CloseIdleConnections()
	client := newClient(credential, newProfile(), recommended(base))
	if err := call(client, "DescribeDomains", map[string]any{"Limit": 10}); err != nil {
		t.Fatal(err)
	}
	r := api.Requests()[0]
	if r.Host != "ecdn.tencentcloudapi.com" || !r.Executed {
		t.Errorf("got %+v", r)
	}
}

// inMemory runs f with an API in a bubble of virtual time.
func inMemory(t *testing.T, f func(t *testing.T, api *qcloudtest.API), more ...qcloudtest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f(t, qcloudtest.NewAPI(append(more, options...)...))
	})
}

// clientOf is a client of api, its profile changed by edits.
func clientOf(api *qcloudtest.API, mode qcloudhttp.FailureMode, edits ...func(*profile.ClientProfile)) *common.Client {
	prof := newProfile()
	for _, edit := range edits {
		edit(prof)
	}
	return newClient(credential, prof, &qcloudhttp.Transport{Base: api.Transport(), OnFailure: mode})
}
