package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// patient lets a call outlast a signature.
var patient = &qcloudhttp.Policy{MaxAttempts: 100, MaxElapsed: 30 * time.Minute}

func patientClient(api *qcloudtest.API, cred common.CredentialIface, s qcloudhttp.Signer) *common.Client {
	prof := newProfile()
	prof.HttpProfile.ReqTimeout = 3600
	t := recommended(api.Transport())
	t.Policy, t.Signer = patient, s
	return newClient(cred, prof, t)
}

// signerFor signs every attempt anew, over the SDK's signature and with the
// SDK's credentials. It is needed where a call may outlast the five minutes
// for which a signature is valid, or where the machine's clock may be wrong.
func signerFor(cred common.CredentialIface) *sign.TC3 {
	return &sign.TC3{Credentials: func(context.Context) (sign.Credentials, error) {
		id, key, token := cred.GetCredential()
		return sign.NewCredentials(id, key, token), nil
	}}
}

// The SDK signs once. A signature is refused after five minutes, so a call
// that waits longer needs a Signer, which signs each attempt over the SDK's
// signature. Without one it ends before a wait that would be in vain.
func TestCallThatOutlastsItsSignature(t *testing.T) {
	for name, tc := range map[string]struct {
		signer qcloudhttp.Signer
		want   codes.Class
	}{
		"without a Signer": {nil, codes.ClassUnavailable},
		"with one":         {signerFor(credential), codes.ClassOK},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, api *qcloudtest.API) {
				api.Maintenance(true)
				time.AfterFunc(10*time.Minute, func() { api.Maintenance(false) })
				err := call(patientClient(api, credential, tc.signer), "DescribeDomains", none)
				if got := classOf(err); got != tc.want {
					t.Errorf("got %v (%s), want %s", err, got, tc.want)
				}
			})
		})
	}
}

// Where the machine's clock is wrong the SDK alone never gets through. The
// Signer learns the API's time from the first answer.
func TestWrongClock(t *testing.T) {
	for name, offset := range map[string]time.Duration{"slow": time.Hour, "fast": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, api *qcloudtest.API) {
				api.SetClockOffset(offset)
				err := call(clientOf(api, qcloudhttp.ReturnResponse), "DescribeDomains", none)
				if classOf(err) != codes.ClassSignatureExpired {
					t.Errorf("the SDK alone: %v", err)
				}
				client := patientClient(api, credential, signerFor(credential))
				for range 2 {
					if err := call(client, "DescribeDomains", none); err != nil {
						t.Errorf("with a Signer: %v", err)
					}
				}
				if n := api.Total(); n != 1+2+1 {
					t.Errorf("%d requests: the offset was not kept", n)
				}
			})
		})
	}
}

// Temporary credentials that the SDK exchanges while a call is waiting are the
// next attempt's.
func TestRotatedCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cred := rotating{time.Now()}
		api := qcloudtest.NewAPI(qcloudtest.WithCredentials(secretID, secretKey, "new token"))
		api.Next(1, qcloudtest.Status(502))
		if err := call(patientClient(api, cred, signerFor(cred)), "DescribeDomains", none); err != nil {
			t.Error(err)
		}
		if n := api.Total(); n != 2 {
			t.Errorf("%d requests", n)
		}
	})
}

// rotating has an old token until a moment has passed.
type rotating struct{ until time.Time }

func (r rotating) GetCredential() (id, key, token string) {
	if time.Now().After(r.until) {
		return secretID, secretKey, "new token"
	}
	return secretID, secretKey, "old token"
}

func (r rotating) GetSecretId() string { return secretID }

func (r rotating) GetSecretKey() string { return secretKey }

func (r rotating) GetToken() string {
	_, _, token := r.GetCredential()
	return token
}
