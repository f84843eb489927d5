package main

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

func TestFlush(t *testing.T) {
	for name, tc := range map[string]struct {
		within, took time.Duration
		want         error
	}{
		"to its end":       {time.Hour, 5 * time.Minute, nil},
		"until a deadline": {time.Minute, time.Minute, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := qcloudtest.NewAPI(qcloudtest.WithDomain("www.example.com"))
				api.NextFor("GetFlushLog", 2, qcloudtest.Code(codes.ServiceUnavailable))
				c := client{http.Client{Transport: &qcloudhttp.Transport{Base: api.Transport()}}}
				ctx, cancel := context.WithTimeout(t.Context(), tc.within)
				defer cancel()
				start := time.Now()
				err := c.flush(ctx, "http://www.example.com/a.css")
				if took := time.Since(start); !errors.Is(err, tc.want) || (took-tc.took).Abs() > time.Second {
					t.Errorf("%v after %v", err, took)
				}
			})
		})
	}
}
