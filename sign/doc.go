// Package sign signs requests to Tencent Cloud APIs: [V1] for API 2.0
// (HmacSHA1 or HmacSHA256 over the parameters) and [TC3] for API 3.0
// (TC3-HMAC-SHA256 over the request and its body).
//
// Both are Signers of a qcloudhttp.Transport, and both work alone:
//
//	signer := &sign.V1{Credentials: sign.Static(id, key, "")}
//	err := signer.Sign(req) // then send req, once
//
// A signature is good for one attempt. API 2.0 executes a Nonce once and
// answers a second request with it by code 4500, and both APIs reject a
// timestamp that is minutes old, so a retry is signed anew.
//
// Keys that change while the program runs come from a [Provider] of one's own. A
// clock that is wrong is corrected by LearnTime, from the Date header of a response.
//
// The other side of the exchange is here too, for servers in tests: [VerifyV1]
// and [VerifyTC3] check a signature, [V1Stamp] and [TC3Stamp] read who signed a
// request, when, and with which Nonce.
//
// No error of this package holds a part of the request or of the credentials,
// and the types that hold secrets print as "[redacted]".
package sign
