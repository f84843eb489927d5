// Package redact keeps credentials out of texts.
package redact

import (
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error returns err without what may be a credential in its text, see Scrub. A
// *url.Error in it is replaced by a copy whose URL ends before the query and has
// no user. errors.Is and errors.As see the same causes, and that copy.
func Error(err error) error {
	var ue *url.Error
	if !errors.As(err, &ue) {
		return Text(err, Scrub)
	}
	clean := &url.Error{Op: ue.Op, URL: bareURL(ue.URL), Err: Error(ue.Err)}
	if err == error(ue) {
		return clean
	}
	text := strings.ReplaceAll(err.Error(), ue.Error(), clean.Error())
	return &redactedError{err: err, url: clean, text: Scrub(text)}
}

const lineLimit = 1 << 10 // bytes

// Line returns a text from outside as it may be shown in a line of a log: without
// what looks like a credential, without control characters, of 1 KiB at most.
func Line(s string) string {
	if end := lineLimit; len(s) > end {
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end] + "..."
	}
	return unprintable.ReplaceAllStringFunc(Scrub(s), func(c string) string {
		return strings.Trim(strconv.QuoteRuneToASCII([]rune(c)[0]), "'")
	})
}

// unprintable matches a character that unicode.IsPrint does not accept, but for
// the ideographic space, and what stands for bytes that are not UTF-8.
var unprintable = regexp.MustCompile("[^\\pL\\pM\\pN\\pP\\pS \u3000]|\uFFFD")

// Text returns err, or where clean changes its text an error that shows that and
// is the same to errors.Is and errors.As.
func Text(err error, clean func(string) string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	cleaned := clean(text)
	if cleaned == text {
		return err
	}
	return &redactedError{err: err, text: cleaned}
}

// redactedError shows text in place of err's own.
type redactedError struct {
	err  error
	url  *url.Error // stands for the one in err; nil: there is none
	text string
}

func (r *redactedError) Error() string        { return r.text }
func (r *redactedError) Is(target error) bool { return errors.Is(r.err, target) }
func (r *redactedError) As(target any) bool {
	// The *url.Error inside would bring the query back.
	if u, isURL := target.(**url.Error); isURL && r.url != nil {
		*u = r.url
		return true
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

// secrets matches what may be, or hold, a credential: none is shorter than 6
// characters, or has others than ASCII in it.
var secrets = regexp.MustCompile(
	`(?P<url>https?://[^\s"'<>]+)` +
		`|(?i:\b(?P<header>Authorization)["']?\s*[=:]\s*[^\r\n]+)` +
		`|TC3-HMAC-SHA256 [^\r\n"]+` +
		`|\b(?:AKID|IKID)[0-9A-Za-z_-]{8,}` +
		`|(?P<query>\?[^\s"'<>?]*=[^\s"'<>]*)` +
		`|(?i:(?P<name>SecretId|SecretKey|Signature|Token|Credential)["']?(?P<is>(?:\s*[=:]\s*|%3D)["']?)` +
		`(?P<value>[^\s&,;"'[:^ascii:]]{6,}))`)

// word matches what goes on in prose behind a colon: "Token: missing".
var word = regexp.MustCompile(`^[A-Za-z][a-z]*[.:!)]?$`)

// Scrub masks what looks like a credential in a text from outside: a gateway
// may echo the key or the signature that it refused. URLs lose their query.
func Scrub(s string) string {
	return secrets.ReplaceAllStringFunc(s, func(match string) string {
		groups := secrets.FindStringSubmatch(match)
		group := func(name string) string { return groups[secrets.SubexpIndex(name)] }
		switch {
		case group("url") != "":
			return bareURL(match)
		case group("query") != "":
			return "?***"
		case group("header") != "":
			return "Authorization: ***"
		case group("is") == ": " && word.MatchString(group("value")):
			return match
		case group("name") != "":
			return group("name") + "=***"
		}
		return "***"
	})
}
