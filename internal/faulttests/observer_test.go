package faulttests

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// The end of a call that failed is told as a failure, also where the caller
// gets a response and no error.
func TestEndUnderReturnResponse(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		is     error // nil: success
	}{
		"success":   {answering(okBody), nil},
		"permanent": {answering(`{"code":4100}`), codes.ClassAuth},
		"given up":  {apiFailure, codes.ClassInternal},
	} {
		in(t, name, func(t *testing.T) {
			var ends []qcloudhttp.Event
			client := &qcloudhttp.Transport{
				OnFailure: qcloudhttp.ReturnResponse,
				Observer: qcloudhttp.ObserverFunc(func(_ context.Context, e qcloudhttp.Event) {
					if e.Kind == qcloudhttp.EventEnd {
						ends = append(ends, e)
					}
				}),
			}
			if _, err := watched(t, client, scriptedBy(test.answer)); err != nil {
				t.Error(err)
			}
			if len(ends) != 1 || ends[0].StatusCode != http.StatusOK ||
				(ends[0].Err == nil) != (test.is == nil) || !errors.Is(ends[0].Err, test.is) {
				t.Errorf("told %+v", ends)
			}
		})
	}
}

// An Observer that panics keeps nobody else from being told.
func TestPanickingObserverAmongOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		client := &qcloudhttp.Transport{Observer: qcloudhttp.Observers(
			qcloudhttp.ObserverFunc(func(context.Context, qcloudhttp.Event) { panic("oh no") }),
			qcloudhttp.ObserverFunc(func(context.Context, qcloudhttp.Event) { told++ }),
		)}
		panicked, _ := watched(t, client, scriptedBy(apiFailure, answering(okBody)))
		if panicked != nil || told != 4 { // two attempts, the wait and the end
			t.Errorf("panic %v, told %d events", panicked, told)
		}
	})
}
