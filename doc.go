// Package qcloudhttp makes an http.Client understand the failures of Tencent
// Cloud's API. The API answers HTTP 200 and hides the failure in the body; a
// Transport reads it there and does what it calls for:
//
//	client := &http.Client{Transport: &qcloudhttp.Transport{}}
//
// A temporary failure (a quota exceeded, an operation still running, a
// maintenance, an internal error, a broken connection) is waited out and the
// call attempted again, where that is safe. A permanent one is a typed error:
//
//	resp, err := client.Get(url)
//	var apiErr *qcloudhttp.Error
//	switch {
//	case errors.Is(err, codes.DomainNotFiled): // (2002) no ICP filing
//	case errors.Is(err, codes.ClassAuth): // 4100 and its relatives
//	case errors.As(err, &apiErr): // apiErr.Code, Module, Class, Message, RequestID
//	}
//
// A *[Error] is what the API said; a *[GiveUpError] tells why retrying ended and
// holds the last *Error. [Explain] says what an error means and what to do, in
// English or Chinese. After a change that failed, errors.Is(err,
// [ErrOutcomeUnknown]) reports whether it may have been executed all the same.
// Bodies that are neither API 2.0's nor API 3.0's pass through.
//
// The fields of [Transport] change the defaults:
//
//   - Policy: how often, how long, with which delays; [WithPolicy] and
//     [WithoutRetries] for single calls.
//   - Limiter: nil learns the quota's pace from the first rejection on.
//   - Signer: a sign.V1 or sign.TC3 signs each attempt anew, so that more changes
//     can be sent again: API 2.0 executes the same Nonce once.
//   - OnFailure: ReturnResponse, for a client that reads the API's errors itself.
//   - Observer: [LogTo] turns an slog.Logger into one.
//
// Without the Transport there are [CheckResponse] and, for go-retryablehttp,
// [NewRetryableClient]. Package codes looks codes up, limit paces, sign signs,
// qcloudtest is a fake API for tests, and cmd/qcerr explains codes and responses.
// To read the code, begin with transport.go, which is one call.
package qcloudhttp
