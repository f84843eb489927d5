package faulttests

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A response that is cut after any of its bytes: before the code is known the
// call is made again where the rules allow it, and afterwards the caller gets
// what arrived and the body's error. Never does a part look like the whole.
func TestCutAtEveryOffset(t *testing.T) {
	cuts := map[string]func(int, string) Answer{
		"FIN": Close, "RST": Reset, "half-close": HalfClose,
	}
	for how, cut := range cuts {
		for _, k := range kinds {
			t.Run(how+"/"+string(k), func(t *testing.T) {
				t.Parallel()
				for n := range len(okWire) {
					cutAt(t, k, n, cut(n, okWire))
				}
			})
		}
	}
}

func cutAt(t *testing.T, k kind, n int, fault Answer) {
	t.Helper()
	r := newQuickRig(t, k, fault, ok)
	defer r.close()
	got := r.call(t.Context(), k)
	requests := r.server.Requests()
	// The byte behind the code ends the number.
	known := n > headEnd+len(`{"code":0`)
	switch {
	case known && got.err == nil && got.bodyErr != nil && strings.HasPrefix(okBody, got.body) && len(requests) == 1:
	case !known && k == mutation && errors.Is(got.err, codes.ClassNetwork) &&
		errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown) && len(requests) == 1:
	case !known && k != mutation && got.err == nil && got.body == okBody && got.bodyErr == nil &&
		len(requests) == 2 && (k == reading || identical(requests)):
	default:
		t.Errorf("cut at %d of %d: err %v, body %q, body's err %v, %d requests",
			n, len(okWire), got.err, got.body, got.bodyErr, len(requests))
	}
}

// A failure that is cut is one that the API told of as soon as its code is
// known: its number ends at the byte behind it.
func TestFailureCutAtEveryOffset(t *testing.T) {
	wire := Response(failBody)
	decided := strings.Index(wire, "6000,") + len("6000,")
	for n := range len(wire) {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			r := newQuickRig(t, mutation, Close(n, wire), ok)
			defer r.close()
			got := r.call(t.Context(), mutation)
			class := codes.ClassNetwork
			if n >= decided {
				class = codes.ClassInternal
			}
			if !errors.Is(got.err, class) || !errors.Is(got.err, qcloudhttp.ErrOutcomeUnknown) ||
				len(r.server.Requests()) != 1 {
				t.Errorf("err %v, %d requests", got.err, len(r.server.Requests()))
			}
		})
	}
}
