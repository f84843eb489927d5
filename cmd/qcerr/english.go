package main

import (
	"github.com/qcloudhttp/qcloudhttp"
)

const commandLine = `  qcerr [-lang zh|en] [--json] [CODE | NAME | 'TEXT' | -]
  qcerr list [--retryable] [--class CLASS] [--json]
  qcerr demo [-endpoint URL]
`

var english = words{
	lang: "en",
	usage: `qcerr explains the error codes and responses of Tencent Cloud's DSA API.

` + commandLine + `
What can be explained:
  2002                                  a code
  DomainNotFiled                        its name, also as codes.DomainNotFiled
  Throttled                             a class, also as ErrThrottled
  ResourceUnavailable.CdnHostNoIcp      a code of API 3.0
  'HTTP 502'                            a status
  '(2002)请求的域名尚未备案'            a message, a line with code 4400 in it
  curl -si "$url" | qcerr               a response, with its header or without,
                                        also in gzip or deflate

list prints all codes. demo shows qcloudhttp.Transport getting through the
API's failures, against a test API on loopback, in a few seconds. With
-endpoint it calls the read-only actions of a real API, signed with the key
that the environment holds in the first whole of these:
  QCLOUD_SECRET_ID, QCLOUD_SECRET_KEY, and QCLOUD_TOKEN if there is one
  TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY, and TENCENTCLOUD_TOKEN
  SecretId, SecretKey

Flags:
  -lang zh|en     language; default by LC_ALL, LC_MESSAGES, LANG
  --json          JSON, in both languages
  --retryable     only codes that are retried
  --class CLASS   only codes of a class, such as Throttled
  -endpoint URL   such as https://dsa.api.qcloud.com/v2/index.php

Fields of --json (list: an array of such objects):
  code            the number; 0 for success and where scope is v3, http, class
  scope           common | module | v3 (a code of API 3.0 that v2 has none for)
                  | http (a status) | class
  name            DomainNotFiled; v3: its code; http: Bad Gateway
  class           Throttled, Domain...; OK for success
  retryable       whether the transport may call again
  condition       when: always | read-only (actions that change nothing) |
                  signer (signed anew) | idempotent (changes only where they
                  cannot be executed twice); absent where not retryable
  executed        whether it had an effect: no | unknown | partial;
                  yes for code 0
  zh, en          the meaning
  remedy_zh, remedy_en    what to do
  why_zh, why_en  why it is retried, or is not
  twins           codes of similar meaning
  v3              the counterparts in API 3.0
  codes           the codes of a class
  response        what the explained response said: status_code, code, module,
                  code_desc, message, request_id, common (the entry of its
                  common code, where a module code is explained)

Exit status: 0 explained; 1 unknown code, or the demo failed; 2 wrong usage.
`,
	shortUsage: commandLine + "  qcerr help\n",

	wrongFlag:  "-%s does not go with this command",
	noFlag:     "there is no flag %s",
	noValue:    "the flag %s needs a value",
	wrongBool:  "the flag %s is either true or false",
	wrongLang:  "-lang is either zh or en",
	wrongClass: "there is no class %s; the classes are %s",
	tooMany:    "one code or text at a time; put a text with spaces into quotes",
	noInput:    "nothing to explain",
	noArgument: "the command takes no argument but flags",

	unknownNumber: "unknown code %s: it is not among the DSA API's codes; qcerr list shows them",
	unknownName:   "unknown code %s: it is neither a code's name nor a code of API 3.0; qcerr list shows the names",
	noCode:        "there is no code of the API in this text, nor a response of it",
	didYouMean:    "did you mean %s?",
	compressed:    "the body is compressed (%s): fetch it with curl --compressed",

	class:      "Class",
	remedy:     "What to do",
	retried:    "Retried",
	executed:   "Executed",
	twins:      "Twins",
	v3:         "API 3.0",
	inGo:       "In Go",
	codes:      "Codes",
	said:       "Message",
	request:    "Request",
	common:     "Common",
	module:     "Module",
	otherTable: "not in the table of DSA and ECDN: another product's code, or a new one",
	decides:    "decides, being the more exact",
	notCounted: "does not count: the gateway answers %d before the module runs",
	titled:     "%s (%s)",
	success:    "the call succeeded; this is not an error",
	sep:        "; ",
	colon:      ": ",

	conditions: map[string]string{
		"":         "no: ",
		always:     "yes: ",
		readOnly:   "read-only actions only: ",
		needSigner: "only with a Transport.Signer: ",
		idempotent: "read-only actions, and mutations that cannot be executed twice (v2: resent with the same Nonce; 3.0: with a ClientToken; or never sent): ",
	},
	delays:     "waits about %s at first, longer each time up to about %s",
	inTurn:     "with the default limiter it waits for its turn in the line, which from then on moves at the rate that the API accepts; with a Limiter that does not learn a rate it %s",
	delaysOnce: ", at most %d times",
	executions: map[string]string{
		"no":      "no: nothing was changed",
		"unknown": "unknown: after a change, look at the state before calling again",
		"partial": "partly: the response says under detail which parts failed",
		"yes":     "yes",
	},
	retryWords: map[string]string{"": "no", always: "yes", readOnly: "read-only", needSigner: "signer", idempotent: "idempotent"},

	scopes: map[string]string{"common": "common code", "module": "module code of DSA and ECDN", scopeV3: "code of API 3.0", scopeHTTP: "HTTP", scopeClass: "class"},
	noCodes: map[qcloudhttp.Class]string{
		qcloudhttp.Network: "no code has the class Network: there was no answer at all that could hold one, or it broke off",
		qcloudhttp.Unknown: "no code here has the class Unknown: it is for those that are in no table",
	},
	noneRetried: "no code of this class is retried",

	listHead:      []string{"CODE", "SCOPE", "NAME", "CLASS", "RETRIED", "EXECUTED", "MEANING"},
	scopeWords:    map[string]string{"common": "common", "module": "module"},
	executedWords: map[string]string{"no": "no", "unknown": "unknown", "partial": "partial"},

	plain: [2]string{"no failure to HTTP; the API's own is in the body, under code", "Give the whole response to qcerr."},
	whys: map[qcloudhttp.Class]string{
		qcloudhttp.OK:          "the response is handed on as it is, unless its body tells of a failure",
		qcloudhttp.Unknown:     "nothing is known of it, so another attempt may do harm",
		qcloudhttp.Network:     "connections break and come back",
		qcloudhttp.Throttled:   "refused for its pace, not for what it asks",
		qcloudhttp.Busy:        "the running operation ends by itself, after some minutes",
		qcloudhttp.Unavailable: "the service comes back",
		qcloudhttp.Internal:    "the fault is the API's and usually passes; it may have been executed all the same, so a mutation may then meet its own work (2001, 2000, 2005), which Error.OwnWork tells",
		qcloudhttp.Failed:      "the cause is not told, and a mutation may have taken effect",
		qcloudhttp.Stale:       "the same bytes would be refused again, a fresh signature is not",
		qcloudhttp.Auth:        "the credentials or the signature have to be put right first",
		qcloudhttp.Denied:      "it is not permitted until somebody permits it",
		qcloudhttp.Account:     "the account's state or its limits have to change first",
		qcloudhttp.Domain:      "the domain's state has to change first",
		qcloudhttp.Conflict:    "another attempt meets the same obstacle",
		qcloudhttp.NotFound:    "it will not appear by asking again",
		qcloudhttp.Origin:      "the origin has to be corrected first",
		qcloudhttp.Certificate: "the certificate has to be corrected first",
		qcloudhttp.Invalid:     "the same request gets the same answer; correct it first",
		qcloudhttp.Partial:     "sending the batch again would repeat what is done; send only the failed parts",
		qcloudhttp.Unsupported: "it is not offered, and asking again does not change that",
	},

	demo: englishDemo,
}
