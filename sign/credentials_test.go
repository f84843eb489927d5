package sign_test

import (
	"bytes"
	"context"
	"encoding/gob"
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
	Account(context.Context) string
	Sign(*http.Request) error
	LearnTime(time.Time)
	Skew() time.Duration
}

var (
	_ signer = (*sign.V1)(nil)
	_ signer = (*sign.TC3)(nil)
)

// What users put a signer, or credentials, into.
type (
	transport struct{ Signer signer }
	config    struct{ V1 sign.V1 }
	hidden    struct {
		creds    sign.Credentials
		pointer  *sign.Credentials
		provider sign.Provider
		v1       *sign.V1
		tc3      sign.TC3
	}
	exported struct{ Creds sign.Credentials }
)

const secretID, secretKey, secretToken = "the-id", "the-key", "the-token"

// wrapped returns credentials in everything that holds them. Where fmt cannot call
// methods, such as in unexported fields, it reads memory by reflection.
func wrapped() []any {
	creds, provider := sign.NewCredentials(secretID, secretKey, secretToken), sign.Static(secretID, secretKey, secretToken)
	return []any{
		creds, &creds, sign.Credentials{},
		&sign.V1{Credentials: provider},
		&sign.TC3{Credentials: provider},
		transport{Signer: &sign.V1{Credentials: provider}},
		&config{V1: sign.V1{Credentials: provider}},
		exported{creds},
		[]sign.Credentials{creds},
		map[string]sign.Credentials{"x": creds},
	}
}

func TestNothingPrintsSecrets(t *testing.T) {
	for _, value := range wrapped() {
		out := printed(value)
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
		noSecret(t, value, out.String())
	}
}

// Where no method is called, and where an encoder refuses a function, nothing
// shows either.
func TestNothingPrintsHiddenSecrets(t *testing.T) {
	creds, provider := sign.NewCredentials(secretID, secretKey, secretToken), sign.Static(secretID, secretKey, secretToken)
	for _, value := range []any{
		hidden{creds: creds, pointer: &creds, provider: provider, v1: &sign.V1{Credentials: provider}},
		&hidden{creds: creds, tc3: sign.TC3{Credentials: provider}},
		[]hidden{{creds: creds}}, map[string]hidden{"x": {creds: creds, provider: provider}},
		provider, struct{ P sign.Provider }{provider},
	} {
		out := printed(value)
		for _, encode := range []func(any) error{
			json.NewEncoder(&out).Encode, xml.NewEncoder(&out).Encode, gob.NewEncoder(&out).Encode,
		} {
			if err := encode(value); err != nil {
				out.WriteString(err.Error())
			}
		}
		noSecret(t, value, out.String())
	}
	for _, value := range wrapped() {
		var out bytes.Buffer
		if err := gob.NewEncoder(&out).Encode(value); err != nil {
			out.WriteString(err.Error())
		}
		noSecret(t, value, out.String())
	}
}

// A Stamp has a SecretID to be read, so fmt shows it for the verbs that ask no
// Formatter, %p and %w.
func TestStampIsRedacted(t *testing.T) {
	stamp := sign.Stamp{SecretID: secretID}
	noSecret(t, stamp, fmt.Sprintf("%[1]v %+[1]v %#[1]v %[1]s %[1]q %[1]x %[2]v", stamp, slog.AnyValue(stamp)))
}

// printed prints a value in every way of fmt and log/slog.
func printed(value any) (out bytes.Buffer) {
	for _, flags := range []string{"", "+", "#", "-", " ", "0", "+#"} {
		for verb := range strings.SplitSeq("v T t b c d o O q x X U e E f F g G s p w", " ") {
			fmt.Fprintf(&out, "%"+flags+verb+"\n", value)
		}
	}
	fmt.Fprintln(&out, value)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("x", "value", value, slog.Group("g", "value", value))
	}
	return out
}

// noSecret looks for the secrets as text and as the verbs of fmt write them.
func noSecret(t *testing.T, value any, out string) {
	t.Helper()
	for _, secret := range []string{secretID, secretKey, secretToken} {
		octets := []byte(secret)
		for _, form := range []string{
			secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("% x", secret),
			strings.Trim(fmt.Sprint(octets), "[]"), strings.Trim(fmt.Sprintf("%o", octets), "[]"),
		} {
			if strings.Contains(out, form) {
				t.Errorf("%T printed %q:\n%s", value, form, out)
			}
		}
	}
}

// signers returns one signer of each kind.
func signers(provider sign.Provider) map[string]signer {
	return map[string]signer{"V1": &sign.V1{Credentials: provider}, "TC3": &sign.TC3{Credentials: provider}}
}

func TestMissingCredentials(t *testing.T) {
	for what, provider := range map[string]sign.Provider{
		"no provider": nil,
		"zero":        func(context.Context) (sign.Credentials, error) { return sign.Credentials{}, nil },
		"no key":      sign.Static(secretID, "", secretToken),
		"no id":       sign.Static("", secretKey, secretToken),
	} {
		for name, s := range signers(provider) {
			err := s.Sign(newRequest(t, "POST", endpoint, formType, "a=b"))
			if !errors.Is(err, sign.ErrNoCredentials) {
				t.Errorf("%s, %s: %v, want ErrNoCredentials", name, what, err)
			} else if strings.Contains(err.Error(), "the-") {
				t.Errorf("%s, %s: the error holds a secret: %v", name, what, err)
			}
			if account := s.Account(t.Context()); account != "" {
				t.Errorf("%s, %s: Account returns %q", name, what, account)
			}
		}
	}
}

func TestAccount(t *testing.T) {
	type tenant struct{}
	failure := errors.New("no such tenant")
	provider := func(ctx context.Context) (sign.Credentials, error) {
		id, known := ctx.Value(tenant{}).(string)
		if !known {
			return sign.NewCredentials(secretID, secretKey, ""), failure
		}
		return sign.NewCredentials(id, "key of "+id, ""), nil
	}
	for name, s := range signers(provider) {
		for _, want := range []string{"one", "another"} {
			if got := s.Account(context.WithValue(t.Context(), tenant{}, want)); got != want {
				t.Errorf("%s: Account returns %q, want %q", name, got, want)
			}
		}
		if got := s.Account(t.Context()); got != "" {
			t.Errorf("%s: Account returns %q where the provider fails", name, got)
		}
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
		return sign.NewCredentials("the-id", "the-key", ""), ctx.Err()
	}
	for name, s := range signers(provider) {
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
		for name, s := range signers(sign.Static(testID, testKey, "")) {
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
		return sign.NewCredentials(id, keyOf(id), "token of "+id), nil
	}
	v1 := &sign.V1{Credentials: provider, Method: sign.HmacSHA256}
	tc3 := &sign.TC3{Credentials: provider}
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
