package sign_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/qcloudhttp/qcloudhttp/sign"
)

type signer interface {
	Sign(*http.Request) error
	LearnTime(time.Time)
	Skew() time.Duration
}

var (
	_ signer = (*sign.V1)(nil)
	_ signer = (*sign.TC3)(nil)
)

// What users put a signer into.
type (
	transport struct{ Signer signer }
	config    struct{ V1 sign.V1 }
)

func TestNothingPrintsSecrets(t *testing.T) {
	const id, key, token = "the-id", "the-key", "the-token"
	values := []any{
		sign.Credentials{SecretID: id, SecretKey: key, Token: token},
		&sign.Credentials{SecretID: id, SecretKey: key, Token: token},
		&sign.V1{SecretID: id, SecretKey: key, Token: token},
		&sign.TC3{SecretID: id, SecretKey: key, Token: token},
		sign.Stamp{SecretID: id},
		transport{Signer: &sign.V1{SecretID: id, SecretKey: key, Token: token}},
		&config{V1: sign.V1{SecretID: id, SecretKey: key, Token: token}},
		[]sign.Credentials{{SecretID: id, SecretKey: key, Token: token}},
		map[string]sign.Credentials{"x": {SecretID: id, SecretKey: key, Token: token}},
	}
	for _, value := range values {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		fmt.Fprintln(&out, value)
		if named, ok := value.(fmt.Stringer); ok {
			out.WriteString(named.String())
		}
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(handler).Info("x", "value", value, slog.Group("g", "value", value))
		}
		if err := json.NewEncoder(&out).Encode(value); err != nil {
			t.Errorf("%T: JSON: %v", value, err)
		}
		if _, isMap := value.(map[string]sign.Credentials); !isMap { // XML knows no maps
			if err := xml.NewEncoder(&out).Encode(value); err != nil {
				t.Errorf("%T: XML: %v", value, err)
			}
		}
		if !strings.Contains(out.String(), "[redacted]") {
			t.Errorf("%T printed as\n%s", value, out.String())
		}
		for _, secret := range []string{id, key, token, fmt.Sprintf("%x", key)} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("%T printed %q:\n%s", value, secret, out.String())
			}
		}
	}
}

func TestCredentialsReadFromJSON(t *testing.T) {
	var got sign.Credentials
	err := json.Unmarshal([]byte(`{"SecretID":"a","SecretKey":"b","Token":"c"}`), &got)
	if want := (sign.Credentials{SecretID: "a", SecretKey: "b", Token: "c"}); err != nil || got != want {
		t.Errorf("read %q %q %q, %v", got.SecretID, got.SecretKey, got.Token, err)
	}
}

// signers returns one signer of each kind with the given credentials.
func signers(creds sign.Credentials, provider sign.Provider) map[string]signer {
	return map[string]signer{
		"V1":  &sign.V1{SecretID: creds.SecretID, SecretKey: creds.SecretKey, Token: creds.Token, Provider: provider},
		"TC3": &sign.TC3{SecretID: creds.SecretID, SecretKey: creds.SecretKey, Token: creds.Token, Provider: provider},
	}
}

func TestMissingCredentials(t *testing.T) {
	whole := sign.Credentials{SecretID: "the-id", SecretKey: "the-key", Token: "the-token"}
	for _, creds := range []sign.Credentials{{}, {SecretID: "the-id", Token: "the-token"}, {SecretKey: "the-key"}} {
		provider := func(context.Context) (sign.Credentials, error) { return creds, nil }
		for name, s := range signers(creds, nil) {
			checkNoCredentials(t, name+" fields", s)
		}
		for name, s := range signers(whole, provider) {
			checkNoCredentials(t, name+" provider", s)
		}
	}
}

func checkNoCredentials(t *testing.T, name string, s signer) {
	t.Helper()
	err := s.Sign(newRequest(t, "POST", endpoint, formType, "a=b"))
	if !errors.Is(err, sign.ErrNoCredentials) {
		t.Errorf("%s: %v, want ErrNoCredentials", name, err)
	} else if strings.Contains(err.Error(), "the-") {
		t.Errorf("%s: the error holds a secret: %v", name, err)
	}
}

