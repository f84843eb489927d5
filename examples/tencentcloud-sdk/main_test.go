package main

import (
	"context"
	"net"
	"net/http"
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
		show(&shown, api)
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

// startAPI starts the embedded API on loopback. All connections of base lead to
// it, whatever host is called, so everything else is as in production: URLs,
// TLS, the Host header and with it the signatures, the SDK's profile.
func startAPI() (api *qcloudtest.Server, base *http.Transport) {
	api = qcloudtest.NewUnstartedServer(options...)
	api.StartTLS()
	base = api.Client().Transport.(*http.Transport).Clone()
	base.TLSClientConfig.ServerName = "example.com" // what the test certificate names
	base.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, api.Listener.Addr().String())
	}
	return api, base
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
