package rttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// wrapped is a transport that calls f and leaves the rest to next.
type wrapped struct {
	roundTripFunc
	next http.RoundTripper
}

func (w wrapped) CloseIdleConnections() { closeIdle(w.next) }

func wrap(next http.RoundTripper, f func(*http.Request) (*http.Response, error)) http.RoundTripper {
	return wrapped{f, next}
}

// duty makes a call by next, and breaks a duty of it.
type duty func(next http.RoundTripper, r *http.Request) (*http.Response, error)

// above breaks a duty on top of the reference.
func above(f duty) func(http.RoundTripper) http.RoundTripper {
	return func(base http.RoundTripper) http.RoundTripper {
		next := newReference(base)
		return wrap(next, func(r *http.Request) (*http.Response, error) { return f(next, r) })
	}
}

// below breaks a duty in every attempt of the reference.
func below(f duty) func(http.RoundTripper) http.RoundTripper {
	return func(base http.RoundTripper) http.RoundTripper {
		return newReference(wrap(base, func(r *http.Request) (*http.Response, error) { return f(base, r) }))
	}
}

// sent changes the attempts' requests, which are clones.
func sent(change func(*http.Request)) func(http.RoundTripper) http.RoundTripper {
	return below(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		change(r)
		return base.RoundTrip(r)
	})
}

// received changes the responses.
func received(change func(*http.Response)) func(http.RoundTripper) http.RoundTripper {
	return above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if resp != nil {
			change(resp)
		}
		return resp, err
	})
}

// readsFailures reads a 503 of that type to its end.
func readsFailures(contentType string) duty {
	return func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := base.RoundTrip(r)
		if err == nil && resp.StatusCode == http.StatusServiceUnavailable &&
			resp.Header.Get("Content-Type") == contentType {
			io.Copy(io.Discard, resp.Body)
		}
		return resp, err
	}
}

