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

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

func main() {
	api, base := startAPI()
	defer api.Close()
	defer base.CloseIdleConnections()
	story{os.Stdout, api.API, base}.tell()
}

// story is what the program shows, on any API.
type story struct {
	io.Writer
	api  *qcloudtest.API
	base http.RoundTripper
}

func (s story) tell() {
	client := newClient(credential, newProfile(), recommended(s.base))
	s.failuresThatPass(client)
	s.failureThatStays(client)
	s.typedErrors()
	s.brokenConnection()
	s.regionBreaker()
}

// Failures that pass are waited out, and the caller never sees them.
func (s story) failuresThatPass(client *common.Client) {
	s.api.Next(2, qcloudtest.Code(codes.InternalError))
	before := s.api.Total()
	err := call(client, "DescribeDomains", map[string]any{"Limit": 10})
	s.say("InternalError, twice:")
	s.say("  err = %v after %d requests", err, s.api.Total()-before)
}

// A permanent failure comes back as the SDK's own error, after one request.
func (s story) failureThatStays(client *common.Client) {
	err := call(client, "AddEcdnDomain", unfiled)
	var sdkErr *tcerr.TencentCloudSDKError
	errors.As(err, &sdkErr)
	s.say("A domain without ICP filing, ReturnResponse (recommended):")
	s.say("  the SDK's own error %s, of class %s", sdkErr.Code, classOf(err))
}

// With ReturnError the SDK wraps the transport's error, and errors.As and
// errors.Is see through that.
func (s story) typedErrors() {
	client := newClient(credential, newProfile(), &qcloudhttp.Transport{Base: s.base})
	err := call(client, "AddEcdnDomain", unfiled)
	var failure *qcloudhttp.Error
	errors.As(err, &failure)
	s.say("The same, ReturnError:")
	s.say("  a *qcloudhttp.Error of %s, class %s", failure.Action, failure.Class)
	s.say("  errors.Is(err, codes.DomainNotFiled) is %t", errors.Is(err, codes.DomainNotFiled))
}

// Where the connection breaks before the answer of a mutation came, a
// ClientToken makes it safe to send again. Without one it is not sent, and the
// error says so. (Not every action of the vendor's takes one: see its
// parameters.)
func (s story) brokenConnection() {
	client, err := newTyped(recommended(s.base))
	if err != nil {
		s.say("%v", err)
		return
	}
	s.say("The connection breaks before the answer of a typed RunInstances came:")

	loseAnswer(s.api)
	resp, err := client.RunInstances(newRun(common.StringPtr("run-6b1e2c52")))
	s.say("  with a ClientToken, err = %v after %d requests", err, sent(s.api, "RunInstances"))
	if err == nil {
		s.say("  it runs as %s", *resp.Response.InstanceIdSet[0])
	}

	loseAnswer(s.api)
	_, err = client.RunInstances(newRun(nil))
	s.say("  without, errors.Is(err, qcloudhttp.ErrOutcomeUnknown) is %t", errors.Is(err, qcloudhttp.ErrOutcomeUnknown))
	s.api.ClearScript()
}

// The SDK's region breaker, where it is on, turns to another region after five
// calls that the region did not answer. A wrong key is no such failure, and
// with ReturnResponse the breaker sees that.
func (s story) regionBreaker() {
	wrongKey := common.NewCredential(secretID, "wrong")
	prof := newProfile()
	prof.DisableRegionBreaker = false
	s.say("Six calls with a wrong key, the SDK's region breaker on:")
	for _, t := range []*qcloudhttp.Transport{recommended(s.base), {Base: s.base}} {
		client := newClient(wrongKey, prof, t)
		for range 6 {
			call(client, "DescribeDomains", map[string]any{"Limit": 10})
		}
		requests := s.api.Requests()
		s.say("  ReturnResponse %-5t: the last goes to %s",
			t.OnFailure == qcloudhttp.ReturnResponse, requests[len(requests)-1].Host)
	}
}

func (s story) say(format string, a ...any) { fmt.Fprintf(s, format+"\n", a...) }

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
