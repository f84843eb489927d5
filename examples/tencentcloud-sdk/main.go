// Command tencentcloud-sdk shows tencentcloud-sdk-go with the qcloudhttp
// transport under it, on an embedded API. What to copy is in client.go.
package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"

	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

func main() {
	api, base := startAPI()
	defer api.Close()
	defer base.CloseIdleConnections()
	show(os.Stdout, api.API, base)
}

// show makes calls of which one fails for a while, and one for good.
func show(w io.Writer, api *qcloudtest.API, base http.RoundTripper) {
	client := newClient(credential, newProfile(), recommended(base))

	api.Next(2, qcloudtest.Code(codes.InternalError))
	err := call(client, "DescribeDomains", map[string]any{"Limit": 10})
	fmt.Fprintf(w, "InternalError, twice: err = %v after %d requests\n", err, api.Total())

	err = call(client, "AddEcdnDomain", unfiled)
	var sdkErr *tcerr.TencentCloudSDKError
	if errors.As(err, &sdkErr) {
		fmt.Fprintf(w, "a domain that is not filed: the SDK's own error %s, class %s\n", sdkErr.Code, classOf(err))
	}
}

var unfiled = map[string]any{
	"Domain": "www.unfiled.example",
	"Origin": map[string]any{"Origins": []string{"origin.example.com"}, "OriginType": "domain"},
}

// call makes one call of ECDN.
func call(client *common.Client, action string, params map[string]any) error {
	req := tchttp.NewCommonRequest("ecdn", "2019-10-12", action)
	if err := req.SetActionParameters(params); err != nil {
		return err
	}
	return client.Send(req, tchttp.NewCommonResponse())
}