// brokenDuties has, by the check's name, a transport that breaks this duty and
// no other.
var brokenDuties = map[string]func(http.RoundTripper) http.RoundTripper{
	"RequestUnmodified": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		r.Header.Set("X-Added", "1")
		defer r.Header.Del("X-Added")
		return next.RoundTrip(r)
	}),
	"RequestPassed": sent(func(r *http.Request) { r.Host = "" }),
	"ContextPassed": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		return next.RoundTrip(r.WithContext(hides{r.Context(), func(key, _ any) bool { return key == contextKey{} }}))
	}),
	"RequestBodyClosed": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		return next.RoundTrip(r)
	}),
	"BodyReplay": func(base http.RoundTripper) http.RoundTripper {
		var attempts atomic.Int32
		return sent(func(r *http.Request) {
			if attempts.Add(1) > 1 && r.Body != nil && r.URL.Host == "api.example" {
				r.Body.Close()
				r.Body, r.ContentLength = http.NoBody, 0
			}
		})(base)
	},
	"ContentLength": sent(func(r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			r.ContentLength = -1
		}
	}),
	"EndlessRequestBody": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if r.Body != nil && r.GetBody == nil && r.ContentLength < 0 {
			body, err := io.ReadAll(r.Body)
			closeBody(r)
			if err != nil {
				return nil, err
			}
			r = r.Clone(r.Context())
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
		return next.RoundTrip(r)
	}),
	"ResponseOrError": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil {
			resp, _ = response(http.StatusTeapot, "", "")(1, r)
		}
		return resp, err
	}),
	"StatusIsNoError": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err == nil && resp.StatusCode >= 400 {
			resp.Body.Close()
			return nil, errors.New(resp.Status)
		}
		return resp, err
	}),
	"NoRedirect": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil {
			return resp, err
		}
		if to, err := resp.Location(); err == nil {
			resp.Body.Close()
			r = r.Clone(r.Context())
			r.URL = to
			return next.RoundTrip(r)
		}
		return resp, err
	}),
	"ResponseRequest": received(func(resp *http.Response) { resp.Request = nil }),
	"ErrorUnwraps": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil && r.Context().Err() == nil {
			err = errors.New(err.Error())
		}
		return resp, err
	}),
	"ErrorHidesQuery": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil {
			err = fmt.Errorf("%s %v: %w", r.Method, r.URL, err)
		}
		return resp, err
	}),
	"ResponsePassed": received(func(resp *http.Response) { resp.TransferEncoding = nil }),
	"ResponseBody":   received(func(resp *http.Response) { resp.Body = lossyCopy{plain(resp.Body)} }),
	"ResponsePassed, of HEAD": received(func(resp *http.Response) {
		if resp.Request.Method == http.MethodHead {
			resp.ContentLength = 0
		}
	}),
	"ResponsePassed, empty": received(func(resp *http.Response) {
		if resp.StatusCode == http.StatusNoContent {
			resp.Body = nil
		}
	}),
	"Stream":            received(func(resp *http.Response) { resp.Body = &hoarder{ReadCloser: plain(resp.Body)} }),
	"CloseUnblocksRead": received(func(resp *http.Response) { resp.Body = newLocked(plain(resp.Body)) }),
	"ReadableAfterReturn": func(base http.RoundTripper) http.RoundTripper {
		var failed atomic.Bool
		next := newReference(wrap(base, func(r *http.Request) (*http.Response, error) {
			resp, err := base.RoundTrip(r)
			failed.Store(failed.Load() || err != nil || resp.StatusCode == http.StatusServiceUnavailable)
			return resp, err
		}))
		return wrap(next, func(r *http.Request) (*http.Response, error) {
			ctx, cancel := context.WithCancel(r.Context())
			resp, err := next.RoundTrip(r.WithContext(ctx))
			if failed.Load() {
				cancel()
			}
			if resp != nil {
				resp.Request = r
			}
			context.AfterFunc(r.Context(), cancel)
			return resp, err
		})
	},
	"IdleConnectionsKept": below(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := base.RoundTrip(r)
		if err != nil || resp.StatusCode == http.StatusServiceUnavailable {
			closeIdle(base)
		}
		return resp, err
	}),
	"CloseIdleConnections": func(base http.RoundTripper) http.RoundTripper {
		return roundTripFunc(newReference(base).RoundTrip)
	},
	"ResponseBodyClosed": below(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := base.RoundTrip(r)
		if err == nil && resp.StatusCode == http.StatusServiceUnavailable {
			resp.Body = io.NopCloser(resp.Body)
		}
		return resp, err
	}),
	"FailureNotRead":          below(readsFailures("application/json")),
	"FailureNotRead, stalled": below(readsFailures("text/html")),
	"NoLeak": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		go func() { <-r.Context().Done() }()
		return next.RoundTrip(r)
	}),
	"ConcurrentUse": func(base http.RoundTripper) http.RoundTripper {
		var last atomic.Value
		return sent(func(r *http.Request) {
			if id := r.Header.Get("X-Id"); id != "" {
				last.Store(id)
				time.Sleep(time.Millisecond)
				r.Header.Set("X-Id", last.Load().(string))
			}
		})(base)
	},
	"CancelledBefore": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if r.Context().Err() != nil {
			r = r.WithContext(context.WithoutCancel(r.Context()))
		}
		return next.RoundTrip(r)
	}),
	"CancelInFlight": below(func(base http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := base.RoundTrip(r)
		if _, bounded := r.Context().Deadline(); err != nil && r.Context().Err() != nil && !bounded {
			time.Sleep(50 * time.Millisecond)
		}
		return resp, err
	}),
	"CancelInBackoff": func(base http.RoundTripper) http.RoundTripper {
		return &reference{base: base, deaf: true}
	},
	"CancelKeepsCause": func(base http.RoundTripper) http.RoundTripper {
		return &reference{base: base, forgetful: true}
	},
	"CancelInBody": received(func(resp *http.Response) {
		resp.Body = endsBy{plain(resp.Body), context.Canceled, io.EOF}
	}),
	"Deadline": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		end, bounded := r.Context().Deadline()
		if bounded && (errors.Is(err, errReset) || err == nil && resp.StatusCode == http.StatusServiceUnavailable) {
			time.Sleep(time.Until(end) + 50*time.Millisecond)
		}
		return resp, err
	}),
	"Wire":            sent(func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") }),
	"ConnectionReuse": sent(func(r *http.Request) { r.Close = true }),
	"Trailer": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if resp != nil {
			own := *resp
			resp = &own // net/http fills the other's Trailer
		}
		return resp, err
	}),
	"Informational": above(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		return next.RoundTrip(r.WithContext(hides{r.Context(), func(_, value any) bool {
			_, trace := value.(*httptrace.ClientTrace)
			return trace
		}}))
	}),
	"ExpectContinue": sent(func(r *http.Request) { r.Header.Del("Expect") }),
}
