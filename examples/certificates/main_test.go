package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
	"github.com/qcloudhttp/qcloudhttp/qcloudtest"
)

func TestCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := qcloudtest.NewAPI()
		script(api)
		var out strings.Builder
		err := check(&out, &http.Client{Transport: &qcloudhttp.Transport{Base: api.Transport()}})
		if err != nil || strings.Count(out.String(), "\n") != 3 || !strings.HasPrefix(out.String(), "www0.example.com:") {
			t.Errorf("%v\n%s", err, out.String())
		}
		if api.Total() != 5 { // three pages, two failures
			t.Errorf("%d requests", api.Total())
		}
	})
}

// A wrong key ends the check with an error that says so.
func TestCheckWithAWrongKey(t *testing.T) {
	api := qcloudtest.NewAPI()
	script(api)
	api.ClearScript()
	api.Next(1, qcloudtest.Code(codes.AuthFailure))
	var out strings.Builder
	err := check(&out, &http.Client{Transport: &qcloudhttp.Transport{Base: api.Transport()}})
	if !errors.Is(err, codes.ClassAuth) || out.Len() != 0 {
		t.Errorf("%v\n%s", err, out.String())
	}
}
