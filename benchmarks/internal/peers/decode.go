package peers

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/aws/smithy-go"
)

// decode reads the failure out of an answer of HTTP 200, as users do by hand:
// it reads the body whole and puts it back.
func decode(resp *http.Response) error {
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return err
	}
	var envelope struct {
		Code     int    `json:"code"`
		CodeDesc string `json:"codeDesc"`
		Message  string `json:"message"`
	}
	if json.Unmarshal(body, &envelope) != nil || envelope.Code == 0 {
		return nil
	}
	return &smithy.GenericAPIError{Code: envelope.CodeDesc, Message: envelope.Message}
}

// again reports whether an outcome is worth another attempt: a connection's
// failure, and of the API's the three that the comparison has.
func again(resp *http.Response, err error) bool {
	if err == nil {
		err = decode(resp)
	}
	var failure *smithy.GenericAPIError
	if errors.As(err, &failure) {
		return retried[failure.Code]
	}
	return err != nil
}

// retried are the codeDescs of 4400, 6000 and 6200.
var retried = map[string]bool{"RequestLimitExceeded": true, "InternalError": true, "ServiceUnavailable": true}
