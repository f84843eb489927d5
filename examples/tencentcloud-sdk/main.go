// Command tencentcloud-sdk shows tencentcloud-sdk-go with the qcloudhttp
// transport under it, on an embedded API. What to copy is in client.go.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// A made-up key pair. The embedded API checks every signature against it.
const secretID, secretKey = "AKIDexampleexampleexampleexample0000", "exampleexampleexampleexample0000"

var credential = common.NewCredential(secretID, secretKey)

// options of the embedded API: one domain, and others that may not be added.
var options = []qcloudtest.Option{
	qcloudtest.WithCredentials(secretID, secretKey),
	qcloudtest.WithDomain("www.example.com"),
	qcloudtest.WithUnfiled("*.unfiled.example"),
	qcloudtest.WithEnglish(),
}

func main() { show(os.Stdout, qcloudtest.NewAPI(options...)) }

// show makes calls of which one fails for a while, and one for good.
func show(w io.Writer, api *qcloudtest.API) {
	client := newClient(credential, newProfile(), recommended(api.Transport()))

	api.Next(2, qcloudtest.Code(codes.InternalError))
	err := call(client, "DescribeDomains", map[string]any{"Limit": 10})
	fmt.Fprintf(w, "InternalError, twice: err = %v after %d requests\n", err, api.Total())

	err = call(client, "AddEcdnDomain", map[string]any{
		"Domain": "www.unfiled.example",
		"Origin": map[string]any{"Origins": []string{"origin.example.com"}, "OriginType": "domain"},
	})
	var sdkErr *tcerr.TencentCloudSDKError
	if errors.As(err, &sdkErr) {
		fmt.Fprintf(w, "a domain that is not filed: the SDK's own error %s, class %s\n", sdkErr.Code, classOf(err))
	}
}

// call makes one call of ECDN.
func call(client *common.Client, action string, params map[string]any) error {
	req := tchttp.NewCommonRequest("ecdn", "2019-10-12", action)
	if err := req.SetActionParameters(params); err != nil {
		return err
	}
	return client.Send(req, tchttp.NewCommonResponse())
}
