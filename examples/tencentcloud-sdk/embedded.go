package main

import (
	"context"
	"net"
	"net/http"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// A made-up key pair. The embedded API checks every signature against it.
const (
	secretID  = "AKIDexampleexampleexampleexample0000"
	secretKey = "exampleexampleexampleexample0000"
)

var credential = common.NewCredential(secretID, secretKey)

// options of the embedded API: one domain, and others that may not be added.
var options = []qcloudtest.Option{
	qcloudtest.WithCredentials(secretID, secretKey),
	qcloudtest.WithDomain("www.example.com"),
	qcloudtest.WithUnfiled("*.unfiled.example"),
	qcloudtest.WithEnglish(),
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
