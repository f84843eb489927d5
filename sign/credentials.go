package sign

import (
	"context"
	"fmt"
	"io"
)

// Credentials identify the caller: a SecretId, its SecretKey and the session
// token of temporary ones. They are opaque: however they or a struct around them
// are printed or encoded, none of the three shows. The zero value holds none.
type Credentials struct {
	opaque
	reveal func() secrets // fmt, which looks into unexported fields, does not look into a function
}

type secrets struct{ id, key, token string }

// NewCredentials is for a Provider to return. The token is empty for permanent
// credentials.
func NewCredentials(secretID, secretKey, token string) Credentials {
	return Credentials{reveal: func() secrets { return secrets{secretID, secretKey, token} }}
}

// Provider returns the credentials to sign the next request with. It is called
// for every signature and by Account, from several goroutines at once, so it
// should cache what is expensive to get. The context is the request's. Its error
// is wrapped and returned by Sign, so it must hold no secret.
type Provider func(context.Context) (Credentials, error)

// Static is a Provider of credentials that do not change. The token is empty for
// permanent ones.
func Static(secretID, secretKey, token string) Provider {
	creds := NewCredentials(secretID, secretKey, token)
	return func(context.Context) (Credentials, error) { return creds, nil }
}

// secrets returns what to sign with now.
func (p Provider) secrets(ctx context.Context) (s secrets, err error) {
	if p == nil {
		return s, ErrNoCredentials
	}
	creds, err := p(ctx)
	if err != nil {
		return s, fmt.Errorf("sign: credentials provider: %w", err)
	}
	if creds.reveal != nil {
		s = creds.reveal()
	}
	if s.id == "" || s.key == "" {
		return secrets{}, ErrNoCredentials
	}
	return s, nil
}

// account returns the SecretId, or "" where there is none.
func (p Provider) account(ctx context.Context) string {
	s, _ := p.secrets(ctx)
	return s.id
}

// opaque, embedded in a struct, makes the struct print as "[redacted]". Its
// methods have value receivers, so that they hold for a value as well as for a
// pointer, also where the struct itself must not be copied.
type opaque struct{}

// Format prints "[redacted]" for every verb and flag, %+v and %#v included.
func (opaque) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

// MarshalText returns "[redacted]" to log/slog, encoding/json and encoding/xml.
func (opaque) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }
