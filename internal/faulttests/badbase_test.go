package faulttests

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/codes"
)

// A Base that breaks its contract.
func TestBadBase(t *testing.T) {
	errBase := errors.New("an error")
	for name, test := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		ok     func(error) bool
		panics bool
	}{
		"neither": {answer: func(*http.Request) (*http.Response, error) { return nil, nil },
			ok: func(err error) bool { return errors.Is(err, codes.ClassNetwork) }},
		"both": {answer: func(r *http.Request) (*http.Response, error) { return answer(r, okBody), errBase },
			ok: func(err error) bool { return errors.Is(err, errBase) }},
		"no Body": {answer: func(r *http.Request) (*http.Response, error) {
			resp := answer(r, "")
			resp.Body = nil
			return resp, nil
		}, ok: func(err error) bool { return err == nil }},
		"no Header": {answer: func(r *http.Request) (*http.Response, error) {
			resp := answer(r, failBody)
			resp.Header = nil
			return resp, nil
		}, ok: func(err error) bool { return errors.Is(err, codes.InternalError) }},
		"no status": {answer: func(*http.Request) (*http.Response, error) { return &http.Response{Body: http.NoBody}, nil },
			ok: func(err error) bool { return err == nil }},
		"panic": {answer: func(*http.Request) (*http.Response, error) { panic("oh no") }, panics: true},
	} {
		in(t, name, func(t *testing.T) {
			client := &qcloudhttp.Transport{}
			panicked, err := watched(t, client, scriptedBy(test.answer))
			if test.panics != (panicked != nil) || !test.panics && !test.ok(err) {
				t.Errorf("panic %v, err %v", panicked, err)
			}
			if _, err := watched(t, client, scriptedBy(answering(okBody))); err != nil {
				t.Errorf("the next call: %v", err)
			}
		})
	}
}

// Panics while an outage is being probed leave no probe behind that others
// would wait for.
func TestPanicInOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scene{t: t, base: scriptedBy(apiFailure), client: &qcloudhttp.Transport{}}
		s.client.Base = s.base
		s.outage()
		s.answers(func(*http.Request) (*http.Response, error) { panic("oh no") })
		for range 5 {
			watched(t, s.client, s.base)
		}
		if _, err := watched(t, s.client, scriptedBy(answering(okBody))); err != nil {
			t.Errorf("when the API is back: %v", err)
		}
	})
}

// A request that no server can be asked is refused, without a retry, whether it
// is signed or not.
func TestImpossibleRequests(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"no URL":                        func(r *http.Request) { r.URL = nil },
		"no Header":                     func(r *http.Request) { r.Header = nil },
		"no URL, no Header, no GetBody": func(r *http.Request) { r.URL, r.Header, r.GetBody = nil, nil, nil },
		"no host":                       func(r *http.Request) { r.URL.Host, r.Host = "", "" },
		"unknown scheme":                func(r *http.Request) { r.URL.Scheme = "gopher" },
		"bad header":                    func(r *http.Request) { r.Header.Set("X\n", "y") },
		"bad value":                     func(r *http.Request) { r.Header.Set("X", "y\n") },
		"bad method":                    func(r *http.Request) { r.Method = "GET /" },
	} {
		for way, signer := range map[string]qcloudhttp.Signer{"as it is": nil, "signed": onceSigner()} {
			in(t, name+"/"+way, func(t *testing.T) {
				real := &http.Transport{}
				n := 0
				base := scriptedBy(func(r *http.Request) (*http.Response, error) { n++; return real.RoundTrip(r) })
				panicked, err := watched(t, &qcloudhttp.Transport{Signer: signer}, base, change)
				if panicked != nil || err == nil || n > 1 {
					t.Errorf("panic %v, err %v, %d attempts", panicked, err, n)
				}
				if errors.Is(err, qcloudhttp.ErrOutcomeUnknown) {
					t.Errorf("it cannot have been sent: %v", err)
				}
			})
		}
	}
}

// A request without a Method or with an empty body is a request.
func TestOddRequests(t *testing.T) {
	noBody := func() (io.ReadCloser, error) { return http.NoBody, nil }
	for name, change := range map[string]func(*http.Request){
		"no Method":    func(r *http.Request) { r.Body.Close(); r.Method, r.Body, r.GetBody = "", nil, nil },
		"NoBody":       func(r *http.Request) { r.Body.Close(); r.Body, r.GetBody = http.NoBody, nil },
		"NoBody again": func(r *http.Request) { r.Body.Close(); r.Body, r.GetBody = http.NoBody, noBody },
	} {
		for way, signer := range map[string]qcloudhttp.Signer{"as it is": nil, "signed": onceSigner()} {
			in(t, name+"/"+way, func(t *testing.T) {
				panicked, err := watched(t, &qcloudhttp.Transport{Signer: signer}, scriptedBy(answering(okBody)), change)
				if panicked != nil || err != nil {
					t.Errorf("panic %v, err %v", panicked, err)
				}
			})
		}
	}
}
