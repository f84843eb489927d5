package words

// english is for every other language.
var english = Words{
	Lang:           "en",
	Sep:            "; ",
	Stop:           ". ",
	Colon:          ": ",
	GaveUp:         "qcloudhttp: gave up after %d attempt(s) in %v: %s",
	UnknownOutcome: "it is unknown whether the call was executed: look at the state before calling again",
	OwnWork:        "an earlier attempt of this call may have done it",
	NoAnswer:       "no whole answer",
	NoTurn:         "its turn in line did not come in time",
	Request:        " [request %s]",
	reasons: map[string]string{
		"attempts":    "no attempts left",
		"elapsed":     "the policy's MaxElapsed would be over before the next attempt",
		"deadline":    "the context's deadline would come before the next attempt",
		"context":     "the context ended",
		"budget":      "the retry budget is empty and the wait in line outlasted the call",
		"retry-after": "the API asks for a longer wait than the policy allows",
		"unsafe":      "no resend of this mutation is safe (API 2.0: set a Signer; API 3.0: send a ClientToken)",
		"arrived":     "the Nonce was spent, so an earlier attempt had arrived",
		"nonce-age":   "the request's Nonce would be too old for a safe resend",
		"stale":       "the request's signature is spent; set Transport.Signer so that each attempt is signed anew",
		"body":        "the request's body cannot be sent again (set GetBody, or raise Policy.ReplayLimit)",
		"limiter":     "the limiter refused",
		"signer":      "the signer failed",
	},
}
