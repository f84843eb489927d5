package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

// sendWithRetries is the loop that programs write around the SDK, and that the
// transport replaces. docs/sdk.md shows it as "before".
func sendWithRetries(ctx context.Context, client *common.Client, req tchttp.Request, resp tchttp.Response) error {
	var err error
	for attempt := 0; attempt < 5; attempt++ {
		if attempt > 0 {
			delay := 500 * time.Millisecond << attempt
			delay += time.Duration(rand.Int63n(int64(delay) / 2))
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(delay):
			}
		}
		if err = client.Send(req, resp); err == nil {
			return nil
		}
		var sdkErr *tcerr.TencentCloudSDKError
		if !errors.As(err, &sdkErr) || !passes(sdkErr) {
			return err
		}
	}
	return fmt.Errorf("gave up: %w", err)
}

// passes reports whether an error may be gone the next time, going by texts.
func passes(err *tcerr.TencentCloudSDKError) bool {
	switch {
	case strings.HasPrefix(err.Code, "RequestLimitExceeded"),
		strings.HasPrefix(err.Code, "InternalError"),
		strings.HasPrefix(err.Code, "ServiceUnavailable"),
		strings.HasSuffix(err.Code, "OpInProgress"),
		strings.HasSuffix(err.Code, "OpTooOften"):
		return true
	case err.Code == "ClientError.NetworkError":
		return true
	case err.Code == "ClientError.ParseJsonError":
		return strings.Contains(err.Message, "<html>") // a proxy's page
	}
	return false
}

// Before and after come to the same for what passes. What the loop cannot see
// is whether a resend is safe: it sends a mutation again that may be executed.
func TestBeforeAndAfter(t *testing.T) {
	before := func(api *qcloudtest.API, req tchttp.Request) error {
		client := common.NewCommonClient(credential, "", newProfile()).WithHttpTransport(api.Transport())
		return sendWithRetries(context.Background(), client, req, tchttp.NewCommonResponse())
	}
	after := func(api *qcloudtest.API, req tchttp.Request) error {
		client := common.NewCommonClient(credential, "", newProfile()).
			WithHttpTransport(&qcloudhttp.Transport{Base: api.Transport(), OnFailure: qcloudhttp.ReturnResponse})
		return client.Send(req, tchttp.NewCommonResponse())
	}
	for name, tc := range map[string]struct {
		send     func(*qcloudtest.API, tchttp.Request) error
		requests int
		unknown  bool
	}{
		"before": {before, 2, false},
		"after":  {after, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, api *qcloudtest.API) {
				api.Next(1, qcloudtest.Code(codes.QuotaExceeded))
				api.Next(1, qcloudtest.Code(codes.InternalError))
				api.Next(1, qcloudtest.Status(502))
				read := tchttp.NewCommonRequest("ecdn", "2019-10-12", "DescribeDomains")
				if err := tc.send(api, read); err != nil || api.Total() != 4 {
					t.Errorf("%v, %d requests", err, api.Total())
				}

				loseAnswer(api)
				err := tc.send(api, newRun(nil))
				unknown := errors.Is(err, qcloudhttp.ErrOutcomeUnknown)
				if n := sent(api, "RunInstances"); n != tc.requests || unknown != tc.unknown {
					t.Errorf("RunInstances was sent %d time(s): %v", n, err)
				}
			})
		})
	}
}
