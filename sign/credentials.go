package sign

import (
	"context"
	"fmt"
)

// Credentials identify the caller. They are redacted wherever fmt, slog,
// encoding/json or encoding/xml would print them; read the fields to store
// them.
type Credentials struct {
	opaque

	SecretID  string
	SecretKey string
	Token     string // session token of temporary credentials; empty for permanent ones
}

// Provider returns the credentials to sign the next request with. It is called
// for every signature, from several goroutines at once, so it should cache what
// is expensive to get. The context is the request's. Its error is wrapped and
// returned by Sign, so it must hold no secret.
type Provider func(context.Context) (Credentials, error)

// current returns the provider's credentials, or fixed where there is none.
func (p Provider) current(ctx context.Context, fixed Credentials) (Credentials, error) {
	creds := fixed
	if p != nil {
		var err error
		if creds, err = p(ctx); err != nil {
			return Credentials{}, fmt.Errorf("sign: credentials provider: %w", err)
		}
	}
	if creds.SecretID == "" || creds.SecretKey == "" {
		return Credentials{}, ErrNoCredentials
	}
	return creds, nil
}
