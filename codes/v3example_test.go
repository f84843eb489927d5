package codes_test

import (
	"fmt"

	"github.com/qcloudhttp/qcloudhttp/codes"
)

// The prefix names the department, the words behind it the state: these codes
// get their class without being on a list.
func ExampleClassifyV3() {
	for _, code := range []string{
		"OperationDenied.GatewayOperationInProgress",
		"LimitExceeded.QueryTooFrequently",
		"FailedOperation.GatewayNotFound",
		"FailedOperation.CreateGatewayFailed",
		"LimitExceeded.GatewayQuota",
	} {
		v := codes.ClassifyV3(code, "vpc")
		fmt.Printf("%s: %v, by %q\n", code, v.Class, v.Rule)
	}
	// Output:
	// OperationDenied.GatewayOperationInProgress: Busy, by "in progress"
	// LimitExceeded.QueryTooFrequently: Throttled, by "too frequent*"
	// FailedOperation.GatewayNotFound: NotFound, by "not found"
	// FailedOperation.CreateGatewayFailed: Failed, by "^create !"
	// LimitExceeded.GatewayQuota: AccountState, by "LimitExceeded"
}
