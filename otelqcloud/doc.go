// Package otelqcloud shows a qcloudhttp.Transport to OpenTelemetry: metrics of
// what the API answers and what calls wait for, and an event for each attempt
// on the span that the request's context carries.
//
//	observer, err := otelqcloud.NewObserver()
//	client := &http.Client{Transport: &qcloudhttp.Transport{Observer: observer}}
//
// # Metrics
//
//	qcloud.client.attempts          counter    {attempt}    attempts that were answered, or failed
//	qcloud.client.retries           counter    {attempt}    those of them that were not a call's first
//	qcloud.client.recovered         counter    {call}       calls that succeeded after retries
//	qcloud.client.give_ups          counter    {call}       calls whose retrying ended
//	qcloud.client.unread            counter    {response}   responses whose envelope was not understood
//	qcloud.client.call.duration     histogram  s            whole calls, waits included
//	qcloud.client.queue.duration    histogram  s            time of an attempt in the queues of limiter and budget
//	qcloud.client.backoff.duration  histogram  s            the delays between attempts
//	qcloud.client.rate              gauge      {attempt}/s  the rate that paces a call; 0: nothing does
//	http.client.request.duration    histogram  s            single attempts, see [WithRequestDuration]
//
// # Attributes
//
// Names are those of OpenTelemetry's semantic conventions (1.43) where these
// have one, and start with "qcloud." elsewhere.
//
//	qcloud.action              all         GetDsaHostList...; not set where a request names none
//	server.address             all         the API's host
//	server.port                all         where the URL has one
//	error.type                 failures    the failure's class: Throttled, NotFound...
//	qcloud.code                failures    the code that says most: 2002 for 4000 (2002), or API 3.0's Code
//	http.response.status_code  attempts    the HTTP status; not set without a response
//	qcloud.reason              give_ups    attempts, elapsed, deadline, budget...: see qcloudhttp.Reason
//	qcloud.wait.cause          backoff.duration   backoff or retry-after
//
// Failures are counted in attempts, call.duration and give_ups; a success has
// neither error.type nor qcloud.code there.
//
// Hosts, actions and codes come from requests and responses. OpenTelemetry's SDK
// bounds the number of their combinations: 2,000 for each instrument, unless
// metric.WithCardinalityLimit says otherwise. A name of more than 100 bytes or
// that is no UTF-8 is _OTHER, as is the error.type of an error without a class,
// such as a Signer's.
//
// # Spans
//
// The Observer starts no spans. Where the request's context has a span that is
// recorded, it gets an event "qcloud.attempt" for each attempt, with
// http.request.resend_count from the second on and qcloud.unread where the
// envelope was not understood; "qcloud.wait" when the call waits; and
// "qcloud.give_up" with the reason.
//
// otelhttp goes well with it on either side. Above the Transport it makes one
// span for each call, and the events are that span's. Below, as the Transport's
// Base, it makes one for each attempt, beside the events in the span above. But
// otelhttp writes a request's whole URL into its spans, and the query of a
// signed API 2.0 request holds SecretId and Signature: give it [HideQuery].
package otelqcloud
