// Command create makes a resource as a Terraform provider does: the ClientToken
// is in the state before the call, so that neither a broken connection nor a
// second run makes a second machine.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

const id, key = "AKIDexample", "a-secret-key"

func main() { apply(os.Stdout, qcloudtest.NewAPI(qcloudtest.WithCredentials(id, key))) }

// state is what a provider keeps between runs.
type state struct{ token, instance string }

func apply(w io.Writer, api *qcloudtest.API) {
	api.Handle("RunInstances", func(qcloudtest.Request) []qcloudtest.Step {
		machine := fmt.Sprintf("ins-%d", api.Executed("RunInstances")+1)
		return []qcloudtest.Step{qcloudtest.Data(map[string]any{"InstanceIdSet": []string{machine}})}
	})
	client, err := cvm.NewClient(common.NewCredential(id, key), "ap-guangzhou", profile.NewClientProfile())
	if err != nil {
		fmt.Fprintln(w, err)
		return
	}
	client.WithHttpTransport(&qcloudhttp.Transport{
		Base:      api.Transport(), // leave it out to call the real API
		OnFailure: qcloudhttp.ReturnResponse,
	})

	for _, st := range []*state{{token: "web-6b1e2c52"}, {}} {
		api.NextFor("RunInstances", 1, qcloudtest.Execute(), qcloudtest.Drop()) // created, and nobody is told
		before := api.Executed("RunInstances")
		err := create(client, st)
		fmt.Fprintf(w, "token %q: %q, %d created, outcome unknown: %t\n", st.token, st.instance,
			api.Executed("RunInstances")-before, errors.Is(err, qcloudhttp.ErrOutcomeUnknown))
	}
}

// create makes the machine of a state. Where its error is ErrOutcomeUnknown, the
// provider keeps the token and the next run asks again.
func create(client *cvm.Client, st *state) error {
	req := cvm.NewRunInstancesRequest()
	req.ImageId = common.StringPtr("img-example")
	if st.token != "" {
		req.ClientToken = common.StringPtr(st.token)
	}
	resp, err := client.RunInstances(req)
	if err != nil {
		return err
	}
	st.instance = *resp.Response.InstanceIdSet[0]
	return nil
}