func TestProviderFails(t *testing.T) {
	type ctxKey struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), ctxKey{}, "the request's"))
	cancel()
	provider := func(ctx context.Context) (sign.Credentials, error) {
		if ctx.Value(ctxKey{}) != "the request's" {
			t.Error("the provider got another context")
		}
		return sign.Credentials{SecretID: "the-id", SecretKey: "the-key"}, ctx.Err()
	}
	for name, s := range signers(sign.Credentials{SecretID: "the-fixed-id", SecretKey: "the-fixed-key"}, provider) {
		err := s.Sign(newRequest(t, "POST", endpoint, formType, "a=b").WithContext(ctx))
		if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "the-") {
			t.Errorf("%s: %v, want context.Canceled and no secret", name, err)
		}
	}
}

type brokenBody struct{ closed bool }

func (*brokenBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
func (b *brokenBody) Close() error           { b.closed = true; return nil }

func TestBodyCannotBeRead(t *testing.T) {
	ways := map[string]func(*http.Request){
		"Body":         func(r *http.Request) { r.Body, r.GetBody = &brokenBody{}, nil },
		"GetBody":      func(r *http.Request) { r.GetBody = func() (io.ReadCloser, error) { return nil, io.ErrUnexpectedEOF } },
		"GetBody read": func(r *http.Request) { r.GetBody = func() (io.ReadCloser, error) { return &brokenBody{}, nil } },
	}
	for way, breakBody := range ways {
		for name, s := range signers(sign.Credentials{SecretID: testID, SecretKey: testKey}, nil) {
			req := newRequest(t, "POST", endpoint, formType, "a=b")
			breakBody(req)
			if err := s.Sign(req); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s, %s: %v, want io.ErrUnexpectedEOF", name, way, err)
			}
		}
	}
}

// Many goroutines sign with one signer while its keys rotate and its clock is
// corrected: each request is whole, with a key that belongs to its id.
func TestConcurrentUse(t *testing.T) {
	keyOf := func(id string) string { return "key of " + id }
	var mu sync.Mutex
	calls := 0
	provider := func(context.Context) (sign.Credentials, error) {
		mu.Lock()
		defer mu.Unlock()
		calls++
		id := fmt.Sprint("id", calls/10)
		return sign.Credentials{SecretID: id, SecretKey: keyOf(id), Token: "token of " + id}, nil
	}
	v1 := &sign.V1{Provider: provider, Method: sign.HmacSHA256}
	tc3 := &sign.TC3{Provider: provider}
	var nonces sync.Map
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				v1.LearnTime(time.Now().Add(time.Duration(i) * time.Minute))
				tc3.LearnTime(time.Now().Add(-time.Duration(i) * time.Minute))

				req := newRequest(t, "POST", endpoint, formType, "Action=A")
				if err := v1.Sign(req); err != nil {
					t.Error(err)
				}
				stamp, _ := sign.V1Stamp(req)
				if err := sign.VerifyV1(req, keyOf(stamp.SecretID)); err != nil {
					t.Errorf("V1: %v", err)
				}
				if _, repeated := nonces.LoadOrStore(stamp.Nonce, true); repeated {
					t.Errorf("nonce %s was used twice", stamp.Nonce)
				}

				req = newRequest(t, "POST", "https://cdn.tencentcloudapi.com", "application/json", "{}")
				if err := tc3.Sign(req); err != nil {
					t.Error(err)
				}
				stamp, _ = sign.TC3Stamp(req)
				if err := sign.VerifyTC3(req, keyOf(stamp.SecretID)); err != nil {
					t.Errorf("TC3: %v", err)
				}
				if got := req.Header.Get("X-TC-Token"); got != "token of "+stamp.SecretID {
					t.Errorf("the token %q was sent with %s", got, stamp.SecretID)
				}
			}
		})
	}
	wg.Wait()
}
