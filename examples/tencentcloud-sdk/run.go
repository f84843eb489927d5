package main

import (
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// newTyped is one of the SDK's typed clients, of CVM, with the transport under
// it.
func newTyped(t *qcloudhttp.Transport) (*cvm.Client, error) {
	client, err := cvm.NewClient(credential, "ap-guangzhou", newProfile())
	if err != nil {
		return nil, err
	}
	client.WithHttpTransport(t)
	return client, nil
}

// newRun is a call that must not run twice: it creates a machine. The token, if
// there is one, makes it safe to send again.
func newRun(token *string) *cvm.RunInstancesRequest {
	req := cvm.NewRunInstancesRequest()
	req.ImageId = common.StringPtr("img-example")
	req.ClientToken = token
	return req
}

// loseAnswer lets the next RunInstances go without an answer; one after it is
// answered with a machine.
func loseAnswer(api *qcloudtest.API) {
	const created = `{"Response":{"InstanceIdSet":["ins-example"],"RequestId":"6b1e2c52"}}`
	api.ClearScript()
	api.NextFor("RunInstances", 1, qcloudtest.Drop())
	api.NextFor("RunInstances", 1, qcloudtest.Body("application/json", created))
}

// sent counts the requests of an action.
func sent(api *qcloudtest.API, action string) int {
	n := 0
	for _, r := range api.Requests() {
		if r.Action == action {
			n++
		}
	}
	return n
}
