package faulttests

import (
	"errors"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// onOldConnection makes a read-only call, so that there is an idle connection,
// and then a second call on that connection, of which the server reads the
// request and breaks the connection. net/http resends a GET by itself then.
// The API that takes the resend remembers Nonces.
func onOldConnection(t *testing.T, k kind, second *http.Request) (outcome, []Request) {
	t.Helper()
	seen := make(map[string]bool)
	remember := func(r Request) string {
		nonce := r.URL.Query().Get("Nonce")
		if nonce != "" && seen[nonce] {
			return Response(`{"code":4500,"message":"","codeDesc":"ReplayAttack"}`)
		}
		seen[nonce] = true
		return okWire
	}
	mutations := 0
	rig := newRig(t, k, By(func(r Request) Answer {
		if r.URL.Query().Get("Action") == "GetDsaHostList" {
			return ok
		}
		answer := remember(r)
		if mutations++; mutations == 1 {
			return Reset(0, okWire)
		}
		return Send(answer)
	}))
	// net/http keeps no connection whose writer is slow to report its end.
	for idle := false; !idle; {
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{PutIdleConn: func(err error) { idle = err == nil }})
		if first := rig.call(ctx, reading); first.body != okBody {
			t.Fatalf("the first call: %v", first.err)
		}
	}
	before := len(rig.server.Requests())
	second.URL.Host = strings.TrimPrefix(rig.server.URL, "http://")
	got := rig.do(second)
	requests := rig.server.Requests()
	if len(requests) <= before || requests[before].Conn != requests[before-1].Conn {
		t.Fatal("the second call went by another connection")
	}
	return got, requests[before:]
}

func mutatingGet(query string) *http.Request {
	return must(http.NewRequest(http.MethodGet, "http://placeholder/v2/index.php?Action=TerminateInstances&hostId=1"+query, nil))
}

func TestMutatingGetOnOldConnection(t *testing.T) {
	t.Run("without a Nonce", func(t *testing.T) {
		got, sent := onOldConnection(t, mutation, mutatingGet(""))
		if len(sent) != 1 || !errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown) {
			t.Errorf("sent %d times, err %v", len(sent), got.err)
		}
	})
	t.Run("signed beforehand", func(t *testing.T) {
		r := mutatingGet("")
		r.URL.Host = "127.0.0.1:1" // any: this API does not look at the signature
		if err := (&sign.V1{Credentials: sign.Static("AKIDfaulttests", "key", "")}).Sign(r); err != nil {
			t.Fatal(err)
		}
		got, sent := onOldConnection(t, mutation, r)
		if !identical(sent) {
			t.Error("what was sent differs")
		}
		if got.err == nil || !errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown) {
			t.Errorf("it was executed, and the error is %v", got.err)
		}
	})
	t.Run("signed by the Signer", func(t *testing.T) {
		got, sent := onOldConnection(t, signed, mutatingGet(""))
		if !identical(sent) {
			t.Error("a second Nonce was sent: the API executes both")
		}
		if got.err == nil || !errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown) {
			t.Errorf("it was executed, and the error is %v", got.err)
		}
	})
}

// A POST is never resent by net/http: what the rules say is all that happens.
func TestPostOnOldConnection(t *testing.T) {
	for k, want := range map[kind]int{mutation: 1, signed: 2} {
		post := k.request(t.Context(), "http://placeholder")
		got, sent := onOldConnection(t, k, post)
		if len(sent) != want || !identical(sent) {
			t.Errorf("%s: sent %d times, err %v", k, len(sent), got.err)
		}
	}
}
