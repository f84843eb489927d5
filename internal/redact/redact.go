// Package redact keeps credentials out of texts.
package redact

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// Error returns err without the parts of a URL that may hold credentials.
// net/http puts the whole URL, the query with SecretId and Signature included,
// into the *url.Error that it wraps around a transport's error; Error gives a
// copy whose URL ends before the query. What it does not know it returns as it
// is. errors.Is and errors.As see the same causes in the result.
func Error(err error) error {
	var ue *url.Error
	if !errors.As(err, &ue) {
		if err == nil || Scrub(err.Error()) == err.Error() {
			return err
		}
		return &redactedError{err: err, text: Scrub(err.Error())}
	}
	clean := &url.Error{Op: ue.Op, URL: bareURL(ue.URL), Err: Error(ue.Err)}
	if err == error(ue) {
		return clean
	}
	// Something wraps the *url.Error, and its text holds the URL's.
	return &redactedError{err: err, text: clean.Error()}
}

// Hide returns text with *** in place of the secrets.
func Hide(text string, secrets []string) string {
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}

// HideIn returns err, or where its text holds secrets one that does not and is
// the same to errors.Is and errors.As.
func HideIn(err error, secrets []string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	clean := Hide(text, secrets)
	if clean == text {
		return err
	}
	return &redactedError{err: err, text: clean}
}

// redactedError shows text in place of err's own.
type redactedError struct {
	err  error
	text string
}

func (r *redactedError) Error() string        { return r.text }
func (r *redactedError) Is(target error) bool { return errors.Is(r.err, target) }
func (r *redactedError) As(target any) bool {
	// The *url.Error inside would bring the query back.
	if _, isURL := target.(**url.Error); isURL {
		return false
	}
	return errors.As(r.err, target)
}

// bareURL is raw without query, fragment and user info.
func bareURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(unreadable URL)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// secrets matches what may be, or hold, a credential: a URL, an Authorization
// header, a SecretId, a TC3 signature, a query, a parameter of such a name.
var secrets = regexp.MustCompile(
	`(?P<url>https?://[^\s"'<>]+)` +
		`|(?i:\b(?P<header>Authorization)["']?\s*[=:]\s*[^\r\n]+)` +
		`|TC3-HMAC-SHA256 [^\r\n"]+` +
		`|\b(?:AKID|IKID)[0-9A-Za-z_-]{8,}` +
		`|(?P<query>\?[^\s"'<>?]*=[^\s"'<>]*)` +
		`|(?i:(?P<name>SecretId|SecretKey|Signature|Token|Credential)["']?(?:\s*[=:]\s*|%3D)["']?[^\s&,;"']+)`)

// Scrub masks what looks like a credential in a text from outside: a gateway
// may echo the key or the signature that it refused. URLs lose their query.
func Scrub(s string) string {
	return secrets.ReplaceAllStringFunc(s, func(match string) string {
		groups := secrets.FindStringSubmatch(match)
		switch {
		case groups[secrets.SubexpIndex("url")] != "":
			return bareURL(match)
		case groups[secrets.SubexpIndex("query")] != "":
			return "?***"
		case groups[secrets.SubexpIndex("header")] != "":
			return "Authorization: ***"
		case groups[secrets.SubexpIndex("name")] != "":
			return groups[secrets.SubexpIndex("name")] + "=***"
		}
		return "***"
	})
}
