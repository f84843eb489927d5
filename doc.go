// Package qcloudhttp makes an http.Client understand the failures of Tencent
// Cloud's API. The API answers HTTP 200 and hides the failure in the body; the
// Transport of this package reads it there and does what it calls for:
//
//	client := &http.Client{Transport: &qcloudhttp.Transport{}}
//
// A failure that passes (a quota exceeded, an operation still running, a
// maintenance, an internal error, a broken connection) is waited out and the
// call repeated, where that is safe. A permanent one comes back as a typed
// error that says what to do:
//
//	resp, err := client.Get(url)
//	var apiErr *qcloudhttp.Error
//	switch {
//	case errors.Is(err, codes.DomainNotFiled): // (2002) no ICP filing
//	case errors.Is(err, qcloudhttp.ErrAuth): // 4100 and its relatives
//	case errors.As(err, &apiErr): // apiErr.Code, Module, Class, Message, RequestID
//	}
//
// Everything has a default; the fields of Transport change it:
//
//   - Policy: how often, how long, with which delays; [WithPolicy] and
//     [WithoutRetries] for single calls.
//   - Limiter: nil finds the quota's pace by itself, for each account, host
//     and action, from the first rejection on; any *rate.Limiter fits.
//   - Signer: a sign.V1 or sign.TC3 signs each attempt anew. With one a
//     mutation whose connection broke is sent again with the same Nonce, which
//     the API executes once.
//   - OnFailure: ReturnResponse gives the last response to a client that reads
//     the API's errors itself, such as the vendor's SDK.
//   - Observer: [LogTo] turns an slog.Logger into one.
//
// # What comes back
//
// RoundTrip returns a response or an error. A *[Error] is what the API said; a
// *[GiveUpError] tells why retrying ended and holds the last *Error. Both API
// 2.0 ({"code":4000,"message":"(2000)..."}) and API 3.0
// ({"Response":{"Error":...}}) are understood. A body that is neither is passed
// through. After a failed mutation, errors.Is(err, [ErrOutcomeUnknown]) reports
// whether it may have been executed all the same.
//
// Programs that keep their own transport use [CheckResponse]; those that have
// a go-retryablehttp client give it the methods of [Policy]. Package codes
// looks up what a number means, package qcloudtest is a test double of the API,
// and the command cmd/qcerr explains codes and responses in a shell.
package qcloudhttp
