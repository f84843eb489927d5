// Package roundtrippers shows by its examples where other RoundTrippers go:
// above the transport, where one sees calls, or below it, where one sees
// attempts.
//
//   - golang.org/x/oauth2 goes below: each attempt then has a token that is
//     valid at that moment. Above, one token has to last for all attempts and
//     the waits between them.
//   - otelhttp goes above for a span of each call, whose status is the call's
//     outcome; below for a span of each attempt. Below, the API's failures
//     look like successes, for they are HTTP 200. It may be in both places.
//
// A RoundTripper between the client and the transport that has no method
// CloseIdleConnections hides ours: then close those of the base.
package roundtrippers
