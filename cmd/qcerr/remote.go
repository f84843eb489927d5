package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qcloudhttp/qcloudhttp"
	"github.com/qcloudhttp/qcloudhttp/internal/envelope"
	"github.com/qcloudhttp/qcloudhttp/sign"
)

// remoteTimeout ends the calls of a real API.
const remoteTimeout = time.Minute

// remoteCalls are the read-only actions that can be called without knowing the
// account, by worker.
var remoteCalls = map[string][]string{
	"reader-1": {"GetDsaUserInfo"},
	"reader-2": {"GetDsaHostList", "offset", "0", "length", "10"},
	"reader-3": {"GetFlushLog"},
}

// remoteDemo calls a real API with the credentials of the environment.
func (c *cli) remoteDemo(raw string) error {
	endpoint, err := remoteEndpoint(raw)
	if err != nil {
		return err
	}
	creds, ok := credentials(c.env)
	if !ok {
		return errors.New(c.words.demo.noCredentials)
	}
	secrets := replacer(creds)
	c.stdout, c.stderr = masked{c.stdout, secrets}, masked{c.stderr, secrets}
	ctx, cancel := context.WithTimeout(context.Background(), remoteTimeout)
	defer cancel()
	base := http.DefaultTransport.(*http.Transport).Clone()
	defer base.CloseIdleConnections()
	d := c.newDemo(endpoint, base, nil, &sign.V1{
		SecretID: creds.SecretID, SecretKey: creds.SecretKey, Token: creds.Token, Method: sign.HmacSHA256,
	})
	return d.callRemote(ctx, secrets)
}

// remoteEndpoint completes an API's URL. Signed requests go over https, to
// another machine at least.
func remoteEndpoint(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
		return "", wrongUsage(func(w *words) string { return w.demo.badEndpoint })
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v2/index.php"
	}
	return u.String(), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// keyVariables are the names that a key has in the environment, the first
// whole one counts. A variable named just Token may be anyone's, so that it is
// not read.
var keyVariables = []struct{ id, key, token string }{
	{"QCLOUD_SECRET_ID", "QCLOUD_SECRET_KEY", "QCLOUD_TOKEN"},
	{"TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN"},
	{"SecretId", "SecretKey", ""},
}

// credentials takes a key from the environment, its parts from variables that
// belong together.
func credentials(env func(string) string) (sign.Credentials, bool) {
	for _, names := range keyVariables {
		creds := sign.Credentials{SecretID: env(names.id), SecretKey: env(names.key)}
		if names.token != "" {
			creds.Token = env(names.token)
		}
		if creds.SecretID != "" && creds.SecretKey != "" {
			return creds, true
		}
	}
	return sign.Credentials{}, false
}

// replacer masks credentials, whatever an API may put into its messages.
func replacer(creds sign.Credentials) *strings.Replacer {
	var pairs []string
	for _, secret := range []string{creds.SecretID, creds.SecretKey, creds.Token} {
		if len(secret) >= 8 { // a real one is longer; a shorter one would be found in plain words
			pairs = append(pairs, secret, "***")
		}
	}
	return strings.NewReplacer(pairs...)
}

// masked replaces secrets in what is written, each of them within one Write.
type masked struct {
	io.Writer
	secrets *strings.Replacer
}

func (m masked) Write(p []byte) (int, error) {
	if _, err := io.WriteString(m.Writer, m.secrets.Replace(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (d *demo) callRemote(ctx context.Context, secrets *strings.Replacer) error {
	intro := fmt.Sprintf(d.words.demo.remoteIntro, d.endpoint)
	d.print("%s\n", strings.Join(wrap(intro, lineWidth), "\n"))
	d.timeline.heading("")
	var mu sync.Mutex
	var failures []string
	parallel(slices.Sorted(maps.Keys(remoteCalls)), func(worker string) {
		call := remoteCalls[worker]
		if err := d.call(ctx, worker, call[0], call[1:]...); err != nil {
			mu.Lock()
			defer mu.Unlock()
			failures = append(failures, call[0]+d.words.colon+printable(secrets.Replace(d.words.errorText(err))))
		}
	})
	for _, text := range failures {
		d.timeline.failure(text)
	}
	d.summary()
	if len(failures) > 0 {
		return fmt.Errorf(d.words.demo.answered, len(remoteCalls)-len(failures), len(remoteCalls))
	}
	return nil
}

// errorText is an error in the reader's language, as far as it is ours.
func (w *words) errorText(err error) string {
	var gaveUp *qcloudhttp.GiveUpError
	var api *qcloudhttp.Error
	switch {
	case errors.As(err, &gaveUp):
		return gaveUp.Text(w.lang)
	case errors.As(err, &api):
		return api.Text(w.lang)
	}
	return qcloudhttp.Redact(err).Error()
}

// errNoAnswer is what a server that is not the API gets.
var errNoAnswer = errors.New("not an answer of the API")

// answer reads a success to its end, and makes sure that it is one.
func answer(resp *http.Response) error {
	const limit = 16 << 20
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	if err != nil {
		return err
	}
	if e, ok := envelope.Parse(body); !ok || e.Failed() {
		return fmt.Errorf("HTTP %d: %w", resp.StatusCode, errNoAnswer)
	}
	return nil
}
