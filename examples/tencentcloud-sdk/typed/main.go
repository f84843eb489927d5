// Command typed shows a typed client of tencentcloud-sdk-go v1.0.162 (ECDN)
// with the qcloudhttp transport under it, on an embedded API.
//
// It is a module of its own: this older SDK is one module with everything in
// it, tencentcloud/common included, so it cannot be in one build with the newer
// tencentcloud/common module.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	ecdn "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/ecdn/v20191012"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// A made-up key pair. The embedded API checks every signature against it.
const (
	secretID  = "AKIDexampleexampleexampleexample0000"
	secretKey = "exampleexampleexampleexample0000"
)

func main() {
	api, base := startAPI()
	defer api.Close()
	defer base.CloseIdleConnections()
	if err := tell(os.Stdout, api.API, base); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// newClient puts the transport under a typed client. ReturnResponse is the
// mode for this SDK: it keeps only the text of a transport's error, so
// errors.As would find no *qcloudhttp.Error behind it.
func newClient(t *qcloudhttp.Transport) (*ecdn.Client, error) {
	prof := profile.NewClientProfile()
	prof.Language = "en-US"
	prof.HttpProfile.ReqTimeout = 150 // seconds for a call as a whole, retries included
	client, err := ecdn.NewClient(common.NewCredential(secretID, secretKey), "", prof)
	if err != nil {
		return nil, err
	}
	client.WithHttpTransport(t)
	return client, nil
}

func recommended(base http.RoundTripper) *qcloudhttp.Transport {
	return &qcloudhttp.Transport{Base: base, OnFailure: qcloudhttp.ReturnResponse}
}

func tell(w io.Writer, api *qcloudtest.API, base http.RoundTripper) error {
	client, err := newClient(recommended(base))
	if err != nil {
		return err
	}
	api.Next(2, qcloudtest.Code(codes.InternalError))
	list, err := client.DescribeDomains(ecdn.NewDescribeDomainsRequest())
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "DescribeDomains, after two InternalErrors: %d domain, %s\n",
		*list.Response.TotalCount, *list.Response.Domains[0].Domain)

	add := ecdn.NewAddEcdnDomainRequest()
	add.Domain = common.StringPtr("www.unfiled.example")
	add.Origin = &ecdn.Origin{
		Origins:    common.StringPtrs([]string{"origin.example.com"}),
		OriginType: common.StringPtr("domain"),
	}
	_, err = client.AddEcdnDomain(add)
	var sdkErr *tcerr.TencentCloudSDKError
	if !errors.As(err, &sdkErr) {
		return fmt.Errorf("AddEcdnDomain of an unfiled domain: %w", err)
	}
	fmt.Fprintf(w, "AddEcdnDomain: the SDK's own error %s, of class %s\n", sdkErr.Code,
		qcloudhttp.Classify(qcloudhttp.Failure{CodeDesc: sdkErr.Code}).Class)
	return nil
}

// startAPI starts the embedded API on loopback, where all connections of base
// lead to, whatever host is called.
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

var options = []qcloudtest.Option{
	qcloudtest.WithCredentials(secretID, secretKey),
	qcloudtest.WithDomain("www.example.com"),
	qcloudtest.WithUnfiled("*.unfiled.example"),
	qcloudtest.WithEnglish(),
}
