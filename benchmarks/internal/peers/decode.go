package peers

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/aws/smithy-go"
)

// decode reads the failure out of an answer of HTTP 200, as users do by hand:
// it reads the body whole and puts it back. Nil: no failure.
func decode(resp *http.Response) (*smithy.GenericAPIError, error) {
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	var envelope struct {
		Code     int    `json:"code"`
		CodeDesc string `json:"codeDesc"`
		Message  string `json:"message"`
	}
	if json.Unmarshal(body, &envelope) != nil || envelope.Code == 0 {
		return nil, nil
	}
	return &smithy.GenericAPIError{Code: envelope.CodeDesc, Message: envelope.Message}, nil
}

// again reports whether an outcome is worth another attempt: a connection's
// failure, and of the API's the three that the comparison has.
func again(resp *http.Response, err error, s Settings) bool {
	if err != nil {
		return true
	}
	if resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests {
		return true
	}
	if s.ByStatus {
		return false
	}
	failure, err := decode(resp)
	return err != nil || failure != nil && retried[failure.Code]
}

// retried are the codeDescs of 4400, 6000 and 6200.
var retried = map[string]bool{"RequestLimitExceeded": true, "InternalError": true, "ServiceUnavailable": true}
