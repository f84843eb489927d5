package main

import (
	"errors"
	"net/http"
	"strings"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// newClient is a client of the SDK with the transport under it. The profile
// comes before the transport, because WithProfile may reach into the transport
// that it finds (for a Proxy, which belongs into t.Base here).
func newClient(cred common.CredentialIface, prof *profile.ClientProfile, t *qcloudhttp.Transport) *common.Client {
	return common.NewCommonClient(cred, "", prof).WithHttpTransport(t)
}

// recommended is the transport to use under the SDK. With ReturnResponse the
// last response goes back as it came: the SDK makes its own typed error of it,
// and its region breaker sees that the region answers.
func recommended(base http.RoundTripper) *qcloudhttp.Transport {
	return &qcloudhttp.Transport{Base: base, OnFailure: qcloudhttp.ReturnResponse}
}

// newProfile has the settings that matter where the transport retries.
func newProfile() *profile.ClientProfile {
	p := profile.NewClientProfile()
	p.Language = "en-US"

	// One layer retries, and that is the transport. Zero is the SDK's default.
	p.NetworkFailureMaxRetries = 0
	p.RateLimitExceededMaxRetries = 0

	// In seconds, of the whole call: more than the two minutes of the
	// transport's Policy.MaxElapsed. For a deadline of your own use the
	// request's SetContext, which leaves you the transport's error.
	p.HttpProfile.ReqTimeout = 150
	return p
}

// classOf says what a call's error means, whichever FailureMode is set: the
// class of the transport's error where the SDK wraps one, else that of the
// SDK's own.
func classOf(err error) codes.Class {
	var failure *qcloudhttp.Error
	var sdkErr *tcerr.TencentCloudSDKError
	switch {
	case err == nil:
		return codes.ClassOK
	case errors.As(err, &failure):
		return failure.Class
	case errors.As(err, &sdkErr) && !strings.HasPrefix(sdkErr.Code, "ClientError."): // which is the SDK's own
		return qcloudhttp.Classify(qcloudhttp.Failure{CodeDesc: sdkErr.Code}).Class
	}
	return codes.ClassUnknown
}
